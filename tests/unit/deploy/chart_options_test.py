#!/usr/bin/env python3
"""The options in the values of deploy/chart: their schema takes what the program takes.

    chart_options_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import itertools
import json
import re
import unittest

import product
from chart import CHART, calling, container, environment, refusal
from product import check_config, options

SCHEMA = json.loads((CHART / "values.schema.json").read_text())["properties"]
OPTIONS = SCHEMA["options"]["properties"]
BASE = {"options": {"TARGET_CONTAINER": ""}}  # what chart.py sets
BOOL = ["", "true", "false"], ["True", "yes", "1", "true "]
STATUS = ["", "400", "503", "599", "0500"], ["399", "600", "5000", "+500", "500 ", "five"]
# Zero, and what is shorter than 10ms, is a duration of some options; what is too long is for the program to say.
TIMEOUT = ["", "10ms", "900ms", "1.5s", "0.25m", "59s999ms", "0h1m", "1m"], ["0", "0.0", "900", "1 s", "1S", "s", "1s1m", ".5s", "-1s", "1d"]
DURATION = [*TIMEOUT[0], "0", "00", "0.0", "0s", "1h", "59m59s999ms", "0.5h"], [*TIMEOUT[1][2:], "0.", "0.0.0", "1.s", "1s1s"]
# Option -> what the program takes, and what it refuses.
VALUES = {
    "REQUIRE": (["", "containers", "pod"], ["Containers", "container", "pods"]),
    "SOURCE": (["", "live", "watch"], ["Live", "WATCH", "cache"]),
    "LOG_LEVEL": (["", "debug", "info", "warn", "error"], ["Info", "warning", "trace"]),
    "LOG_FORMAT": (["", "text", "json"], ["Text", "JSON", "logfmt"]),
    "NODE_DRAIN": BOOL,
    "STATUS_PAGE": BOOL,
    "UNHEALTHY_STATUS": STATUS,
    "DRAIN_STATUS": STATUS,
    "API_QPS": (["", "0", "10", "2.5", "10.", "007", "1000000", "1000000.0", "999999.9", "0.0"],
                ["-1", "+1", ".5", "1e3", "10/s", "1000001", "1 000", "1,5"]),
    "ANSWER_TIMEOUT": TIMEOUT,
    "API_TIMEOUT": TIMEOUT,
    "STALE_GRACE": DURATION,
    "DRAIN": DURATION,
}


class Options(unittest.TestCase):
    def rounds(self, kind):
        """The n-th value of each option, for every n."""
        for values in itertools.zip_longest(*(VALUES[name][kind] for name in VALUES)):
            yield {name: value for name, value in zip(VALUES, values) if value is not None}

    def test_every_one_with_a_form_is_here(self):
        self.assertEqual({name for name, schema in OPTIONS.items() if {"enum", "pattern"} & set(schema)}, set(VALUES))

    def test_both_take_the_same_values(self):
        for values in self.rounds(0):
            values["ANSWER_TIMEOUT"], quick = "", values.pop("ANSWER_TIMEOUT", "")
            for more in [{}, {"API_QPS": "0", "ANSWER_TIMEOUT": quick}]:  # a limit of calls wants time for them
                with self.subTest(values | more):
                    found = environment(container(BASE, {"status": {"enabled": True}, "options": values | more}))
                    done = check_config(found)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_both_refuse_the_same_values(self):
        for values in self.rounds(1):
            with self.subTest(values):
                said = refusal(BASE, {"options": values})
                for name, value in values.items():
                    self.assertIn(f"- at '/options/{name}': ", said)
                    done = check_config({product.PREFIX + name: value})
                    self.assertEqual(done.returncode, 2, (name, value))
                    self.assertIn(f'{name}="{value}"', done.stderr)

    def test_what_needs_another_one_the_program_refuses_too(self):
        for values in [{"STATUS_PAGE": "true"}, {"STATUS_HOSTS": "a.example"}, {"REQUIRE": "pod", "TARGET_CONTAINER": "game"},
                       {"NODE_DRAIN_TAINTS": "spot"}, {"NODE_DRAIN_TAINTS": "spot", "NODE_DRAIN": "false"}]:
            with self.subTest(values):
                said = calling(refusal, BASE, {"options": values})
                self.assertIn("options." + next(iter(values)), said)
                self.assertEqual(check_config({product.PREFIX + name: value for name, value in values.items()}).returncode, 2)

    def test_what_has_it_is_taken(self):
        for values in [{"status": {"enabled": True}, "options": {"STATUS_PAGE": "true", "STATUS_HOSTS": "a.example"}},
                       {"options": {"STATUS_PAGE": "", "STATUS_HOSTS": "", "NODE_DRAIN_TAINTS": ""}},
                       {"options": {"REQUIRE": "pod", "TARGET_CONTAINER": ""}},
                       {"options": {"REQUIRE": "containers", "TARGET_CONTAINER": "game"}},
                       {"nodeDrain": {"enabled": True}, "options": {"NODE_DRAIN_TAINTS": "spot"}},
                       {"options": {"NODE_DRAIN": "true", "NODE_DRAIN_TAINTS": "spot"}}]:
            with self.subTest(values):
                done = check_config(environment(container(BASE, values)))
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_descriptions_show_words_as_they_are_written(self):
        more = {"STATE_OVERRIDE": ["true"], "API_SERVER": ["https://", "http://"]}
        for name, schema in (OPTIONS | {"mode": SCHEMA["mode"]}).items():
            words = more.get(name, []) + [word for word in schema.get("enum", []) if word]
            with self.subTest(name):
                self.assertEqual([word for word in words if word.capitalize() in schema["description"]], [])
                self.assertEqual(any(word in schema["description"] for word in words), bool(words))

    def test_the_templates_know_the_same_names(self):
        text = (CHART / "templates/_settings.tpl").read_text()
        names = re.search(r'define "http-healthcheck-sidecar.optionNames" -}}\n(.*?)\n{{-', text, re.DOTALL)[1]
        self.assertEqual(names.split(), sorted(OPTIONS))
        self.assertLessEqual(set(OPTIONS), set(options()))


if __name__ == "__main__":
    product.main(verbosity=2)
