package otagw;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Cards that answer secured packets: they join the parts, open, hold the counter, count the commands of a compact script and
 * answer "all ran, 9000".
 */
final class Card {
  private static final int OK = 0;
  private static final int CHECK_FAILED = 1;
  private static final int COUNTER_LOW = 2;

  private final Map<String, TreeMap<Integer, byte[]>> parts = new HashMap<>();
  private final Map<String, Long> counters = new HashMap<>();

  /** The whole packet when this was its last missing part, else null. */
  byte[] join(String card, byte[] userData) throws Exception {
    int end = 1 + (userData[0] & 0xFF);
    int reference = -1;
    int total = 1;
    int sequence = 1;
    for (int at = 1; at + 1 < end; at += 2 + (userData[at + 1] & 0xFF)) {
      int element = userData[at] & 0xFF;
      if (element == 0x00) reference = userData[at + 2] & 0xFF;
      if (element == 0x08) reference = 0x10000 | (userData[at + 2] & 0xFF) << 8 | userData[at + 3] & 0xFF;
      if (element == 0x00 || element == 0x08) {
        int numbers = at + 1 + (userData[at + 1] & 0xFF) - 1;
        total = userData[numbers] & 0xFF;
        sequence = userData[numbers + 1] & 0xFF;
      }
    }
    byte[] payload = Arrays.copyOfRange(userData, end, userData.length);
    if (total == 1) return payload;
    TreeMap<Integer, byte[]> gathered = parts.computeIfAbsent(card + "/" + reference, k -> new TreeMap<>());
    gathered.put(sequence, payload);
    if (gathered.size() < total) return null;
    parts.remove(card + "/" + reference);
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    for (byte[] part : gathered.values()) whole.write(part);
    return whole.toByteArray();
  }

  /** Opens a command; gives the response's user data, or null when SPI2 asks for none. `command` is filled with what was seen. */
  byte[] answer(String card, byte[] packet, Packet command) throws Exception {
    command.openCommand(packet);
    int status = OK;
    if (Boolean.FALSE.equals(command.verified)) {
      status = CHECK_FAILED;
    } else if ((command.spi1 >> 3 & 2) != 0) {
      long counter = 0;
      for (byte octet : command.cntr) counter = counter << 8 | octet & 0xFF;
      Long held = counters.get(card);
      if (held != null && counter <= held) status = COUNTER_LOW;
      else counters.put(card, counter);
    }
    int asked = command.spi2 & 3;
    if (asked == 0 || asked == 2 && status == OK) return null;
    Packet response = new Packet();
    response.spi2 = command.spi2;
    response.kic = command.kic;
    response.kid = command.kid;
    response.kicKey = command.kicKey;
    response.kidKey = command.kidKey;
    response.macLength = command.macLength;
    response.tar = command.tar;
    response.cntr = command.cntr;
    response.status = status;
    if (status == OK) response.data = new byte[] {(byte) commands(command.data), (byte) 0x90, 0x00};
    return response.sealResponse();
  }

  /** Commands of a compact script: only the instruction tells whether P3 announces data or asks for it. */
  static int commands(byte[] script) {
    int count = 0;
    for (int at = 0; at < script.length; ++count) {
      if (at + 5 > script.length) throw new IllegalArgumentException("script ends inside a command");
      int ins = script[at + 1] & 0xFF;
      boolean asks = ins == 0xB0 || ins == 0xB2 || ins == 0xC0 || ins == 0xCA || ins == 0x12
          || ins == 0xF2 && (script[at + 2] & 0xF0) == 0;
      at += asks ? 5 : 5 + (script[at + 4] & 0xFF);
      if (at > script.length) throw new IllegalArgumentException("script ends inside a command");
    }
    return count;
  }
}
