"""What the pods of the chart may do, what they are given, and what the real program says to their settings."""
import functools
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

from rendered import canary, containers, of_kind, one, pod_specs, resources_of, root, sets, template

program = os.environ["OTAGW_PROGRAM"]


def everywhere():
    for name in sets:
        for pod, spec in pod_specs(resources_of(name)):
            yield f"{name} {pod}", spec


class pods(unittest.TestCase):
    def test_every_pod_keeps_to_the_restricted_standard_and_a_root_that_nobody_writes(self):
        for name, spec in everywhere():
            of_pod = spec["securityContext"]
            self.assertTrue(of_pod["runAsNonRoot"], name)
            self.assertGreater(of_pod["runAsUser"], 0, name)
            self.assertEqual(of_pod["seccompProfile"], {"type": "RuntimeDefault"}, name)
            self.assertFalse(spec["automountServiceAccountToken"], name)
            for key in ("hostNetwork", "hostPID", "hostIPC"):
                self.assertNotIn(key, spec, name)
            for volume in spec.get("volumes", []):
                self.assertNotIn("hostPath", volume, name)
            for c in containers(spec):
                of_container = c["securityContext"]
                self.assertFalse(of_container["allowPrivilegeEscalation"], f"{name} {c['name']}")
                self.assertTrue(of_container["readOnlyRootFilesystem"], f"{name} {c['name']}")
                self.assertEqual(of_container["capabilities"], {"drop": ["ALL"]}, f"{name} {c['name']}")
                self.assertIn("memory", c["resources"]["limits"], f"{name} {c['name']}")

    def test_every_mount_has_its_volume_and_what_is_written_is_no_configuration(self):
        for name, spec in everywhere():
            claims = {"data"} if name.split()[1].startswith("StatefulSet") else set()
            volumes = {v["name"]: v for v in spec.get("volumes", [])}
            for c in containers(spec):
                for mount in c.get("volumeMounts", []):
                    self.assertIn(mount["name"], volumes.keys() | claims, name)
                    volume = volumes.get(mount["name"], {})
                    if "projected" in volume or "secret" in volume or "configMap" in volume:
                        self.assertTrue(mount.get("readOnly"), f"{name} {mount}")

    def test_a_pod_gets_longer_to_end_than_the_drain_takes(self):
        for name, least in (("defaults", 30 + 5 + 15), ("production", 45 + 5 + 15), ("everything", 300)):
            set_ = one(resources_of(name), "StatefulSet")
            self.assertEqual(set_["spec"]["template"]["spec"]["terminationGracePeriodSeconds"], least, name)
        for drain, wanted in (("250ms", 21), ("2m", 140), ("1h", 3620)):
            resources, why = template(words=[f"settings.flow.drain_deadline={drain}"])
            self.assertIsNotNone(resources, why)
            self.assertEqual(one(resources, "StatefulSet")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"], wanted)

    def test_each_instance_has_its_number_and_its_place_in_the_group(self):
        for name in ("embedded", "grown", "production", "everything"):
            gateway = one(resources_of(name), "StatefulSet")["spec"]["template"]["spec"]["containers"][0]
            self.assertEqual(gateway["args"][-2:], ["--instance", "$(POD_INDEX)"], name)
            from_field = {e["name"]: e["valueFrom"]["fieldRef"]["fieldPath"] for e in gateway["env"] if "fieldRef" in e.get("valueFrom", {})}
            self.assertEqual(from_field["POD_INDEX"], "metadata.labels['apps.kubernetes.io/pod-index']", name)
            settings = settings_of(resources_of(name))
            self.assertEqual(settings.get("queue", {}).get("instance_id"), None if name == "embedded" else "${env:POD_NAME}", name)
            self.assertEqual(from_field["POD_NAME"], "metadata.name", name)

    def test_the_probes_are_those_of_the_program(self):
        served = (root / "gateway/http/health.cpp").read_text()
        gateway = one(resources_of("production"), "StatefulSet")["spec"]["template"]["spec"]["containers"][0]
        for probe, path in (("startupProbe", "/startupz"), ("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
            self.assertEqual(gateway[probe]["httpGet"]["path"], path)
            self.assertIn(f'"{path}"', served)

    def test_an_embedded_gateway_is_one_pod_with_a_volume(self):
        for name in ("defaults", "minimal", "embedded"):
            resources = resources_of(name)
            spec = one(resources, "StatefulSet")["spec"]
            self.assertEqual(spec["replicas"], 1)
            self.assertEqual(len(spec["volumeClaimTemplates"]), 1)
            self.assertEqual(of_kind(resources, "PodDisruptionBudget", "CronJob", "HorizontalPodAutoscaler", "ScaledObject"), [], name)
        resources, why = template(words=["persistence.existingClaim=mine", "replicas=9"])
        spec = one(resources, "StatefulSet")["spec"]
        self.assertNotIn("volumeClaimTemplates", spec)
        self.assertEqual(spec["replicas"], 1)
        self.assertIn({"name": "data", "persistentVolumeClaim": {"claimName": "mine"}}, spec["template"]["spec"]["volumes"])

    def test_an_autoscaler_owns_the_number_of_pods(self):
        self.assertEqual(one(resources_of("production"), "StatefulSet")["spec"]["replicas"], 5)
        for name in ("autoscaled", "everything"):
            self.assertNotIn("replicas", one(resources_of(name), "StatefulSet")["spec"], name)
        scaled = one(resources_of("everything"), "ScaledObject")["spec"]
        self.assertGreaterEqual(scaled["minReplicaCount"], 1)
        trigger = scaled["triggers"][0]
        self.assertTrue(all(isinstance(v, str) for v in trigger["metadata"].values()), trigger)
        self.assertEqual(trigger["metadata"]["lagThreshold"], "20000")
        self.assertEqual((trigger["metadata"]["sasl"], trigger["metadata"]["tls"]), ("scram_sha512", "enable"))
        shows = one(resources_of("everything"), "TriggerAuthentication")
        self.assertEqual(trigger["authenticationRef"]["name"], shows["metadata"]["name"])
        self.assertEqual({t["parameter"]: t["key"] for t in shows["spec"]["secretTargetRef"]},
                         {"username": "user", "password": "pass", "ca": "ca.crt"})

    def test_in_maintenance_one_pod_sleeps_and_nothing_else_runs(self):
        resources = resources_of("maintenance-grown")
        spec = one(resources, "StatefulSet")["spec"]
        self.assertEqual((spec["replicas"], spec["template"]["spec"]["containers"][0]["command"]), (1, ["/bin/sleep", "infinity"]))
        self.assertEqual(of_kind(resources, "CronJob", "Job", "HorizontalPodAutoscaler", "ScaledObject"), [])

    def test_services_find_the_gateway_and_only_it(self):
        for name in sets:
            resources = resources_of(name)
            labels = one(resources, "StatefulSet")["spec"]["template"]["metadata"]["labels"]
            for service in of_kind(resources, "Service"):
                self.assertLessEqual(service["spec"]["selector"].items(), labels.items(), name)
            ports = {p["name"]: p for p in one(resources, "StatefulSet")["spec"]["template"]["spec"]["containers"][0]["ports"]}
            for service in of_kind(resources, "Service"):
                for port in service["spec"]["ports"]:
                    self.assertEqual(ports[port["targetPort"]]["protocol"], port["protocol"], name)
            for other in of_kind(resources, "Job", "CronJob", "Pod"):
                text = json.dumps(other)
                self.assertNotIn('"app.kubernetes.io/component": "gateway"', text, f"{name} {other['kind']}")
        bip = one(resources_of("everything"), "Service", "-bip")["spec"]
        self.assertEqual((bip["sessionAffinity"], bip["externalTrafficPolicy"]), ("ClientIP", "Local"))

    def test_devices_reach_dm_and_nothing_else_from_outside(self):
        paths = one(resources_of("production"), "Ingress")["spec"]["rules"][0]["http"]["paths"]
        self.assertEqual([(p["path"], p["pathType"]) for p in paths], [("/dm", "Exact")])

    def test_the_network_lets_out_to_what_the_settings_name(self):
        def ports(name):
            policy = one(resources_of(name), "NetworkPolicy")["spec"]
            return sorted(p["port"] for rule in policy["egress"] for p in rule["ports"] if p["protocol"] == "TCP" and p["port"] != 53)
        self.assertEqual(ports("defaults"), [])
        self.assertEqual(ports("embedded"), [2775])
        self.assertEqual(ports("production"), [2775, 3550, 5432, 9093])
        self.assertEqual(ports("autoscaled"), [2775, 5432, 5433, 9092])
        self.assertEqual(ports("everything"), [443, 2775, 5433, 9092, 9094])

    def test_the_preflight_runs_before_anything_of_the_release_is_there(self):
        for name in sets:
            if name.startswith("maintenance"):
                continue
            job = one(resources_of(name), "Job")
            hooks = job["metadata"]["annotations"]
            self.assertEqual(hooks["helm.sh/hook"], "pre-install,pre-upgrade")
            spec = job["spec"]["template"]["spec"]
            maps = [s["configMap"]["name"] for v in spec["volumes"] for s in v.get("projected", {}).get("sources", []) if "configMap" in s]
            own = one(resources_of(name), "ConfigMap", "-preflight")
            self.assertLess(int(own["metadata"]["annotations"]["helm.sh/hook-weight"]), int(hooks["helm.sh/hook-weight"]))
            self.assertEqual(maps[0], own["metadata"]["name"])
            self.assertEqual(spec["serviceAccountName"], "default", "that of the release is not there yet")
            ran = [c["args"][:-2] for c in containers(spec) if "args" in c]
            self.assertEqual(ran[0], ["check"])
            self.assertEqual(["store", "migrate"] in ran, name in ("grown", "production", "autoscaled", "everything"), name)


def settings_of(resources):
    data = next(r["data"] for r in of_kind(resources, "ConfigMap") if "otagw.yaml" in r["data"])
    return yaml.safe_load(data["otagw.yaml"])


class secrets(unittest.TestCase):
    names = re.compile(r"(?i)(passw|secret|token|\.pem$|jaas)")

    def leaves(self, value, key=""):
        if isinstance(value, dict):
            for k, v in value.items():
                yield from self.leaves(v, str(k))
        elif isinstance(value, list):
            for v in value:
                yield from self.leaves(v, key)
        else:
            yield key, value

    def test_no_configmap_and_no_secret_of_the_chart_holds_a_secret(self):
        for name in sets:
            resources = resources_of(name)
            self.assertEqual(of_kind(resources, "Secret"), [], "Secrets are the operator's own")
            for r in of_kind(resources, "ConfigMap"):
                for file, text in r["data"].items():
                    self.assertNotRegex(text, r"PRIVATE KEY|://[^/\s:@]+:[^/\s@]+@", f"{name} {file}")
                    if not file.endswith((".yaml", ".yml")):
                        continue
                    for key, value in self.leaves(yaml.safe_load(text)):
                        if self.names.search(key):
                            self.assertRegex(str(value), r"^\$\{(file|env):[^}]+\}$", f"{name} {file} {key}")

    def test_every_reference_of_the_settings_leads_to_a_secret_that_is_mounted(self):
        seen = set()
        for name in sets:
            resources = resources_of(name)
            text = json.dumps(settings_of(resources))
            for pod, spec in pod_specs(resources):
                for c in containers(spec):
                    if "--config" not in c.get("args", []):
                        continue
                    there = files_of(spec, c)
                    environment = {e["name"] for e in c["env"]}
                    for path in re.findall(r"\$\{file:([^}]+)\}", text) + re.findall(r"/run/otagw/[^\s\"',}]+", text):
                        self.assertIn(path, there, f"{name} {pod} {c['name']}")
                        seen.add(path)
                    self.assertLessEqual(set(re.findall(r"\$\{env:([^}]+)\}", text)), environment, f"{name} {pod} {c['name']}")
        self.assertLessEqual({"/run/otagw/keys/kek", "/run/otagw/secrets/kafka-password", "/run/otagw/secrets/smsc-smsc-a"}, seen)

    def test_the_old_and_the_new_token_of_a_caller_are_two_files(self):
        resources = resources_of("everything")
        of_caller = [t["file"] for t in settings_of(resources)["http"]["tokens"] if t["name"] == "back-end"]
        volume = next(v for v in one(resources, "StatefulSet")["spec"]["template"]["spec"]["volumes"] if v["name"] == "secrets")
        keys = {i["path"]: i["key"] for source in volume["projected"]["sources"] for i in source["secret"]["items"]}
        self.assertEqual([keys[pathlib.Path(file).name] for file in of_caller], ["back-end", "back-end-next"])

    def test_the_key_file_is_its_owners_alone_by_the_time_the_gateway_starts(self):
        for name, spec in everywhere():
            if not any("--config" in c.get("args", []) for c in containers(spec)):
                continue
            copy = spec["initContainers"][0]
            self.assertEqual(copy["command"][:3], ["/usr/bin/install", "-m", "0400"], name)
            self.assertEqual(copy["command"][4], "/run/otagw/keys/kek", name)
            keys = next(v for v in spec["volumes"] if v["name"] == "keys")
            self.assertEqual(keys["emptyDir"]["medium"], "Memory", name)


def files_of(spec, container):
    """The files that a container sees below its projected and copied volumes."""
    found = set()
    for mount in container["volumeMounts"]:
        volume = next((v for v in spec["volumes"] if v["name"] == mount["name"]), {})
        for source in volume.get("projected", {}).get("sources", []):
            for part in source.values():
                found |= {f"{mount['mountPath']}/{i['path']}" for i in part["items"]}
        if mount["name"] == "keys":
            found.add(mount["mountPath"] + "/kek")
    return found


@functools.cache
def certificate():
    """(certificate, key) of a server, PEM."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj",
                        "/CN=otagw", "-keyout", "key.pem", "-out", "crt.pem"], cwd=folder, check=True, capture_output=True)
        return (pathlib.Path(folder) / "crt.pem").read_text(), (pathlib.Path(folder) / "key.pem").read_text()


def secret_for(path):
    if path.startswith("token-"):
        return f"{canary}-{path}-0123456789"
    return {"http-tls.crt": certificate()[0], "http-tls.key": certificate()[1]}.get(path, canary[:8])


class settings(unittest.TestCase):
    """`otagw check`, on the files as the kubelet would lay them."""

    def lay(self, folder, name):
        """Mounts of the gateway's container below `folder`; returns the settings file with its paths moved there."""
        resources = resources_of(name)
        spec = one(resources, "StatefulSet")["spec"]["template"]["spec"]
        maps = {r["metadata"]["name"]: r["data"] for r in of_kind(resources, "ConfigMap")} | maps_of_others()
        for mount in spec["containers"][0]["volumeMounts"]:
            at = pathlib.Path(str(folder) + mount["mountPath"])
            volume = next((v for v in spec["volumes"] if v["name"] == mount["name"]), {})
            # As the kubelet does: everything in ..data, and links to its first level beside it.
            real = at / "..data"
            for source in volume.get("projected", {}).get("sources", []):
                for kind, part in source.items():
                    for item in part["items"]:
                        file = real / item["path"]
                        file.parent.mkdir(parents=True, exist_ok=True)
                        file.write_text(maps[part["name"]][item["key"]] if kind == "configMap" else secret_for(item["path"]))
                        file.chmod(0o644 if kind == "configMap" else 0o440)
            for entry in (real.iterdir() if real.exists() else ()):
                (at / entry.name).symlink_to(f"..data/{entry.name}")
        keys = pathlib.Path(f"{folder}/run/otagw/keys")
        keys.mkdir(parents=True)
        (keys / "kek").write_text("00" * 32)
        (keys / "kek").chmod(0o400)
        share = pathlib.Path(f"{folder}/usr/share/otagw")
        share.mkdir(parents=True)
        (share / "profiles").symlink_to(root / "config/profiles")
        file = pathlib.Path(f"{folder}/etc/otagw/otagw.yaml")
        text = file.read_text()
        for path in ("/run/otagw", "/var/lib/otagw", "/usr/share/otagw"):
            text = text.replace(path, f"{folder}{path}")
        moved = file.parent / "moved.yaml"
        moved.write_text(text)
        return moved, spec["containers"][0]

    def check(self, name):
        with tempfile.TemporaryDirectory() as folder:
            file, container = self.lay(folder, name)
            given = {e["name"]: "otagw-0" if e["name"] == "POD_NAME" else canary[:8] for e in container["env"]}
            done = subprocess.run([program, "check", "--config", file], env={**os.environ, **given}, capture_output=True, text=True)
            return done.returncode, done.stdout + done.stderr

    def test_the_program_takes_the_settings_of_every_set_of_values(self):
        warnings = {}
        for name in sets:
            with self.subTest(name):
                code, said = self.check(name)
                self.assertEqual(code, 0, said)
                warnings[name] = said.count(": warning: ")
        self.assertEqual(warnings["production"], 0, "the production set raises warnings")


def maps_of_others():
    """The ConfigMaps that everything.yaml expects to be there: made of the samples."""
    samples = {f.name: f.read_text() for f in (root / "config/profiles").glob("*.yaml")}
    objects = {f.name: f.read_text() for f in (root / "config/management-objects").glob("*.xml")}
    first = {f"factory-{f.name}": f.read_text() for f in (root / "config/management-objects/factory").glob("*.xml")}
    return {"profiles": samples, "management-objects": objects | first}


if __name__ == "__main__":
    unittest.main(verbosity=2)
