"""card_view.py BROKERS: rebuilds from dm.card.state where every node of every card stands, and prints it.

The topic is compacted: read from its start to its end it is the whole view. No group: every reader wants all of it."""

import json
import sys

from confluent_kafka import Consumer, OFFSET_BEGINNING, TopicPartition

TOPIC = "dm.card.state"


def main(brokers):
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "card-view", "enable.auto.commit": False})
    partitions = [TopicPartition(TOPIC, p, OFFSET_BEGINNING) for p in consumer.list_topics(TOPIC, 30).topics[TOPIC].partitions]
    consumer.assign(partitions)
    missing = {p.partition: consumer.get_watermark_offsets(p, 30)[1] for p in partitions}  # the end, as it is now
    missing = {partition: end for partition, end in missing.items() if end > 0}
    view = {}
    while missing:
        record = consumer.poll(10.0)
        if record is None:
            at = {p.partition: p.offset for p in consumer.position(partitions)}
            missing = {partition: end for partition, end in missing.items() if at[partition] < end}
            continue
        if record.error():
            sys.exit(f"broker: {record.error()}")
        key = record.key().decode()
        if record.value() is None:
            view.pop(key, None)
        else:
            state = json.loads(record.value())
            if key not in view or int(state["id"]) > int(view[key]["id"]):  # an older one may come again
                view[key] = state
        if record.offset() + 1 >= missing.get(record.partition(), 0):
            missing.pop(record.partition(), None)
    consumer.close()
    for key, state in sorted(view.items()):
        versions = [str((state["data"][which] or {}).get("version", "-")) for which in ("desired", "reported")]
        print(key, state["data"]["state"], *versions)


main(*sys.argv[1:])
