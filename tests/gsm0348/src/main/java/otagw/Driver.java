package otagw;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.security.Security;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/**
 * Driver [batch | card | network CARDS.csv | bench SECONDS]. A JSON object a line in, one a line out, flushed at once.
 *
 * <p>batch: {"do":"seal"|"open"|"seal-response"|"open-response", "spi","kic","kid","kic_key","kid_key","mac_length","tar",
 * "cntr","status","data","hex"}.
 *
 * <p>card: {"card":"any name","user_data":"hex" or ["hex",..],"kic_key","kid_key","mac_length"} is answered by
 * {"user_data":[]} while parts are missing or no answer is asked, else {"user_data":["0271.."],"tar","cntr","data","verified",
 * "status"}.
 */
public final class Driver {
  private static final Card CARDS = new Card();

  private Driver() {}

  public static void main(String[] arguments) throws Exception {
    Security.insertProviderAt(new BouncyCastleProvider(), 1);
    String mode = arguments.length > 0 ? arguments[0] : "batch";
    if (mode.equals("bench")) {
      System.out.printf("%.0f%n", bench(Double.parseDouble(arguments[1])));
      return;
    }
    if (mode.equals("network")) {
      new Network(arguments[1], CARDS).serve();
      return;
    }
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line; (line = in.readLine()) != null; ) {
      JsonObject answer;
      try {
        JsonObject call = JsonParser.parseString(line).getAsJsonObject();
        answer = mode.equals("card") ? card(call) : perform(call);
      } catch (Exception e) {
        answer = new JsonObject();
        answer.addProperty("error", e.getClass().getSimpleName() + ": " + e.getMessage());
      }
      out.println(answer);
      out.flush();
    }
  }

  private static JsonObject perform(JsonObject call) throws Exception {
    Packet packet = packetOf(call);
    JsonObject answer = new JsonObject();
    switch (call.get("do").getAsString()) {
      case "seal": answer.addProperty("packet", Hex.of(packet.sealCommand())); return answer;
      case "seal-response": answer.addProperty("packet", Hex.of(packet.sealResponse())); return answer;
      case "open": packet.openCommand(octets(call, "hex")); break;
      case "open-response":
        packet.openResponse(octets(call, "hex"));
        answer.addProperty("status", packet.status);
        break;
      default: throw new IllegalArgumentException("do");
    }
    describe(packet, answer);
    return answer;
  }

  private static JsonObject card(JsonObject call) throws Exception {
    String name = call.has("card") ? call.get("card").getAsString() : "";
    JsonArray segments = new JsonArray();
    if (call.get("user_data").isJsonArray()) segments = call.getAsJsonArray("user_data");
    else segments.add(call.get("user_data"));
    JsonObject answer = new JsonObject();
    JsonArray userData = new JsonArray();
    answer.add("user_data", userData);
    for (JsonElement segment : segments) {
      byte[] whole = CARDS.join(name, Hex.to(segment.getAsString()));
      if (whole == null) continue;
      Packet command = packetOf(call);
      byte[] response = CARDS.answer(name, whole, command);
      describe(command, answer);
      if (response != null) userData.add(Hex.of(response));
    }
    return answer;
  }

  private static void describe(Packet packet, JsonObject answer) {
    answer.addProperty("tar", Hex.of(packet.tar));
    answer.addProperty("cntr", Hex.of(packet.cntr));
    answer.addProperty("pcntr", packet.pcntr);
    answer.addProperty("data", Hex.of(packet.data));
    if (packet.verified == null) answer.add("verified", JsonNull.INSTANCE);
    else answer.addProperty("verified", packet.verified);
  }

  private static Packet packetOf(JsonObject call) {
    Packet packet = new Packet();
    if (call.has("spi")) {
      byte[] spi = octets(call, "spi");
      packet.spi1 = spi[0] & 0xFF;
      packet.spi2 = spi[1] & 0xFF;
    }
    if (call.has("kic")) packet.kic = octets(call, "kic")[0] & 0xFF;
    if (call.has("kid")) packet.kid = octets(call, "kid")[0] & 0xFF;
    if (call.has("kic_key")) packet.kicKey = octets(call, "kic_key");
    if (call.has("kid_key")) packet.kidKey = octets(call, "kid_key");
    if (call.has("mac_length")) packet.macLength = call.get("mac_length").getAsInt();
    if (call.has("tar")) packet.tar = octets(call, "tar");
    if (call.has("cntr")) packet.cntr = octets(call, "cntr");
    if (call.has("status")) packet.status = call.get("status").getAsInt();
    if (call.has("data")) packet.data = octets(call, "data");
    return packet;
  }

  private static byte[] octets(JsonObject call, String name) {
    return Hex.to(call.get(name).getAsString());
  }

  private static long coreNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /** AES packets of 80 octets of data sealed per second of one core (thread CPU time), warm, key set-up included. */
  private static double bench(double seconds) throws Exception {
    Packet packet = new Packet();
    packet.spi1 = 0x16;
    packet.spi2 = 0x19;
    packet.kic = 0x12;
    packet.kid = 0x12;
    packet.kicKey = new byte[16];
    packet.kidKey = new byte[16];
    packet.data = new byte[80];
    double rate = 0;
    for (int round = 0; round < 2; ++round) {  // the first warms up
      long start = coreNanos();
      long count = 0;
      while (coreNanos() - start < seconds * 1e9) {
        for (int burst = 0; burst < 256; ++burst, ++count) {
          packet.cntr[4] = (byte) count;
          packet.kicKey[0] = (byte) count;
          packet.kidKey[1] = (byte) (count >> 8);
          if (packet.sealCommand().length != 106) throw new IllegalStateException("bench");
        }
      }
      rate = count * 1e9 / (coreNanos() - start);
    }
    return rate;
  }
}
