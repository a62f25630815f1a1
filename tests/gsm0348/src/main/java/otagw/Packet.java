package otagw;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Command and response packets of TS 102 225 over SMS, framed here, protected by the library. */
final class Packet {
  private static final byte[] NOTHING = new byte[0];
  private static final byte[] RESPONSE_HEADER = {0x02, 0x71, 0x00};

  int spi1;
  int spi2;
  int kic;
  int kid;
  int pcntr;
  int status;
  byte[] tar = new byte[3];
  byte[] cntr = new byte[5];
  byte[] data = NOTHING;
  byte[] kicKey = NOTHING;
  byte[] kidKey = NOTHING;
  int macLength = 8;
  /** null: no check was asked. */
  Boolean verified;

  byte[] sealCommand() throws Exception {
    return seal(NOTHING, false, spi1 & 3, (spi1 & 4) != 0);
  }

  /** From the user data header on. */
  byte[] sealResponse() throws Exception {
    return seal(RESPONSE_HEADER, true, spi2 >> 2 & 3, (spi2 & 0x10) != 0);
  }

  void openCommand(byte[] packet) throws Exception {
    spi1 = packet[3] & 0xFF;
    spi2 = packet[4] & 0xFF;
    kic = packet[5] & 0xFF;
    kid = packet[6] & 0xFF;
    tar = Arrays.copyOfRange(packet, 7, 10);
    open(packet, 0, 10, 13, spi1 & 3, (spi1 & 4) != 0);
  }

  /** userData: from the header 02 71 00 on, joined. */
  void openResponse(byte[] userData) throws Exception {
    if (!Arrays.equals(Arrays.copyOf(userData, 3), RESPONSE_HEADER)) throw new IllegalArgumentException("no response packet");
    tar = Arrays.copyOfRange(userData, 6, 9);
    open(userData, 3, 9, 10, spi2 >> 2 & 3, (spi2 & 0x10) != 0);
    status = statusSeen;
  }

  private int statusSeen;

  private byte[] seal(byte[] header, boolean response, int kind, boolean ciphered) throws Exception {
    int check = Protection.checkLength(kind, kid, macLength);
    int afterTar = 5 + 1 + (response ? 1 : 0) + check + data.length;
    int block = ciphered ? Protection.blockSize(kic) : 1;
    int padding = (block - afterTar % block) % block;
    int fixed = response ? 1 + 3 : 1 + 2 + 1 + 1 + 3;
    int length = fixed + afterTar + padding;

    ByteArrayOutputStream head = new ByteArrayOutputStream();
    head.write(header);
    head.write(length >> 8);
    head.write(length);
    head.write((response ? 10 : 13) + check);
    if (!response) {
      head.write(spi1);
      head.write(spi2);
      head.write(kic);
      head.write(kid);
    }
    head.write(tar);
    int counterAt = head.size();
    head.write(cntr);
    head.write(padding);
    if (response) head.write(status);
    byte[] tail = Arrays.copyOf(data, data.length + padding);

    ByteArrayOutputStream over = new ByteArrayOutputStream();
    over.write(head.toByteArray());
    over.write(tail);
    byte[] made = Protection.check(kind, kid, kidKey, macLength, over.toByteArray());

    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(head.toByteArray());
    out.write(made);
    out.write(tail);
    byte[] all = out.toByteArray();
    if (!ciphered) return all;
    byte[] secret = Protection.encipher(kic, kicKey, Arrays.copyOfRange(all, counterAt, all.length));
    System.arraycopy(secret, 0, all, counterAt, secret.length);
    return all;
  }

  private void open(byte[] packet, int lengthAt, int counterAt, int leastHeader, int kind, boolean ciphered) throws Exception {
    int length = (packet[lengthAt] & 0xFF) << 8 | packet[lengthAt + 1] & 0xFF;
    int check = (packet[lengthAt + 2] & 0xFF) - leastHeader;
    if (length + lengthAt + 2 != packet.length) throw new IllegalArgumentException("length contradicts the octets");
    if (check != Protection.checkLength(kind, kid, macLength)) throw new IllegalArgumentException("header length contradicts SPI");
    byte[] all = packet.clone();
    if (ciphered) {
      byte[] clear = Protection.decipher(kic, kicKey, Arrays.copyOfRange(all, counterAt, all.length));
      if (clear.length != all.length - counterAt) throw new IllegalArgumentException("deciphering changed the length");
      System.arraycopy(clear, 0, all, counterAt, clear.length);
    }
    boolean response = leastHeader == 10;
    int checkAt = counterAt + 6 + (response ? 1 : 0);
    cntr = Arrays.copyOfRange(all, counterAt, counterAt + 5);
    pcntr = all[counterAt + 5] & 0xFF;
    if (response) statusSeen = all[counterAt + 6] & 0xFF;
    byte[] received = Arrays.copyOfRange(all, checkAt, checkAt + check);
    byte[] tail = Arrays.copyOfRange(all, checkAt + check, all.length);
    byte[] over = Arrays.copyOf(all, checkAt + tail.length);
    System.arraycopy(tail, 0, over, checkAt, tail.length);
    verified = kind == Protection.NONE
        ? null
        : Boolean.valueOf(Arrays.equals(received, Protection.check(kind, kid, kidKey, macLength, over)));
    if (!ciphered && pcntr != 0) throw new IllegalArgumentException("padding where nothing is ciphered");
    if (pcntr > tail.length) throw new IllegalArgumentException("more padding than data");
    data = Arrays.copyOf(tail, tail.length - pcntr);
  }
}
