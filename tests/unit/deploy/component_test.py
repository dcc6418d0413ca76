#!/usr/bin/env python3
"""What deploy/components/monitoring makes of each form of deployment.

    component_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import functools
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import yaml

import product
from product import BINARY, FORMS, NATIVE, OVERLAYS, PREFIX, ROOT, Form, identity, one, read, with_component

PORT = 3002


def rendered(name):
    """What kustomize makes of the directory and the component."""
    with tempfile.TemporaryDirectory() as directory:
        deploy = pathlib.Path(os.path.relpath(ROOT / "deploy", pathlib.Path(directory).resolve()))
        pathlib.Path(directory, "kustomization.yaml").write_text(yaml.safe_dump({
            "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
            "resources": [str(deploy / name)], "components": [str(deploy / "components" / "monitoring")]}))
        done = subprocess.run([shutil.which("kubectl"), "kustomize", directory], capture_output=True, text=True, timeout=60)
    if (done.returncode, done.stderr) != (0, ""):
        raise AssertionError(done.stderr)
    return list(yaml.safe_load_all(done.stdout))


def for_each_form(test):
    """Runs a test once for each form: with the component, as this file reads it, and without."""
    @functools.wraps(test)
    def run(self):
        for name in (*FORMS, *OVERLAYS):
            with self.subTest(name):
                test(self, Form(name, with_component(name, "monitoring")), Form(name))
    return run


class Monitoring(unittest.TestCase):
    def test_it_is_a_component(self):
        kustomization = yaml.safe_load(read("deploy/components/monitoring/kustomization.yaml"))
        self.assertEqual((kustomization["apiVersion"], kustomization["kind"]),
                         ("kustomize.config.k8s.io/v1alpha1", "Component"))
        targets = [patch["target"] for patch in kustomization["patches"]]
        self.assertEqual(targets, [{"kind": "Deployment|DaemonSet"}, {"kind": "StatefulSet"}])

    @for_each_form
    def test_it_opens_the_status_port_and_changes_nothing_else_of_the_pod(self, form, before):
        self.assertEqual(form.environment, before.environment | {PREFIX + "STATUS_LISTEN": f"[::]:{PORT}"})
        self.assertEqual(form.sidecar["ports"], [*before.sidecar["ports"], {"name": "status", "containerPort": PORT}])
        self.assertEqual([c["name"] for c in form.containers], [c["name"] for c in before.containers])
        del form.sidecar["env"][-1], form.sidecar["ports"][-1]
        self.assertEqual(form.workload, before.workload)

    @for_each_form
    def test_a_native_sidecar_stays_the_last_init_container(self, form, _):
        if form.name in NATIVE:
            self.assertIs(form.pod["initContainers"][-1], form.sidecar)

    @for_each_form
    def test_only_the_namespace_monitoring_reaches_the_port(self, form, before):
        known = {identity(document) for document in before.documents}
        policy = one(document for document in form.documents if identity(document) not in known)
        self.assertEqual(policy["kind"], "NetworkPolicy")
        self.assertLessEqual(policy["spec"]["podSelector"]["matchLabels"].items(), form.labels.items())
        self.assertEqual(policy["spec"]["policyTypes"], ["Ingress"])
        self.assertEqual(policy["spec"]["ingress"], [{
            "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
            "ports": [{"protocol": "TCP", "port": PORT}]}])
        for other in before.of_kind("NetworkPolicy"):
            for rule in other["spec"]["ingress"]:
                self.assertNotIn(PORT, [port["port"] for port in rule["ports"]])

    @for_each_form
    def test_nothing_carries_the_port_out_of_the_cluster(self, form, _):
        self.assertFalse([port for port in form.ports() if port["containerPort"] == PORT and "hostPort" in port])
        for service in form.of_kind("Service"):
            self.assertFalse({PORT, "status"} & {port["targetPort"] for port in service["spec"]["ports"]})

    @for_each_form
    def test_no_probe_asks_the_status_port(self, form, _):
        for container in form.containers:
            for kind in ["startupProbe", "livenessProbe", "readinessProbe"]:
                self.assertNotIn(container.get(kind, {}).get("httpGet", {}).get("port"), [PORT, "status"])

    @for_each_form
    def test_the_program_takes_the_configuration(self, form, _):
        done = subprocess.run([BINARY, "--check-config"], capture_output=True, text=True, timeout=10,
                              env=form.environment | {"KUBERNETES_SERVICE_HOST": "10.0.0.1",
                                                      "KUBERNETES_SERVICE_PORT": "443", "HOSTNAME": "game-0"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    @unittest.skipUnless(shutil.which("kubectl"), "kubectl is not installed: what kustomize makes of it is not compared")
    @for_each_form
    def test_kustomize_makes_the_same_of_it(self, form, _):
        result = Form(form.name, rendered(form.name))
        self.assertEqual(sorted(map(identity, result.documents)), sorted(map(identity, form.documents)))
        self.assertEqual(result.environment, form.environment)
        self.assertEqual(*(sorted(f.sidecar["ports"], key=lambda port: port["name"]) for f in (result, form)))
        self.assertEqual([c["name"] for c in result.containers], [c["name"] for c in form.containers])
        for policies in zip(*(sorted(f.of_kind("NetworkPolicy"), key=identity) for f in (result, form))):
            self.assertEqual(*(policy["spec"] for policy in policies))


if __name__ == "__main__":
    product.main()
