#!/usr/bin/env python3
"""pod_security.py finds each thing that the Pod Security Standards forbid, and nothing in a pod without them.

    pod_security_test.py [UNITTEST-ARGUMENT]...
"""

import copy
import unittest

from pod_security import violations_of_baseline, violations_of_restricted

LISTS = ["initContainers", "containers", "ephemeralContainers"]
CONTEXT = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
GOOD = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "volumes": [{"name": kind, kind: {}} for kind in (
        "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret")],
    **{name: [{"name": name, "securityContext": copy.deepcopy(CONTEXT)}] for name in LISTS}}

# What is set, in place of what GOOD has there.
BASELINE_OF_THE_POD = [
    {"hostNetwork": True}, {"hostPID": True}, {"hostIPC": True},
    {"volumes": [{"name": "a", "hostPath": {"path": "/"}}]}]
BASELINE_OF_THE_PODS_CONTEXT = [{"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}]
BASELINE_OF_EACH_CONTEXT = [
    {"windowsOptions": {"hostProcess": True}}, {"appArmorProfile": {"type": "Unconfined"}},
    {"seccompProfile": {"type": "Unconfined"}}, {"seLinuxOptions": {"type": "spc_t"}},
    {"seLinuxOptions": {"user": "system_u"}}, {"seLinuxOptions": {"role": "system_r"}}]
BASELINE_OF_THE_CONTAINERS_CONTEXT = [
    {"privileged": True}, {"procMount": "Unmasked"}, {"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}]
BASELINE_OF_THE_CONTAINER = [
    {"ports": [{"containerPort": 1}, {"containerPort": 2, "hostPort": 2}]},
    *({probe: {action: {"port": 1, "host": "10.0.0.1"}}}
      for probe in ("startupProbe", "livenessProbe", "readinessProbe") for action in ("httpGet", "tcpSocket")),
    *({"lifecycle": {hook: {action: {"port": 1, "host": "10.0.0.1"}}}} for hook in ("postStart", "preStop")
      for action in ("httpGet", "tcpSocket"))]
RESTRICTED_OF_THE_POD = [
    {"volumes": [{"name": "a", "nfs": {}}]}, {"volumes": [{"name": "a", "image": {}}]}, {"volumes": [{"name": "a"}]}]
RESTRICTED_OF_EACH_CONTEXT = [{"runAsUser": 0}, {"runAsNonRoot": False}]
RESTRICTED_OF_THE_CONTAINERS_CONTEXT = [
    {"allowPrivilegeEscalation": True}, {"allowPrivilegeEscalation": None}, {"capabilities": {}},
    {"capabilities": {"drop": ["NET_RAW"]}}, {"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}]
# Fields that a container may leave to the pod, but not both.
EITHER = [{"runAsNonRoot": True}, {"seccompProfile": {"type": "Localhost", "localhostProfile": "a.json"}}]
ALLOWED_TO_THE_CONTAINER = [
    {"ports": [{"containerPort": 80, "hostPort": 0}]}, {"livenessProbe": {"httpGet": {"port": 1, "host": ""}}},
    {"securityContext": CONTEXT | {"runAsUser": 1, "procMount": "Default", "privileged": False,
                                   "seLinuxOptions": {"type": "container_t", "level": "s0:c1"},
                                   "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}}}]


def changed(spec, fields, *way):
    spec = copy.deepcopy(spec)
    node = spec
    for step in way:
        node = node[step]
    node.update(copy.deepcopy(fields))
    return spec


def each(of_pod, of_pods_context, of_each_context, of_containers_context, of_container):
    """(the pod with one fault, where the fault must be told to be)."""
    for fields in of_pod:
        yield changed(GOOD, fields), next(iter(fields))
    for fields in [*of_pods_context, *of_each_context]:
        yield changed(GOOD, fields, "securityContext"), f"securityContext.{next(iter(fields))}"
    for name in LISTS:
        for fields in [*of_each_context, *of_containers_context]:
            yield changed(GOOD, fields, name, 0, "securityContext"), f"{name}[0].securityContext.{next(iter(fields))}"
        for fields in of_container:
            yield changed(GOOD, fields, name, 0), f"{name}[0].{next(iter(fields))}"


class PodSecurity(unittest.TestCase):
    def test_a_good_pod_has_no_violations(self):
        self.assertEqual(violations_of_restricted(GOOD), [])
        for name in LISTS:
            for fields in ALLOWED_TO_THE_CONTAINER:
                self.assertEqual(violations_of_restricted(changed(GOOD, fields, name, 0)), [], fields)

    def test_baseline_lets_an_ordinary_pod_pass(self):
        self.assertEqual(violations_of_baseline({"containers": [{"name": "a"}]}), [])
        self.assertEqual(violations_of_baseline({"containers": [
            {"name": "a", "securityContext": {"runAsUser": 0, "capabilities": {"add": ["CHOWN"]}}}]}), [])

    def test_each_fault_against_baseline_is_found_by_both(self):
        for spec, where in each(BASELINE_OF_THE_POD, BASELINE_OF_THE_PODS_CONTEXT, BASELINE_OF_EACH_CONTEXT,
                                BASELINE_OF_THE_CONTAINERS_CONTEXT, BASELINE_OF_THE_CONTAINER):
            with self.subTest(where):
                found, = violations_of_baseline(spec)
                self.assertIn(where, found)
                self.assertIn(found, violations_of_restricted(spec))

    def test_each_fault_against_restricted_is_found_by_it_alone(self):
        for spec, where in each(RESTRICTED_OF_THE_POD, [], RESTRICTED_OF_EACH_CONTEXT,
                                RESTRICTED_OF_THE_CONTAINERS_CONTEXT, []):
            with self.subTest(where):
                found, = violations_of_restricted(spec)
                self.assertIn(where, found)
                self.assertEqual(violations_of_baseline(spec), [])

    def test_what_neither_the_pod_nor_a_container_says_is_found_in_each_container_that_does_not(self):
        for fields in EITHER:
            field, = fields
            spec = copy.deepcopy(GOOD)
            del spec["securityContext"][field]
            for name in LISTS:
                self.assertEqual(len(violations_of_restricted(spec)), len(LISTS) - LISTS.index(name), field)
                spec = changed(spec, fields, name, 0, "securityContext")
            self.assertEqual(violations_of_restricted(spec), [])

    def test_a_pod_that_says_nothing_fails_restricted(self):
        self.assertEqual(len(violations_of_restricted({"containers": [{"name": "a", "securityContext": None}]})), 4)


if __name__ == "__main__":
    unittest.main()
