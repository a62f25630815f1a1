"""Reads a card through PC/SC with pyscard, and its directory with nothing but the lines below: a reader that shares no code with ours.

read_card.py wait          until the reader has a card
read_card.py objects       the data objects of the PKCS#15 application as JSON: [{"label", "oid", "path", "octets"}]
read_card.py send HEX ..   a line for each command: data and status word in hexadecimal digits"""
import json
import sys
import time

from smartcard.CardConnection import CardConnection
from smartcard.Exceptions import CardConnectionException, NoCardException
from smartcard.pcsc.PCSCExceptions import BaseSCardException
from smartcard.System import readers

AID = "a000000063504b43532d3135"
PATIENCE = 60  # seconds


def connect():
    until = time.monotonic() + PATIENCE
    while True:
        try:
            for reader in readers():
                if str(reader).endswith("00 00"):
                    connection = reader.createConnection()
                    connection.connect(CardConnection.T0_protocol)
                    return connection
        except (NoCardException, CardConnectionException, BaseSCardException):  # the daemon or the card is on its way
            pass
        if time.monotonic() > until:
            sys.exit("no card in the reader")
        time.sleep(0.05)


def send(card, command):
    data, high, low = card.transmit(list(bytes.fromhex(command)))
    return bytes(data), high << 8 | low


def must(card, command):
    data, status = send(card, command)
    if status >> 8 == 0x61:
        data, status = send(card, "00c00000%02x" % (status & 0xFF))
    if status != 0x9000:
        sys.exit("%s: %04x" % (command, status))
    return data


def tlvs(octets):
    """Definite lengths, tags of one octet; padding of FF ends it."""
    at = 0
    while at < len(octets) and octets[at] != 0xFF:
        tag, length, at = octets[at], octets[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length, at = int.from_bytes(octets[at:at + count], "big"), at + count
        yield tag, octets[at:at + length]
        at += length


def first(octets, tag):
    return next((value for found, value in tlvs(octets) if found == tag), b"")


def oid_text(octets):
    numbers, value = [], 0
    for octet in octets:
        value = value << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(value)
            value = 0
    top = min(numbers[0] // 40, 2)
    return ".".join(str(n) for n in [top, numbers[0] - 40 * top] + numbers[1:])


def read_file(card, path):
    """By its path from the MF, or below the selected application."""
    if path[:2] == b"\x3f\x00":
        path = path[2:]
        parameters = must(card, "00a40804%02x%s" % (len(path), path.hex()))
    else:
        parameters = must(card, "00a40904%02x%s" % (len(path), path.hex()))
    size = int.from_bytes(first(first(parameters, 0x62), 0x80), "big")
    octets = b""
    while len(octets) < size:
        octets += must(card, "00b0%04x%02x" % (len(octets), min(size - len(octets), 128)))
    return octets


def objects(card):
    must(card, "00a404000c" + AID)
    directory = first(first(first(read_file(card, bytes.fromhex("5031")), 0xA7), 0x30), 0x04)
    must(card, "00a404000c" + AID)
    out = []
    for _, entry in tlvs(read_file(card, directory)):
        common, specific = [value for tag, value in tlvs(entry) if tag == 0x30][:2]
        path = first(first(first(entry, 0xA1), 0x30), 0x04)
        out.append({"label": first(common, 0x0C).decode(), "oid": oid_text(first(specific, 0x06)), "path": path.hex()})
    for each in out:
        must(card, "00a404000c" + AID)
        each["octets"] = read_file(card, bytes.fromhex(each["path"])).hex()
    return out


def main():
    card = connect()
    what = sys.argv[1]
    if what == "objects":
        print(json.dumps(objects(card)))
    elif what == "send":
        for command in sys.argv[2:]:
            data, status = send(card, command)
            print(data.hex() + "%04x" % status)


main()
