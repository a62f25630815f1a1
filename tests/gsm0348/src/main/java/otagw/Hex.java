package otagw;

import java.util.HexFormat;

final class Hex {
  private Hex() {}

  static String of(byte[] octets) {
    return HexFormat.of().formatHex(octets);
  }

  static byte[] to(String text) {
    return HexFormat.of().parseHex(text);
  }
}
