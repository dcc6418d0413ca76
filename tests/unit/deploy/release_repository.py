"""A small repository with what a build of it leaves, and scripts/release in it: for release_test.py."""

import functools
import os
import pathlib
import platform
import shutil
import subprocess
import tempfile

NAME = "http-healthcheck-sidecar"
CC = os.environ.get("CC", "cc")
COMMITTED = 1_700_000_000  # the commit's time
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-02\n\n* A thing.\n\n## [1.2.2] - 2026-01-01\n\n* Another.\n"
FILES = {
    "CMakeLists.txt": f"project({NAME} VERSION 1.2.3 LANGUAGES CXX)\n",
    "CHANGELOG.md": CHANGELOG, "README.md": "read\n", "LICENSE": "free\n", ".gitignore": "/build/\n/dist/\n",
    "scripts/sbom": '#!/bin/sh\necho "sbom of $1 $(sha256sum <"$2")"\n',
    "scripts/licenses": '#!/bin/sh\nmkdir -m 700 "$2"; grep -o "^sbom of [^ ]*" "$1" >"$2/any"\n',
    f"deploy/chart/{NAME}/Chart.yaml": "name: any\n",
    f"deploy/chart/{NAME}/templates/all.yaml": "{{ all }}\n",
}
BUILT = {f"manual/{NAME}.8": "man", f"manual/{NAME}": "bash", f"manual/_{NAME}": "zsh", f"manual/{NAME}.fish": "fish"}
HELM = """#!/bin/bash
while [[ $# -gt 1 ]]; do
  case $1 in --version) version=$2 ;; --app-version) app=$2 ;; --destination) to=$2 ;; esac
  shift
done
mkdir -p "$to/made"; cp -r "$1" "$to/made"; cd "$to/made"
echo "$version of $app" >"$(basename "$1")/Chart.yaml"
tar -czf "$to/$(basename "$1")-$version.tgz" "$(basename "$1")"
"""
# Runs a program that is only said to be for another machine.
EMULATOR = """#!/bin/sh
set -e
cp "$1" "$0.program"; chmod 755 "$0.program"
printf 'NUMBER\\000' | dd of="$0.program" bs=1 seek=18 conv=notrunc status=none
shift
exec "$0.program" "$@"
"""
PRESETS = {"amd64": "release", "arm64": "release-arm64"}
MACHINES = {"amd64": 62, "arm64": 183}  # EM_X86_64, EM_AARCH64
NATIVE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine())


def write(path, text, executable=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755 if executable else 0o644)


@functools.cache
def program(arch, version="1.2.3"):
    """It says the version, and is said to be for that machine."""
    with tempfile.TemporaryDirectory() as directory:
        built = pathlib.Path(directory, "program")
        subprocess.run([CC, "-xc", "-o", built, "-"], check=True, timeout=60, text=True,
                       input=f'#include <stdio.h>\nint main(void) {{ puts("{NAME} {version}"); }}\n')
        content = bytearray(built.read_bytes())
    content[18:20] = MACHINES[arch].to_bytes(2, "little")
    return bytes(content)


class Repository:
    def __init__(self, directory, script):
        self.at = pathlib.Path(directory)
        self.tools = self.at / ".git" / "tools"
        self.env = os.environ | {"PATH": f"{self.tools}:{os.environ['PATH']}", "GIT_CONFIG_GLOBAL": "/dev/null",
                                 "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
                                 "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
                                 "GIT_AUTHOR_DATE": f"{COMMITTED} +0000", "GIT_COMMITTER_DATE": f"{COMMITTED} +0000"}
        for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "CI"]:
            self.env.pop(variable, None)
        for path, text in FILES.items():
            write(self.at / path, text, executable=path.startswith("scripts/"))
        shutil.copy(script, self.at / "scripts" / "release")
        self.git("init", "--quiet")
        self.commit()
        # A strip for each machine, wherever the test runs; what it takes away is the binutils' affair.
        for arch, triple in [("amd64", "x86_64-linux-gnu"), ("arm64", "aarch64-linux-gnu")]:
            write(self.tools / f"{triple}-strip", f'#!/bin/sh\n{{ cat "$3"; echo stripped for {arch}; }} >"$2"\n', True)
        for emulator in ["qemu-x86_64-static", "qemu-aarch64-static"]:
            write(self.tools / emulator, EMULATOR.replace("NUMBER", f"\\{MACHINES[NATIVE]:03o}"), True)
        write(self.tools / "helm", HELM, True)
        for arch, preset in PRESETS.items():
            for path, text in BUILT.items():
                write(self.at / "build" / preset / path, text)
            self.build(arch, program(arch))

    def build(self, arch, content):
        path = self.at / "build" / PRESETS[arch] / NAME
        path.write_bytes(content)
        path.chmod(0o755)

    def git(self, *arguments):
        subprocess.run(["git", *arguments], cwd=self.at, env=self.env, check=True, capture_output=True, timeout=30)

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=any")

    def change(self, path, old, new):
        text = (self.at / path).read_text()
        if old not in text:
            raise AssertionError(f"{path} has no {old}")
        (self.at / path).write_text(text.replace(old, new))

    def release(self, *arguments, umask=0o022, **env):
        return subprocess.run([self.at / "scripts" / "release", "--built", *arguments], cwd="/", env=self.env | env,
                              umask=umask, capture_output=True, text=True, timeout=60)

    def released(self, *arguments, **keywords):
        """File name -> content, of a release that must succeed."""
        with tempfile.TemporaryDirectory() as directory:
            done = self.release(*arguments, directory, **keywords)
            if done.returncode != 0:
                raise AssertionError(done.stderr)
            return {path.name: path.read_bytes() for path in pathlib.Path(directory).iterdir()}
