#!/usr/bin/env python3
"""What the Dockerfile and the files of load balancers, HAProxy's apart, say, against what the code does.

    deploy_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import contextlib
import functools
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import time
import unittest

import yaml

import product
from product import BINARY, DEPLOYED, PARTS, ROOT, Form, default_port, one, project_version, read, settings, table_rows


class Image(unittest.TestCase):
    def test_user_port_and_version_are_those_of_the_manifests_and_the_code(self):
        text = read("Dockerfile")
        self.assertEqual(one(re.findall(r"^EXPOSE (\d+)$", text, re.MULTILINE)), str(default_port()))
        self.assertEqual(one(re.findall(r'image\.version="([^"]+)"', text)), project_version())
        user = one(re.findall(r"^USER (\d+:\d+)$", text, re.MULTILINE))
        for name in DEPLOYED:
            context = Form(name).sidecar["securityContext"]
            self.assertEqual(f"{context['runAsUser']}:{context['runAsGroup']}", user)
            image = one(yaml.safe_load(read(f"deploy/{name}/kustomization.yaml"))["images"])
            self.assertEqual(image["newTag"], project_version())

    def test_it_comes_with_its_list_of_packages_and_their_licences(self):
        stages = read("Dockerfile").split("\nFROM ")
        build = one([stage for stage in stages if stage.startswith("build-$TARGETARCH AS build\n")])
        self.assertIn("scripts/sbom build/$PRESET /http-healthcheck-sidecar >/sbom.json", build)
        self.assertRegex(build, r"scripts/licenses /sbom\.json /licenses && .*\n.*\n *-cf - licenses \| .* >/licenses\.tar\.gz &&")
        self.assertRegex(stages[-1], r"(?m)^COPY --from=build /http-healthcheck-sidecar /sbom\.json /licenses\.tar\.gz /$")

    def test_its_labels_have_no_value_that_no_build_gave_them(self):
        self.assertEqual(re.findall(r"(?m)^ARG (SOURCE=.*)$", read("Dockerfile")), ["SOURCE= REVISION= CREATED="])

    def test_each_architecture_has_a_preset(self):
        found = re.findall(r"AS build-(\w+)\n(?:RUN .*\n)?ENV PRESET=(\S+) ", read("Dockerfile"))
        self.assertEqual(dict(found), {"amd64": "release", "arm64": "release-arm64"})
        presets = {preset["name"] for preset in json.loads(read("CMakePresets.json"))["configurePresets"]}
        self.assertLessEqual({preset for _, preset in found}, presets)

    def test_nothing_that_it_copies_is_ignored(self):
        let_through = re.findall(r"(?m)^!(.*)$", read(".dockerignore"))
        for files in re.findall(r"(?m)^COPY (?!--)(.*) \S+$", read("Dockerfile")):
            for file in set(files.split()) - {"."}:
                self.assertIn(file.partition("/")[0], let_through)


def sbin(name):
    """The program, which the tests' packages hold."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if not found:
        raise AssertionError(f"{name} is missing: scripts/install-dependencies test")
    return found


# How each product's file names the node's health port, the path, the status that is up, and the traffic's port.
PRODUCTS = {
    "keepalived/keepalived.conf": (r"connect_port (\d+)", r"path (\S+)", r"status_code (\d+)",
                                   r"real_server [\d.]+ (\d+)"),
    "nginx-plus/nginx.conf": (r"port=(\d+)", r"(?:uri=|GET )(\S+)", r"(?:status |\^HTTP/1\\\.1 )([\d-]+)",
                              r"server [\d.]+:(\d+);"),
    "f5/game.conf": (r"destination \*:(\d+)", r"GET (\S+)", r'recv "HTTP/1\.1 (\d+)"', r"/Common/[\d.]+:(\d+) \{"),
    "envoy/envoy.yaml": (r"health_check_config: \{port_value: (\d+)", r"path: (\S+)", r"\{start: (\d+), end: 201\}",
                         r"address: 192[\d.]+, port_value: (\d+)"),
    "aws/target-group.sh": (r"--health-check-port (\d+)", r"--health-check-path (\S+)", r"HttpCode=(\d+) ",
                            r"--port (\d+)"),
    "gcp/health-check.sh": (r"--port=(\d+)", r"--request-path=(\S+)", None, None),  # they know no status but 200
    "azure/probe.sh": (r"--port (\d+)", r"--path (\S+)", None, None),
}


def for_each_product(test):
    """Runs a test for each product with its file's text and, for each of its four settings, the values there."""
    @functools.wraps(test)
    def run(self):
        for name, patterns in PRODUCTS.items():
            with self.subTest(name):
                text = settings(name)
                found = [set(re.findall(pattern, text)) if pattern else set() for pattern in patterns]
                for pattern, values in zip(patterns, found):
                    self.assertEqual(bool(pattern), bool(values), f"nothing in {name} is like {pattern}")
                test(self, name, *found)
    return run


