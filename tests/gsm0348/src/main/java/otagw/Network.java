package otagw;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Subscribers with cards, for a simulated SMSC: each line "MSISDN user-data" is answered by the user data of the deliver report,
 * "-" for an empty one, "!" where nobody has the number or the packet cannot be opened. The keys come from a CSV of cards.
 */
final class Network {
  private final Map<String, String[]> rows = new HashMap<>();
  private final List<String> header;
  private final Card cards;

  Network(String csv, Card cards) throws Exception {
    this.cards = cards;
    List<String> lines = Files.readAllLines(Path.of(csv), StandardCharsets.UTF_8);
    header = Arrays.asList(lines.get(0).split(",", -1));
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",", -1);
      rows.put(cells[header.indexOf("msisdn")], cells);
    }
  }

  void serve() throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (String line; (line = in.readLine()) != null; ) {
      String answer;
      try {
        String[] words = line.split(" ");
        answer = deliver(words[0], Hex.to(words[1]));
      } catch (Exception e) {
        System.err.println("gsm0348 card: " + e);
        answer = "!";
      }
      out.println(answer);
      out.flush();
    }
  }

  private String deliver(String msisdn, byte[] userData) throws Exception {
    String[] row = rows.get(msisdn);
    if (row == null) return "!";
    byte[] packet = cards.join(msisdn, userData);
    if (packet == null) return "-";
    Packet command = new Packet();
    command.kicKey = Hex.to(row[header.indexOf("kic_key")]);
    command.kidKey = Hex.to(row[header.indexOf("kid_key")]);
    command.macLength = Integer.parseInt(row[header.indexOf("mac_length")]);
    byte[] response = cards.answer(msisdn, packet, command);
    return response == null ? "-" : Hex.of(response);
  }
}
