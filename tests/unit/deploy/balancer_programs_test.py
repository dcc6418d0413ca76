#!/usr/bin/env python3
"""Files of deploy/ with the real load balancer, in front of real sidecars, at the addresses that the files name.

    balancer_programs_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import contextlib
import csv
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import unittest

import own_network
import product
from product import BINARY, ROOT, Form, one, read
from programs import LONG_ENOUGH, Node, Program, Sidecar, installed

NODES = ["192.0.2.11", "192.0.2.12"]
HEALTH_PORT = Form("native-sidecar").node_port("health")
REFUSAL = ""  # why this process has no network of its own
USER = 0


def readiness_period():
    container = Form("native-sidecar").pod["containers"][0]
    return container["readinessProbe"]["periodSeconds"]


class Balanced(unittest.TestCase):
    """Two nodes with a sidecar each, and a directory."""

    @classmethod
    def setUpClass(cls):
        if REFUSAL:
            return  # setUp says so
        cls.up, cls.down, cls.drain = Sidecar("true"), Sidecar("false"), Sidecar("true", drain=True)
        for sidecar in (cls.up, cls.down, cls.drain):
            cls.addClassCleanup(sidecar.stop)

    def setUp(self):
        if REFUSAL:
            product.skip(self, REFUSAL)
        self.directory = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.node_a, self.node_b = (Node(address, HEALTH_PORT) for address in NODES)
        for node in (self.node_a, self.node_b):
            self.addCleanup(node.stop)
            node.serve(self.down)

    def run_program(self, *command, **options):
        program = Program(*command, **options)
        self.addCleanup(program.stop)
        return program

    def file(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return path


def haproxy_version():
    text = subprocess.run([installed("haproxy"), "-v"], check=True, capture_output=True, text=True, timeout=20).stdout
    return tuple(int(number) for number in one(re.findall(r"version (\d+)\.(\d+)", text)))


class Haproxy(Balanced):
    def start(self, file, name="haproxy"):
        """With a socket to ask for its state, and nothing else that the file does not say."""
        address = self.directory / f"{name}.socket"
        extra = self.file(f"{name}-socket.cfg", f"global\n    stats socket {address}\n")
        program = self.run_program(installed("haproxy"), "-db", "-f", file, "-f", extra)
        program.address = str(address)
        return program

    def statuses(self, program):
        """{"node-a": ("UP", "L7OK")} of game-nodeport."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(LONG_ENOUGH)
            connection.connect(program.address)
            connection.sendall(b"show stat\n")
            text = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        rows = csv.DictReader(text.removeprefix("# ").splitlines())
        return {row["svname"]: (row["status"], row["check_status"].removeprefix("* ")) for row in rows
                if row["pxname"] == "game-nodeport" and row["svname"].startswith("node")}

    def wait(self, program, wanted):
        deadline = time.monotonic() + LONG_ENOUGH
        while True:
            with contextlib.suppress(OSError):  # it has not started yet
                now = self.statuses(program)
                if wanted(now):
                    return now
            if time.monotonic() > deadline:
                raise AssertionError("\n".join(program.lines))
            time.sleep(0.02)

    def test_it_waits_out_a_restart_of_the_kubelet(self):
        """Beside it the file with the fall of 3 that would not, so that this test can fail."""
        text = read("deploy/haproxy/haproxy.cfg")
        self.assertIn("fall 6", text)
        hasty = self.start(self.file("hasty.cfg", text.replace("fall 6", "fall 3")), "hasty")
        shipped = self.start(ROOT / "deploy/haproxy/haproxy.cfg")
        self.node_a.serve(self.up)
        self.node_b.serve(self.up)
        for program in (shipped, hasty):
            self.wait(program, lambda now: set(now.values()) == {("UP", "L7OK")})
        self.node_a.serve(self.down)
        self.wait(shipped, lambda now: now["node-a"][1] == "L7STS")
        time.sleep(readiness_period())  # what is tested: that long after the first failed check it is still up
        self.node_a.serve(self.up)
        self.wait(shipped, lambda now: now["node-a"][1] == "L7OK")
        self.assertEqual(shipped.has_said("game-nodeport/node-a is DOWN"), [])
        hasty.says("game-nodeport/node-a is DOWN")
        self.node_a.serve(self.down)
        shipped.says('game-nodeport/node-a is DOWN.*info: "StateOverride"')

    def test_from_3_1_on_no_server_is_up_before_its_checks_have_passed(self):
        if haproxy_version() < (3, 1):
            self.skipTest("init-state needs HAProxy 3.1: HAPROXY=/path/haproxy runs this with another one")
        for name in ["haproxy-3.1.cfg", *(["haproxy-3.4.cfg"] if haproxy_version() >= (3, 4) else [])]:
            with self.subTest(name):
                self.node_a.serve(self.down)
                self.node_b.serve(self.up)
                program = self.start(ROOT / "deploy/haproxy" / name, name)
                program.says("game-nodeport/node-b is UP")
                now = self.wait(program, lambda now: now["node-a"][1] == "L7STS")
                self.assertEqual((now["node-a"][0], now["node-b"][0]), ("DOWN", "UP"))
                self.assertEqual(program.has_said("game-nodeport/node-a is UP"), [])
                self.node_a.serve(self.up)
                program.says("game-nodeport/node-a is UP")


