"""The API of the running program: held against its own OpenAPI document by schemathesis, without a token, and killed after 202."""
import json
import os
import pathlib
import signal
import subprocess
import sys
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
