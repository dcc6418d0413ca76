"""Real load balancers with the files of deploy/, at the addresses that the files name, in a network of this process's own."""

import contextlib
import csv
import os
import pathlib
import socket
import subprocess
import tempfile
import time
import unittest

import own_network
import product
from product import BINARY, ROOT, read
from programs import LONG_ENOUGH, Program, installed

NODES = ["192.0.2.11", "192.0.2.12"]
REFUSAL = ""  # why this process has no network of its own
USER = os.getuid()


def main():
    global REFUSAL
    REFUSAL = own_network.enter(NODES)
    product.main(verbosity=2)


class Balanced(unittest.TestCase):
    """A network with two nodes, and a directory."""

    def setUp(self):
        if REFUSAL:
            product.skip(self, REFUSAL)
        self.directory = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_program(self, *command, **options):
        program = Program(*command, **options)
        self.addCleanup(program.stop)
        return program

    def file(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return path


class RunsHaproxy(Balanced):
    def start(self, file, name="haproxy"):
        """With a socket to ask for its state, and nothing else that the file does not say."""
        address = self.directory / f"{name}.socket"
        extra = self.file(f"{name}-socket.cfg", f"global\n    stats socket {address}\n")
        program = self.run_program(installed("haproxy"), "-db", "-f", file, "-f", extra)
        program.address = str(address)
        return program

    def statuses(self, program, backend="game-nodeport"):
        """{"node-a": ("UP", "L7OK")} of the backend."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(LONG_ENOUGH)
            connection.connect(program.address)
            connection.sendall(b"show stat\n")
            text = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        rows = csv.DictReader(text.removeprefix("# ").splitlines())
        return {row["svname"]: (row["status"], row["check_status"].removeprefix("* ")) for row in rows
                if row["pxname"] == backend and row["svname"].startswith("node")}

    def wait(self, program, wanted, backend="game-nodeport"):
        deadline = time.monotonic() + LONG_ENOUGH
        while True:
            with contextlib.suppress(OSError):  # it has not started yet
                now = self.statuses(program, backend)
                if wanted(now):
                    return now
            if time.monotonic() > deadline:
                raise AssertionError("\n".join(program.lines))
            time.sleep(0.02)


class RunsKeepalived(Balanced):
    def setUp(self):
        super().setUp()
        if USER:
            self.skipTest("keepalived sets the groups of its scripts, which takes root")

    def preloaded(self):
        """tests/unit/deploy/ipvs_table.c, which keepalived takes for the kernel's."""
        library = self.directory / "ipvs_table.so"
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-o", library,
                        ROOT / "tests/unit/deploy/ipvs_table.c"], check=True, timeout=60)
        # The checks inherit it; the address sanitizer wants to be the first library, unless an option says otherwise.
        options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        return os.environ | {"LD_PRELOAD": str(library), "ASAN_OPTIONS": options}

    def start(self, name, environment):
        text = read(f"deploy/{name}")
        # The directory of the build is not root's alone.
        text = text.replace("/usr/local/bin/http-healthcheck-sidecar", str(BINARY)).replace("enable_script_security", "")
        pid = self.directory / pathlib.Path(name).stem
        return self.run_program(installed("keepalived"), "-n", "-l", "-D", "-C", "-f", self.file(f"{pid.name}.conf", text),
                                "-p", f"{pid}.pid", "-c", f"{pid}.checkers.pid", env=environment)
