#!/usr/bin/env python3
"""What deploy/chart and the policy make, against the published schemas of Kubernetes and its Pod Security Standards.

    chart_schemas_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import importlib.util
import unittest

import product
from chart import COMPONENTS, INJECTION, MONITORING, calling, documents, merged, rendered
from inject_test import admitted, pod
from product import read

RESTRICTED = {"runAsNonRoot": True, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]},
              "seccompProfile": {"type": "RuntimeDefault"}}
SINCE_1_36 = {"MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"}
VERSIONS = [f"1.{minor}" for minor in range(29, 38)]


@unittest.skipUnless(importlib.util.find_spec("schema"), "tests/unit/deploy has no schema.py")
class Schemas(unittest.TestCase):
    def check(self, found, versions=VERSIONS):
        import schema
        for document in found:
            for version in versions:
                if document["kind"] not in SINCE_1_36 or version >= "1.36":
                    with self.subTest(document["kind"], version=version):
                        self.assertEqual(schema.violations(document, version), [])

    def test_everything_is_as_they_say(self):
        self.check(rendered(merged(*COMPONENTS.values()), MONITORING, INJECTION, {"rbac": {"wholeNamespace": True}}))
        self.check(documents(read("deploy/inject/policy.yaml") + "---\n" + read("deploy/inject/namespace.yaml")))

    def test_so_is_a_pod_that_the_policy_has_changed(self):
        self.check([merged(admitted(pod(options="API_QPS=5")), {"metadata": {"name": "game-0"}})], ["1.36", "1.37"])

    def test_pods_are_restricted(self):
        import pod_security
        game = pod()
        game["spec"]["containers"][0]["securityContext"] = RESTRICTED
        called = next(document for document in calling(rendered, merged(*COMPONENTS.values())) if document["kind"] == "Caller")
        pods = [admitted(game)["spec"], *(d["spec"] for d in rendered() if d["kind"] == "Pod"),
                game["spec"] | {key: called[key] for key in ["initContainers", "volumes"]}]
        self.assertEqual(len(pods), 3)
        for spec in pods:
            self.assertEqual(pod_security.violations_of_restricted(spec), [])


if __name__ == "__main__":
    product.main(verbosity=2)
