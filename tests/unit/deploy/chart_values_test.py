#!/usr/bin/env python3
"""The values of deploy/chart: what the schema takes, and what comes of them.

    chart_values_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import json
import re
import subprocess
import unittest

import yaml

import product
from chart import (CHART, COMPONENTS, IMAGE, INJECTION, MONITORING, by_kind, container, documents, environment, identity,
                   merged, refusal, rendered, run_helm)
from product import BINARY, PREFIX, one, options, read

OWN = {"LISTEN", "AGENT_LISTEN", "STATUS_LISTEN", "TLS_CERT", "TLS_KEY", "TLS_CLIENT_CA"}  # options by values of their own


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
            if way == ".options" or "properties" not in schema:
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
            ({"services": {"lobby-health": {"nodePort": 31313}}}, "lobby-health"),
            ({"prometheusRule": {"runbook": "docs/operations.md"}}, "runbook"),
            ({"networkpolicy": {"enabled": False}}, "networkpolicy"),
        ]:
            with self.subTest(values):
                said = refusal(values)
                self.assertIn("don't meet the specifications of the schema", said)
                self.assertIn(place, said.partition("\n- ")[2])


class Values(unittest.TestCase):
    def test_no_image_is_an_error_that_says_what_to_do(self):
        said = refusal({"image": {"repository": ""}})
        self.assertIn("--set image.repository=registry.example.com/http-healthcheck-sidecar", said)

    def test_a_digest_goes_before_a_tag(self):
        digest = "sha256:" + "0" * 64
        for image, end in [({"tag": "1.2"}, ":1.2"), ({"tag": "1.2", "digest": digest}, "@" + digest)]:
            self.assertEqual(container({"image": image})["image"], IMAGE + end)

    def test_another_port_is_another_one_everywhere(self):
        values = {"port": 3100}
        ours = container(values)
        self.assertEqual(environment(ours)[PREFIX + "LISTEN"], "[::]:3100")
        self.assertEqual(one(ours["ports"])["containerPort"], 3100)
        found = rendered(values, INJECTION)
        self.assertEqual(one(one(by_kind(found, "NetworkPolicy")["spec"]["ingress"])["ports"])["port"], 3100)
        port = one(by_kind(found, "Service")["spec"]["ports"])
        self.assertEqual((port["port"], port["targetPort"]), (3100, 3100))
        self.assertNotIn("3000", json.dumps(found))

    def test_another_prefix_is_another_one_everywhere(self):
        text = json.dumps(rendered({"keyPrefix": "lb.example.com/"}, INJECTION))
        for key in ["inject", "target-container", "options", "maintenance"]:
            self.assertIn(f"lb.example.com/{key}", text)
        self.assertNotIn("health-sidecar/", text)

    def test_other_labels_take_the_place_of_the_label(self):
        found = rendered({"networkPolicy": {"podLabels": {"app": "game"}}}, COMPONENTS["monitoring"])
        selectors = [document["spec"]["podSelector"] for document in found if document["kind"] == "NetworkPolicy"]
        self.assertEqual(selectors, [{"matchLabels": {"app": "game"}}] * 2)

    def test_load_balancers_by_name_are_let_in_alone(self):
        peers = [{"ipBlock": {"cidr": "192.0.2.10/32"}}]
        policy = by_kind(rendered({"networkPolicy": {"from": peers}}), "NetworkPolicy")
        self.assertEqual(one(policy["spec"]["ingress"])["from"], peers)

    def test_the_program_takes_what_they_make(self):
        for values in [merged(*COMPONENTS.values()), {"keyPrefix": "lb.example.com/", "port": 3100}]:
            done = subprocess.run([BINARY, "--check-config"], capture_output=True, text=True, timeout=10,
                                  env=environment(container(values)) | {
                                      "KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443", "HOSTNAME": "a"})
            self.assertEqual((done.returncode, done.stderr), (0, ""))


class Permissions(unittest.TestCase):
    def test_without_a_service_account_nothing_is_bound(self):
        found = rendered({"rbac": {"serviceAccounts": []}})
        self.assertFalse({"Role", "RoleBinding", "Pod"} & {document["kind"] for document in found})

    def test_each_named_one_is(self):
        found = rendered({"rbac": {"serviceAccounts": ["default", "game"], "resourceNames": ["game-0"], "watch": True}})
        self.assertEqual(by_kind(found, "RoleBinding")["subjects"], [
            {"kind": "ServiceAccount", "name": name, "namespace": "game"} for name in ["default", "game"]])
        self.assertEqual(by_kind(found, "Role")["rules"], [{"apiGroups": [""], "resources": ["pods"],
                                                            "verbs": ["get", "list", "watch"], "resourceNames": ["game-0"]}])

    def test_the_whole_namespace_is_by_its_own_value_alone(self):
        group = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:serviceaccounts:game"}
        for whole in [False, True]:
            subjects = by_kind(rendered({"rbac": {"wholeNamespace": whole}}), "RoleBinding")["subjects"]
            self.assertEqual(group in subjects, whole)
        self.assertIn("`rbac.wholeNamespace`", re.findall(r"`[^`\n]+`", read("SECURITY.md")))


class Monitoring(unittest.TestCase):
    def test_there_is_one_source(self):
        """Helm packs a link's target too, but says so nine times whenever it reads the chart."""
        files = list((CHART / "files").iterdir())
        self.assertEqual(len(files), 3)
        for file in files:
            self.assertTrue(file.read_text() == read(f"deploy/monitoring/{file.name}"), f"copy deploy/monitoring/{file.name}")

    def test_off_is_off_and_on_is_on_whatever_helm_knows_of_the_cluster(self):
        off, on = (set(map(identity, rendered(values))) for values in [{}, MONITORING])
        self.assertLess(off, on)
        self.assertEqual(on - off, {("ConfigMap", "health-sidecar-dashboard"), ("PodMonitor", "health-sidecar"),
                                    ("PrometheusRule", "health-sidecar")})

    def test_they_are_those_of_deploy_monitoring(self):
        found = rendered(MONITORING, {"podMonitor": {"allNamespaces": True}})
        for kind in ["PodMonitor", "PrometheusRule"]:
            theirs = one(documents(read(f"deploy/monitoring/{kind.lower()}.yaml")))
            self.assertEqual(by_kind(found, kind)["spec"], theirs["spec"])
        self.assertEqual(by_kind(found, "PodMonitor")["metadata"]["labels"]["release"], "kps")
        dashboard = by_kind(found, "ConfigMap")
        self.assertEqual(dashboard["metadata"]["labels"]["grafana_dashboard"], "1")
        self.assertEqual(dashboard["data"]["health-sidecar.json"].strip(), read("deploy/monitoring/dashboard.json").strip())

    def test_a_release_may_have_its_own_namespace_and_runbooks(self):
        page = "https://wiki.example.com/operations"
        found = rendered(MONITORING, {"prometheusRule": {"runbook": page}})
        self.assertNotIn("namespaceSelector", by_kind(found, "PodMonitor")["spec"])
        rules = one(by_kind(found, "PrometheusRule")["spec"]["groups"])["rules"]
        self.assertEqual({rule["annotations"]["runbook_url"].partition("#")[0] for rule in rules}, {page})


