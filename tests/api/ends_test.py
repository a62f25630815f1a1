"""The feed of events of the running program: each end of an event comes once, whoever ended it, and stands on the topic of statuses."""
import collections
import json
import threading
import time
import unittest
import urllib.request

from running_gateway import cards, running_gateway, tokens


class ends(running_gateway):
    def listen(self):
        """Reads the feed on a thread of its own into self.told, until the gateway ends."""
        self.told, self.some = [], threading.Condition()
        request = urllib.request.Request(self.url + "/api/v1/events?type=ended", headers={"Authorization": "Bearer " + tokens["read"]})
        stream = urllib.request.urlopen(request, timeout=120)

        def read():
            with stream:
                for line in stream:
                    if line.startswith(b"data: "):
                        with self.some:
                            self.told.append(json.loads(line[6:]))
                            self.some.notify()
        reader = threading.Thread(target=read)
        reader.start()
        self.addCleanup(reader.join)
        self.addCleanup(self.stop)  # before the reader is waited for

    def change(self, iccid, event, node="./SC/USIM/SPN"):
        status, text, _ = self.ask("POST", "/api/v1/changes", tokens["operate"], json.dumps(
            {"id": event, "source": "//test", "subject": iccid, "data": {"op": "replace", "node": node, "format": "chr", "value": "Name"}}))
        self.assertEqual(status, 202, text)

    def wait_until_taken(self, event):
        for _ in range(600):
            if self.ask("GET", f"/api/v1/changes/{event}?source=//test", tokens["read"])[0] == 200:
                return
            time.sleep(0.1)
        self.fail(event + " was not taken in")

    def operate(self, method, path, body=None):
        status, text, _ = self.ask(method, "/api/v1" + path, tokens["operate"], body)
        self.assertEqual(status, 200, text)

    def test_all_ends_are_told_once(self):
        self.listen()
        by_api, by_tool, erased, replaced, twin, own = cards
        for iccid in (by_api, by_tool, erased, replaced):
            self.operate("POST", f"/cards/{iccid}/suspend")
        for iccid, event in ((by_api, "by-api"), (by_tool, "by-tool"), (erased, "erased"), (replaced, "replaced")):
            self.change(iccid, event)
        self.change(own, "by-corridor", "./SC/USIM/None")
        for event in ("by-api", "by-tool", "erased", "replaced", "by-corridor"):
            self.wait_until_taken(event)
        self.operate("DELETE", "/changes/by-api?source=//test")
        self.otagw("events", "cancel", "by-tool", "--source", "//test", "--config", "otagw.yaml")
        self.operate("POST", f"/cards/{erased}/erase")
        self.operate("POST", f"/cards/{replaced}/replace", json.dumps({"by": twin, "carry_over": False}))
        expected = {("by-api", by_api, "rejected", "cancelled"), ("by-tool", by_tool, "rejected", "cancelled"),
                    ("erased", erased, "rejected", "card-erased"), ("replaced", replaced, "failed", "card-replaced"),
                    ("by-corridor", own, "rejected", "unknown-node")}
        with self.some:
            self.assertTrue(self.some.wait_for(lambda: len(self.told) >= len(expected), timeout=60), self.told)
        status, metrics, _ = self.ask("GET", "/metrics")
        self.stop()  # whatever would come twice has come
        seen = collections.Counter((e["event"], e["card"], e["state"], e["reason"]) for e in self.told)
        self.assertEqual(seen, collections.Counter(expected))
        self.assertIn('otagw_events_closed_total{state="rejected"} 4\n', metrics)
        self.assertIn('otagw_events_closed_total{state="failed"} 1\n', metrics)
        statuses = [json.loads(line) for line in
                    self.otagw("events", "tail", "--config", "otagw.yaml", "--topic", "status", "--from", "start").splitlines()]
        on_topic = collections.Counter((s["data"]["event_id"], s["subject"], s["data"]["state"], s["data"]["reason"]) for s in statuses)
        self.assertEqual(on_topic, collections.Counter(expected))
        for event, *_ in expected:
            self.assertEqual((self.folder / "gateway.log").read_text().count(f'"event":"{event}"'), 1, "a line each in the log")


if __name__ == "__main__":
    unittest.main(verbosity=2)
