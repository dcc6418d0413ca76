#!/usr/bin/env python3
"""The files of deploy/haproxy, against the real haproxy and what the manifests and the components set.

    haproxy_files_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import re
import subprocess
import unittest

import product
from product import BALANCED, PREFIX, ROOT, Form, one, options, read, settings
from programs import installed


class Haproxy(unittest.TestCase):
    def files(self):
        """Each file, with the form of deployment that it is for."""
        yield "haproxy/haproxy.cfg", Form("native-sidecar")
        for name in BALANCED:
            yield f"haproxy/{name}.cfg", Form("native-sidecar", name)

    def test_it_accepts_the_files(self):
        for name, _ in self.files():
            if name == "haproxy/tls.cfg":
                continue  # it wants its certificates: the integration tests start it with some
            with self.subTest(name):
                done = subprocess.run([installed("haproxy"), "-c", "-f", ROOT / "deploy" / name], capture_output=True,
                                      text=True, timeout=60)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotIn("WARNING", done.stderr)

    def test_their_backends_meet_the_nodes_ports(self):
        for name, form in self.files():
            _, nodeport, *hostport = re.split(r"^backend ", settings(name), flags=re.MULTILINE)
            for section, forms in [(nodeport, [form, Form("classic")]), *((s, [Form("daemonset")]) for s in hostport)]:
                servers = re.findall(r"^ +server \S+ [\d.]+:(\d+) check port (\d+)$", section, re.MULTILINE)
                self.assertEqual(len(servers), 2)
                for served in forms:
                    ports = (str(served.node_port("lobby")), str(served.node_port("health")))
                    self.assertEqual(servers, [ports] * 2, name)

    def test_sessions_outlive_a_500_but_where_a_drain_is_told_from_it(self):
        for name, _ in self.files():
            self.assertEqual("shutdown-sessions" in settings(name), name == "haproxy/drain.cfg", name)

    def test_a_404_is_a_drain_where_the_sidecar_says_it(self):
        for name, form in self.files():
            self.assertEqual("disable-on-404" in settings(name), form.option("DRAIN_STATUS") == "404", name)

    def test_it_asks_the_agent_where_there_is_one(self):
        for name, form in self.files():
            ports = re.findall(r"agent-check agent-port (\d+)", settings(name))
            self.assertEqual(ports, [str(form.node_port("agent"))] if form.option("AGENT_LISTEN") else [], name)

    def test_it_uses_tls_where_the_sidecar_does(self):
        for name, form in self.files():
            self.assertEqual("check-ssl" in settings(name), bool(form.option("TLS_CERT")), name)

    def test_the_integration_tests_run_what_the_components_set(self):
        source = read("tests/integration/deploy_haproxy_test.cpp")
        for name in ["drain", "agent", "watch"]:
            tested = dict(re.findall(r'\{"(\w+)", "([^"]+)"\}',
                                     one(re.findall(rf"variables {name}_options(\{{.*\}});$", source, re.MULTILINE))))
            added = {key.removeprefix(PREFIX): value for key, value in Form("native-sidecar", name).environment.items()
                     if key not in Form("native-sidecar").environment}
            self.assertEqual(tested, added | ({"AGENT_LISTEN": "{agent}"} if name == "agent" else {}))

    def test_it_waits_longer_than_the_sidecar_may_take(self):
        for name, _ in self.files():
            timeouts = re.findall(r"timeout check (\d+)ms", settings(name))
            self.assertTrue(timeouts)
            for timeout in timeouts:
                self.assertGreater(int(timeout), int(options()["ANSWER_TIMEOUT"].removesuffix("ms")))


if __name__ == "__main__":
    product.main()
