"""What nobody should get: the running program refuses it, counts it by its reason, and no secret is in anything that it says."""
import base64
import json
import re
import socket
import unittest

from running_gateway import card, kic, kid, protected_node, running_gateway, tokens

stranger = "nobody-knows-this-one-4714"
value = b"canary-of-octets"  # of the protected node
secrets = [*tokens.values(), stranger, kic, kid, value.decode(), value.hex(), base64.b64encode(value).decode()]


class hostile(running_gateway):
    more_settings = ["log: {level: debug}"]

    def setUp(self):
        super().setUp()
        self.heard = []

    def ask(self, *words, **named):
        status, text, headers = super().ask(*words, **named)
        self.heard += [text, str(headers)]
        return status, text, headers

    def raw(self, octets):
        """A connection that said this, and nothing more."""
        client = socket.create_connection(("127.0.0.1", self.port), timeout=120)
        self.addCleanup(client.close)
        client.sendall(octets)
        return client

    def rest_of(self, client):
        """What comes until the server closes."""
        said = b""
        try:
            while piece := client.recv(65536):
                said += piece
        except ConnectionResetError:
            pass  # it closed upon octets that it did not want
        self.heard.append(said.decode(errors="replace"))
        return said

    def refused(self):
        _, metrics, _ = self.ask("GET", "/metrics")
        return {reason: int(n) for reason, n in re.findall(r'otagw_http_refused_total\{reason="([a-z-]+)"\} (\d+)', metrics)}

    def change(self):
        return json.dumps({"id": "e-1", "source": "//test", "subject": card,
                           "data": {"op": "replace", "node": protected_node, "format": "bin", "value": base64.b64encode(value).decode()}})

    def expect_no_secret(self):
        self.stop()
        files = [self.folder / "gateway.log", *(self.folder / "data").rglob("audit*.jsonl")]
        self.assertGreaterEqual(len(files), 2)
        said = {file.name: file.read_text() for file in files}
        said["statuses"] = self.otagw("events", "tail", "--config", "otagw.yaml", "--topic", "status", "--from", "start")
        said |= {f"answer {n}": text for n, text in enumerate(self.heard)}
        for secret in secrets:
            for name, text in said.items():
                self.assertNotIn(secret.lower(), text.lower(), name)

    def test_refuses_counts_and_keeps_its_secrets(self):
        bearer = f"Authorization: Bearer {tokens['operate']}\r\n".encode()
        head = b"POST /api/v1/changes HTTP/1.1\r\nHost: a\r\n" + bearer
        slow = [self.raw(head), self.raw(head + b"Content-Type: application/json\r\nContent-Length: 500\r\n\r\n" + self.change().encode())]
        before = self.refused()

        # without a token, with an unknown one, with one in the wrong place
        self.assertEqual(self.ask("GET", "/api/v1/cards")[0], 401)
        self.assertEqual(self.ask("POST", "/api/v1/changes", None, self.change())[0], 401)
        self.assertEqual(self.ask("GET", "/api/v1/cards?token=" + tokens["keys"])[0], 401)
        self.assertEqual(self.ask("GET", "/api/v1/cards/" + tokens["keys"])[0], 401)
        self.assertEqual(self.ask("POST", "/api/v1/changes", stranger, self.change())[0], 401)

        # with too small a role
        self.assertEqual(self.ask("POST", "/api/v1/changes", tokens["read"], self.change())[0], 403)
        self.assertEqual(self.ask("POST", f"/api/v1/cards/{card}/erase", tokens["read"])[0], 403)
        self.assertEqual(self.ask("GET", f"/api/v1/cards/{card}/nodes?protected=true", tokens["operate"])[0], 403)
        keys = json.dumps({"hex": "00", "kic_key": kic, "kid_key": kid})
        self.assertEqual(self.ask("POST", "/api/v1/packets/inspect", tokens["operate"], keys)[0], 403)

        # too large
        self.assertIn(b" 431 ", self.rest_of(self.raw(head + b"X: " + tokens["keys"].encode() * 1000)))
        too_long = b"Content-Type: application/json\r\nContent-Length: 999999999\r\n\r\n"
        self.assertIn(b" 413 ", self.rest_of(self.raw(head + too_long + self.change().encode())))

        # malformed: no HTTP, no JSON, no change, no key
        self.assertIn(b" 400 ", self.rest_of(self.raw(b"GET / HTTP/1.1\r\n" + bearer + value + b"\r\n\r\n")))
        self.assertIn(b" 400 ", self.rest_of(self.raw(b"canary " + kic.encode() + b"\r\n\r\n")))
        for body in (self.change()[:-9], self.change().replace('"bin"', '"' + value.decode() + '"'),
                     self.change().replace(card, "12"), self.change().replace("replace", value.decode())):
            self.assertIn(self.ask("POST", "/api/v1/changes", tokens["operate"], body)[0], (400, 422), body)
        for body in (keys.replace(kid, kid + "zz"), keys.replace('"00"', '"zz"'), keys.replace("kid_key", kid), keys[:-1]):
            self.assertIn(self.ask("POST", "/api/v1/packets/inspect", tokens["keys"], body)[0], (400, 422), body)

        # too slow: nothing comes any more, so each is closed without an answer
        for client in slow:
            self.assertEqual(self.rest_of(client), b"")

        after = self.refused()
        for reason, n in {"no-token": 4, "unknown-token": 1, "role": 4, "long-header": 1, "long-body": 1, "malformed": 2, "slow": 2}.items():
            self.assertGreaterEqual(after.get(reason, 0) - before.get(reason, 0), n, f"{reason}: {before} {after}")
        self.assertEqual(self.ask("GET", "/api/v1/changes/e-1?source=//test", tokens["read"])[0], 404, "nothing came in")
        self.expect_no_secret()

    def test_a_protected_value_is_shown_to_nobody_without_the_role(self):
        self.assertEqual(self.ask("POST", "/api/v1/changes", tokens["operate"], self.change())[0], 202)
        clash = self.change().replace('"bin"', '"chr"')  # another content under the same id: a dead letter
        self.assertEqual(self.ask("POST", "/api/v1/changes", tokens["operate"], clash)[0], 202)
        for _ in range(600):
            if json.loads(self.ask("GET", "/api/v1/dead-letters", tokens["read"])[1])["items"]:
                break
        place = json.loads(self.ask("GET", "/api/v1/dead-letters", tokens["read"])[1])["items"][0]["place"]
        for path in (f"cards/{card}", f"cards/{card}/nodes", f"cards/{card}/timeline", f"cards/{card}/changes", f"cards/{card}/explain",
                     f"cards/{card}/packets", "changes/e-1?source=//test", f"dead-letters/{place}", "routes", "overview", "settings", "cards"):
            self.assertEqual(self.ask("GET", "/api/v1/" + path, tokens["operate"])[0], 200, path)
        self.assertEqual(self.ask("GET", f"/api/v1/cards/{card}/nodes", tokens["keys"])[0], 200, "unless it is asked for")
        answered = len(self.heard)
        _, nodes, _ = self.ask("GET", f"/api/v1/cards/{card}/nodes?protected=true", tokens["keys"])
        self.assertIn(value.hex(), nodes.lower(), "it was there to be found")
        del self.heard[answered:]
        self.ask("GET", "/metrics")
        self.expect_no_secret()


if __name__ == "__main__":
    unittest.main(verbosity=2)
