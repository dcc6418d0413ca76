#!/usr/bin/env python3
"""The metrics and the status page's facts of node mode are those of docs/monitoring.md.

    node_metrics_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import http.client
import json
import re
import socket
import subprocess
import unittest

import monitoring
import product
from node_agent import web_and_dns
from product import literal, table_rows
from programs import LONG_ENOUGH


class NodeMetrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with socket.create_server(("127.0.0.1", 0)) as free:
            cls.status = free.getsockname()[1]
        _, cls.agent = web_and_dns(cls, "--status-listen", f"127.0.0.1:{cls.status}")
        cls.agent.wait_for("/healthz/demo/web", 200)

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.status, timeout=LONG_ENOUGH)
        self.addCleanup(connection.close)
        connection.request("GET", path)
        return connection.getresponse().read().decode()

    def test_each_is_documented_and_promtool_finds_nothing_wrong(self):
        text = self.get("/metrics")
        documented = {name: kind for name, (kind, _) in monitoring.metrics().items()}
        documented |= {literal(name): kind for name, kind, *_ in table_rows("node metric", "docs/monitoring.md")}
        self.assertEqual(dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M)), documented)
        done = subprocess.run([monitoring.program("promtool"), "check", "metrics"], input=text, capture_output=True,
                              text=True, timeout=LONG_ENOUGH)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_they_say_which_workloads_are_ready(self):
        text = self.get("/metrics")
        for line in ["healthcheck_sidecar_workloads 2",
                     'healthcheck_sidecar_workload_healthy{namespace="demo",workload="web"} 1',
                     'healthcheck_sidecar_workload_healthy{namespace="demo",workload="dns"} 0',
                     'healthcheck_sidecar_verdict{reason="NodeKnown"} 1']:
            self.assertIn(f"\n{line}\n", text)
        shown = {one["name"]: (one["status"], one["reason"]) for one in json.loads(self.get("/status"))["workloads"]}
        self.assertEqual(shown, {"web": (200, "AllContainersReady"), "dns": (500, "ContainerNotReady")})


if __name__ == "__main__":
    product.main(verbosity=2)
