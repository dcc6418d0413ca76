#!/usr/bin/env python3
"""Who may do what and who reaches what: each form of deployment with each combination of components.

    access_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import unittest

import yaml

import product
from combinations import STATUS_PORT, for_each
from product import BEHIND_NODEPORT, FORMS, NATIVE, Form, one, options, read


class Permissions(unittest.TestCase):
    @for_each(FORMS)
    def test_the_sidecars_role_may_read_pods_as_the_source_needs_it_and_nothing_else(self, form):
        role, binding = (one(d for d in form.of_kind(kind) if d["metadata"]["name"] == "health-sidecar")
                         for kind in ["Role", "RoleBinding"])
        account = one(form.of_kind("ServiceAccount"))
        verbs = {"live": ["get"], "watch": ["get", "list", "watch"]}[form.option("SOURCE") or options()["SOURCE"]]
        self.assertEqual(role["rules"], [{"apiGroups": [""], "resources": ["pods"], "verbs": verbs}])
        self.assertEqual((binding["roleRef"]["kind"], binding["roleRef"]["name"]), ("Role", role["metadata"]["name"]))
        subject = one(binding["subjects"])
        self.assertEqual((subject["kind"], subject["name"]), ("ServiceAccount", account["metadata"]["name"]))
        self.assertEqual(form.pod["serviceAccountName"], account["metadata"]["name"])

    @for_each()
    def test_people_may_label_pods_where_maintenance_is_and_no_service_account_may(self, form):
        roles, bindings = form.of_kind("Role")[1:], form.of_kind("RoleBinding")[1:]
        if "maintenance" not in form.components:
            self.assertEqual((roles, bindings), ([], []))
            return
        self.assertEqual(one(roles)["rules"], [
            {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "patch"]}])
        self.assertEqual(one(bindings)["roleRef"]["name"], one(roles)["metadata"]["name"])
        self.assertEqual(one(one(bindings)["subjects"])["kind"], "Group")

    @for_each()
    def test_its_account_may_read_nodes_where_node_drain_is_and_nothing_else_of_the_cluster(self, form):
        roles, bindings = ([d for d in form.of_kind(kind) if d["metadata"]["name"] != "health-sidecar-node"]
                           for kind in ["ClusterRole", "ClusterRoleBinding"])  # node_test.py has that one
        if "node-drain" not in form.components:
            self.assertEqual((roles, bindings), ([], []))
            return
        self.assertEqual(one(roles)["rules"], [
            {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]}])
        self.assertEqual(one(bindings)["roleRef"], {
            "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": one(roles)["metadata"]["name"]})
        subject = one(one(bindings)["subjects"])
        self.assertEqual((subject["kind"], subject["name"]), ("ServiceAccount", form.pod["serviceAccountName"]))

    def test_the_role_for_a_statefulset_names_its_pods(self):
        steps = yaml.safe_load(read("deploy/components/watch/role.yaml").replace("# - {op", "- {op"))
        replicas = Form("classic").workload["spec"]["replicas"]
        self.assertEqual(steps[-1]["path"], "/rules/0/resourceNames")
        self.assertEqual(steps[-1]["value"], [f"game-{number}" for number in range(replicas)])

    @for_each()
    def test_the_pods_pass_the_pod_security_level_of_their_namespace(self, form):
        level = one(form.of_kind("Namespace"))["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        needs_host_ports = any("hostPort" in port for port in form.ports())
        self.assertEqual(level, "privileged" if needs_host_ports else "restricted")
        self.assertFalse({"hostNetwork", "hostPID", "hostIPC"} & set(form.pod))
        for container in form.containers:
            context = form.pod["securityContext"] | container["securityContext"]
            self.assertIs(context["runAsNonRoot"], True)
            self.assertEqual(context["seccompProfile"], {"type": "RuntimeDefault"})
            self.assertIs(context["allowPrivilegeEscalation"], False)
            self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
        self.assertIs(form.sidecar["securityContext"]["readOnlyRootFilesystem"], True)

    @for_each()
    def test_no_user_is_fixed_but_the_sidecars_and_on_openshift_not_that_one(self, form):
        fixed = [{key: value for key, value in context.items() if key in ["runAsUser", "runAsGroup", "fsGroup"]}
                 for context in (form.pod["securityContext"], *(c["securityContext"] for c in form.containers))]
        users = {"runAsUser": 10001, "runAsGroup": 10001}
        self.assertEqual(list(filter(None, fixed)), [] if "openshift" in form.components else [users])


class Network(unittest.TestCase):
    @for_each(BEHIND_NODEPORT)
    def test_services_reach_their_ports_on_their_own_node_whatever_the_readiness(self, form):
        services = {service["metadata"]["name"]: service["spec"] for service in form.of_kind("Service")}
        self.assertNotIn("http-healthcheck-sidecar", services)  # service links would shadow the options
        for spec in services.values():
            self.assertEqual((spec["type"], spec["externalTrafficPolicy"]), ("NodePort", "Local"))
            self.assertLessEqual(spec["selector"].items(), form.labels.items())
            for port in spec["ports"]:
                self.assertEqual(form.forwarded_port(port["targetPort"]), port["port"])
        health, traffic = services["game-health"], services["game"]
        self.assertEqual({port["port"] for port in health["ports"]},
                         {port["containerPort"] for port in form.sidecar["ports"]} - {STATUS_PORT})
        self.assertIs(health["publishNotReadyAddresses"], True)
        self.assertNotIn("publishNotReadyAddresses", traffic)
        node_ports = [port["nodePort"] for spec in services.values() for port in spec["ports"]]
        self.assertEqual(len(set(node_ports)), len(node_ports))
        if form.name in NATIVE:  # their names are unknown to Services before Kubernetes 1.32
            for port in health["ports"]:
                self.assertIsInstance(port["targetPort"], int)

    @for_each(["daemonset"])
    def test_on_a_nodes_own_ports_every_port_is_but_the_one_for_status(self, form):
        self.assertEqual(form.of_kind("Service"), [])
        for port in form.sidecar["ports"]:
            self.assertEqual(port.get("hostPort"), {"health": 13000, "agent": 13001, "status": None}[port["name"]])

    @for_each()
    def test_network_policies_let_in_every_port_of_the_pod_and_status_from_monitoring_alone(self, form):
        let_in, to_monitoring = set(), set()
        for policy in form.of_kind("NetworkPolicy"):
            self.assertLessEqual(policy["spec"]["podSelector"]["matchLabels"].items(), form.labels.items())
            for rule in policy["spec"]["ingress"]:
                ports = [(port["protocol"], port["port"]) for port in rule["ports"]]
                (to_monitoring if "from" in rule else let_in).update(ports)
                if "from" in rule:
                    self.assertEqual(rule["from"], [{"namespaceSelector": {
                        "matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}])
        status = {("TCP", STATUS_PORT)} if "monitoring" in form.components else set()
        self.assertEqual(to_monitoring, status)
        self.assertEqual(let_in, {(port.get("protocol", "TCP"), port["containerPort"]) for port in form.ports()} - status)

    @for_each()
    def test_network_policies_leave_outgoing_traffic_alone(self, form):
        for policy in form.of_kind("NetworkPolicy"):
            self.assertEqual(policy["spec"]["policyTypes"], ["Ingress"])
            self.assertNotIn("egress", policy["spec"])


if __name__ == "__main__":
    product.main()
