#!/usr/bin/env python3
"""The agent of a node: what deploy/node says beside what it shares with the other forms, and the workloads it is for.

    node_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import pathlib
import tempfile
import unittest

import yaml

import product
from combinations import for_each
from kustomize import kubectl, relative, rendered_by_kubectl, rendered_here, write_kustomization
from node_agent import NODES, Agent, Cluster
from product import FORMS, NODE, PREFIX, ROOT, Form, one, seconds
from programs import LONG_ENOUGH


class DaemonSet(unittest.TestCase):
    @for_each([NODE])
    def test_the_agent_learns_its_node_from_the_pod_and_needs_no_other_variable_of_its_own(self, form):
        self.assertEqual(form.of_the_pod(), {PREFIX + "NODE_NAME": "spec.nodeName"})
        self.assertEqual(form.option("MODE"), "node")

    @for_each([NODE])
    def test_an_agent_that_is_replaced_says_of_no_workload_that_it_is_down(self, form):
        self.assertEqual(seconds(form.option("DRAIN")), 0)
        strategy = form.workload["spec"]["updateStrategy"]
        self.assertEqual((strategy["type"], strategy["rollingUpdate"]), ("RollingUpdate", {"maxSurge": 0, "maxUnavailable": 1}))
        self.assertGreater(form.workload["spec"]["minReadySeconds"], 0)

    @for_each([NODE])
    def test_it_is_on_every_node_and_stays_there(self, form):
        self.assertEqual(form.pod["tolerations"], [{"operator": "Exists"}])
        self.assertEqual(form.pod["priorityClassName"], "system-node-critical")
        self.assertFalse({"hostNetwork", "nodeSelector", "affinity"} & set(form.pod))

    @for_each([NODE])
    def test_it_holds_what_it_knows_for_longer_than_a_sidecar(self, form):
        """As the component `watch` sets it: it counts from the last LIST, up to 20 s before an outage."""
        self.assertEqual(form.option("STALE_GRACE"), "10m" if "drain" in form.components else Form(
            "native-sidecar", "watch").option("STALE_GRACE"))

    def test_components_for_the_other_source_or_another_form_are_refused(self):
        for component in ["watch", "maintenance"]:
            with self.assertRaisesRegex(AssertionError, "form is node"):
                Form(NODE, component)
        for name in FORMS:
            with self.assertRaisesRegex(AssertionError, "MODE is None"):
                Form(name, "node-namespace")

    @for_each([NODE])
    def test_the_agent_may_read_pods_and_nodes_of_the_cluster_or_pods_of_one_namespace_and_nothing_else(self, form):
        narrow = "node-namespace" in form.components
        kinds = ["Role", "RoleBinding"] if narrow else ["ClusterRole", "ClusterRoleBinding"]
        role, binding = (one(d for d in form.of_kind(kind, "Cluster" + kind) if d["metadata"]["name"] == "health-sidecar-node")
                         for kind in ["Role", "RoleBinding"])  # node_drain_test.py has the other one
        self.assertEqual([role["kind"], binding["kind"]], kinds)
        self.assertEqual(len(form.of_kind("Role", "ClusterRole")), 2 if "node-drain" in form.components else 1)
        self.assertEqual(role["rules"], [{"apiGroups": [""], "resources": [resource], "verbs": ["get", "list", "watch"]}
                                         for resource in (["pods"] if narrow else ["pods", "nodes"])])
        self.assertEqual(binding["roleRef"], {
            "apiGroup": "rbac.authorization.k8s.io", "kind": kinds[0], "name": role["metadata"]["name"]})
        self.assertEqual(one(binding["subjects"]), {
            "kind": "ServiceAccount", "name": form.pod["serviceAccountName"],
            "namespace": one(form.of_kind("Namespace"))["metadata"]["name"]})
        for document in (role, binding):  # where it reads, and where the agent asks
            self.assertEqual(document["metadata"].get("namespace", ""), form.option("TARGET_NAMESPACE"))

    @for_each([NODE])
    def test_the_agents_ports_are_the_nodes_but_the_one_for_status(self, form):
        self.assertEqual(form.of_kind("Service"), [])
        self.assertNotIn("hostNetwork", form.pod)
        for port in form.sidecar["ports"]:
            self.assertEqual(port.get("hostPort"), {"health": 3000, "agent": 3001, "status": None}[port["name"]])


class Requests(unittest.TestCase):
    def asked(self, *options):
        """The paths that the real agent asks the API server for, to its first answer from a watch and from a LIST."""
        cluster = Cluster()
        self.addCleanup(cluster.stop)
        cluster.put("node-a", "web", False)
        agent = Agent(cluster, "node-a", *options)
        self.addCleanup(agent.stop)
        agent.wait_for("/nodez", 200)
        cluster.put("node-a", "web", True)
        agent.wait_for("/healthz/demo/web", 200)
        return {path for path in cluster.asked if not path.startswith(NODES + "/")}  # one node alone: where it may not list

    def test_the_narrow_one_asks_for_nothing_outside_the_namespace_of_its_role_but_its_node(self):
        namespace = Form(NODE, "node-namespace").option("TARGET_NAMESPACE")
        self.assertEqual(self.asked("--target-namespace", namespace), {f"/api/v1/namespaces/{namespace}/pods", NODES})

    def test_the_other_one_asks_for_the_pods_of_the_cluster_and_for_itself_and_its_node(self):
        self.assertEqual(self.asked(), {"/api/v1/pods", "/api/v1/namespaces/health-sidecar/pods", NODES})

    def test_without_the_right_to_read_nodes_it_answers_and_says_so_once(self):
        cluster = Cluster()
        self.addCleanup(cluster.stop)
        cluster.are_nodes_forbidden = True
        cluster.put("node-a", "web", True)
        agent = Agent(cluster, "node-a")
        self.addCleanup(agent.stop)
        agent.wait_for("/healthz/demo/web", 200)
        cluster.wait_until_asked(f"{NODES}/node-a")  # it has tried every way
        agent.process.terminate()
        log = agent.process.communicate(timeout=LONG_ENOUGH)[0]
        self.assertEqual(log.count("may not read the node"), 1, log)
        self.assertIn("deploy/components/node-drain", log)

    def test_a_node_that_leaves_takes_every_workload_along_and_one_that_is_cordoned_none(self):
        cluster = Cluster()
        self.addCleanup(cluster.stop)
        cluster.put("node-a", "web", True)
        cluster.put("node-a", "dns", True)
        agent = Agent(cluster, "node-a", "--drain-status", "404")
        self.addCleanup(agent.stop)
        agent.wait_for("/healthz/demo/web", 200)
        for leaving in [{"labels": {"node.kubernetes.io/exclude-from-external-load-balancers": ""}},
                        {"taints": ["ToBeDeletedByClusterAutoscaler"]}, {"taints": ["karpenter.sh/disrupted"]}]:
            with self.subTest(leaving):
                cluster.mark("node-a", **leaving)
                for workload in ["web", "dns"]:
                    self.assertIn(b"NodeDraining", agent.wait_for(f"/healthz/demo/{workload}", 404))
                cluster.mark("node-a", taints=["node.kubernetes.io/unschedulable"], unschedulable=True)  # as `kubectl cordon`
                for workload in ["web", "dns"]:
                    agent.wait_for(f"/healthz/demo/{workload}", 200)


class Workloads(unittest.TestCase):
    def test_workloads_of_the_agent_have_its_label_in_their_template_and_their_services_stay_on_the_node(self):
        documents = rendered_here(ROOT / "deploy/examples/node-workloads")
        workloads = {d["metadata"]["name"]: d["spec"]["template"] for d in documents if d["kind"] == "Deployment"}
        services = {d["metadata"]["name"]: d["spec"] for d in documents if d["kind"] == "Service"}
        self.assertEqual(len(workloads), 2)
        self.assertEqual(set(workloads), set(services))
        for name, template in workloads.items():
            self.assertEqual(template["metadata"]["labels"]["health-sidecar/name"], name)
            self.assertEqual([container["name"] for container in template["spec"]["containers"]], [name])  # no sidecar
            self.assertIn("readinessProbe", one(template["spec"]["containers"]))
            self.assertEqual((services[name]["type"], services[name]["externalTrafficPolicy"]), ("NodePort", "Local"))
            self.assertLessEqual(services[name]["selector"].items(), template["metadata"]["labels"].items())
            self.assertNotIn("publishNotReadyAddresses", services[name])


class Kustomize(unittest.TestCase):
    def setUp(self):
        kubectl(ROOT)

    def test_it_stops_where_a_component_is_not_for_the_form(self):
        for name, component in [(NODE, "watch"), *((form, "node-namespace") for form in FORMS)]:
            with self.subTest(name, component=component), tempfile.TemporaryDirectory() as temporary:
                directory = pathlib.Path(temporary)
                write_kustomization(directory, resources=[relative(ROOT / "deploy" / name, directory)],
                                    components=[relative(ROOT / "deploy/components" / component, directory)])
                with self.assertRaisesRegex(AssertionError, "test failed|nonexistent key"):
                    rendered_by_kubectl(ROOT, directory)

    def test_the_narrow_one_is_for_another_namespace_as_the_component_says(self):
        lines = (ROOT / "deploy/components/node-namespace/kustomization.yaml").read_text().splitlines()
        at = lines.index("#   patches:")
        patches = yaml.safe_load("\n".join(line[4:] for line in lines[at:lines.index("#", at)]))["patches"]
        with tempfile.TemporaryDirectory() as temporary:
            directory = pathlib.Path(temporary)
            write_kustomization(directory, resources=[relative(ROOT / "deploy/node", directory)], patches=patches,
                                components=[relative(ROOT / "deploy/components/node-namespace", directory)])
            form = Form(NODE, documents=rendered_by_kubectl(ROOT, directory))
        self.assertEqual(form.option("TARGET_NAMESPACE"), "shop")
        for kind in ["Role", "RoleBinding"]:
            self.assertEqual(one(form.of_kind(kind))["metadata"]["namespace"], "shop")
        self.assertEqual(one(one(form.of_kind("RoleBinding"))["subjects"])["namespace"], form.workload["metadata"]["namespace"])


if __name__ == "__main__":
    product.main(verbosity=2)
