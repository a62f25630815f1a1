import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * SendChange BROKERS ICCID NODE FORMAT VALUE ID: sends one change of a card, and ends when the broker has it for good. Sending it again
 * with the same ID and content does nothing: so whoever does not know whether a change went out sends it again.
 */
public class SendChange {
    static final String SOURCE = "urn:example:crm";  // of all changes of this system; (source, id) is what the gateway knows a change by

    public static void main(String[] args) throws Exception {
        String iccid = args[1], node = args[2], format = args[3], value = args[4], id = args[5];
        var change = Map.of(
                "specversion", "1.0",
                "type", "dm.mo.change.v1",
                "source", SOURCE,
                "id", id,
                "subject", iccid,
                "datacontenttype", "application/json",
                "data", Map.of("op", "replace", "node", node, "format", format, "value", value));
        var settings = new Properties();
        settings.put("bootstrap.servers", args[0]);
        settings.put("acks", "all");
        settings.put("enable.idempotence", "true");
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            // The key keeps the changes of a card in their order.
            var record = new ProducerRecord<>("dm.mo.changes", iccid, new ObjectMapper().writeValueAsString(change));
            record.headers().add("content-type", "application/cloudevents+json; charset=UTF-8".getBytes(StandardCharsets.UTF_8));
            producer.send(record).get();
        }
        System.out.println(id + ": sent");
    }
}
