#!/usr/bin/env python3
"""The status port's metrics, from the real binary beside a stand-in API server: promtool finds nothing wrong with them, a
real Prometheus scrapes them and knows each metric of docs/monitoring.md, and they say what was done.

    prometheus_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import base64
import contextlib
import datetime
import functools
import http.client
import json
import math
import pathlib
import re
import resource
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

import yaml

if len(sys.argv) < 3:
    sys.exit(__doc__)
for directory in ("tests/unit/deploy", "bench"):
    sys.path.insert(0, str(pathlib.Path(sys.argv[1], directory).resolve()))

import measure  # noqa: E402
import monitoring  # noqa: E402
import product  # noqa: E402
from product import BINARY, ROOT, project_version  # noqa: E402

PREFIX = "healthcheck_sidecar_"
MODES = {"live": {"SOURCE": "live"}, "watch": {"SOURCE": "watch"}, "override": {"STATE_OVERRIDE": "true"}}
LONGEST = 30  # seconds for anything to happen


def wait_for(found, what):
    """What `found` gives as soon as that is something."""
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.02)
    raise AssertionError(f"not within {LONGEST} s: {what}")


def get(port, path, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response, response.read().decode()
    finally:
        connection.close()


class Samples:
    """One scrape."""

    LINE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")

    def __init__(self, text):
        self.text = text
        self.types = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
        self.values = {}
        for line in text.splitlines():
            if not line.startswith("#"):
                name, labels, value = self.LINE.fullmatch(line).groups()
                key = name, frozenset(re.findall(r'(\w+)="([^"]*)"', labels or ""))
                assert key not in self.values, line
                self.values[key] = float(value)

    def labels(self):
        """Series -> the labels that its samples have."""
        found = {}
        for name, labels in self.values:
            found.setdefault(name, set()).add(frozenset(label for label, _ in labels))
        return found

    def all(self, name, **labels):
        return [value for (found, has), value in self.values.items() if found == name and has >= set(labels.items())]

    def get(self, name, **labels):
        return product.one(self.all(PREFIX + name, **labels))

    def sum(self, name, **labels):
        values = self.all(PREFIX + name, **labels)
        assert values, name
        return sum(values)


class Sidecar:
    """One at ports that it chose itself."""

    def __init__(self, environment, **started):
        options = {"LISTEN": "127.0.0.1:0", "STATUS_LISTEN": "127.0.0.1:0", "DRAIN": "0"} | environment
        variables = {key if key.startswith("KUBERNETES_") else f"HTTP_HEALTHCHECK_SIDECAR_{key}": value
                     for key, value in options.items()}
        self.process = subprocess.Popen([BINARY], env=variables, stderr=subprocess.PIPE, text=True, **started)
        line = self.process.stderr.readline()
        ports = dict(re.findall(r"\b(listen|status)=127\.0\.0\.1:(\d+)", line))
        if set(ports) != {"listen", "status"}:
            self.process.kill()
            raise AssertionError(line + self.process.communicate()[1])
        self.health, self.status = int(ports["listen"]), int(ports["status"])

    def stop(self):
        self.process.kill()
        self.process.communicate()

    def ask(self, path="/healthz", method="GET"):
        """The status, and whether it was held."""
        response, _ = get(self.health, path, method)
        return response.status, response.getheader("X-Health-Held") is not None

    def scrape(self):
        return Samples(get(self.status, "/metrics")[1])

    def wait_for(self, condition, what):
        return wait_for(lambda: (found := self.scrape()) and condition(found) and found, what)


class WithStandIn(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def enterContext(self, context):  # Python 3.11 has it
        entered = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return entered

    @functools.cached_property
    def control(self):
        """The API server's, which is there once it is asked for."""
        process, said = measure.start_stand_in(BINARY.parent, self.directory)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return measure.Control(said["control"])

    def start(self, mode, environment=None, **started):
        settings = dict(MODES[mode])
        if mode != "override":
            assert self.control
            found = measure.stand_in_environment(self.directory)
            settings |= {key.removeprefix("HTTP_HEALTHCHECK_SIDECAR_"): value for key, value in found.items()}
        sidecar = Sidecar(settings | (environment or {}), **started)
        self.addCleanup(sidecar.stop)
        return sidecar

    def ready(self, mode, environment=None, **started):
        """One that has its first snapshot."""
        sidecar = self.start(mode, environment, **started)
        wait_for(lambda: get(sidecar.status, "/readyz")[0].status == 200, "ready")
        return sidecar


