package otagw;

import java.util.Arrays;
import org.opentelecoms.gsm0348.impl.crypto.CipheringManager;
import org.opentelecoms.gsm0348.impl.crypto.SignatureManager;

/** Ciphers, checksums and redundancy checks: all of them are the library's. */
final class Protection {
  static final int NONE = 0;
  static final int REDUNDANCY_CHECK = 1;
  static final int CRYPTOGRAPHIC_CHECKSUM = 2;

  private Protection() {}

  /** The transformation that a KIc names. The padding is ours: the library's adds a block to data that needs none. */
  private static String transformation(int kic) {
    switch (kic & 0xF) {
      case 0x1: return "DES/CBC/NoPadding";
      case 0x2: return "AES/CBC/NoPadding";
      case 0x5:
      case 0x9: return "DESede/CBC/NoPadding";
      case 0xD: return "DES/ECB/NoPadding";
      default: throw new IllegalArgumentException("KIc names no algorithm");
    }
  }

  static int blockSize(int kic) throws Exception {
    return CipheringManager.getBlockSize(transformation(kic));
  }

  static byte[] encipher(int kic, byte[] key, byte[] clear) throws Exception {
    return CipheringManager.encipher(transformation(kic), key, clear, new byte[0]);
  }

  static byte[] decipher(int kic, byte[] key, byte[] ciphered) throws Exception {
    return CipheringManager.decipher(transformation(kic), key, ciphered);
  }

  /** The signature algorithm that a KID names for this kind of check. */
  private static String algorithm(int kind, int kid, int macLength) {
    if (kind == REDUNDANCY_CHECK) return (kid & 0xF) == 1 ? SignatureManager.CRC_16 : SignatureManager.CRC_32;
    switch (kid & 0xF) {
      case 0x1: return SignatureManager.DES_MAC8_ISO9797_M1;
      case 0x2: return macLength == 4 ? SignatureManager.AES_CMAC_32 : SignatureManager.AES_CMAC_64;
      case 0x5:
      case 0x9: return "DESEDEMAC64";
      default: throw new IllegalArgumentException("KID names no algorithm");
    }
  }

  static int checkLength(int kind, int kid, int macLength) {
    if (kind == NONE) return 0;
    if (kind == REDUNDANCY_CHECK) return (kid & 0xF) == 1 ? 2 : 4;
    return macLength;
  }

  static byte[] check(int kind, int kid, byte[] key, int macLength, byte[] over) throws Exception {
    if (kind == NONE) return new byte[0];
    byte[] made;
    if (kind == CRYPTOGRAPHIC_CHECKSUM && (kid & 0xF) == 1 && over.length % 8 == 0) {
      // This release's DES checksum takes in a block too many when the input needs no padding; its cipher does not.
      byte[] chained = CipheringManager.encipher("DES/CBC/NoPadding", key, over, new byte[0]);
      made = Arrays.copyOfRange(chained, chained.length - 8, chained.length);
    } else {
      made = SignatureManager.sign(algorithm(kind, kid, macLength), key, over);
    }
    return Arrays.copyOf(made, checkLength(kind, kid, macLength));
  }
}
