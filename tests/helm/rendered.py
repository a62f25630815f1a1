"""The chart as `helm template` renders it: shared by the tests of this folder."""
import functools
import os
import pathlib
import shutil
import subprocess
import tempfile

import yaml

root = pathlib.Path(os.environ["OTA_SOURCE_DIR"])
tools = pathlib.Path(os.environ["OTA_HELM_TOOLS"])
chart = root / "helm/otagw"
helm = tools / "bin/helm"
promtool = tools / "bin/promtool"

# Every set of values that comes with the chart, and none: the defaults.
sets = {"defaults": [], **{f.stem: [f] for f in sorted((root / "helm/values").glob("*.yaml"))}}
sets["maintenance-grown"] = [root / "helm/values/grown.yaml", root / "helm/values/maintenance.yaml"]

# A string that no rendering has of its own: what stands for a secret in these tests.
canary = "canary-7f1c2a"


def run_helm(*arguments):
    environment = {**os.environ, "HELM_CACHE_HOME": str(tools / "cache"), "HELM_CONFIG_HOME": str(tools / "config")}
    return subprocess.run([helm, *map(str, arguments)], capture_output=True, text=True, env=environment)


def template(files=(), words=(), release="rel", chart=chart):
    """The outcome of `helm template`: (resources, '') or (None, why not)."""
    arguments = ["template", release, chart, "--namespace", "ota"]
    for file in files:
        arguments += ["-f", file]
    for word in words:
        arguments += ["--set-json" if '={"' in word or "=[" in word else "--set", word]
    done = run_helm(*arguments)
    if done.returncode != 0:
        return None, done.stderr
    return [d for d in yaml.safe_load_all(done.stdout) if d], ""


def notes(files=(), words=()):
    """NOTES.txt as an installation prints it. `helm template` leaves it out, so a copy of the chart has it in a resource."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(chart, pathlib.Path(folder) / "otagw")
        (copy / "templates/notes.yaml").write_text(
            'kind: Notes\nmetadata: {name: notes}\ntext: {{ include (print .Template.BasePath "/NOTES.txt") . | toJson }}\n')
        resources, why = template(files, words, chart=copy)
        assert resources is not None, why
        return one(resources, "Notes")["text"]


@functools.cache
def resources_of(name):
    resources, why = template(sets[name])
    assert resources is not None, f"{name}: {why}"
    return resources


def of_kind(resources, *kinds):
    return [r for r in resources if r["kind"] in kinds]


def one(resources, kind, ending=""):
    found = [r for r in of_kind(resources, kind) if r["metadata"]["name"].endswith(ending)]
    assert len(found) == 1, f"{len(found)} of {kind} *{ending}"
    return found[0]


def pod_specs(resources):
    """(name, pod spec) of everything that makes pods."""
    for r in resources:
        name = f"{r['kind']}/{r['metadata']['name']}"
        if r["kind"] == "Pod":
            yield name, r["spec"]
        elif r["kind"] in ("StatefulSet", "Job"):
            yield name, r["spec"]["template"]["spec"]
        elif r["kind"] == "CronJob":
            yield name, r["spec"]["jobTemplate"]["spec"]["template"]["spec"]


def containers(spec):
    return spec.get("initContainers", []) + spec["containers"]
