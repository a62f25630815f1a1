"""follow_statuses.py BROKERS GROUP ID: tells how changes end, each once, until the change ID has; 120 s at most.

A group's place is committed after its statuses were dealt with: what a crash repeats is told apart by (source, id)."""

import json
import sys
import time

from confluent_kafka import Consumer

MINE = "urn:example:crm"


def main(brokers, group, awaited):
    consumer = Consumer(
        {"bootstrap.servers": brokers, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False}
    )
    consumer.subscribe(["dm.mo.status"])
    seen = set()  # in a real system: a unique key of the table that the statuses go to
    until = time.monotonic() + 120
    try:
        while time.monotonic() < until:
            record = consumer.poll(1.0)
            if record is None:
                continue
            if record.error():
                print(f"broker: {record.error()}", file=sys.stderr)
                continue
            status = json.loads(record.value())
            data, name = status["data"], (status["source"], status["id"])
            if data["event_source"] == MINE and data["final"] and name not in seen:
                seen.add(name)
                print(f"{data['event_id']}: {data['state']} {data.get('reason', '')}".rstrip(), flush=True)
            consumer.commit(record, asynchronous=False)
            if data["event_source"] == MINE and data["event_id"] == awaited and data["final"]:
                return
    finally:
        consumer.close()
    sys.exit(f"{awaited}: not final yet")


main(*sys.argv[1:])
