#!/usr/bin/env python3
"""Files of deploy/ with the real load balancer, in front of real sidecars, at the addresses that the files name.

    balancer_programs_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import re
import subprocess
import time

import run_balancers
from product import ROOT, Form, one, read
from programs import Node, Sidecar, installed
from run_balancers import NODES, Balanced, RunsHaproxy, RunsKeepalived, main

HEALTH_PORT = Form("native-sidecar").node_port("health")


def readiness_period():
    container = Form("native-sidecar").pod["containers"][0]
    return container["readinessProbe"]["periodSeconds"]


class TwoSidecars(Balanced):
    """Two nodes with a sidecar each."""

    @classmethod
    def setUpClass(cls):
        if run_balancers.REFUSAL:
            return  # setUp says so
        cls.up, cls.down, cls.drain = Sidecar("true"), Sidecar("false"), Sidecar("true", drain=True)
        for sidecar in (cls.up, cls.down, cls.drain):
            cls.addClassCleanup(sidecar.stop)

    def setUp(self):
        super().setUp()
        self.node_a, self.node_b = (Node(address, HEALTH_PORT) for address in NODES)
        for node in (self.node_a, self.node_b):
            self.addCleanup(node.stop)
            node.serve(self.down)


def haproxy_version():
    text = subprocess.run([installed("haproxy"), "-v"], check=True, capture_output=True, text=True, timeout=20).stdout
    return tuple(int(number) for number in one(re.findall(r"version (\d+)\.(\d+)", text)))


class Haproxy(TwoSidecars, RunsHaproxy):
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


class Keepalived(TwoSidecars, RunsKeepalived):
    def test_its_servers_weights_follow_the_pods(self):
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
    main()
