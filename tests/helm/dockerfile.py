"""A Dockerfile, taken apart, and its steps done in a root directory of debootstrap: there is no container engine where the tests run."""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess


class step:
    def __init__(self, line, word, rest):
        self.line, self.word, self.rest = line, word, rest

    def __repr__(self):
        return f"Dockerfile:{self.line}: {self.word} {self.rest}"


class stage:
    def __init__(self, name, image):
        self.name, self.image, self.steps = name, image, []

    def of(self, word):
        return [s for s in self.steps if s.word == word]

    def last(self, word):
        return json.loads(self.of(word)[-1].rest)


known = {"ARG", "FROM", "RUN", "COPY", "LABEL", "USER", "WORKDIR", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD"}


def read(file):
    """The stages by name, with the defaults of the arguments filled in."""
    stages, arguments, text, began = {}, {}, "", 0
    current = None
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if line.lstrip().startswith("#") or (not line.strip() and not text):
            continue
        began = began or number
        text += line.strip() + " "
        if line.endswith("\\"):
            text = text.rstrip(" \\") + " "
            continue
        word, rest = text.split(None, 1)
        rest = re.sub(r"\$\{(\w+)\}", lambda m: arguments[m.group(1)], rest.strip())
        assert word in known, f"{file}:{began}: {word} is not replayed here"
        if word == "ARG" and current is None:
            name, arguments_default = rest.split("=", 1)
            arguments[name] = arguments_default
        elif word == "FROM":
            image, name = re.fullmatch(r"(\S+) AS (\S+)", rest).groups()
            current = stages[name] = stage(name, image)
        else:
            current.steps.append(step(began, word, rest))
        text, began = "", 0
    return stages


def mirror():
    """Where this machine has its packages from."""
    said = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE)"], capture_output=True, text=True).stdout.split()
    return next((s for s in said if s.endswith("/debian")), "http://deb.debian.org/debian")


class replay:
    """A stage's root directory. `others` are the roots that COPY --from names, by stage."""

    def __init__(self, stage_, root, context, others):
        self.stage, self.root, self.context, self.others = stage_, pathlib.Path(root), context, others
        self.folder = "/"

    def run(self):
        suite = re.fullmatch(r"debian:(\w+)-slim", self.stage.image).group(1)
        # buildd and slim differ in documents and locales alone; minbase is what both begin with.
        self.do("debootstrap", "--variant=minbase", suite, self.root, mirror())
        for s in self.stage.steps:
            if s.word == "RUN":
                self.inside("/bin/sh", "-ec", f"cd {shlex.quote(self.folder)}; {s.rest}")
            elif s.word == "COPY":
                self.copy(s)
            elif s.word == "WORKDIR":
                self.folder = s.rest
                (self.root / s.rest.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def inside(self, *command):
        script = 'mount --bind /proc "$0/proc" && mount --bind /dev "$0/dev" && cp -L /etc/resolv.conf "$0/etc/resolv.conf" 2>/dev/null; exec chroot "$0" "$@"'
        clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LANG": "C"}
        passed = {k: v for k, v in os.environ.items() if k.lower().endswith("_proxy")}
        self.do("unshare", "--mount", "sh", "-c", script, self.root, *command, env={**clean, **passed})

    def copy(self, s):
        words = s.rest.split()
        where = self.context
        if words[0].startswith("--from="):
            where = self.others[words.pop(0).removeprefix("--from=")]
        *sources, to = words
        target = self.root / (to if to.startswith("/") else f"{self.folder}/{to}").lstrip("/")
        for source in sources:
            from_ = pathlib.Path(str(where) + "/" + source)
            if from_.is_dir():
                shutil.copytree(from_, target, dirs_exist_ok=True, ignore=self.left_out if where == self.context else None)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(from_, target)

    def left_out(self, folder, names):
        wanted = (self.context / ".dockerignore").read_text().split()
        at_top = pathlib.Path(folder) == self.context
        return [n for n in names if (at_top and n in wanted) or f"**/{n}" in wanted]

    def do(self, *command, env=None):
        done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env)
        assert done.returncode == 0, f"{shlex.join(str(c) for c in command)}\n{done.stdout[-4000:]}"