class Exposition(WithStandIn):
    def test_promtool_finds_nothing_wrong_and_each_metric_is_documented(self):
        promtool = monitoring.program("promtool")
        for mode in MODES:
            with self.subTest(mode):
                sidecar = self.ready(mode)
                sidecar.ask()
                response, text = get(sidecar.status, "/metrics")
                self.assertRegex(response.getheader("Content-Type"), r"^text/plain; version=0\.0\.4\b")
                done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True,
                                      timeout=LONGEST)
                self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

                found = Samples(text)
                self.assertEqual(found.types, {name: kind for name, (kind, _) in monitoring.metrics().items()})
                self.assertEqual(found.labels(), {name: {frozenset(labels)} for name, labels in monitoring.series("metric").items()})
                page = product.read("docs/monitoring.md")
                for label, value in {pair for _, labels in found.values for pair in labels}:
                    if label in {"verb", "cause"}:
                        self.assertIn(f"`{value}`", page)

    def test_promtool_would_find_something(self):
        done = subprocess.run([monitoring.program("promtool"), "check", "metrics"], capture_output=True, text=True,
                              input="# TYPE a_total gauge\na_total 1\n", timeout=LONGEST)
        self.assertNotEqual(done.returncode, 0)


class Prometheus:
    """A real one, which scrapes four times a second."""

    def __init__(self, directory, targets):
        self.log = directory / "prometheus.log"
        rules = directory / "rules.yaml"
        rules.write_text(yaml.safe_dump(monitoring.of_kind("PrometheusRule")["spec"]))
        scrapes = [{"targets": [f"127.0.0.1:{port}"], "labels": {"namespace": "demo", "pod": pod}}
                   for pod, port in targets.items()]
        config = directory / "prometheus.yaml"
        config.write_text(yaml.safe_dump({
            "global": {"scrape_interval": "250ms", "scrape_timeout": "250ms", "evaluation_interval": "1s"},
            "rule_files": [str(rules)],
            "scrape_configs": [{"job_name": monitoring.job(), "static_configs": scrapes}]}))
        self.process = None
        for _ in range(5):  # another process may take the port first
            self.port = measure.free_port()
            self.process = self.start(config, directory / "data")
            if self.comes_up():
                return
            self.stop()
        raise AssertionError(f"prometheus does not start:\n{self.log.read_text()}")

    def start(self, config, data):
        with self.log.open("w") as log:
            return subprocess.Popen(
                [monitoring.program("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={data}",
                 f"--web.listen-address=127.0.0.1:{self.port}"], stdout=log, stderr=log)

    def comes_up(self):
        def answers():
            if self.process.poll() is not None:
                return "ended"
            with contextlib.suppress(OSError, http.client.HTTPException):
                return get(self.port, "/-/ready")[0].status == 200

        return wait_for(answers, "prometheus is ready") != "ended"

    def stop(self):
        self.process.kill()
        self.process.wait()

    def api(self, path, **parameters):
        _, text = get(self.port, f"/api/v1/{path}?{urllib.parse.urlencode(parameters)}")
        said = json.loads(text)
        assert said["status"] == "success", text
        return said["data"]

    def query(self, expression):
        """Pod -> value."""
        result = self.api("query", query=expression)["result"]
        return {one["metric"].get("pod"): float(one["value"][1]) for one in result}


class Scraped(WithStandIn):
    def test_prometheus_knows_every_metric_and_evaluates_every_alert(self):
        monitoring.program("prometheus")
        sidecars = {mode: self.ready(mode) for mode in MODES}
        for sidecar in sidecars.values():
            sidecar.ask()
        prometheus = Prometheus(self.directory, {mode: sidecar.status for mode, sidecar in sidecars.items()})
        self.addCleanup(prometheus.stop)

        for name in ["up", *monitoring.series("metric")]:
            with self.subTest(name):
                wait_for(lambda: set(prometheus.query(name)) == set(MODES), f"a query for {name}")
        self.assertEqual(prometheus.query("up"), dict.fromkeys(MODES, 1))
        answered = f'sum by (pod) ({PREFIX}responses_total{{code="200", held="false"}})'
        wait_for(lambda: prometheus.query(answered) == dict.fromkeys(MODES, 1), "one answer of each")

        def evaluated():
            rules = [rule for group in prometheus.api("rules")["groups"] for rule in group["rules"]]
            return all(rule["health"] != "unknown" for rule in rules) and rules

        rules = wait_for(evaluated, "all rules evaluated")
        self.assertEqual({rule["name"]: (rule["health"], rule.get("lastError", "")) for rule in rules},
                         {alert["alert"]: ("ok", "") for alert in monitoring.alerts()})
        pending = {("HealthSidecarStateOverride", "override", "pending")}  # for an hour
        wait_for(lambda: pending <= self.states(prometheus), "the alert on a forced answer")
        self.assertNotIn("firing", {state for _, _, state in self.states(prometheus)})

    @staticmethod
    def states(prometheus):
        return {(one["labels"]["alertname"], one["labels"]["pod"], one["state"]) for one in prometheus.api("alerts")["alerts"]}


class Answers(WithStandIn):
    def test_each_query_is_an_answer_and_a_call(self):
        sidecar = self.ready("live")
        before = sidecar.scrape()
        for _ in range(5):
            self.assertEqual(sidecar.ask(), (200, False))
        after = sidecar.scrape()
        self.assertEqual(after.get("responses_total", code="200", held="false"), 5)
        self.assertEqual(after.sum("responses_total"), 5)
        calls = [samples.get("api_requests_total", verb="get", result="success") for samples in (before, after)]
        self.assertGreaterEqual(calls[1] - calls[0], 5)
        self.assertEqual(after.sum("api_requests_total"), calls[1])
        self.assertEqual(after.get("api_request_duration_seconds_count"), calls[1])
        self.assertEqual(after.get("api_request_duration_seconds_bucket", le="+Inf"), calls[1])
        self.assertGreater(after.get("api_request_duration_seconds_sum"), 0)
        self.assertEqual(after.get("clients"), 1)
        self.assertEqual((after.get("healthy"), after.get("verdict", reason="AllContainersReady")), (1, 1))
        self.assertLess(abs(after.get("snapshot_timestamp_seconds") + after.get("snapshot_age_seconds") - time.time()), 5)

    def test_a_scrape_and_livez_are_no_health_check(self):
        sidecar = self.ready("live")
        self.assertEqual(sidecar.ask("/livez"), (200, False))
        sidecar.scrape()
        found = sidecar.scrape()
        self.assertEqual((found.sum("responses_total"), found.sum("requests_refused_total")), (0, 0))

    def test_a_refused_request_counts_by_its_status(self):
        sidecar = self.ready("override")
        self.assertEqual([sidecar.ask("/health_check")[0], sidecar.ask("/metrics")[0], sidecar.ask(method="POST")[0]],
                         [404, 404, 405])
        found = sidecar.scrape()
        self.assertEqual((found.get("requests_refused_total", code="404"), found.get("requests_refused_total", code="405")),
                         (2, 1))
        self.assertEqual((found.sum("requests_refused_total"), found.sum("responses_total")), (3, 0))

    def test_a_pod_that_turns_unready_is_another_verdict(self):
        sidecar = self.ready("watch")
        before = sidecar.scrape()
        self.assertEqual(before.get("verdict", reason="AllContainersReady"), 1)
        self.control("POST", "/ready?container=game&value=false")
        found = sidecar.wait_for(lambda samples: samples.get("verdict", reason="ContainerNotReady") == 1, "not ready")
        self.assertEqual(found.get("verdict_changes_total"), before.get("verdict_changes_total") + 1)
        self.assertEqual((found.get("healthy"), found.sum("verdict")), (0, 1))
        self.assertEqual(sidecar.ask(), (500, False))
        self.assertEqual(sidecar.scrape().get("responses_total", code="500", held="false"), 1)

    def test_an_override_is_the_verdict_and_asks_nobody(self):
        sidecar = self.ready("override", {"STATE_OVERRIDE": "false", "UNHEALTHY_STATUS": "503", "DRAIN_STATUS": "404"})
        self.assertEqual(sidecar.ask(), (503, False))
        found = sidecar.scrape()
        self.assertEqual((found.get("healthy"), found.get("verdict", reason="StateOverride"), found.sum("verdict")), (0, 1, 1))
        self.assertEqual(found.get("responses_total", code="503", held="false"), 1)
        self.assertEqual(len(found.all(PREFIX + "responses_total")), 6)  # 200, 503, 404, each held and not
        self.assertEqual((found.sum("api_requests_total"), found.get("snapshot_timestamp_seconds")), (0, 0))
        self.assertTrue(math.isnan(found.get("snapshot_age_seconds")))
        self.assertEqual(found.get("token_expiry_timestamp_seconds"), 0)


class Calls(WithStandIn):
    def test_a_forbidden_call_counts_by_its_reason_and_the_answer_is_held(self):
        sidecar = self.ready("live")
        self.control("POST", "/fault?kind=forbidden&lasts=60s")
        self.assertEqual(sidecar.ask(), (200, True))
        found = sidecar.scrape()
        self.assertGreaterEqual(found.get("api_requests_total", verb="get", result="ApiForbidden"), 1)
        self.assertEqual(found.get("responses_total", code="200", held="true"), 1)
        self.assertEqual(found.get("responses_total", code="200", held="false"), 0)

    def test_without_a_first_snapshot_the_verdict_is_why(self):
        self.control("POST", "/fault?kind=forbidden&lasts=60s")
        sidecar = self.start("live")
        self.assertEqual(sidecar.ask(), (500, False))
        found = sidecar.scrape()
        self.assertEqual((found.get("verdict", reason="ApiForbidden"), found.sum("verdict"), found.get("healthy")), (1, 1, 0))
        self.assertEqual(found.get("snapshot_timestamp_seconds"), 0)
        self.assertTrue(math.isnan(found.get("snapshot_age_seconds")))
        self.assertEqual(get(sidecar.status, "/readyz")[0].status, 503)

    def change_while_it_watches(self, ready):
        """An API server begins its response to a watch with the first event."""
        wait_for(lambda: json.loads(self.control("GET", "/counts"))["watching"], "an open watch")
        self.control("POST", f"/ready?container=game&value={ready}")

    def test_a_watch_lists_watches_and_begins_again(self):
        sidecar = self.ready("watch")
        self.change_while_it_watches("false")
        found = sidecar.wait_for(lambda samples: samples.get("api_requests_total", verb="watch", result="success"), "a watch")
        self.assertEqual(found.sum("api_requests_total", verb="get"), 0)
        self.assertEqual(found.get("api_requests_total", verb="list", result="success"), 1)
        self.assertEqual((found.sum("watch_restarts_total"), found.get("watch_missed_events_total")), (0, 0))
        self.control("POST", "/stop")
        found = sidecar.wait_for(lambda samples: samples.sum("watch_restarts_total"), "the end of the watch")
        self.assertEqual(found.get("watch_restarts_total", cause="completed"), 0)
        self.control("POST", "/start")
        self.change_while_it_watches("true")
        found = sidecar.wait_for(lambda samples: samples.get("api_requests_total", verb="watch", result="success") == 2,
                                 "another watch")
        self.assertGreaterEqual(found.get("api_requests_total", verb="list", result="success"), 2)
        self.assertGreaterEqual(found.get("watch_restarts_total", cause="lost"), 1)

    def test_the_tokens_expiry_is_the_tokens(self):
        sidecar = self.ready("live")
        claims = (self.directory / "serviceaccount" / "token").read_text().split(".")[1]
        decoded = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        self.assertEqual(sidecar.scrape().get("token_expiry_timestamp_seconds"), decoded["exp"])


class Connections(WithStandIn):
    def test_open_ones_are_counted_while_they_are_open(self):
        sidecar = self.ready("override")
        with socket.create_connection(("127.0.0.1", sidecar.health), timeout=LONGEST) as kept:
            kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertTrue(kept.recv(4096))
            self.assertEqual(sidecar.scrape().get("connections"), 1)
        sidecar.wait_for(lambda samples: samples.get("connections") == 0, "no connection")

    def test_evicted_ones_are_counted(self):
        # 32 descriptors are reserved: some 16 connections are at capacity.
        sidecar = self.ready("override", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (48, 48)))
        with contextlib.ExitStack() as opened:
            for _ in range(40):
                kept = opened.enter_context(socket.create_connection(("127.0.0.1", sidecar.health), timeout=LONGEST))
                kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertTrue(kept.recv(4096))
            found = sidecar.scrape()
            self.assertEqual(found.get("connections") + found.get("connections_evicted_total"), 40)
            self.assertGreater(found.get("connections_evicted_total"), 20)

    def with_tls(self):
        """And its certificate."""
        certificate, key = measure.make_certificate(self.directory)
        return self.ready("override", {"TLS_CERT": str(certificate), "TLS_KEY": str(key)}), certificate

    def test_handshakes_that_fail_are_counted(self):
        sidecar, _ = self.with_tls()
        self.assertEqual(sidecar.scrape().get("tls_handshake_failures_total"), 0)
        with socket.create_connection(("127.0.0.1", sidecar.health), timeout=LONGEST) as client:
            client.sendall(b"\x16\x03\x01\x00\x05hello")
            while client.recv(4096):
                pass
        sidecar.wait_for(lambda samples: samples.get("tls_handshake_failures_total") == 1, "a failed handshake")

    def test_the_certificates_expiry_is_the_certificates_whenever_it_is_scraped(self):
        sidecar, certificate = self.with_tls()
        ends = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-enddate"], check=True, text=True,
                              capture_output=True).stdout.strip().removeprefix("notAfter=")
        expected = datetime.datetime.strptime(ends, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=datetime.timezone.utc)
        found, end = set(), time.monotonic() + 1.1  # in every part of a second
        while time.monotonic() < end:
            found.add(sidecar.scrape().get("tls_certificate_expiry_timestamp_seconds"))
        self.assertEqual(found, {expected.timestamp()})


class Process(WithStandIn):
    def test_it_is_this_process(self):
        sidecar = self.start("override")
        kept = http.client.HTTPConnection("127.0.0.1", sidecar.status, timeout=LONGEST)
        self.addCleanup(kept.close)
        kept.request("GET", "/metrics")
        found = Samples(kept.getresponse().read().decode())
        [started], [files], [limit] = (found.all(f"process_{name}") for name in
                                       ("start_time_seconds", "open_fds", "max_fds"))
        self.assertLess(abs(started - time.time()), LONGEST)
        self.assertEqual(files, len(list(pathlib.Path(f"/proc/{sidecar.process.pid}/fd").iterdir())))
        self.assertEqual(limit, resource.prlimit(sidecar.process.pid, resource.RLIMIT_NOFILE)[0])
        [resident], [virtual], [used] = (found.all(f"process_{name}") for name in
                                         ("resident_memory_bytes", "virtual_memory_bytes", "cpu_seconds_total"))
        self.assertTrue(1e6 < resident < virtual, (resident, virtual))
        self.assertTrue(0 < used < 10, used)
        self.assertEqual(found.get("build_info", version=project_version()), 1)


if __name__ == "__main__":
    product.main(verbosity=2)
