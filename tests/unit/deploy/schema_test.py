#!/usr/bin/env python3
"""schema.py finds what a server of each version would refuse, and reads YAML as Kubernetes does.

    schema_test.py [UNITTEST-ARGUMENT]...
"""

import json
import pathlib
import re
import subprocess
import sys
import unittest

import kubernetes_yaml
from schema import DATA, VERSIONS, types, violations

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: game, annotations: {a: b}}
spec:
  replicas: 1
  selector: {matchLabels: {app: game}}
  template:
    metadata: {labels: {app: game}}
    spec:
      automountServiceAccountToken: false
      securityContext: {seccompProfile: {type: RuntimeDefault}}
      initContainers:
        - name: health
          image: health:1
          restartPolicy: Always
          env: [{name: A, value: "1"}]
          ports: [{name: health, containerPort: 3000, protocol: TCP}]
          livenessProbe: {httpGet: {path: /livez, port: health}}
          resources: {requests: {cpu: 5m}, limits: {memory: 32Mi}}
          volumeMounts: [{name: token, mountPath: /token}]
      containers: [{name: game, image: game:1}]
      volumes: [{name: token, emptyDir: {}}]
"""

# What is in it, what stands there instead, and a part of what is said of it.
FAULTS = [
    ("restartPolicy:", "restartPolicies:", "'restartPolicies' is no field"),
    ("securityContext:", "securitycontext:", "spec.template.spec: 'securitycontext' is no field"),
    ("a: b", "a: 1", "Deployment/game: metadata.annotations.a: 1 is not of type 'string'"),
    ("containerPort: 3000", "containerPort: '3000'", "'3000' is not of type 'integer'"),
    ("containerPort: 3000", "containerPort: 3000.5", "3000.5 is not of type 'integer'"),
    ("containerPort: 3000", "containerPort: true", "True is not of type 'integer'"),
    ("containerPort: 3000, ", "", "initContainers[0].ports[0]: 'containerPort' is a required property"),
    ("selector: {matchLabels: {app: game}}", "paused: false", "spec: 'selector' is a required property"),
    ("containers: [{name: game, image: game:1}]", "hostPID: false", "'containers' is a required property"),
    ("containers: [{name: game, image: game:1}]", "containers: {name: game}", "is not of type 'array'"),
    ("port: health", "port: [health]", "is not of type 'integer', 'string'"),
    ("value: \"1\"", "value: 1", "1 is not of type 'string'"),
    ("value: \"1\"", "value: null", "None is not of type 'string'"),
    ("value: \"1\"", "value: 1e+07", "10000000.0 is not of type 'string'"),
    ("AccountToken: false", "AccountToken: 'false'", "is not of type 'boolean'"),
    ("memory: 32Mi", "memory: 32 MB", "does not match"),
    ("memory: 32Mi", "memory: 32MiB", "does not match"),
    ("memory: 32Mi", "memory: [32Mi]", "is not of type 'number', 'string'"),
    ("type: RuntimeDefault", "type: Runtimedefault", "is not one of ['Localhost', 'RuntimeDefault', 'Unconfined']"),
    ("protocol: TCP", "protocol: tcp", "is not one of ['SCTP', 'TCP', 'UDP']"),
    ("apiVersion: apps/v1", "apiVersion: apps/v1beta1", "apps/v1beta1/Deployment: there is no schema of this kind"),
    ("env: [", "env: [{name: A}, ", "env: A is there twice, by name"),
    ("ports: [", "ports: [{containerPort: 3000}, ", "ports: 3000 TCP is there twice, by containerPort and protocol"),
    ("volumeMounts: [", "volumeMounts: [{name: b, mountPath: /token}, ", "volumeMounts: /token is there twice"),
    ("containers: [", "containers: [{name: game}, ", "containers: game is there twice"),
    ("volumes: [", "volumes: [{name: token}, ", "volumes: token is there twice"),
]
OTHER_FORMS = [
    ("port: health", "port: 3000"), ("memory: 32Mi", "memory: 33554432"), ("cpu: 5m", "cpu: 0.005"),
    ("cpu: 5m", "cpu: 5e-3"), ("ports: [", "ports: [{containerPort: 3000, protocol: UDP}, ")]
# A line of the pod, and the versions that know it: from the change logs of Kubernetes, not from the table.
KNOWN = [
    ("securityContext: {appArmorProfile: {type: RuntimeDefault}}", "1.30", "1.37"),
    ("volumes: [{name: token, image: {reference: a}}]", "1.31", "1.37"),
    ("resourceClaims: [{name: a, source: {resourceClaimName: a}}]", "1.29", "1.30"),
    ("resources: {}", "1.32", "1.37"),
    ("hostnameOverride: a", "1.34", "1.37"),
    ("workloadRef: {name: a, podGroup: a}", "1.35", "1.35"),
    ("schedulingGroup: {podGroupName: a}", "1.36", "1.37"),
]
BINDING = """
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: a}
spec: {policyName: a}
"""
POLICY = """
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: a}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  failurePolicy: Fail
  mutations: [{patchType: JSONPatch, jsonPatch: {expression: "[]"}}]
