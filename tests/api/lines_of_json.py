"""What schemathesis needs to send application/x-ndjson: a line of JSON for each value."""

import json

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def lines_of_json(_, value):
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    lines = value if isinstance(value, list) else [value]
    return "\n".join(json.dumps(each) for each in lines).encode()
