"""Every metric that an alert or a dashboard names is one that the running program exports. The names are read from its /metrics, with a
PostgreSQL behind it, so that the figures of several instances are among them."""
import glob
import json
import os
import pathlib
import pwd
import re
import subprocess
import tempfile
import unittest
import urllib.request

from queries import metrics_of, queries, synthetic
from rendered import one, resources_of, root

program = os.environ["OTAGW_PROGRAM"]


def postgres_bin():
    found = sorted(glob.glob(os.environ.get("OTAGW_POSTGRES_BIN", "/usr/lib/postgresql/*/bin")))
    assert found, "no initdb: install the package postgresql-15 (./dev deps), or set OTAGW_POSTGRES_BIN"
    return pathlib.Path(found[-1])


class database:
    """A server of the test's own on a socket in `folder`; it refuses to run as root."""

    def __init__(self, folder):
        self.folder = folder
        self.who = []
        if os.geteuid() == 0:
            user = next(u for u in ("postgres", "nobody") if u in {p.pw_name for p in pwd.getpwall()})
            self.who = ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--clear-groups"]
            os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        made = subprocess.run([*self.who, postgres_bin() / "initdb", "-D", folder / "data", "-U", "otagw", "-A", "trust", "-E", "UTF8", "--locale=C",
                               "--no-sync"], capture_output=True, text=True, cwd="/")
        assert made.returncode == 0, made.stderr
        self.log = open(folder.parent / "postgres.log", "w")
        self.process = subprocess.Popen([*self.who, postgres_bin() / "postgres", "-D", folder / "data", "-c", "listen_addresses=", "-c",
                                         f"unix_socket_directories={folder}", "-c", "fsync=off"], stderr=self.log, stdout=self.log, cwd="/")

    def stop(self):
        self.process.send_signal(2)
        self.process.wait(timeout=60)
        self.log.close()


class figures(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="otagw-figures.")))
        self.folder.chmod(0o711)
        socket = self.folder / "database"
        socket.mkdir()
        self.server = database(socket)
        self.addCleanup(self.server.stop)
        self.settings = self.folder / "otagw.yaml"
        self.settings.write_text(
            f"data_directory: {self.folder}/gateway\nkey_encryption_key_file: {self.folder}/kek\nhttp: {{port: 0}}\n"
            f"store: {{kind: postgres, connection: host={socket} dbname=postgres user=otagw}}\n"
            "bip: {address: 127.0.0.1, port: 0, public: {address: 127.0.0.1, port: 9000}}\n"
            "routes: [{name: nowhere, host: 127.0.0.1, port: 9, system_id: otagw}]\n"
            f"profile_files: [{root}/config/profiles/usim-aes.yaml]\n")
        self.otagw("keys", "generate", self.folder / "kek")
        # As the chart's jobs do: without a data directory.
        for job in (["check"], ["store", "migrate"], ["store", "prune"]):
            self.otagw(*job, "--config", self.settings)

    def otagw(self, *words):
        done = subprocess.run([program, *map(str, words)], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def exported(self):
        """The names of series of a gateway that has rejected one event: reasons are told by code only once there is one."""
        gateway = subprocess.Popen([program, "run", "--config", self.settings], stderr=subprocess.PIPE, text=True)
        try:
            port = None
            for line in gateway.stderr:
                said = json.loads(line) if line.startswith("{") else {"message": line}
                if said["message"] == "started":
                    port = said["http_port"]
                    self.otagw("publish", "--config", self.settings, "--card", "89882110000000000002", "--op", "replace", "--node",
                               "./SC/USIM/SPN", "--format", "chr", "--value", "x", "--id", "figures-1")
                if said["message"] == "event rejected":
                    break
            self.assertIsNotNone(port, "the gateway did not start")
            self.reach(port)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
                text = answer.read().decode()
        finally:
            gateway.terminate()
            gateway.stderr.read()
            gateway.wait(timeout=120)
            gateway.stderr.close()
        return set(re.findall(r"^([a-z_:][\w:]*)", text, re.MULTILINE)), text

    def reach(self, port):
        """What `helm test` runs, on this gateway; and on a page that it does not have."""
        pod = one(resources_of("embedded"), "Pod", "-test")["spec"]
        self.assertEqual({c["command"][4] for c in pod["containers"]}, {"/startupz", "/metrics"})
        for path, good in (*((c["command"][4], True) for c in pod["containers"]), ("/nothing", False)):
            command = [w.replace("/dev/tcp/otagw/8080", f"/dev/tcp/127.0.0.1/{port}") for w in pod["containers"][0]["command"]]
            done = subprocess.run([*command[:4], path], capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode == 0, good, f"{path}: {done.stdout[-500:]}{done.stderr}")

    def test_alerts_and_dashboards_name_metrics_that_the_program_exports(self):
        names, text = self.exported()
        self.assertGreater(len(names), 40)
        wanted = {}
        for where, query in queries():
            for metric in metrics_of(query) - synthetic:
                wanted.setdefault(metric, []).append(where)
        self.assertEqual({m: w for m, w in wanted.items() if m not in names}, {}, "no such metric")
        self.labels(text)
        self.table(text)
        unused = sorted(n for n in names if n not in wanted and not re.search(r"_(bucket|sum|count)$", n))
        print(f"  {len(names)} names exported, {len(wanted)} of them in alerts and dashboards; not there: {', '.join(unused) or 'none'}")

    def table(self, text):
        """docs/operations.md names every metric, and no other. `_window` behind `otagw_route_binds_up` stands for `otagw_route_window`."""
        families = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
        named = set()
        for cell in re.findall(r"^\| (`otagw_[^|]*)\|", (root / "docs/operations.md").read_text(), re.MULTILINE):
            words = []
            for name in re.findall(r"`(\w+)`", cell):
                if name.startswith("_"):
                    short = words[0].split("_")
                    longer = ["_".join(short[:n]) + name for n in range(len(short) - 1, 0, -1)]
                    name = next((one for one in longer if one in families), longer[-1])
                words.append(name)
            named |= set(words)
        self.assertEqual((sorted(families - named), sorted(named - families)), ([], []), "not in the table; not exported")

    def labels(self, text):
        """Values of labels that alerts pick out are values that the program tells."""
        for where, query in queries():
            for metric, inside in re.findall(r"(otagw_\w+)\{([^}]*)\}", query):
                for label, how, value in re.findall(r'(state|reason)(=~?|!=)"([^"]*)"', inside):
                    told = set(re.findall(rf'^{metric}\{{[^}}]*{label}="([^"]*)"', text, re.MULTILINE))
                    for one in value.split("|") if how == "=~" else [value]:
                        self.assertIn(one, told, f"{where}: {metric} has no {label} {one}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
