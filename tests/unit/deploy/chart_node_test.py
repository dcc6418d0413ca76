#!/usr/bin/env python3
"""deploy/chart with `mode: node`: what helm makes of it is what kustomize makes of deploy/node and its components.

    chart_node_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import copy
import functools
import unittest

import product
from chart import CHART, COMPONENTS, IMAGE, MONITORING, by_kind, identity, merged, refusal, rendered, run_helm
from chart_test import comparable, let_in, volumes
from product import NODE, NODE_COMPONENTS, PREFIX, Form, one, project_version
from pod_security import violations_of_baseline, violations_of_restricted
from schema import VERSIONS, violations

BASE = {"mode": "node", "image": {"repository": IMAGE}}
VALUES = {name: COMPONENTS[name] for name in ["", "drain", "agent", "tls", "monitoring"]} | {
    "openshift": {"openshift": True}, "node-namespace": {"options": {"TARGET_NAMESPACE": "demo"}}}


@functools.cache
def with_component(component):
    return rendered(VALUES[component], base=BASE)


def for_each_component(test):
    """Runs a test for each with what helm makes, and with what kustomize does."""
    @functools.wraps(test)
    def run(self):
        for component in VALUES:
            with self.subTest(component):
                test(self, with_component(component), Form(NODE, *filter(None, [component])))
    return run


def agent(found):
    return one(by_kind(found, "DaemonSet")["spec"]["template"]["spec"]["containers"])


def variables(found):
    """Of the agent: name -> text, but for the node's name, which the pod knows."""
    *others, node = agent(found)["env"]
    if node != {"name": PREFIX + "NODE_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "spec.nodeName"}}}:
        raise AssertionError(node)
    return {entry["name"]: entry["value"] for entry in others}


class Kustomize(unittest.TestCase):
    def test_every_component_is_among_them(self):
        self.assertEqual(set(VALUES) - {""}, set(NODE_COMPONENTS) - {"node-drain"})  # NodeDrain, below

    @for_each_component
    def test_the_container_is_the_same(self, found, form):
        self.assertEqual(variables(found), form.environment)
        self.assertEqual(agent(found)["image"], f"{IMAGE}:{project_version()}")
        self.assertEqual(*comparable(agent(found), form.sidecar))

    @for_each_component
    def test_so_is_the_rest_of_the_daemonset(self, found, form):
        ours, theirs = (copy.deepcopy(workload["spec"]) for workload in [by_kind(found, "DaemonSet"), form.workload])
        self.assertEqual(*(volumes(spec["template"]["spec"].pop("volumes")) for spec in [ours, theirs]))
        for spec in [ours, theirs]:
            labels = spec["template"].pop("metadata")["labels"]
            self.assertEqual(labels, spec.pop("selector")["matchLabels"] | {"health-sidecar": "enabled"})
            del spec["template"]["spec"]["containers"]
        self.assertEqual(ours, theirs)

    @for_each_component
    def test_permissions_are_the_same(self, found, form):
        kind = "Role" if form.of_kind("Role") else "ClusterRole"
        self.assertEqual({document["kind"] for document in found if "Role" in document["kind"]}, {kind, f"{kind}Binding"})
        ours, theirs = ([by_kind(all_, kind), by_kind(all_, f"{kind}Binding")] for all_ in [found, form.documents])
        self.assertEqual(ours[0]["rules"], theirs[0]["rules"])
        for role, binding in [ours, theirs]:
            self.assertEqual((binding["roleRef"]["kind"], binding["roleRef"]["name"]), (kind, role["metadata"]["name"]))
        for mine, other in zip(ours, theirs):
            self.assertEqual(mine["metadata"].get("namespace"), other["metadata"].get("namespace"))
        account = by_kind(found, "ServiceAccount")
        self.assertIs(account["automountServiceAccountToken"], False)
        self.assertEqual(one(ours[1]["subjects"]), {"kind": "ServiceAccount", "name": account["metadata"]["name"],
                                                    "namespace": account["metadata"]["namespace"]})

    @for_each_component
    def test_network_policies_let_in_the_same(self, found, form):
        self.assertEqual(let_in(found), let_in(form.documents))


class NodeDrain(unittest.TestCase):
    NODES = [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]}]

    def test_the_agents_may_read_nodes_and_with_one_namespace_where_they_are_let(self):
        drain, narrow = {"nodeDrain": {"enabled": True}}, VALUES["node-namespace"]
        self.assertEqual(by_kind(rendered(base=BASE), "ClusterRole")["rules"][1:], self.NODES)
        self.assertEqual(rendered(drain, base=BASE), rendered(base=BASE))  # it changes nothing there
        self.assertFalse([d for d in rendered(narrow, base=BASE) if d["kind"].startswith("ClusterRole")])
        found = rendered(narrow, drain, base=BASE)
        role, binding, account = (by_kind(found, kind) for kind in ["ClusterRole", "ClusterRoleBinding", "ServiceAccount"])
        self.assertEqual(role["rules"], self.NODES)
        self.assertEqual((binding["roleRef"]["kind"], binding["roleRef"]["name"]), ("ClusterRole", role["metadata"]["name"]))
        self.assertEqual(one(binding["subjects"]), {"kind": "ServiceAccount", "name": account["metadata"]["name"],
                                                    "namespace": account["metadata"]["namespace"]})
        self.assertEqual(by_kind(found, "Role"), by_kind(rendered(narrow, base=BASE), "Role"))
        self.assertFalse([d for d in rendered(narrow, drain, {"rbac": {"create": False}}, base=BASE) if "Role" in d["kind"]])

    def test_taints_are_an_option_and_draining_is_none(self):
        found = variables(rendered({"nodeDrain": {"enabled": True, "taints": ["a.example/gone", "spot"]}}, base=BASE))
        self.assertEqual(found[PREFIX + "NODE_DRAIN_TAINTS"], "a.example/gone,spot")
        self.assertNotIn(PREFIX + "NODE_DRAIN", found)
        self.assertEqual(variables(rendered({"nodeDrain": {"taints": ["a.example/gone", "spot"]}}, base=BASE)), found)


