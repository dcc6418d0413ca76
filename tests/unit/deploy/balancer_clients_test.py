#!/usr/bin/env python3
"""The scripts of deploy/ that configure a cloud's load balancer by its command line client: each call, with a stand-in for
the client, is held to the client's documented options; and to its help, where it is installed.

    balancer_clients_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import product
from product import ROOT, Form, one, options
from programs import found

GAME = Form("native-sidecar")
TRAFFIC, HEALTH = (str(GAME.node_port(name)) for name in ["game", "health"])
ANSWER_TIMEOUT = float(options()["ANSWER_TIMEOUT"].removesuffix("ms")) / 1000
ANY = object()

# What each script calls its client with: the command, its options and values, what it is for. The options are those of
# docs.aws.amazon.com/cli/latest/reference/elbv2/create-target-group.html, learn.microsoft.com/cli/azure/network/lb/probe,
# cloud.google.com/sdk/gcloud/reference/compute/health-checks/create/http, and Debian 12's python-octaviaclient 3.1.
SCRIPTS = {
    "aws/target-group.sh": ("aws", {"VPC": "vpc-1"}, [
        ("elbv2 create-target-group", {
            "--name": "game", "--vpc-id": "vpc-1", "--target-type": "instance", "--protocol": "UDP", "--port": TRAFFIC,
            "--health-check-protocol": "HTTP", "--health-check-port": HEALTH, "--health-check-path": "/healthz",
            "--matcher": "HttpCode=200", "--health-check-interval-seconds": ANY, "--health-check-timeout-seconds": ANY,
            "--healthy-threshold-count": "2", "--unhealthy-threshold-count": "2"}, [])]),
    "azure/probe.sh": ("az", {"GROUP": "group-1", "LB": "lb-1"}, [
        ("network lb probe create", {
            "--resource-group": "group-1", "--lb-name": "lb-1", "--name": "game-health", "--protocol": "Http",
            "--port": HEALTH, "--path": "/healthz", "--interval": ANY}, [])]),
    "gcp/health-check.sh": ("gcloud", {"REGION": "region-1"}, [
        ("compute health-checks create http", {
            "--region": "region-1", "--port": HEALTH, "--request-path": "/healthz", "--check-interval": ANY, "--timeout": ANY,
            "--healthy-threshold": "2", "--unhealthy-threshold": "2"}, ["game"])]),
    "octavia/pool.sh": ("openstack", {"LB": "lb-1"}, [
        ("loadbalancer listener create", {"--wait": "", "--name": "game", "--protocol": "UDP", "--protocol-port": "7777"},
         ["lb-1"]),
        ("loadbalancer pool create", {"--wait": "", "--name": "game", "--listener": "game", "--protocol": "UDP",
                                      "--lb-algorithm": "SOURCE_IP"}, []),
        *(("loadbalancer member create", {"--wait": "", "--address": node, "--protocol-port": TRAFFIC,
                                          "--monitor-port": HEALTH}, ["game"]) for node in ["192.0.2.11", "192.0.2.12"]),
        ("loadbalancer healthmonitor create", {
            "--wait": "", "--type": "HTTP", "--url-path": "/healthz", "--expected-codes": "200", "--delay": ANY,
            "--timeout": ANY, "--max-retries": "2", "--max-retries-down": "2"}, ["game"])]),
}
# The options with a check's time and its interval, where the client has one for the time; Azure has none.
TIMES = {"aws/target-group.sh": ("--health-check-timeout-seconds", "--health-check-interval-seconds"),
         "gcp/health-check.sh": ("--timeout", "--check-interval"), "octavia/pool.sh": ("--timeout", "--delay")}


def parsed(arguments, commands):
    """The command, its options with their values, and the rest."""
    command = one(each for each in commands if arguments[:len(each.split())] == each.split())
    given, rest, words = {}, [], arguments[len(command.split()):]
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if not word.startswith("--"):
            rest.append(word)
        elif equals or not words or words[0].startswith("--"):
            given[name] = value
        else:
            given[name] = words.pop(0)
    return command, given, rest


def calls(script):
    """What the script calls its client with."""
    client, environment, expected = SCRIPTS[script]
    with tempfile.TemporaryDirectory() as directory:
        stand_in = pathlib.Path(directory, client)
        stand_in.write_text('#!/bin/sh\nprintf "%s\\n" "$@" ""\n')
        stand_in.chmod(0o755)
        done = subprocess.run([ROOT / "deploy" / script], check=True, capture_output=True, text=True, timeout=20,
                              env={"PATH": f"{directory}:{os.defpath}"} | environment)
    return [parsed(call.splitlines(), {command for command, _, _ in expected}) for call in done.stdout.split("\n\n")[:-1]]


def seconds(value):
    return float(value.removesuffix("s"))


class Calls(unittest.TestCase):
    def test_every_script_is_among_them(self):
        scripts = {str(path.relative_to(ROOT / "deploy")) for path in (ROOT / "deploy").glob("*/*.sh")}
        self.assertEqual(scripts - {"probe/haproxy-check.sh"}, SCRIPTS.keys())

    def test_their_options_are_the_documented_ones(self):
        for script, (_, _, expected) in SCRIPTS.items():
            with self.subTest(script):
                made = calls(script)
                self.assertEqual(len(made), len(expected))
                for (command, given, rest), (documented, wanted, names) in zip(made, expected):
                    self.assertEqual((command, rest), (documented, names))
                    self.assertEqual(given.keys(), wanted.keys())
                    self.assertEqual(given, {name: given[name] if value is ANY else value for name, value in wanted.items()})

    def test_their_checks_wait_longer_than_the_sidecar_may_take(self):
        for script, (timeout, interval) in TIMES.items():
            with self.subTest(script):
                given = calls(script)[-1][1]
                self.assertGreater(seconds(given[timeout]), ANSWER_TIMEOUT)
                self.assertLess(seconds(given[timeout]), seconds(given[interval]))
        self.assertGreaterEqual(int(calls("azure/probe.sh")[0][1]["--interval"]), 5)  # it takes no less

    def test_none_runs_without_what_it_has_to_be_told(self):
        for script in SCRIPTS:
            done = subprocess.run([ROOT / "deploy" / script], capture_output=True, timeout=20, env={"PATH": os.defpath})
            self.assertNotEqual(done.returncode, 0)


class Help(unittest.TestCase):
    """No group of scripts/install-dependencies has these clients. Debian 12 has all but gcloud: python3-openstackclient
    with python3-octaviaclient, awscli, azure-cli."""

    def check(self, script, *question):
        client, _, expected = SCRIPTS[script]
        program = found(client)
        if not program:
            self.skipTest(f"no {client}")
        for command, wanted, _ in expected:
            done = subprocess.run([program, *command.split(), *question], capture_output=True, text=True, timeout=300,
                                  env=os.environ | {"PAGER": "cat", "TERM": "dumb"})
            if done.returncode != 0:
                self.skipTest(f"{client} has no help here: {done.stderr.strip()[-200:]}")
            text = re.sub(r"\x1b\[[\d;]*m|.\x08", "", done.stdout)
            for name in wanted:
                self.assertRegex(text, rf"(?<![\w-]){name}(?![\w-])", command)

    def test_openstack_knows_them(self):
        self.check("octavia/pool.sh", "--help")

    def test_aws_knows_them(self):
        self.check("aws/target-group.sh", "help")

    def test_az_knows_them(self):
        self.check("azure/probe.sh", "--help")

    def test_gcloud_knows_them(self):
        self.check("gcp/health-check.sh", "--help")


if __name__ == "__main__":
    product.main(verbosity=2)
