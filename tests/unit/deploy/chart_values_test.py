#!/usr/bin/env python3
"""The values of deploy/chart: what comes of them.

    chart_values_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import json
import re
import unittest

import product
from chart import (CHART, COMPONENTS, GAME, IMAGE, INJECTION, MONITORING, by_kind, container, documents, environment, identity,
                   merged, refusal, rendered, run_helm)
from product import PREFIX, one, read


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
        for values in [merged(*COMPONENTS.values()), {"keyPrefix": "lb.example.com/", "port": 3100},
                       {"nodeDrain": {"enabled": True, "taints": ["a.example/gone", "spot"]}},
                       {"nodeDrain": {"enabled": True, "taints": ["spot"]}, "options": {"NODE_DRAIN": "false"}}]:
            done = product.check_config(environment(container(values)))
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_what_contradicts_itself_is_refused(self):
        ports, agent = {"nodePort": 31000, "agentNodePort": 31000}, {"agent": {"enabled": True}}
        for values, said in [
            (merged(INJECTION, {"tls": {"clientCA": True}}), "tls.clientCA without tls.secretName would be plain HTTP"),
            ({"services": service("lobby", nodePort=31313)}, "services.game-health.nodePort and services.lobby.nodePort are both 31313"),
            (merged(agent, {"services": service("lobby", **ports)}), "services.lobby.nodePort and services.lobby.agentNodePort are both"),
            (merged(agent, {"services": service("lobby", agentNodePort=31313)}), "and services.lobby.agentNodePort are both 31313"),
        ]:
            with self.subTest(values):
                self.assertIn(said, refusal(values, {"rbac": {"serviceAccounts": []}}))


def service(name, **ports):
    return {name: {"selector": {"app": name}} | ports}


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

    def test_nodes_may_be_read_by_whom_pods_may_where_an_option_needs_it(self):
        for values, wanted in [({}, False), ({"options": {"NODE_DRAIN": "false"}}, False), ({"rbac": {"create": False}}, False),
                               ({"nodeDrain": {"enabled": True}}, True), ({"options": {"NODE_DRAIN": "true"}}, True),
                               # For pods that ask for it in an annotation.
                               ({"nodeDrain": {"enabled": True}, "options": {"NODE_DRAIN": "false"}}, True),
                               ({"nodeDrain": {"enabled": True}, "rbac": {"create": False}}, False),
                               ({"nodeDrain": {"enabled": True}, "rbac": {"serviceAccounts": []}}, False)]:
            with self.subTest(values):
                found = [document for document in rendered(values) if document["kind"].startswith("ClusterRole")]
                self.assertEqual([document["kind"] for document in found], ["ClusterRole", "ClusterRoleBinding"] * wanted)
        bound = {"rbac": {"serviceAccounts": ["default", "game"], "wholeNamespace": True}, "nodeDrain": {"enabled": True}}
        found = rendered(bound)
        self.assertEqual(by_kind(found, "ClusterRoleBinding")["subjects"], by_kind(found, "RoleBinding")["subjects"])
        self.assertEqual(by_kind(found, "ClusterRole")["rules"], [
            {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]}])

    def test_releases_of_two_namespaces_have_no_object_of_the_cluster_in_common(self):
        """Else Helm refuses the second one, or one release takes the other one's subjects away."""
        names = [{identity(document) for document in documents(run_helm(
            "template", "health-sidecar", CHART, "--namespace", namespace, values=merged(base, {"nodeDrain": {"enabled": True}})
        ).stdout) if document["kind"].startswith("Cluster")}
            for namespace in ["one", "two"] for base in [GAME, {"mode": "node", "image": GAME["image"]}, {
                "mode": "node", "image": GAME["image"], "options": {"TARGET_NAMESPACE": "demo"}}]]
        self.assertEqual([len(each) for each in names], [2] * 6)
        for first, second in zip(names[:3], names[3:]):
            self.assertFalse(first & second)

    def test_taints_are_one_option(self):
        found = environment(container({"nodeDrain": {"enabled": True, "taints": ["a.example/gone", "spot"]}}))
        self.assertEqual((found[PREFIX + "NODE_DRAIN"], found[PREFIX + "NODE_DRAIN_TAINTS"]), ("true", "a.example/gone,spot"))

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


if __name__ == "__main__":
    product.main(verbosity=2)
