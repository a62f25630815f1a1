"""helm/otagw as Kubernetes would read it: rendered with every set of values and held against other people's schemas."""
import functools
import json
import pathlib
import re
import subprocess
import tempfile
import unittest

import kubernetes_validate
import yaml

from rendered import canary, chart, notes, one, resources_of, root, run_helm, sets, template, tools

# It reads its megabytes of definitions for each resource anew.
kubernetes_validate.utils.schema_contents = functools.cache(kubernetes_validate.utils.schema_contents)

custom = ("keda.sh/", "monitoring.coreos.com/")


def custom_resources():
    return [r for name in sets for r in resources_of(name) if r["apiVersion"].startswith(custom)]


class schemas(unittest.TestCase):
    def test_helm_lints_every_set_of_values(self):
        for name, files in sets.items():
            with self.subTest(name):
                done = run_helm("lint", "--strict", chart, *(w for f in files for w in ("-f", f)))
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_kubernetes_knows_every_resource_of_the_oldest_and_the_newest_version(self):
        oldest = re.search(r'kubeVersion: ">=(\d+\.\d+)', (chart / "Chart.yaml").read_text()).group(1)
        seen = set()
        for version in (oldest, kubernetes_validate.latest_version()):
            for name in sets:
                for r in resources_of(name):
                    if r["apiVersion"].startswith(custom):
                        continue
                    with self.subTest(f"{version} {name} {r['kind']}/{r['metadata']['name']}"):
                        kubernetes_validate.validate(r, version, strict=True)
                        seen.add(r["kind"])
        self.assertLessEqual({"StatefulSet", "Service", "ConfigMap", "Ingress", "NetworkPolicy", "PodDisruptionBudget", "Job", "CronJob",
                              "HorizontalPodAutoscaler", "ServiceAccount", "Pod"}, seen)

    def test_a_fault_in_a_resource_would_be_seen(self):
        broken = json.loads(json.dumps(one(resources_of("grown"), "StatefulSet")))
        broken["spec"]["template"]["spec"]["containers"][0]["readyness"] = {}
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(broken, kubernetes_validate.latest_version(), strict=True)

    def judge_custom(self, resources):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "resources.json"
            file.write_text(json.dumps(resources))
            return subprocess.run(["node", root / "tests/helm/custom_resources.mjs", file], cwd=tools / "npm", capture_output=True, text=True)

    def test_the_projects_schemas_know_every_custom_resource(self):
        resources = custom_resources()
        self.assertEqual({r["kind"] for r in resources}, {"ScaledObject", "TriggerAuthentication", "ServiceMonitor", "PrometheusRule"})
        done = self.judge_custom(resources)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        broken = json.loads(json.dumps(one(resources_of("everything"), "ScaledObject")))
        broken["spec"]["scaleTargetRef"]["name"] = 7
        self.assertEqual(self.judge_custom([broken]).returncode, 1, "a fault would not be seen")

    def test_no_custom_resource_has_a_field_that_its_kind_does_not_know(self):
        """The CRDs drop unknown fields silently; TypeScript says them."""
        known, unknown = self.compile(custom_resources()), self.compile([self.with_unknown_field()])
        self.assertEqual(known.returncode, 0, known.stdout)
        self.assertIn("pollingIntervall", unknown.stdout)

    def with_unknown_field(self):
        broken = json.loads(json.dumps(one(resources_of("everything"), "ScaledObject")))
        broken["spec"]["pollingIntervall"] = 30
        return broken

    def compile(self, resources):
        homes = {"keda.sh": "keda", "monitoring.coreos.com": "prometheus-operator"}
        lines = []
        for i, r in enumerate(resources):
            path = f"@kubernetes-models/{homes[r['apiVersion'].split('/')[0]]}/{r['apiVersion']}/{r['kind']}"
            lines.append(f'import type {{ I{r["kind"]} as type{i} }} from "{path}";\nexport const r{i}: type{i} = {json.dumps(r)};')
        with tempfile.TemporaryDirectory(dir=tools / "npm") as folder:
            file = pathlib.Path(folder) / "resources.ts"
            file.write_text("\n".join(lines))
            return subprocess.run(["node", tools / "npm/node_modules/typescript/bin/tsc", "--noEmit", "--skipLibCheck", "--strict", "--module",
                                   "nodenext", "--moduleResolution", "nodenext", "--target", "es2022", file], capture_output=True, text=True)


