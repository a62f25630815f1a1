#!/bin/sh
# send_change.sh URL TOKEN_FILE ICCID NODE FORMAT VALUE ID: sends one change of a card through the HTTP API, and waits until it is final.
# Sending it again with the same ID and content does nothing.
set -eu
url=$1 token_file=$2 iccid=$3 node=$4 format=$5 value=$6 id=$7
source=urn:example:crm

# curl reads the token from a file of its own, so that it stands in no process list.
ask() {
    curl -sS --fail-with-body --config /dev/fd/3 "$@" 3<<END
header = "Authorization: Bearer $(cat "$token_file")"
END
}

# 202: the change is durable; it survives everything but the loss of the disk or the topic.
ask -X POST "$url/api/v1/changes" -H 'Content-Type: application/cloudevents+json' --data-binary @- <<END
{"specversion":"1.0","type":"dm.mo.change.v1","source":"$source","id":"$id","subject":"$iccid",
 "data":{"op":"replace","node":"$node","format":"$format","value":"$value"}}
END
echo

tries=0
while :; do
    # 404 until the gateway has taken it in from the log or the topic.
    event=$(ask -G "$url/api/v1/changes/$id" --data-urlencode "source=$source" 2>/dev/null || true)
    case $event in *'"final":true'*) echo "$event"; exit 0 ;; esac
    tries=$((tries + 1))
    [ "$tries" -lt 120 ] || { echo "$id: not final yet: $event" >&2; exit 1; }
    sleep 1
done
