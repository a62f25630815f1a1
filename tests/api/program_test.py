"""The API of the running program: held against its own OpenAPI document by schemathesis, without a token, and killed after 202."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

from running_gateway import card, kic, kid, running_gateway, tokens


class program(running_gateway):
    def test_without_a_token_every_call_is_refused(self):
        for path, calls in self.document()["paths"].items():
            for method in calls:
                status, text, headers = self.ask(method.upper(), path.replace("{", "").replace("}", ""))
                self.assertEqual(status, 401, f"{method} {path}")
                self.assertIn("Bearer", headers["WWW-Authenticate"])
                self.assertEqual(headers["Content-Type"], "application/problem+json")
                self.assertEqual(json.loads(text)["status"], 401)
        self.assertEqual(self.ask("GET", "/api/v1/me", "somebodys-else-token-4715")[0], 401)
        self.stop()
        told = [json.loads(line) for line in (self.folder / "gateway.log").read_text().splitlines() if "turned away" in line]
        self.assertEqual({line["address"] for line in told}, {"127.0.0.1"})
        self.assertIn("unknown-token 1", ", ".join(line["reasons"] for line in told))
        self.assertNotIn("4715", json.dumps(told))

    def test_what_was_accepted_survives_a_kill(self):
        lines = [json.dumps({"id": f"kill-{n}", "source": "//test", "subject": card,
                             "data": {"op": "replace", "node": "./SC/USIM/SPN", "format": "chr", "value": f"N{n}"}}) for n in range(50)]
        status, text, _ = self.ask("POST", "/api/v1/changes", tokens["operate"], "\n".join(lines), "application/x-ndjson")
        self.stop(signal.SIGKILL)
        self.assertEqual(status, 202, text)
        self.assertEqual(len(json.loads(text)["accepted"]), 50)
        there = self.otagw("events", "tail", "--config", "otagw.yaml", "--topic", "changes")
        for n in range(50):
            self.assertIn(f'"kill-{n}"', there)

    def eventually(self, path, token):
        """The answer 200 of a GET: an event that was accepted is taken in a moment later."""
        for _ in range(600):
            status, text, _ = self.ask("GET", path, token)
            if status == 200:
                return json.loads(text)
            self.assertEqual(status, 404, text)
            time.sleep(0.1)
        self.fail(path + " was not found within a minute")

    def test_a_change_of_another_caller_is_found_by_its_id_alone_and_so_is_that_of_a_caller_who_came_by_a_reload(self):
        change = {"subject": card, "data": {"op": "replace", "node": "./SC/USIM/SPN", "format": "chr", "value": "N"}}
        status, text, _ = self.ask("POST", "/api/v1/changes", tokens["operate"], json.dumps(change | {"id": "first"}))
        self.assertEqual(status, 202, text)
        self.assertEqual(self.eventually("/api/v1/changes/first", tokens["read"])["source"], "api/operate-er")
        late = self.folder / "late.token"
        late.write_text("comes-by-a-reload-only-4714\n")
        late.chmod(0o600)
        settings = self.folder / "otagw.yaml"
        settings.write_text(settings.read_text().replace("  tokens:\n", "  tokens:\n    - {name: late, role: operate, file: late.token}\n"))
        status, text, _ = self.ask("POST", "/api/v1/reload", tokens["operate"])
        self.assertEqual(status, 200, text)
        status, text, _ = self.ask("POST", "/api/v1/changes", "comes-by-a-reload-only-4714", json.dumps(change | {"id": "second"}))
        self.assertEqual(status, 202, text)
        self.assertEqual(self.eventually("/api/v1/changes/second", tokens["read"])["source"], "api/late")

    def dead_letter(self, change):
        """The place of a dead letter: an id that was used before, with another value."""
        status, text, _ = self.ask("POST", "/api/v1/changes", tokens["operate"], json.dumps(change))
        self.assertEqual(status, 202, text)
        for _ in range(600):
            status, text, _ = self.ask("GET", "/api/v1/dead-letters", tokens["read"])
            self.assertEqual(status, 200, text)
            if letters := json.loads(text)["items"]:
                return letters[0]["place"]
            time.sleep(0.1)
        self.fail("no dead letter within a minute")

    def test_every_request_example_of_the_document_is_taken(self):
        (self.folder / "cards.csv").write_text(f"iccid,msisdn,profile,kvn,kic_key,kid_key\n8949000000000000026,491700000002,usim-aes,1,{kid},{kic}\n")
        self.otagw("cards", "import", "cards.csv", "--config", "otagw.yaml")
        taken = 0
        # The card is replaced at last: it takes nothing afterwards.
        for path, calls in sorted(self.document()["paths"].items(), key=lambda each: each[0].endswith("/replace")):
            body = calls.get("post", {}).get("requestBody")
            for kind, media in body["content"].items() if body else ():
                examples = [media["example"]] if "example" in media else [each["value"] for each in media["examples"].values()]
                self.assertTrue(examples, path)
                for example in examples:
                    there = path.replace("{iccid}", card)
                    if "{place}" in path:
                        there = there.replace("{place}", self.dead_letter(first | {"data": first["data"] | {"value": "Other"}}))
                    text = example if isinstance(example, str) else json.dumps(example)
                    status, said, _ = self.ask("POST", there, tokens["keys"], text, kind)
                    self.assertIn(status, (200, 201, 202), f"{path} {text}: {said}")
                    if path.endswith("/changes") and taken == 0:
                        first = example
                    taken += 1
        self.assertGreaterEqual(taken, 8)

    def test_schemathesis_finds_no_call_that_breaks_the_document(self):
        limited = self.folder / "openapi.json"
        document = self.document()
        document["paths"].pop("/api/v1/events")  # it never ends
        document["paths"].pop("/api/v1/reload", None)
        limited.write_text(json.dumps(document))
        done = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", "run", str(limited), "--url", self.url, "-H", "Authorization: Bearer " + tokens["keys"],
             "--max-examples", "15", "--phases", "examples,coverage,fuzzing", "--seed", "1", "--no-color", "--exclude-checks",
             # Values of filters that fit nothing are no failure of the caller; ids that look odd may exist.
             "positive_data_acceptance,negative_data_rejection", "--request-timeout", "30", "--workers", "1"],
            capture_output=True, text=True, cwd=self.folder, timeout=800,
            env=os.environ | {"SCHEMATHESIS_HOOKS": "lines_of_json", "PYTHONPATH": str(pathlib.Path(__file__).parent)})
        self.assertEqual(done.returncode, 0, done.stdout[-6000:] + done.stderr[-2000:])
        self.stop()
        said = done.stdout + (self.folder / "gateway.log").read_text()
        for secret in (kic, kid, tokens["read"], tokens["operate"]):
            self.assertNotIn(secret, said)
        self.assertNotIn(tokens["keys"], (self.folder / "gateway.log").read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
