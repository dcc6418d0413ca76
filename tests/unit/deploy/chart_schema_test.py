#!/usr/bin/env python3
"""values.schema.json of deploy/chart: what it describes, what it refuses.

    chart_schema_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import json
import re
import unittest

import yaml

import product
from chart import CHART, IMAGE, calling, container, refusal
from product import one, options

OWN = {"LISTEN", "AGENT_LISTEN", "STATUS_LISTEN", "TLS_CERT", "TLS_KEY", "TLS_CLIENT_CA", "MODE",
       "NODE_NAME"}  # options by values of their own, and what only the pod knows


class Schema(unittest.TestCase):
    SCHEMA = json.loads((CHART / "values.schema.json").read_text())

    def test_each_value_has_a_description(self):
        def properties(schema, way=""):
            for name, each in schema.get("properties", {}).items():
                yield f"{way}.{name}", each
                yield from properties(each, f"{way}.{name}")
        found = list(properties(self.SCHEMA))
        self.assertGreater(len(found), 60)
        for way, each in found:
            self.assertRegex(each.get("description", ""), r"^[A-Z].{7}", way)

    def test_the_file_of_values_has_what_the_schema_knows(self):
        def compare(schema, values, way=""):
            if way in [".options", ".resources"] or "properties" not in schema:
                return
            for_callers = {"enabled", "global"} if not way else set()
            self.assertEqual(set(schema["properties"]) - for_callers, set(values), way)
            for name, value in values.items():
                compare(schema["properties"][name], value, f"{way}.{name}")
        compare(self.SCHEMA, yaml.safe_load((CHART / "values.yaml").read_text()))

    def test_its_options_are_the_programs(self):
        named = self.SCHEMA["properties"]["options"]["properties"]
        self.assertEqual(set(named), set(options()) - OWN)
        for name, each in named.items():
            self.assertEqual(each["type"], "string")  # Helm makes 1e+07 of the number 10000000
            self.assertEqual(f"(default {options()[name]})" in each["description"], bool(options()[name]), name)

    def test_it_refuses_wrong_values(self):
        for values, place in [
            ({"options": {"STALE_GRAZE": "10s"}}, "STALE_GRAZE"),
            ({"options": {"DRAIN_STATUS": 404}}, "DRAIN_STATUS"),
            ({"options": {"LISTEN": ":3000"}}, "LISTEN"),
            ({"image": {"repository": "registry.example.com/Sidecar"}}, "repository"),
            ({"image": {"tag": 1.0}}, "tag"),
            ({"image": {"repository": f"{IMAGE}@sha256:0"}}, "repository"),
            ({"image": {"repository": f"{IMAGE}:1.0"}}, "repository"),
            ({"image": {"digest": "sha256:0"}}, "digest"),
            ({"port": 0}, "port"),
            ({"port": 3002}, "port"),
            ({"keyPrefix": "health-sidecar"}, "keyPrefix"),
            ({"rbac": {"serviceAccounts": "default"}}, "serviceAccounts"),
            ({"rbac": {"serviceAccounts": ["game", "game"]}}, "serviceAccounts"),
            ({"injection": {"enabled": "yes"}}, "enabled"),
            ({"services": {"http-healthcheck-sidecar": {"selector": {"app": "game"}}}}, "http-healthcheck-sidecar"),
            ({"services": {"http-healthcheck-sidecar-lobby": {"selector": {"app": "lobby"}}}}, "http-healthcheck-sidecar-lobby"),
            ({"fullnameOverride": "a" * 54}, "fullnameOverride"),
            ({"injection": {"name": "a" * 254}}, "name"),
            ({"services": {"lobby-health": {"nodePort": 31313}}}, "lobby-health"),
            ({"prometheusRule": {"runbook": "docs/operations.md"}}, "runbook"),
            ({"nodeDrain": {"taints": ["spot"]}}, "taints"),  # nothing would look at them
            ({"nodeDrain": {"enabled": True, "taints": ["spot=true:NoSchedule"]}}, "taints"),
            ({"nodeDrain": {"enabled": True, "taints": "spot"}}, "taints"),
            ({"networkpolicy": {"enabled": False}}, "networkpolicy"),
            ({"resources": {"request": {"cpu": "5m"}}}, "request"),
            ({"resources": {"requests": {"mem": "8Mi"}}}, "mem"),
            ({"resources": {"limits": {"memory": "32 MB"}}}, "memory"),
            ({"resources": {"limits": {"memory": "32mb"}}}, "memory"),
        ]:
            with self.subTest(values):
                said = refusal(values)
                self.assertIn("don't meet the specifications of the schema", said)
                self.assertIn(place, said.partition("\n- ")[2])

    def test_it_takes_names_of_images(self):
        for name in ["sidecar", "games/a__b/sidecar", "localhost/sidecar", "Registry.example.com:5000/games/sidecar"]:
            self.assertEqual(container({"image": {"repository": name, "tag": "1"}})["image"], f"{name}:1")

    def test_it_takes_quantities_of_kubernetes(self):
        for amount in ["5m", "0.1", ".5", "1", 1, 0.25, "32Mi", "1e6", "128k", "100E"]:
            with self.subTest(amount):
                self.assertEqual(container({"resources": {"requests": {"cpu": amount}}})["resources"]["requests"]["cpu"], amount)

    def test_no_limit_is_a_value_as_any(self):
        """To helm null is the absence of a value that the chart has."""
        found = container({"resources": {"limits": None, "requests": {"nvidia.com/gpu": 1, "ephemeral-storage": "1Mi"}}})
        self.assertNotIn("limits", found["resources"])

    def test_it_refuses_the_absence_of_every_other_value(self):
        """A template would write `<no value>`, or stop at a nil pointer."""
        values = yaml.safe_load((CHART / "values.yaml").read_text())
        inner = {name: dict.fromkeys(value) for name, value in values.items()
                 if isinstance(value, dict) and value and name != "resources"}
        self.assertGreater(len(inner), 10)
        for absent, places in [(dict.fromkeys(values), {"": values}), (inner, inner)]:
            lines = refusal(absent).splitlines()
            for place, names in places.items():
                said = one(line for line in lines if line.startswith(f"- at '{place and '/' + place}': missing propert"))
                self.assertEqual(re.findall(r"'(\w+)'", said.partition(": missing")[2]), [*names])
        self.assertRegex(calling(refusal, {"port": None}), "missing property 'port'")


if __name__ == "__main__":
    product.main(verbosity=2)
