import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * FollowStatuses BROKERS GROUP ID: tells how changes end, each once, until the change ID has; 120 s at most. The group's place is
 * committed after its statuses were dealt with: what a crash repeats is told apart by (source, id).
 */
public class FollowStatuses {
    static final String MINE = "urn:example:crm";

    public static void main(String[] args) throws Exception {
        var settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("group.id", args[1]);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        String awaited = args[2];
        var json = new ObjectMapper();
        var seen = new HashSet<String>();  // in a real system: a unique key of the table that the statuses go to
        var until = Instant.now().plusSeconds(120);
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("dm.mo.status"));
            boolean over = false;
            while (!over && Instant.now().isBefore(until)) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    var status = json.readTree(record.value());
                    var data = status.get("data");
                    if (!data.get("event_source").asText().equals(MINE) || !data.get("final").asBoolean()) continue;
                    var id = data.get("event_id").asText();
                    if (seen.add(status.get("source").asText() + ' ' + status.get("id").asText()))
                        System.out.println((id + ": " + data.get("state").asText() + ' ' + data.path("reason").asText()).stripTrailing());
                    over |= id.equals(awaited);
                }
                consumer.commitSync();
            }
            if (over) return;
        }
        System.err.println(awaited + ": not final yet");
        System.exit(1);
    }
}
