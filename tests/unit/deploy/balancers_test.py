#!/usr/bin/env python3
"""How long failed checks must last in each load balancer's file before a node is down; files for a newer HAProxy than
Debian's; what the document says of all of them.

    balancers_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

import product
from product import FORMS, ROOT, Form, one, options, read, table_rows
from programs import installed


def settings(name):
    """A file of deploy/ without its comments."""
    return re.sub(r"^\s*#.*\n|\s#\s.*", "", read(f"deploy/{name}"), flags=re.MULTILINE)


def document(name):
    return yaml.safe_load(read(f"deploy/{name}"))


def numbers(name, pattern):
    """What is like the pattern in the file: each time it occurs a tuple of numbers, all the same."""
    found_ones = {tuple(map(float, m if isinstance(m, tuple) else (m,))) for m in re.findall(pattern, settings(name))}
    return one(found_ones)


def seconds(duration):
    number, unit = re.fullmatch(r"([\d.]+)(m?s)", duration).groups()
    return float(number) / (1000 if unit == "ms" else 1)


def haproxy(name):
    fastinter, fall = numbers(name, r"fastinter (\d+)ms rise \d+ fall (\d+)")
    return (fall - 1) * fastinter / 1000


def repeated(name, interval, times, first=1):
    """So many failed checks in a row, the first of which counts."""
    return (numbers(name, times)[0] - first) * numbers(name, interval)[0]


def envoy(name):
    check = one(one(document(name)["static_resources"]["clusters"])["health_checks"])
    statuses = one(check["http_health_check"]["retriable_statuses"])
    if not statuses["start"] <= int(options()["UNHEALTHY_STATUS"]) < statuses["end"]:
        return 0
    return (check["unhealthy_threshold"] - 1) * seconds(check["interval"])


def annotation(name, ending):
    return one(value for key, value in document(name)["metadata"]["annotations"].items() if key.endswith(ending))


def annotated(interval, times):
    return lambda name: (int(annotation(name, times)) - 1) * float(annotation(name, interval).rstrip("s"))


def at_once(name):
    return 0


KEEPALIVED = {"interval": r"delay_before_retry (\d+)", "times": r"\bretry (\d+)", "first": 0}
FALL = {"interval": r"\binter(?:val)?[ =](\d+)", "times": r"\bfall (\d+)"}
# For how long checks of a file must fail before the node is down.
LASTING = {
    **{f"haproxy/{name}.cfg": haproxy for name in ["haproxy", "haproxy-3.1", "haproxy-3.4", "drain", "tls", "node"]},
    **dict.fromkeys(["haproxy/agent.cfg", "haproxy/node-agent.cfg"], at_once),
    "keepalived/keepalived.conf": lambda name: repeated(name, **KEEPALIVED),
    "keepalived/node.conf": lambda name: repeated(name, **KEEPALIVED),
    "probe/keepalived-misc-check.conf": lambda name: repeated(name, **KEEPALIVED),
    **{f"probe/{name}": lambda name: repeated(name, **FALL) for name in ["keepalived-vrrp.conf", "haproxy.cfg",
                                                                         "exabgp.conf"]},
    "envoy/envoy.yaml": envoy,
    "traefik/dynamic.yaml": at_once,  # one failed check
    "nginx-plus/nginx.conf": lambda name: repeated(name, r"interval=(\d+)s", r"fails=(\d+)"),
    # The time-out counts from the last check that passed.
    **dict.fromkeys(["f5/game.conf", "f5/node.conf"],
                    lambda name: numbers(name, r"timeout (\d+)")[0] - numbers(name, r"interval (\d+)")[0]),
    "aws/target-group.sh": lambda name: repeated(name, r"interval-seconds (\d+)", r"unhealthy-threshold-count (\d+)"),
    "aws/service.yaml": annotated("-healthcheck-interval", "-unhealthy-threshold"),
    "gcp/health-check.sh": lambda name: repeated(name, r"check-interval=(\d+)s", r"unhealthy-threshold=(\d+)"),
    "azure/probe.sh": at_once,  # another status than 200 counts without a threshold
    "azure/service.yaml": at_once,
    "octavia/pool.sh": lambda name: repeated(name, r"--delay (\d+)", r"--max-retries-down (\d+)"),
    "octavia/service.yaml": annotated("health-monitor-delay", "health-monitor-max-retries-down"),
    "hetzner/service.yaml": annotated("health-check-interval", "health-check-retries"),
}


class KubeletRestart(unittest.TestCase):
    def test_failed_checks_last_longer_than_a_readiness_probes_period_or_nothing_can_be_set(self):
        for form in map(Form, FORMS):
            for container in form.pod["containers"]:
                if "readinessProbe" in container:
                    period = container["readinessProbe"]["periodSeconds"]
                    for name, lasting in LASTING.items():
                        with self.subTest(name):
                            self.assertTrue(lasting is at_once or lasting(name) > period, lasting(name))

    def test_comments_name_that_period(self):
        periods = {container["readinessProbe"]["periodSeconds"] for form in map(Form, FORMS)
                   for container in form.pod["containers"] if "readinessProbe" in container}
        text = "".join(re.sub(r"\n\s*#", "", read(f"deploy/{name}")) for name in LASTING)
        named = {int(number) for number in re.findall(r"(?:periodSeconds |readiness probe \(every )(\d+)", text)}
        self.assertEqual(named, periods)

    def test_the_document_has_the_figures(self):
        documented = {}
        for files, time in table_rows("file", "docs/load-balancers.md"):
            directory = ""
            for file in re.findall(r"`([^`]+)`", files):
                directory = file.rpartition("/")[0] or directory
                documented[f"{directory}/{file.rpartition('/')[2]}"] = 0 if time.startswith("at once") else seconds(
                    time.replace(" ", ""))
        self.assertEqual(documented, {name: lasting(name) for name, lasting in LASTING.items()})

    def test_every_file_with_a_check_is_among_them(self):
        files = {str(path.relative_to(ROOT / "deploy")) for name in LASTING
                 for path in (ROOT / "deploy" / name).parent.iterdir()}
        # One is called by its neighbour; the other refers to game.conf's monitor.
        self.assertEqual(files, {*LASTING, "probe/haproxy-check.sh", "f5/transport-server.yaml"})


class NewerHaproxy(unittest.TestCase):
    """Debian's HAProxy does not know the words: without them it takes the files."""

    OLDER = {"haproxy/haproxy-3.1.cfg": [(" init-state fully-down", "")],
             "haproxy/haproxy-3.4.cfg": [(" init-state fully-down healthcheck sidecar", ""),
                                         ("healthcheck sidecar\n    type httpchk GET /healthz\n", "defaults common\n"
                                          "    mode http\n    option httpchk GET /healthz\n"),
                                         ("\ndefaults\n", "\ndefaults tcp from common\n")]}

    def accepted(self, text):
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory, "haproxy.cfg")
            file.write_text(text)
            done = subprocess.run([installed("haproxy"), "-c", "-f", file], capture_output=True, text=True, timeout=60)
        return done.returncode == 0 and "WARNING" not in done.stderr, done.stderr

    def test_what_is_left_without_the_new_words_is_accepted(self):
        for name, changes in self.OLDER.items():
            with self.subTest(name):
                text = read(f"deploy/{name}")
                for new, old in changes:
                    self.assertIn(new, text)
                    text = text.replace(new, old)
                self.assertEqual(*self.accepted(text)[:1], True, self.accepted(text)[1])

    def test_they_check_as_haproxy_cfg_does(self):
        plain = settings("haproxy/haproxy.cfg")
        for name in self.OLDER:
            text = settings(name)
            self.assertEqual(set(re.findall(r"^ +server .*", text, re.M)) - set(re.findall(r"^ +server .*", plain, re.M)),
                             set())
            for line in ["http-check expect status 200", "timeout check 1500ms"]:
                self.assertIn(line, text)
            self.assertIn("httpchk GET /healthz", text)
            for line in re.findall(r"default-server (.*)", text):
                self.assertIn("init-state fully-down", line)
        self.assertEqual(len(re.findall("default-server .* healthcheck sidecar$", settings("haproxy/haproxy-3.4.cfg"),
                                        re.M)), 2)


