#!/usr/bin/env python3
"""How long each load balancer's file takes to send nothing new to a node that leaves, as docs/operations.md says it.

    leaving_balancers_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import re
import unittest

import product
from balancers_test import FALL, LASTING, numbers, seconds, settings
from product import one, table_rows

INTER, DELAY_LOOP = r"\binter (\d+)s?\b", r"delay_loop (\d+)"
# From the first answer that is a drain to the check that finds it; then it lasts as above, or counts at once.
NOTICED = {
    **{f"haproxy/{name}.cfg": INTER for name in ["haproxy", "haproxy-3.1", "haproxy-3.4", "drain", "tls", "node"]},
    **dict.fromkeys(["haproxy/agent.cfg", "haproxy/node-agent.cfg"], r"agent-inter (\d+)s"),
    **dict.fromkeys(["keepalived/keepalived.conf", "keepalived/node.conf", "probe/keepalived-misc-check.conf"], DELAY_LOOP),
    **{f"probe/{name}": FALL["interval"] for name in ["keepalived-vrrp.conf", "haproxy.cfg", "exabgp.conf"]},
    "envoy/envoy.yaml": r"- interval: (\d+)s",
    "traefik/dynamic.yaml": r" interval: (\d+)s",
    "nginx-plus/nginx.conf": r"interval=(\d+)s",
    **dict.fromkeys(["f5/game.conf", "f5/node.conf"], r"interval (\d+)"),
    "aws/target-group.sh": r"interval-seconds (\d+)",
    "aws/service.yaml": r'healthcheck-interval: "(\d+)"',
    "gcp/health-check.sh": r"check-interval=(\d+)s",
    "azure/probe.sh": r"--interval (\d+)",
    "azure/service.yaml": r'probe_interval: "(\d+)"',
    "octavia/pool.sh": r"--delay (\d+)",
    "octavia/service.yaml": r'monitor-delay: "(\d+)"',
    "hetzner/service.yaml": r"check-interval: (\d+)s",
}
# What makes the first answer with a drain count at once in these.
DRAINS = {"haproxy/drain.cfg": "disable-on-404", "haproxy/agent.cfg": "agent-check", "haproxy/node-agent.cfg": "agent-check",
          "probe/keepalived-misc-check.conf": "--drain-exit=2", "f5/game.conf": "recv-disable", "f5/node.conf": "recv-disable"}


class NodesThatLeave(unittest.TestCase):
    def test_the_document_says_how_long_each_file_takes(self):
        documented = {}
        for files, time, _ in table_rows("leaves by the file", "docs/operations.md"):
            directory = ""
            for file in re.findall(r"`([^`]+)`", files):
                directory = file.rpartition("/")[0] or directory
                documented[f"{directory}/{file.rpartition('/')[2]}"] = seconds(time.replace(" ", ""))
        self.assertEqual(documented, {name: numbers(name, noticed)[0] + (0 if name in DRAINS else LASTING[name](name))
                                      for name, noticed in NOTICED.items()})
        self.assertEqual(NOTICED.keys(), LASTING.keys())

    def test_those_in_which_a_drain_counts_at_once_know_it(self):
        for name, word in DRAINS.items():
            self.assertIn(word, settings(name))
        others = {name for name in LASTING if re.search("disable-on-404|agent-check|drain-exit=2|recv-disable", settings(name))}
        self.assertEqual(others, DRAINS.keys())

    def test_f5_without_the_drain_takes_as_long_as_it_says(self):
        cell = one(cells for files, _, cells in table_rows("leaves by the file", "docs/operations.md") if "f5/" in files)
        for name in ["f5/game.conf", "f5/node.conf"]:
            self.assertIn(f"else {numbers(name, NOTICED[name])[0] + LASTING[name](name):.0f} s", cell)


if __name__ == "__main__":
    product.main()
