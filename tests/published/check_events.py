"""check_events.py SCHEMA_DIRECTORY RECORDS: validates what was published, one {"topic", "key", "value"} per line, against docs/schemas.

Prints a line per breach, then how many records of each topic were checked. Every record that has a value must be JSON of its schema, and
its key, where it is known, what the schema says."""

import collections
import json
import pathlib
import sys

import jsonschema

SCHEMAS = {
    "dm.mo.changes": "dm.mo.change.v1",
    "dm.mo.status": "dm.mo.status.v1",
    "dm.card.state": "dm.card.state.v1",
    "dm.mo.changes.dlq": "dm.mo.changes.dlq.v1",
}


def key_of(topic, event):
    if topic == "dm.card.state":
        return event["subject"] + event["data"]["node"].removeprefix(".")
    return event["subject"]


def main(directory, records):
    checks = jsonschema.Draft202012Validator.FORMAT_CHECKER
    if "date-time" not in checks.checkers:
        sys.exit("rfc3339-validator is missing: times would not be checked")
    judges = {}
    for topic, name in SCHEMAS.items():
        schema = json.loads((pathlib.Path(directory) / f"{name}.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        judges[topic] = jsonschema.Draft202012Validator(schema, format_checker=checks)
    checked = collections.Counter()
    for line in pathlib.Path(records).read_text().splitlines():
        record = json.loads(line)
        topic, value = record["topic"], record["value"]
        checked[topic] += 1
        if value == "" and topic == "dm.card.state":  # takes its key away
            continue
        try:
            event = json.loads(value)
        except json.JSONDecodeError as error:
            print(f"{topic}: no JSON: {error}")
            continue
        faults = sorted(f"{error.json_path}: {error.message}" for error in judges[topic].iter_errors(event))
        if not faults and topic != "dm.mo.changes.dlq" and record["key"] not in (None, key_of(topic, event)):
            faults = [f"key {record['key']} is not {key_of(topic, event)}"]
        for fault in faults:
            print(f"{topic}: {fault}")
    print("checked " + ", ".join(f"{n} of {topic}" for topic, n in sorted(checked.items())))


main(*sys.argv[1:])
