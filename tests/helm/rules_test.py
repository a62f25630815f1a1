"""Alerts and dashboards: read by promtool, fired one by one, and each with its entry in the runbook."""
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

from queries import alerts, dashboards, metrics_of, panels, queries
from rendered import of_kind, promtool, resources_of, root, template

here = root / "tests/helm"


def run(*arguments, at=None):
    return subprocess.run([promtool, *map(str, arguments)], capture_output=True, text=True, cwd=at)


class rules(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def cases(self):
        return yaml.safe_load((here / "alerts_test.yaml").read_text())["tests"]

    def test_promtool_takes_the_file_and_what_the_chart_makes_of_it(self):
        (self.folder / "file.yaml").write_text((root / "helm/otagw/files/alerts.yaml").read_text())
        for name in ("production", "everything"):
            rendered = of_kind(resources_of(name), "PrometheusRule")[0]["spec"]
            (self.folder / f"{name}.yaml").write_text(yaml.safe_dump(rendered))
        for file in sorted(self.folder.iterdir()):
            done = run("check", "rules", "--lint=all", "--lint-fatal", file)
            self.assertEqual(done.returncode, 0, file.name + done.stdout + done.stderr)

    def test_each_alert_fires_and_is_quiet_as_it_is_said(self):
        # Without annotations: promtool would want their text repeated.
        groups = yaml.safe_load((root / "helm/otagw/files/alerts.yaml").read_text())
        for group in groups["groups"]:
            for rule in group["rules"]:
                del rule["annotations"]
        (self.folder / "alerts.yaml").write_text(yaml.safe_dump(groups))
        shutil.copy(here / "alerts_test.yaml", self.folder)
        done = run("test", "rules", "alerts_test.yaml", at=self.folder)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_alert_has_a_case_that_fires_one_beside_it_and_a_good_day(self):
        names = [r["alert"] for r in alerts()]
        self.assertEqual(len(names), len(set(names)))
        fired = {a["alertname"] for t in self.cases() for a in t["alert_rule_test"] if a["exp_alerts"]}
        quiet = {a["alertname"] for t in self.cases() if t["name"].endswith(" is quiet") for a in t["alert_rule_test"] if not a["exp_alerts"]}
        day = {a["alertname"] for t in self.cases() if t["name"].startswith("a good day") for a in t["alert_rule_test"]}
        for what in (fired, quiet, day):
            self.assertEqual(set(names), what)

    def test_what_an_alert_says_names_labels_that_it_has(self):
        labels = {a["alertname"]: a["exp_alerts"][0]["exp_labels"] for t in self.cases() for a in t["alert_rule_test"] if a["exp_alerts"]}
        for rule in alerts():
            said = " ".join(rule["annotations"].values())
            self.assertLessEqual(set(re.findall(r"\$labels\.(\w+)", said)), set(labels[rule["alert"]]), rule["alert"])
            self.assertIn(rule["labels"]["severity"], ("critical", "warning"), rule["alert"])

    def test_every_alert_has_its_entry_in_the_runbook_and_every_entry_its_alert(self):
        entries = re.findall(r"^### (Otagw\w+)$", (root / "docs/runbook.md").read_text(), re.MULTILINE)
        self.assertEqual(sorted(entries), sorted(r["alert"] for r in alerts()))
        for rule in of_kind(resources_of("production"), "PrometheusRule")[0]["spec"]["groups"]:
            for r in rule["rules"]:
                self.assertEqual(r["annotations"]["runbook_url"].split("#")[1], r["alert"].lower())

    def test_the_table_of_alerts_names_every_alert_in_their_order_and_no_other(self):
        table = re.findall(r"^\| \[(\w+)\]\(runbook.md#(\w+)\) \|", (root / "docs/kubernetes.md").read_text(), re.MULTILINE)
        self.assertEqual(table, [(r["alert"], r["alert"].lower()) for r in alerts()])

    def test_values_take_alerts_out_and_change_them(self):
        resources, why = template([], ["prometheusRule.enabled=true", 'prometheusRule.disabled=["OtagwDown"]',
                                       'prometheusRule.overrides={"OtagwSourceLag":{"for":"2h","labels":{"team":"ota"}}}'])
        rules_ = {r["alert"]: r for g in of_kind(resources, "PrometheusRule")[0]["spec"]["groups"] for r in g["rules"]}
        self.assertNotIn("OtagwDown", rules_, why)
        self.assertEqual(rules_["OtagwSourceLag"]["for"], "2h")
        self.assertEqual(rules_["OtagwSourceLag"]["labels"], {"severity": "warning", "team": "ota"})
        self.assertEqual(len(rules_), len(alerts()) - 1)


class boards(unittest.TestCase):
    def test_every_query_is_promql(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "queries.yaml"
            recorded = [{"record": f"query:{i}", "expr": q} for i, (_, q) in enumerate(queries())]
            file.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": recorded}]}))
            done = run("check", "rules", "--lint=none", file)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn(f"{len(recorded)} rules found", done.stdout)

    def test_panels_have_titles_places_and_a_source_of_their_own_dashboard(self):
        uids = set()
        for name, dashboard in dashboards().items():
            uids.add(dashboard["uid"])
            ids = [p["id"] for p in dashboard["panels"]]
            self.assertEqual(len(ids), len(set(ids)), name)
            taken = set()
            for p in panels(dashboard):
                self.assertTrue(p["title"] and p["targets"], f"{name} {p['title']}")
                self.assertEqual(p["datasource"]["uid"], "${datasource}", f"{name} {p['title']}")
                at = p["gridPos"]
                self.assertLessEqual(at["x"] + at["w"], 24)
                cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
                self.assertFalse(cells & taken, f"{name} {p['title']} lies on another panel")
                taken |= cells
        self.assertEqual(len(uids), 3)

    def test_the_chart_carries_them_unchanged(self):
        maps = [r for r in of_kind(resources_of("production"), "ConfigMap") if "-dashboard-" in r["metadata"]["name"]]
        carried = {file.removeprefix("otagw-"): json.loads(text) for m in maps for file, text in m["data"].items()}
        self.assertEqual(carried, dashboards())

    def test_the_reader_of_queries_finds_metrics_and_nothing_else(self):
        self.assertEqual(metrics_of('sum by (le, pod) (rate(a_total{x="b_total", y=~"c"}[5m])) / on (pod) group_left (z) max(d) > 0.5e3 and absent(e)'),
                         {"a_total", "d", "e"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
