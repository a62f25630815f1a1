"""The image as the Dockerfile makes it, without an engine. What the file says is read always. With OTAGW_LONG=1, and root, its steps are
done in root directories of debootstrap: the program is built with nothing but what the build stage installs, and run in what the other
stage makes. OTAGW_LONG=runtime leaves the build out and takes the optimised program of this tree."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.request

import dockerfile

source = pathlib.Path(os.environ["OTA_SOURCE_DIR"])
stages = dockerfile.read(source / "Dockerfile")
program = pathlib.Path(os.environ["OTAGW_RELEASE_PROGRAM"])
long = os.environ.get("OTAGW_LONG", "")

# In a mount and process namespace of its own: a root that nobody writes, the program as process 1, its user without any privilege.
enter = """set -e
mount --bind "$1" "$1"; mount -t proc proc "$1/proc"; mount --bind "$2" "$1/var/lib/otagw"; mount --bind "$3" "$1/etc/otagw"
mount --bind /dev/null "$1/dev/null"; mount --bind /dev/urandom "$1/dev/urandom"; mount -t tmpfs tmpfs "$1/tmp"
mount -o remount,bind,ro "$1"; root=$1; shift 3
exec chroot --userspec=10001:10001 --groups= "$root" setpriv --no-new-privs "$@"
"""


def package_of(library):
    """Debian's package of a file; with a merged /usr the package may know it by either path."""
    for path in {library, os.path.realpath(library), library.removeprefix("/usr"), "/usr" + library}:
        said = subprocess.run(["dpkg", "-S", path], capture_output=True, text=True)
        if said.returncode == 0:
            return said.stdout.split(":")[0]
    raise AssertionError(f"{library} belongs to no package")


class file(unittest.TestCase):
    def test_the_image_has_the_packages_of_the_programs_own_libraries_and_no_others(self):
        if 'VERSION_CODENAME=bookworm' not in pathlib.Path("/etc/os-release").read_text():
            self.skipTest("the program of this machine is linked with libraries of another Debian than the image's")
        words = stages["runtime"].of("RUN")[0].rest.split("install -y --no-install-recommends")[1].split("&&")[0].split()
        dynamic = subprocess.run(["objdump", "-p", program], capture_output=True, text=True, check=True).stdout
        wanted = set(re.findall(r"NEEDED\s+(\S+)", dynamic))
        loaded = dict(re.findall(r"^\s*(\S+) => (\S+) ", subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout, re.MULTILINE))
        needed = {package_of(loaded[name]) for name in wanted if name in loaded} - {"libc6", "libgcc-s1", "libstdc++6"}
        given = set(words) - {"ca-certificates", "sqlite3", "tzdata"}
        # libstdc++6 and libgcc-s1 come with every library of C++.
        self.assertEqual(given, needed)

    def test_it_runs_as_nobody_in_particular_and_says_so_after_everything_that_root_does(self):
        runtime = stages["runtime"]
        self.assertEqual([s.rest for s in runtime.of("USER")], ["10001:10001"])
        self.assertLess(max(s.line for s in runtime.of("RUN") + runtime.of("COPY")), runtime.of("USER")[0].line)
        values = (source / "helm/otagw/values.yaml").read_text()
        self.assertIn("runAsUser: 10001", values)

    def test_both_stages_begin_with_the_same_debian_and_the_version_is_the_programs(self):
        self.assertEqual(stages["build"].image, stages["runtime"].image)
        version = re.search(r"project\(otagw VERSION (\S+)", (source / "CMakeLists.txt").read_text()).group(1)
        chart = (source / "helm/otagw/Chart.yaml").read_text()
        self.assertIn(f"appVersion: {version}\n", chart)

    def test_what_is_copied_is_there_and_the_chart_calls_programs_that_the_image_has(self):
        for s in stages["runtime"].of("COPY"):
            if not s.rest.startswith("--from="):
                self.assertTrue((source / s.rest.split()[0]).exists(), s)
        self.assertEqual(stages["runtime"].last("ENTRYPOINT"), ["/usr/bin/otagw"])