"""


def document(text, before="", after=""):
    if before not in text:
        raise AssertionError(f"not there: {before}")
    found, = kubernetes_yaml.documents(text.replace(before, after, 1))
    return found


class Schema(unittest.TestCase):
    def test_versions_have_no_gap(self):
        self.assertEqual(VERSIONS, [f"1.{minor}" for minor in range(29, 38)])
        with self.assertRaises(ValueError):
            violations(document(DEPLOYMENT), "1.28")

    def test_every_version_takes_what_is_right(self):
        for text in [DEPLOYMENT, *(DEPLOYMENT.replace(*change, 1) for change in OTHER_FORMS)]:
            for version in VERSIONS:
                self.assertEqual(violations(document(text), version), [])

    def test_each_fault_is_found_in_every_version_and_nothing_else(self):
        for before, after, said in FAULTS:
            wrong = document(DEPLOYMENT, before, after)
            for version in VERSIONS:
                with self.subTest(after, version=version):
                    found, = violations(wrong, version)
                    self.assertIn(said, found)

    def test_what_is_no_object_is_a_violation(self):
        for wrong in [None, [], "text", {}, {"kind": "Pod"}, {"apiVersion": "v1", "kind": ["Pod"]}]:
            self.assertEqual(len(violations(wrong, VERSIONS[0])), 1, wrong)
        self.assertEqual(len(violations({"apiVersion": "v1", "kind": "ConfigMap", "metadata": []}, VERSIONS[0])), 1)

    def test_a_field_is_known_from_the_version_that_brought_it_to_the_one_that_had_it_last(self):
        for line, first, last in KNOWN:
            pod = document(DEPLOYMENT)
            pod["spec"]["template"]["spec"] |= document(line)
            self.assertEqual([version for version in VERSIONS if not violations(pod, version)],
                             VERSIONS[VERSIONS.index(first):VERSIONS.index(last) + 1], line)

    def test_policies_are_kinds_of_1_36_and_later(self):
        for text in [BINDING, POLICY]:
            takers = [version for version in VERSIONS if not violations(document(text), version)]
            self.assertEqual(takers, ["1.36", "1.37"])
        for before, after in [("patchType: JSONPatch", "patchType: JsonPatch"), ("expression:", "expressions:"),
                              ("patchType: JSONPatch, ", ""), ("CREATE", "Create"), ("Fail", "fail")]:
            self.assertEqual(len(violations(document(POLICY, before, after), "1.36")), 1, after)

    def test_every_name_in_the_table_is_one_of_its_types_and_every_kind_has_fields(self):
        self.assertLessEqual(set(re.findall(r'"\$ref": "(\w+)"', json.dumps(DATA["types"]))), set(DATA["types"]))
        for kind in DATA["kinds"].values():
            self.assertIn("metadata", types(VERSIONS[-1])[kind]["properties"])


class Yaml(unittest.TestCase):
    def test_scalars_are_what_kubernetes_reads(self):
        for text, value in [("10:30", "10:30"), ("1e+07", 1e7), ("y", True), ("Off", False), ("0777", 511),
                            ("0o17", 15), ("1_000", 1000), ("2026-11-29", "2026-11-29"), ("~", None), ("'y'", "y"),
                            ("0x1F", 31),
                            ("1.0.0", "1.0.0"), ("08", 8), (".5", 0.5), ("yes sir", "yes sir")]:
            self.assertEqual(kubernetes_yaml.documents(f"a: {text}"), [{"a": value}], text)

    def test_a_key_that_is_there_twice_is_an_error(self):
        with self.assertRaisesRegex(kubernetes_yaml.yaml.YAMLError, "'a' is there twice"):
            kubernetes_yaml.documents("b: {a: 1, a: 2}")
        self.assertEqual(kubernetes_yaml.documents("{a: &x {b: 1, c: 2}, d: {<<: *x, b: 3}}")[0]["d"], {"b": 3, "c": 2})


class Program(unittest.TestCase):
    def of(self, text, *options):
        program = pathlib.Path(__file__).with_name("schema.py")
        done = subprocess.run([sys.executable, program, *options, "-"], input=text, capture_output=True, text=True,
                              timeout=60)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def test_it_says_what_is_wrong_and_in_which_versions(self):
        good = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {b: c}}"
        bad = good.replace("c}", "1}")
        whole = "{} documents are as the schemas of Kubernetes {} to 1.37 say\n"
        self.assertEqual(self.of(f"{good}\n---\n{good}"), (0, whole.format(2, "1.29")))
        self.assertEqual(self.of(bad), (1, "-: ConfigMap/a: data.b: 1 is not of type 'string' (1.29 to 1.37)\n"))
        self.assertEqual(self.of(BINDING, "--since", "1.36"), (0, whole.format(1, "1.36")))
        status, said = self.of(BINDING)
        self.assertEqual(status, 1)
        self.assertIn("MutatingAdmissionPolicyBinding: no such kind (1.29 to 1.35)\n", said)

    def test_what_cannot_be_read_or_is_empty_is_no_success(self):
        status, said = self.of("{a: 1, a: 2}")
        self.assertEqual(status, 1)
        self.assertIn("the key 'a' is there twice", said)
        self.assertEqual(self.of(""), (1, "there is no document\n"))


if __name__ == "__main__":
    unittest.main()