class Release(unittest.TestCase):
    def test_lint_finds_nothing(self):
        for values in [{"image": {"repository": IMAGE}},
                       merged({"image": {"repository": IMAGE}}, *COMPONENTS.values(), MONITORING, INJECTION)]:
            done = run_helm("lint", "--strict", "--quiet", CHART, values=values)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_the_notes_say_what_to_do_next(self):
        bare, bound = {"image": {"repository": IMAGE}}, {"rbac": {"serviceAccounts": ["game"]}}
        for values, texts in [
            (bare, ["NO SERVICE ACCOUNT MAY READ PODS YET", "http-healthcheck-sidecar.container", "services.WORKLOAD"]),
            (merged(bare, bound, {"services": {"game-health": {"selector": {"app": "game"}}}}),
             ["Service accounts game of namespace game", "get service game-health", "helm -n game test health-sidecar"]),
            (merged(bare, bound, INJECTION, {"keyPrefix": "lb.example.com/"}),
             ["kubectl label namespace game lb.example.com/inject=true", '"lb.example.com/target-container"', "a second"]),
        ]:
            done = run_helm("install", "health-sidecar", CHART, "--namespace", "game", "--dry-run=client", values=values)
            self.assertEqual(done.returncode, 0, done.stderr)
            notes = done.stdout.partition("\nNOTES:\n")[2]
            for text in texts:
                self.assertIn(text, notes)
            self.assertEqual(texts[0].startswith("NO "), "NO SERVICE ACCOUNT" in notes)

    def test_its_test_runs_doctor_with_each_service_account(self):
        found = [d for d in rendered({"rbac": {"serviceAccounts": ["default", "game"]}}) if d["kind"] == "Pod"]
        self.assertEqual([pod["spec"]["serviceAccountName"] for pod in found], ["default", "game"])
        for pod in found:
            self.assertEqual(pod["metadata"]["annotations"]["helm.sh/hook"], "test")
            sidecar, doctor = one(pod["spec"]["initContainers"]), one(pod["spec"]["containers"])
            self.assertEqual((doctor["args"], doctor["image"]), (["doctor"], sidecar["image"]))
            self.assertEqual(environment(sidecar)[PREFIX + "TARGET_CONTAINER"], doctor["name"])
            self.assertIn({"name": "CONTAINER_NAME", "value": sidecar["name"]}, doctor["env"])
            self.assertEqual(doctor["securityContext"], sidecar["securityContext"])
            self.assertEqual(pod["spec"]["restartPolicy"], "Never")


if __name__ == "__main__":
    product.main(verbosity=2)
