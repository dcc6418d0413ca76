#!/usr/bin/env python3
"""The load balancers' files for the agents of nodes: each check names the workload that the traffic beside it goes to.

    node_balancers_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import re
import subprocess
import unittest

import product
from kustomize import rendered_here
from node_agent import web_and_dns
from product import NODE, ROOT, Form, one, options, settings
from programs import installed

WORKLOADS = {d["metadata"]["name"]: {port["nodePort"] for port in d["spec"]["ports"]}
             for d in rendered_here(ROOT / "deploy/examples/node-workloads") if d["kind"] == "Service"}
# How each file is cut into one part for each workload and node, and how a part names the health port, the path, the traffic.
FILES = {
    "haproxy/node.cfg": (r"^backend ", r" check port (\d+)", r"httpchk GET (\S+)", r"server \S+ [\d.]+:(\d+)"),
    "haproxy/node-agent.cfg": (r"^backend ", r" check port (\d+)", r"httpchk GET (\S+)", r"server \S+ [\d.]+:(\d+)"),
    "keepalived/node.conf": (r"^ +real_server ", r"connect_port (\d+)", r"path (\S+)", r"^[\d.]+ (\d+) \{"),
}


def monitored():
    """(monitor's text, pool's text) of each of the F5's pools."""
    text = settings("f5/node.conf")
    monitors = dict(re.findall(r"^ltm monitor http (\S+) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL))
    pools = dict(re.findall(r"^ltm pool (\S+) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL))
    used = {one(re.findall(r"^ +monitor (\S+)$", pool, re.MULTILINE)): pool for pool in pools.values()}
    if used.keys() != monitors.keys():
        raise AssertionError(f"monitors {sorted(monitors)}, used {sorted(used)}")
    return [(monitors[name], pool) for name, pool in used.items()]


def checks():
    """(file, health ports, paths, traffic's ports) of each check."""
    for name, (cut, *patterns) in FILES.items():
        for part in re.split(cut, settings(name), flags=re.MULTILINE)[1:]:
            yield name, *(set(re.findall(pattern, part, re.MULTILINE)) for pattern in patterns)
    for monitor, pool in monitored():
        yield ("f5/node.conf", set(re.findall(r"destination \*:(\d+)", monitor)), set(re.findall(r"GET (\S+)", monitor)),
               set(re.findall(r"/Common/[\d.]+:(\d+) \{", pool)))


class Files(unittest.TestCase):
    def test_each_check_asks_the_agent_for_the_workload_that_gets_the_traffic(self):
        seen = {}
        for name, ports, paths, traffic in checks():
            with self.subTest(name, paths=paths):
                self.assertEqual(ports, {str(Form(NODE).node_port("health"))})
                namespace, workload = re.fullmatch(r"/healthz/([^/]+)/([^/]+)", one(paths)).groups()
                self.assertEqual(namespace, "demo")
                self.assertIn(int(one(traffic)), WORKLOADS[workload])
                seen.setdefault(name, set()).add(workload)
        self.assertEqual(seen, dict.fromkeys([*FILES, "f5/node.conf"], set(WORKLOADS)) | {"keepalived/node.conf": {"dns"}})

    def test_every_file_for_nodes_is_among_them(self):
        there = {str(path.relative_to(ROOT / "deploy")) for path in (ROOT / "deploy").glob("*/node*.c*f*")}
        self.assertEqual(there, {*FILES, "f5/node.conf"})

    def test_haproxy_accepts_its_files(self):
        for name in [name for name in FILES if name.startswith("haproxy/")]:
            done = subprocess.run([installed("haproxy"), "-c", "-f", ROOT / "deploy" / name], capture_output=True, text=True,
                                  timeout=60)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn("WARNING", done.stderr)

    def test_haproxy_asks_check_and_agent_for_the_same_workload(self):
        form = Form(NODE, "agent")
        for part in re.split(r"^backend ", settings("haproxy/node-agent.cfg"), flags=re.MULTILINE)[1:]:
            path = one(re.findall(r"httpchk GET (\S+)", part))
            self.assertEqual(one(re.findall(r'agent-send "(.*)"', part)), path.removeprefix("/healthz/") + r"\n")
            self.assertIn("disable-on-404", part)
        self.assertEqual(form.option("DRAIN_STATUS"), "404")
        self.assertEqual(one(re.findall(r"agent-check agent-port (\d+)", settings("haproxy/node-agent.cfg"))),
                         str(form.node_port("agent")))

    def test_keepalived_accepts_its_file(self):
        done = subprocess.run([installed("keepalived"), "-t", "-f", ROOT / "deploy/keepalived/node.conf"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_they_wait_longer_than_the_agent_may_take_and_than_it_takes_to_replace_it(self):
        answer = int(options()["ANSWER_TIMEOUT"].removesuffix("ms"))
        for name in [name for name in FILES if name.startswith("haproxy/")]:
            self.assertGreater(int(one(re.findall(r"timeout check (\d+)ms", settings(name)))), answer)
            fastinter, fall = one(set(re.findall(r"fastinter (\d+)ms rise \d+ fall (\d+)", settings(name))))
            self.assertGreaterEqual((int(fall) - 1) * int(fastinter), 7000)
        text = settings("keepalived/node.conf")
        self.assertGreater(int(one(set(re.findall(r"connect_timeout (\d+)", text)))) * 1000, answer)
        self.assertGreaterEqual(int(one(set(re.findall(r"\bretry (\d+)", text)))), 7)


class Answers(unittest.TestCase):
    """With the real agent: the pod of `web` is ready, that of `dns` is not, and there is no other."""

    @classmethod
    def setUpClass(cls):
        cls.cluster, cls.agent = web_and_dns(cls, "--drain-status", "404")
        cls.agent.wait_for("/nodez", 200)

    def test_each_path_is_up_while_its_workload_is(self):
        for name, _, paths, _ in checks():
            path = one(paths)
            answer = self.agent.wait_for(path, 200 if path.endswith("/web") else 500)
            self.assertIn(b"X-Load-Balancing-Endpoint-Weight: %d\r\n" % path.endswith("/web"), answer, name)

    def test_a_path_that_names_no_workload_is_down(self):
        for path in ["/", "/healthz", "/health", "/healthz/web"]:
            self.assertIn(b" 500 WorkloadNotNamed\r\n", self.agent.wait_for(path, 500))
        self.assertIn(b" 500 NoPodOnNode\r\n", self.agent.wait_for("/healthz/demo/smtp", 500))

    def test_what_f5_compares_tells_up_from_down_and_from_a_drain(self):
        for monitor, _ in monitored():
            request = one(re.findall(r'\bsend "(.*)"$', monitor, re.MULTILINE)).replace("\\r\\n", "\r\n").encode()
            up, drain = (one(re.findall(rf'\b{word} "(.*)"', monitor)).encode() for word in ["recv", "recv-disable"])
            self.assertEqual(bool(re.search(up, self.agent.ask(request))), b"/web " in request)
            self.assertIsNone(re.search(drain, self.agent.ask(request)))
        self.cluster.put("node-a", "web", True, leaving=True)
        self.addCleanup(self.agent.wait_for, "/healthz/demo/web", 200)
        self.addCleanup(self.cluster.put, "node-a", "web", True)
        self.agent.wait_for("/healthz/demo/web", 404)
        request = one(m for m, _ in monitored() if "/demo/web " in m)
        up, drain = (one(re.findall(rf'\b{word} "(.*)"', request)) for word in ["recv", "recv-disable"])
        answer = self.agent.wait_for("/healthz/demo/web", 404).decode()
        self.assertTrue(re.search(drain, answer) and not re.search(up, answer))


if __name__ == "__main__":
    product.main(verbosity=2)
