#!/usr/bin/env python3
"""What the manifests say, against what the code does: each form of deployment with each combination of components.

    manifests_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import unittest

import product
from combinations import STATUS_PORT, every_form, for_each
from product import (BEHIND_NODEPORT, FORMS, NATIVE, PREFIX, Form, default_port, one, options, read,
                     seconds)

ADDED = {  # the variables of each component; where two set the same one the later component's value counts
    "watch": {"SOURCE": "watch", "STALE_GRACE": "60s"},
    "drain": {"DRAIN_STATUS": "404", "STALE_GRACE": "10m"},
    "agent": {"AGENT_LISTEN": ":3001", "DRAIN_STATUS": "404"},
    "tls": {"TLS_CERT": "/tls/tls.crt", "TLS_KEY": "/tls/tls.key", "TLS_CLIENT_CA": "/tls/ca.crt"},
    "monitoring": {"STATUS_LISTEN": f"[::]:{STATUS_PORT}"},
    "maintenance": {"MAINTENANCE_LABEL": "health-sidecar/maintenance"},
    "node-drain": {"NODE_DRAIN": "true"},
    "openshift": {},
    "node-namespace": {"TARGET_NAMESPACE": "demo"},
}


class Combinations(unittest.TestCase):
    def test_there_are_as_many_as_there_should_be(self):
        self.assertEqual(len({(form.name, form.components) for form in every_form()}), 3 * 2 ** 8 + 2 ** 7)

    @for_each()
    def test_the_variables_are_the_forms_and_the_components(self, form):
        expected = dict(Form(form.name).environment)
        for component in form.components:
            expected |= {PREFIX + name: value for name, value in ADDED[component].items()}
        self.assertEqual(form.environment, expected)

    @for_each()
    def test_nothing_of_the_form_is_lost(self, form):
        plain = Form(form.name)
        self.assertEqual([c["name"] for c in form.containers], [c["name"] for c in plain.containers])
        self.assertEqual(form.sidecar["ports"][:1], plain.sidecar["ports"])
        self.assertEqual(form.sidecar["volumeMounts"][:1], plain.sidecar["volumeMounts"])
        self.assertEqual(form.pod["volumes"][:1], plain.pod["volumes"])
        rest = [{key: value for key, value in each.sidecar.items()
                 if key not in ["ports", "volumeMounts", "securityContext"]} for each in (form, plain)]
        self.assertEqual(*rest)
        for kind in ["Namespace", "ServiceAccount"]:
            self.assertEqual(form.of_kind(kind), plain.of_kind(kind))


class Manifests(unittest.TestCase):
    @for_each()
    def test_every_variable_is_an_option(self, form):
        self.assertLessEqual({*form.environment, *form.of_the_pod()}, {PREFIX + name for name in options()})

    @for_each(FORMS)
    def test_the_target_is_a_container_of_the_pod(self, form):
        names = [container["name"] for container in form.pod["containers"]]
        self.assertIn(form.environment[PREFIX + "TARGET_CONTAINER"], names)

    def test_the_program_takes_every_configuration_without_a_warning(self):
        environments = {tuple(sorted((form.environment | dict.fromkeys(form.of_the_pod(), "node-a")).items()))
                        for form in every_form()}
        # openshift adds none, and the native forms have the same
        self.assertEqual(len(environments), 2 * 2 ** 7 + 2 ** 6)
        for environment in environments:
            with self.subTest(environment):
                done = product.check_config(dict(environment))
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    @for_each(NATIVE)
    def test_a_native_sidecar_is_the_last_init_container_and_does_not_drain(self, form):
        self.assertIs(form.pod["initContainers"][-1], form.sidecar)
        self.assertEqual(form.sidecar["restartPolicy"], "Always")
        self.assertEqual(seconds(form.environment[PREFIX + "DRAIN"]), 0)

    @for_each(["classic"])
    def test_a_classic_sidecar_drains_within_the_grace_period(self, form):
        self.assertIs(form.pod["containers"][-1], form.sidecar)
        self.assertGreaterEqual(seconds(form.environment[PREFIX + "DRAIN"]), seconds(options()["DRAIN"]))
        self.assertLess(seconds(form.environment[PREFIX + "DRAIN"]), form.pod["terminationGracePeriodSeconds"])

    @for_each()
    def test_the_sidecars_ports_are_those_it_listens_on(self, form):
        listening = {"health": default_port()}
        for name, option in [("agent", "AGENT_LISTEN"), ("status", "STATUS_LISTEN")]:
            if form.option(option):
                listening[name] = int(form.option(option).rpartition(":")[2])
        self.assertNotIn(PREFIX + "LISTEN", form.environment)
        self.assertEqual([(port["name"], port["containerPort"]) for port in form.sidecar["ports"]],
                         [(name, listening[name]) for name in ["health", "agent", "status"] if name in listening])
        numbers = [(port.get("protocol", "TCP"), port["containerPort"]) for port in form.ports()]
        self.assertEqual(len(set(numbers)), len(numbers))

    @for_each()
    def test_probes_of_the_sidecar_ask_livez_and_no_other_probe_asks_the_sidecar(self, form):
        self.assertNotIn("readinessProbe", form.sidecar)
        for kind in ["startupProbe", "livenessProbe"]:  # in plain text with TLS too: the kubelet has no certificate
            self.assertEqual(form.sidecar[kind]["httpGet"], {"path": "/livez", "port": "health"})
        for container in form.containers:
            if container is not form.sidecar:
                for kind in ["startupProbe", "livenessProbe", "readinessProbe"]:
                    self.assertNotIn("httpGet", container.get(kind, {}))

    @for_each()
    def test_the_token_is_in_the_sidecar_alone(self, form):
        self.assertIs(form.pod["automountServiceAccountToken"], False)
        self.assertIs(one(form.of_kind("ServiceAccount"))["automountServiceAccountToken"], False)
        volume = one(volume for volume in form.pod["volumes"] if "projected" in volume)
        mount = one(mount for mount in form.sidecar["volumeMounts"] if mount["name"] == volume["name"])
        self.assertEqual(mount["mountPath"], options()["SERVICE_ACCOUNT_DIR"])
        self.assertTrue(mount["readOnly"])
        for container in form.containers:
            if container is not form.sidecar:
                self.assertNotIn("volumeMounts", container)
        token, authority, namespace = volume["projected"]["sources"]
        self.assertEqual(token["serviceAccountToken"], {"path": "token", "expirationSeconds": 3607})
        self.assertEqual(authority["configMap"]["name"], "kube-root-ca.crt")
        self.assertEqual(one(authority["configMap"]["items"])["path"], "ca.crt")
        self.assertEqual(one(namespace["downwardAPI"]["items"]), {
            "path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}})

    @for_each()
    def test_certificates_are_files_of_a_secret_that_is_swapped_as_a_whole(self, form):
        names = ["TLS_CERT", "TLS_KEY", "TLS_CLIENT_CA"]
        secrets = [volume for volume in form.pod["volumes"] if "secret" in volume]
        if "tls" not in form.components:
            self.assertEqual((secrets, [form.option(name) for name in names]), ([], [""] * 3))
            return
        mount = one(mount for mount in form.sidecar["volumeMounts"] if mount["name"] == one(secrets)["name"])
        self.assertNotIn("subPath", mount)
        self.assertTrue(mount["readOnly"])
        self.assertNotIn("items", one(secrets)["secret"])
        files = ["tls.crt", "tls.key", "ca.crt"]  # as in every Secret of the type kubernetes.io/tls
        self.assertEqual([form.option(name) for name in names], [f"{mount['mountPath']}/{file}" for file in files])
        for file in files:
            self.assertIn(f"--from-file={file}", read("deploy/components/tls/kustomization.yaml"))

    @for_each()
    def test_the_sidecar_is_cheap_and_bounded(self, form):
        self.assertEqual(form.sidecar["resources"], {
            "requests": {"cpu": "5m", "memory": "8Mi"}, "limits": {"memory": "32Mi"}})

    @for_each(BEHIND_NODEPORT)
    def test_a_node_never_has_two_pods_to_answer_for_it(self, form):
        rule = one(form.pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"])
        self.assertEqual(rule["topologyKey"], "kubernetes.io/hostname")
        self.assertLessEqual(rule["labelSelector"]["matchLabels"].items(), form.labels.items())

    def test_no_roll_out_puts_two_pods_on_a_node(self):
        self.assertEqual(Form("native-sidecar").workload["spec"]["strategy"]["rollingUpdate"]["maxSurge"], 0)
        self.assertEqual(Form("daemonset").workload["spec"]["updateStrategy"]["rollingUpdate"]["maxSurge"], 0)
        self.assertEqual(Form("classic").workload["kind"], "StatefulSet")  # which never surges


if __name__ == "__main__":
    product.main()