class OtherLoadBalancers(unittest.TestCase):
    @for_each_product
    def test_they_ask_the_health_port_and_send_traffic_to_the_workloads(self, name, checks, paths, statuses, traffic):
        form = Form("native-sidecar")
        self.assertEqual(checks, {str(form.node_port("health"))})
        self.assertLessEqual(traffic, {str(form.node_port("game")), str(form.node_port("lobby"))})

    @for_each_product
    def test_what_they_take_for_up_is_what_the_sidecar_says(self, name, checks, paths, statuses, traffic):
        for state, up in [("true", True), ("false", False)]:
            with running_sidecar(state) as port:
                for path in paths:
                    self.assertEqual(status_of(port, "GET", path) == 200, up)
        self.assertLessEqual(statuses, {"200"})

    def test_every_file_is_among_them(self):
        directories = {file.parent.name for file in (ROOT / "deploy").glob("*/*")} - {*DEPLOYED, *PARTS, *product.NO_KUSTOMIZATION}
        self.assertEqual(directories, {name.partition("/")[0] for name in PRODUCTS} |
                         {"haproxy", "probe", "hetzner", "kube-vip", "octavia", "traefik"})  # balancers_test.py

    def test_what_is_sent_and_compared_as_text_tells_up_from_down(self):
        f5, nginx = settings("f5/game.conf"), settings("nginx-plus/nginx.conf")
        pairs = [(one(re.findall(r'\bsend "(.*)"$', f5, re.MULTILINE)), one(re.findall(r'\brecv "(.*)"', f5))),
                 (one(re.findall(r'\bsend "(.*)";', nginx)), one(re.findall(r'\bexpect ~ "(.*)";', nginx)))]
        for request, expected in pairs:
            for state, up in [("true", True), ("false", False)]:
                with self.subTest(request, state=state), running_sidecar(state) as port:
                    answer = raw_answer(port, request.replace("\\r\\n", "\r\n"))
                    self.assertTrue(answer.startswith("HTTP/1.1 "), answer)
                    self.assertEqual(bool(re.search(expected, answer)), up)

    def test_f5_takes_for_a_drain_what_the_sidecar_says_then(self):
        status = one(re.findall(r'recv-disable "HTTP/1\.1 (\d+)"', settings("f5/game.conf")))
        self.assertEqual(status, Form("native-sidecar", "drain").option("DRAIN_STATUS"))

    def test_keepalived_accepts_its_file(self):
        done = subprocess.run([sbin("keepalived"), "-t", "-f", ROOT / "deploy/keepalived/keepalived.conf"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_keepalived_accepts_the_check_that_runs_the_probe(self):
        """Where the probe is not installed keepalived has that one complaint."""
        done = subprocess.run([sbin("keepalived"), "-t", "-f", ROOT / "deploy/probe/keepalived-misc-check.conf"],
                              capture_output=True, text=True, timeout=60)
        lines = [line for line in (done.stdout + done.stderr).splitlines() if "/usr/local/bin" not in line]
        self.assertEqual(lines, [])

    def test_the_shell_accepts_the_scripts(self):
        for script in (ROOT / "deploy").glob("*/*.sh"):
            self.assertTrue(os.access(script, os.X_OK), script)
            subprocess.run(["sh", "-n", script], check=True, timeout=20)


@contextlib.contextmanager
def running_sidecar(state="false"):
    """The binary, forced to a state, so that it needs no cluster; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen([BINARY, "--listen", f"127.0.0.1:{port}", "--state-override", state],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    process.kill()
                    raise AssertionError(f"it does not listen: {process.stderr.read()}") from None
                time.sleep(0.02)
        yield port
    finally:
        process.kill()
        process.communicate()


def status_of(port, method, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path)
    status = connection.getresponse().status
    connection.close()
    return status


def raw_answer(port, request):
    """All that comes until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request.encode())
        return b"".join(iter(lambda: connection.recv(4096), b"")).decode()


class Paths(unittest.TestCase):
    def test_every_path_that_a_file_names_answers_as_that_file_says(self):
        health = [found for file in (ROOT / "deploy/haproxy").iterdir() if not file.name.startswith("node")
                  for found in re.findall(r"option httpchk (\w+) (\S+)", file.read_text())]  # node_balancers_test.py
        self.assertTrue(health)
        first_row = next(iter(table_rows("path")))[0]
        documented = re.findall(r"`(/\w*)`", first_row)
        health += [(method, path) for path in documented for method in ["GET", "HEAD", "OPTIONS"]]
        health += [("OPTIONS", "*"), ("OPTIONS", "/")]  # HAProxy's documentation's example, and its default
        alive = [("GET", Form(name).sidecar[kind]["httpGet"]["path"])
                 for name in DEPLOYED for kind in ["startupProbe", "livenessProbe"]]
        expected = dict.fromkeys(health, 500) | dict.fromkeys(alive, 200)
        expected |= {("GET", "/nowhere"): 404, ("POST", "/"): 405}
        with running_sidecar() as port:
            for (method, path), status in expected.items():
                with self.subTest(f"{method} {path}"):
                    self.assertEqual(status_of(port, method, path), status)


if __name__ == "__main__":
    product.main()