class Keepalived(Balanced):
    def preloaded(self):
        """tests/unit/deploy/ipvs_table.c, which keepalived takes for the kernel's."""
        library = self.directory / "ipvs_table.so"
        subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-o", library,
                        ROOT / "tests/unit/deploy/ipvs_table.c"], check=True, timeout=60)
        # The checks inherit it; the address sanitizer wants to be the first library, unless it is told not to.
        options = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        return os.environ | {"LD_PRELOAD": str(library), "ASAN_OPTIONS": options}

    def start(self, name, environment):
        text = read(f"deploy/{name}")
        # The directory of the build is not root's alone.
        text = text.replace("/usr/local/bin/http-healthcheck-sidecar", str(BINARY)).replace("enable_script_security", "")
        pid = self.directory / pathlib.Path(name).stem
        return self.run_program(installed("keepalived"), "-n", "-l", "-D", "-C", "-f", self.file(f"{pid.name}.conf", text),
                                "-p", f"{pid}.pid", "-c", f"{pid}.checkers.pid", env=environment)

    def test_its_servers_weights_follow_the_pods(self):
        if USER:
            self.skipTest("keepalived sets the groups of its scripts, which takes root")
        environment = self.preloaded()
        self.node_a.serve(self.up)
        check, probe = (self.start(name, environment) for name in
                        ["keepalived/keepalived.conf", "probe/keepalived-misc-check.conf"])
        check.says("ipvs: add 192.0.2.11:31777 weight 0$")
        check.says("ipvs: edit 192.0.2.11:31777 weight 1$")
        probe.says("ipvs: add 192.0.2.11:31777 weight 100$")
        with self.subTest("a drain"):
            self.node_a.serve(self.drain)
            probe.says("ipvs: edit 192.0.2.11:31777 weight 0$")
        with self.subTest("down"):
            self.node_a.serve(self.down)
            check.says("ipvs: edit 192.0.2.11:31777 weight 0$")
            probe.says("ipvs: delete 192.0.2.11:31777 ")
        with self.subTest("up again"):
            self.node_a.serve(self.up)
            check.says("ipvs: edit 192.0.2.11:31777 weight 1$")
            probe.says("ipvs: add 192.0.2.11:31777 weight 100$")
        for program in (check, probe):  # alpha: what has never been up gets nothing
            self.assertEqual(program.has_said(r"ipvs: \w+ 192.0.2.12:31777 weight [^0]"), [])


if __name__ == "__main__":
    USER = os.getuid()
    REFUSAL = own_network.enter(NODES)
    product.main(verbosity=2)
