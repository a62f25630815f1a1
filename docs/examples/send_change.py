"""send_change.py BROKERS ICCID NODE FORMAT VALUE ID: sends one change of a card, and ends when the broker has it for good.

Sending it again with the same ID and content does nothing: so whoever does not know whether a change went out sends it again."""

import json
import sys

from confluent_kafka import Producer

SOURCE = "urn:example:crm"  # of all changes of this system; (source, id) is what the gateway knows a change by


def main(brokers, iccid, node, form, value, event_id):
    change = {
        "specversion": "1.0",
        "type": "dm.mo.change.v1",
        "source": SOURCE,
        "id": event_id,
        "subject": iccid,
        "datacontenttype": "application/json",
        "data": {"op": "replace", "node": node, "format": form, "value": value},
    }
    producer = Producer({"bootstrap.servers": brokers, "enable.idempotence": True, "acks": "all"})
    faults = []
    producer.produce(
        "dm.mo.changes",
        key=iccid,  # the changes of a card keep their order
        value=json.dumps(change),
        headers={"content-type": "application/cloudevents+json; charset=UTF-8"},
        on_delivery=lambda fault, _: faults.append(fault) if fault else None,
    )
    if producer.flush(30) != 0 or faults:
        sys.exit(f"{event_id}: not sent: {faults or 'no answer of the broker'}")
    print(f"{event_id}: sent")


main(*sys.argv[1:])