@unittest.skipUnless(long, "./dev test --full replays the Dockerfile")
class image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="otagw-image."))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        built = cls.folder / "build"
        if long == "1":
            dockerfile.replay(stages["build"], built, source, {}).run()
        else:
            taken = built / "src/build/release/bin/otagw"
            taken.parent.mkdir(parents=True)
            subprocess.run(["strip", "--strip-unneeded", "-o", taken, program], check=True)
        cls.root = cls.folder / "root"
        dockerfile.replay(stages["runtime"], cls.root, source, {"build": built}).run()
        for name in ("dev/null", "dev/urandom"):
            (cls.root / name).touch()
        (cls.root / "etc/otagw").mkdir()

    def setUp(self):
        self.data = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        self.config = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        os.chown(self.data, 10001, 10001)
        self.config.chmod(0o755)

    def command(self, *words):
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", enter, "sh", self.root, self.data, self.config, *words]

    def run_inside(self, *words):
        return subprocess.run(self.command(*words), capture_output=True, text=True, timeout=120)

    def test_every_library_of_the_program_is_there(self):
        said = self.run_inside("ldd", "/usr/bin/otagw")
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertNotIn("not found", said.stdout)
        self.assertEqual(self.run_inside("id", "-u").stdout.strip(), "10001")
        for name in ("/usr/bin/install", "/bin/sleep", "/bin/bash", "/usr/bin/sqlite3"):  # the chart and its guide call them
            self.assertTrue(os.access(f"{self.root}{name}", os.X_OK), name)

    def test_it_has_no_compiler_no_sources_and_no_setuid_surprise(self):
        for name in ("usr/bin/g++", "usr/bin/cmake", "usr/bin/git", "src", "usr/include/boost"):
            self.assertFalse((self.root / name).exists(), name)
        octets = sum(f.lstat().st_size for f in self.root.rglob("*") if f.is_file() and not f.is_symlink() and "/proc/" not in str(f))
        print(f"  the image's files: {octets / 1e6:.0f} MB, the program {(self.root / 'usr/bin/otagw').stat().st_size / 1e6:.1f} MB")
        self.assertLess(octets, 250e6)

    def test_the_samples_in_it_are_good(self):
        (self.config / "otagw.yaml").write_text("profile_files: [%s]\n" % ", ".join(
            f"/usr/share/otagw/profiles/{f.name}" for f in sorted((source / "config/profiles").glob("*.yaml"))))
        said = self.run_inside("/usr/bin/otagw", "check", "--config", "/etc/otagw/otagw.yaml")
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)

    def test_it_serves_on_a_read_only_root_as_process_1_and_ends_on_a_signal(self):
        (self.config / "otagw.yaml").write_text(
            "data_directory: /var/lib/otagw/data\nkey_encryption_key_file: /var/lib/otagw/kek\nhttp: {address: 127.0.0.1, port: 0}\n"
            "routes: [{name: nowhere, host: 127.0.0.1, port: 9, system_id: otagw}]\nprofile_files: [/usr/share/otagw/profiles/usim-aes.yaml]\n")
        made = self.run_inside("/usr/bin/otagw", "keys", "generate", "/var/lib/otagw/kek")
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertNotEqual(self.run_inside("touch", "/usr/bin/x").returncode, 0, "the root can be written")
        runtime = stages["runtime"]
        words = runtime.last("ENTRYPOINT") + runtime.last("CMD")
        gateway = subprocess.Popen(self.command(*words), stderr=subprocess.PIPE, text=True)
        try:
            port = next(json.loads(line)["http_port"] for line in gateway.stderr if '"started"' in line)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/startupz", timeout=30) as answer:
                self.assertEqual(answer.status, 200)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
                self.assertIn(b"otagw_route_binds_up", answer.read())
            os.kill(self.child_of(gateway.pid), signal.SIGTERM)
            said = gateway.stderr.read()
            self.assertEqual(gateway.wait(timeout=120), 0, said)
            self.assertIn('"stopped"', said)
        finally:
            if gateway.poll() is None:
                gateway.kill()
            gateway.wait()
            gateway.stderr.close()

    def child_of(self, pid):
        """What `unshare --fork` started: process 1 of the namespace."""
        return int(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


if __name__ == "__main__":
    missing = [t for t in ("debootstrap", "unshare", "chroot", "setpriv") if long and not shutil.which(t)]
    if missing:
        sys.exit(f"image: {', '.join(missing)} missing (./dev deps)")
    if long and os.geteuid() != 0:
        sys.exit("image: only root can lay a root directory and enter it; run the long tests as root")
    unittest.main(verbosity=2)
