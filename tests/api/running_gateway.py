"""A gateway of the real program with an API of three tokens and some cards, and no SMSC."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

program = os.environ["OTAGW_PROGRAM"]
root = pathlib.Path(os.environ["OTA_SOURCE_DIR"])
tokens = {"read": "looks-and-nothing-else-4711", "operate": "changes-what-there-is-4712", "keys": "opens-what-is-closed-4713"}
cards = [f"894900000000000{n:04}" for n in range(18, 24)]
card, kic, kid = cards[0], "a1a2a3a4a5a6a7a8a9aaabacadaeafa0", "b1b2b3b4b5b6b7b8b9babbbcbdbebfb0"
protected_node = "./SC/USIM/Secret"  # of 16 octets, without Get


class running_gateway(unittest.TestCase):
    more_settings = []

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="otagw-api.")))
        lines = ["data_directory: data", "http:", "  port: 0", "  failures_per_minute: 100000", "  tokens:"]
        for role, token in tokens.items():
            file = self.folder / f"{role}.token"
            file.write_text(token + "\n")
            file.chmod(0o600)
            lines.append(f"    - {{name: {role}-er, role: {role}, file: {role}.token}}")
        nodes = (root / "config/profiles/usim-aes.yaml").read_text().splitlines()
        last = max(n for n, line in enumerate(nodes) if "- {uri:" in line)
        nodes.insert(last + 1, f"      - {{uri: {protected_node}, path: [7fff, 6f99], size: 16, form: raw, access: [replace]}}")
        (self.folder / "profile.yaml").write_text("\n".join(nodes) + "\n")
        lines += ["profile_files: [profile.yaml]", "routes: [{name: nowhere, host: 127.0.0.1, port: 9, system_id: otagw}]", *self.more_settings]
        (self.folder / "otagw.yaml").write_text("\n".join(lines) + "\n")
        (self.folder / "data").mkdir()
        self.otagw("keys", "generate", "data/kek")
        rows = self.folder / "cards.csv"
        rows.write_text("iccid,msisdn,profile,kvn,kic_key,kid_key\n" +
                        "".join(f"{iccid},4917000000{n:02},usim-aes,1,{kic},{kid}\n" for n, iccid in enumerate(cards)))
        self.otagw("cards", "import", "cards.csv", "--config", "otagw.yaml")
        rows.unlink()
        self.start()
        self.addCleanup(self.stop)

    def otagw(self, *words):
        done = subprocess.run([program, *words], capture_output=True, text=True, cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def start(self):
        self.log = open(self.folder / "gateway.log", "w+")
        self.gateway = subprocess.Popen([program, "run", "--config", "otagw.yaml"], stderr=subprocess.PIPE, text=True, cwd=self.folder)
        for line in self.gateway.stderr:
            self.log.write(line)
            said = json.loads(line) if line.startswith("{") else {"message": line}
            if said["message"] == "started":
                self.port = said["http_port"]
                self.url = f"http://127.0.0.1:{self.port}"
                return
        self.fail("the gateway did not start")

    def stop(self, how=signal.SIGTERM):
        if self.gateway.stderr.closed:
            return
        if self.gateway.poll() is None:
            self.gateway.send_signal(how)
        self.log.write(self.gateway.stderr.read())
        self.gateway.wait(timeout=120)
        self.gateway.stderr.close()
        self.log.close()

    def ask(self, method, path, token=None, body=None, kind="application/json"):
        request = urllib.request.Request(self.url + path, method=method, data=None if body is None else body.encode())
        if body is not None:
            request.add_header("Content-Type", kind)
        if token:
            request.add_header("Authorization", "Bearer " + token)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode(), answer.headers

    def document(self):
        status, text, _ = self.ask("GET", "/api/v1/openapi.json")
        self.assertEqual(status, 200)
        return json.loads(text)