class Values(unittest.TestCase):
    def test_without_it_nothing_of_it_is_made(self):
        self.assertFalse({"DaemonSet", "ServiceAccount", "ClusterRole", "ClusterRoleBinding"} &
                         {document["kind"] for document in rendered()})

    def test_with_it_nothing_of_sidecars_is(self):
        self.assertEqual({kind for kind, _ in map(identity, rendered(base=BASE))},
                         {"DaemonSet", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "NetworkPolicy"})

    def test_what_they_say_is_where_it_belongs(self):
        found = rendered({"port": 3100, "agent": {"enabled": True}, "options": {"STALE_GRACE": "5m", "API_TIMEOUT": "5s"}, "node": {
            "hostPort": 13000, "agentHostPort": 13001, "maxUnavailable": "2%", "nodeSelector": {"edge": "true"},
            "tolerations": [], "priorityClassName": "", "imagePullSecrets": [{"name": "registry"}]}}, base=BASE)
        spec = by_kind(found, "DaemonSet")["spec"]
        pod = spec["template"]["spec"]
        self.assertEqual([(port["containerPort"], port["hostPort"]) for port in agent(found)["ports"]],
                         [(3100, 13000), (3001, 13001)])
        self.assertEqual(spec["updateStrategy"]["rollingUpdate"]["maxUnavailable"], "2%")
        self.assertEqual((pod["nodeSelector"], pod["imagePullSecrets"]), ({"edge": "true"}, [{"name": "registry"}]))
        self.assertFalse({"tolerations", "priorityClassName"} & set(pod))
        self.assertEqual([variables(found)[PREFIX + name] for name in ["STALE_GRACE", "API_TIMEOUT"]], ["5m", "5s"])

    def test_a_port_of_the_node_is_taken_once(self):
        values = {"node": {"hostPort": 3001}}
        rendered(values, base=BASE)
        self.assertIn("node.hostPort and node.agentHostPort are both 3001", refusal(values, {"agent": {"enabled": True}}, base=BASE))

    def test_taints_are_for_nodes_that_are_read(self):
        values = {"options": {"NODE_DRAIN": "false", "NODE_DRAIN_TAINTS": "spot"}}
        self.assertIn("options.NODE_DRAIN_TAINTS without nodes that are read", refusal(values, base=BASE))

    def test_no_permission_is_made_where_none_is_wanted(self):
        kinds = {document["kind"] for document in rendered({"rbac": {"create": False}}, base=BASE)}
        self.assertFalse({"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"} & kinds)

    def test_nodes_may_be_read_unless_they_are_not_heeded(self):
        for options, wanted in [({}, ["pods", "nodes"]), ({"NODE_DRAIN": "false"}, ["pods"])]:
            with self.subTest(options):
                found = rendered({"options": options}, base=BASE)
                role = one(document for document in found if document["kind"] == "ClusterRole")
                self.assertEqual([resource for rule in role["rules"] for resource in rule["resources"]], wanted)

    def test_the_schema_refuses_what_the_mode_does_not_know(self):
        for values, place in [
            ({"mode": "nodes"}, "mode"),
            ({"options": {"MODE": "node"}}, "MODE"),
            ({"options": {"NODE_NAME": "node-a"}}, "NODE_NAME"),
            *(({"options": {name: "a"}}, name) for name in ["TARGET_CONTAINER", "TARGET_POD_OVERRIDE", "STATE_OVERRIDE"]),
            ({"options": {"SOURCE": "watch"}}, "SOURCE"),
            ({"rbac": {"serviceAccounts": ["game"]}}, "serviceAccounts"),
            ({"rbac": {"wholeNamespace": True}}, "wholeNamespace"),
            ({"rbac": {"watch": True}}, "watch"),
            ({"rbac": {"resourceNames": ["game-0"]}}, "resourceNames"),
            ({"injection": {"enabled": True}}, "injection"),
            ({"injection": {"name": "lb"}}, "/injection/name"),
            ({"services": {"game-health": {"selector": {"app": "game"}}}}, "services"),
            ({"node": {"hostPort": 0}}, "hostPort"),
            ({"node": {"maxUnavailable": 0}}, "maxUnavailable"),
            ({"node": {"maxUnavailable": "0%"}}, "maxUnavailable"),
            ({"node": {"maxSurge": 1}}, "maxSurge"),
        ]:
            with self.subTest(values):
                said = refusal(values, base=BASE)
                self.assertIn("don't meet the specifications of the schema", said)
                self.assertIn(place, said.partition("\n- ")[2])

    def test_the_program_refuses_them_too(self):
        for name in ["TARGET_CONTAINER", "TARGET_POD_OVERRIDE", "STATE_OVERRIDE", "SOURCE"]:
            value = "watch" if name == "SOURCE" else "true"
            done = self.checked(variables(rendered(base=BASE)) | {PREFIX + name: value})
            self.assertEqual(done.returncode, 2, name)
            self.assertIn(name, done.stderr.upper().replace("-", "_"))

    def test_the_program_takes_what_they_make(self):
        for values in [{}, merged(*VALUES.values()), {"keyPrefix": "lb.example.com/", "port": 3100},
                       {"nodeDrain": {"enabled": True, "taints": ["a.example/gone", "spot"]}},
                       {"nodeDrain": {"enabled": True, "taints": ["spot"]}, "options": {"NODE_DRAIN": "false"}},
                       {"nodeDrain": {"taints": ["spot"]}}]:
            done = self.checked(variables(rendered(values, base=BASE)))
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    @staticmethod
    def checked(environment):
        return product.check_config(environment | {PREFIX + "NODE_NAME": "node-a"})