class values(unittest.TestCase):
    def refused(self, files, words, why):
        resources, said = template(files, words)
        self.assertIsNone(resources, f"{words} was taken")
        self.assertIn(why, said)

    def test_a_value_that_nobody_knows_is_refused(self):
        for word in ("replica=3", "dm.ingres.enabled=true", "keyEncryptionKey.value=abc", "postgres.password=abc", "persistence.accessModes=[\"ReadWriteMany\"]"):
            with self.subTest(word):
                self.refused([], [word], "values don't meet the specifications of the schema")

    def test_every_default_stands_in_the_schema_and_every_entry_of_the_schema_in_the_defaults(self):
        schema = json.loads((chart / "values.schema.json").read_text())

        def compare(at, entry, value):
            if entry.get("additionalProperties") is not False:
                return
            have, known = set(value), set(entry["properties"]) - {"global"}
            self.assertLessEqual(have, known, at)
            if at.count(".") < 2 and not at.endswith(("persistence", "probes.startup", "probes.liveness", "probes.readiness", "updateStrategy")):
                self.assertLessEqual(known, have, at)
            for key in have:
                if isinstance(value[key], dict) and "properties" in entry["properties"].get(key, {}):
                    compare(f"{at}.{key}".strip("."), entry["properties"][key], value[key])
        compare("", schema, yaml.safe_load((chart / "values.yaml").read_text()))

    def test_a_secret_in_the_settings_is_refused(self):
        grown = [sets["grown"][0]]
        for word in (
            'settings.queue.properties={"sasl.password":"%s"}' % canary,
            'settings.queue.properties={"ssl.key.pem":"%s"}' % canary,
            'settings.queue.properties={"sasl.oauthbearer.client.secret":"%s"}' % canary,
            'settings.store.password=%s' % canary,
            'settings.store.password=${file:/x}%s' % canary,
            'settings.routes=[{"name":"a","host":"h","system_id":"s","password":"%s"}]' % canary,
            'settings.http.api_tokens=["%s"]' % canary,
            'settings.store.connection=postgresql://otagw:%s@db/otagw' % canary,
            'settings.store.connection=host=db password=%s' % canary,
        ):
            with self.subTest(word):
                resources, said = template(grown, [word])
                self.assertIsNone(resources, "it was taken")
                self.assertRegex(said, "by reference only|has a password in it")
                self.assertNotIn(canary, said.replace(word, ""))

    def test_what_cannot_work_is_refused(self):
        grown = [sets["grown"][0]]
        for files, words, why in (
            ([], ["mode=grown"], "settings.store.connection"),
            ([], ["settings.store.kind=postgres"], "want mode: grown"),
            ([], ["keda.enabled=true"], "want mode: grown"),
            (grown, ["settings.queue.kind=embedded"], "wants store.kind postgres and queue.kind kafka"),
            (grown, ["keda.enabled=true", "autoscaling.enabled=true"], "one of the two"),
            (grown, ["smscPasswords.nobody.existingSecret=a", "smscPasswords.nobody.key=b"], "no route"),
            (grown, ["terminationGracePeriodSeconds=20"], "is too short"),
            (grown, ["settings.flow.drain_deadline=90s", "terminationGracePeriodSeconds=100"], "are 110"),
            (grown, ["settings.flow.drain_deadline=soon"], "drain_deadline"),
            (grown, ["dm.ingress.enabled=true"], "dm.ingress.host"),
            (grown, ["settings.bip.port=9000"], "wants bip.enabled"),
            (grown, ["keda.enabled=true", 'settings.queue.properties={"security.protocol":"SASL_SSL"}'], "which KEDA reads too"),
            (grown, ["keda.enabled=true", 'settings.queue.properties={"security.protocol":"SSL","ssl.ca.location":"/ca.pem"}'], "which KEDA does not see"),
            (grown, ["keda.enabled=true", "keda.tls.existingSecret=a", 'settings.queue.properties={"security.protocol":"SSL","ssl.certificate.location":"/c.pem"}'], "certKey and keyKey"),
            (grown, ["prometheusRule.enabled=true", "prometheusRule.disabled={OtagwNothing}"], "there is no alert OtagwNothing"),
            ([], ['secretFiles=[{"existingSecret":"a","key":"k","file":"x"},{"existingSecret":"b","key":"k","file":"x"}]'], "named twice"),
        ):
            with self.subTest(f"{words}"):
                self.refused(files, words, why)

    def test_the_production_set_gives_cause_for_no_warning(self):
        self.assertNotIn("WARNING", notes(sets["production"]))
        careless = notes(sets["production"], ["http.tls.existingSecret=", "persistence.grown=false", "networkPolicy.enabled=false"])
        self.assertEqual(re.findall(r"WARNING: ([^:]*):", careless), ["bearer tokens go in clear to the HTTP port",
                                                                     "the audit log lies in the data directory, and ends with its pod",
                                                                     "networkPolicy.enabled is false"])

    def test_the_notes_warn_of_who_is_shut_out_and_of_a_store_that_ends_with_its_pod(self):
        shut_out, ends = "networkPolicy.httpFrom is empty", "persistence.enabled is false"
        self.assertNotIn(shut_out, notes(sets["everything"]))
        self.assertIn(shut_out, notes([], ["dm.ingress.enabled=true", "dm.ingress.host=dm.example"]))
        self.assertIn(shut_out, notes([], ["serviceMonitor.enabled=true"]))
        self.assertNotIn(ends, notes())
        self.assertIn(ends, notes([], ["persistence.enabled=false"]))

    def test_the_notes_ask_the_port_in_the_scheme_that_it_speaks(self):
        self.assertIn("8080:8080 &\n    curl http://127.0.0.1:8080/readyz", notes())
        self.assertIn("8080:80 &\n    curl --insecure https://127.0.0.1:8080/readyz", notes(sets["everything"]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
