import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * CardView BROKERS: rebuilds from dm.card.state where every node of every card stands, and prints it. The topic is compacted: read from
 * its start to its end it is the whole view. No group: every reader wants all of it.
 */
public class CardView {
    public static void main(String[] args) throws Exception {
        var settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("enable.auto.commit", "false");
        var json = new ObjectMapper();
        var view = new TreeMap<String, JsonNode>();
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            var partitions = consumer.partitionsFor("dm.card.state").stream().map(p -> new TopicPartition(p.topic(), p.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);  // as they are now
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    if (record.value() == null) {
                        view.remove(record.key());
                        continue;
                    }
                    var state = json.readTree(record.value());
                    // One that is older may come again.
                    view.merge(record.key(), state, (had, got) -> got.get("id").asLong() > had.get("id").asLong() ? got : had);
                }
            }
        }
        view.forEach((key, state) -> System.out.println(key + ' ' + state.at("/data/state").asText() + ' ' + version(state, "desired") + ' '
                + version(state, "reported")));
    }

    static String version(JsonNode state, String which) {
        return state.at("/data/" + which + "/version").asText("-");
    }
}