class Release(unittest.TestCase):
    def test_lint_finds_nothing(self):
        for values in [BASE, merged(BASE, *VALUES.values(), MONITORING)]:
            done = run_helm("lint", "--strict", "--quiet", CHART, values=values)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_the_notes_say_what_to_do_next(self):
        for values, texts, none in [
            ({}, ["health-sidecar/name: WORKLOAD", "enforce=privileged", "http://NODE:3000/nodez", "insufficient quota",
                  "get nodes -l node.kubernetes.io/exclude-from-external-load-balancers"],
             ["of namespace", "NO PERMISSION"]),
            ({"node": {"hostPort": 13000, "priorityClassName": ""}, "tls": {"secretName": "a"}},
             ["port 13000", "https://NODE:13000/nodez"], ["quota"]),
            ({"options": {"TARGET_NAMESPACE": "demo"}, "rbac": {"create": False}},
             ["of namespace demo", "NO PERMISSION IS MADE", "and of nodes"], ["nodeDrain"]),
            ({"options": {"TARGET_NAMESPACE": "demo"}}, ["may not read nodes", "--set nodeDrain.enabled=true"], ["NO PERMISSION", "get nodes"]),
            ({"options": {"TARGET_NAMESPACE": "demo"}, "nodeDrain": {"enabled": True}}, ["of namespace demo", "get nodes -l"], ["nodeDrain"]),
        ]:
            done = run_helm("install", "health-sidecar", CHART, "--namespace", "game", "--dry-run=client",
                            values=merged(BASE, values))
            self.assertEqual(done.returncode, 0, done.stderr)
            notes = done.stdout.partition("\nNOTES:\n")[2]
            for text in texts:
                self.assertIn(text, notes)
            for text in [*none, "init", "Service", "\n\n\n"]:
                self.assertNotIn(text, notes.replace("ervice account", ""))


class Schemas(unittest.TestCase):
    def test_everything_is_as_kubernetes_says_and_its_pods_want_ports_of_the_node_and_nothing_besides(self):
        found = rendered(merged(*VALUES.values()), MONITORING, base=BASE) + rendered(base=BASE)
        for document in found:
            for version in VERSIONS:
                self.assertEqual(violations(document, version), [], document["kind"])
        pod = by_kind(rendered(base=BASE), "DaemonSet")["spec"]["template"]["spec"]
        self.assertEqual(violations_of_restricted(pod), violations_of_baseline(pod))
        self.assertIn("hostPort", one(violations_of_baseline(pod)))


if __name__ == "__main__":
    product.main(verbosity=2)