class Document(unittest.TestCase):
    # The tests that start the real program with these files.
    STARTED = {
        "tests/integration/deploy_haproxy_test.cpp": [f"haproxy/{name}.cfg" for name in ["haproxy", "drain", "agent", "tls"]],
        "tests/integration/probe_programs_test.cpp": [
            f"probe/{name}" for name in ["keepalived-vrrp.conf", "haproxy.cfg", "haproxy-check.sh", "exabgp.conf"]],
        "tests/unit/deploy/balancer_programs_test.py": ["keepalived/keepalived.conf", "probe/keepalived-misc-check.conf"],
        "tests/unit/deploy/node_programs_test.py": ["haproxy/node.cfg", "haproxy/node-agent.cfg", "keepalived/node.conf"]}
    # Debian has no such HAProxy: the test that starts them was run with another one.
    BY_HAND = {"haproxy/haproxy-3.1.cfg": "by hand (3.2, 3.4)", "haproxy/haproxy-3.4.cfg": "by hand (3.4)"}
    HOW = BY_HAND | {file: "run" for files in STARTED.values() for file in files}

    def test_it_says_run_of_what_a_test_starts_and_of_nothing_else(self):
        rows = list(table_rows("load balancer", "docs/load-balancers.md"))
        self.assertGreater(len(rows), 20)
        for name, file, *_, tried in rows:
            with self.subTest(name):
                paths = re.findall(r"\(\.\./deploy/([^)]+)\)", file) or self.commands()
                self.assertEqual({self.HOW.get(path, "untried") for path in paths}, {tried})

    def commands(self):
        """The files of the table for programs that run a command."""
        cells = [file for _, file, _ in table_rows("program", "docs/load-balancers.md")]
        return re.findall(r"\(\.\./deploy/([^)]+)\)", " ".join(cells))

    def test_those_tests_name_the_files(self):
        started = [(test, file) for test, files in self.STARTED.items() for file in files]
        for test, file in [*started, *(("tests/unit/deploy/balancer_programs_test.py", file) for file in self.BY_HAND)]:
            with self.subTest(file):
                self.assertRegex(read(test), rf'["/]{re.escape(pathlib.Path(file).name)}"')
        self.assertEqual({file.rpartition("/")[0] for file in self.HOW}, {"haproxy", "keepalived", "probe"})
        for directory in ["haproxy", "keepalived", "probe"]:
            for path in (ROOT / "deploy" / directory).iterdir():
                self.assertIn(f"{directory}/{path.name}", self.HOW)

    def test_each_row_leads_to_a_section_which_says_how_it_was_tried(self):
        text = read("docs/load-balancers.md")
        for name, *_, tried in table_rows("load balancer", "docs/load-balancers.md"):
            anchor = one(re.findall(r"\(#([\w-]+)\)", name))
            headings = [h for h in re.findall(r"^## (.*)$", text, re.MULTILINE)
                        if re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") == anchor]
            section = text.partition(f"\n## {one(headings)}\n")[2].partition("\n## ")[0]
            self.assertRegex(section, r"\b[Uu]ntried\b" if tried == "untried" else r"\bTried\b|The tests run", name)


if __name__ == "__main__":
    product.main(verbosity=2)
