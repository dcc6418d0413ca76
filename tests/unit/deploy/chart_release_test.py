#!/usr/bin/env python3
"""A release of deploy/chart: what helm says of it, and what `helm test` does.

    chart_release_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import unittest

import product
from chart import (CHART, COMPONENTS, GAME, IMAGE, INJECTION, MONITORING, by_kind, environment, merged, rendered,
                   run_helm)
from product import PREFIX, one


class Release(unittest.TestCase):
    def test_lint_finds_nothing(self):
        for values in [{"image": {"repository": IMAGE}},
                       merged({"image": {"repository": IMAGE}}, *COMPONENTS.values(), MONITORING, INJECTION)]:
            done = run_helm("lint", "--strict", "--quiet", CHART, values=values)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_the_notes_say_what_to_do_next(self):
        bare, bound = {"image": {"repository": IMAGE}}, {"rbac": {"serviceAccounts": ["game"]}}
        stable = {"rbac": {"resourceNames": ["game-0", "game-1"]}}
        for values, texts in [
            (bare, ["NO SERVICE ACCOUNT MAY READ PODS YET", "http-healthcheck-sidecar.container", "services.WORKLOAD"]),
            (merged(bare, bound, {"services": {"game-health": {"selector": {"app": "game"}}}}),
             ["Service accounts game of namespace game", "get service game-health", "helm -n game test health-sidecar"]),
            (merged(bare, bound, stable), ["no pod for `helm test`", "exec game-0 -c health"]),
            (merged(bare, bound, COMPONENTS["node-drain"]), ["Service accounts game of namespace game"]),
            (merged(bare, bound, COMPONENTS["node-drain"], {"rbac": {"create": False}}), ["NO SERVICE ACCOUNT MAY READ NODES YET"]),
            (merged(bare, bound, COMPONENTS["monitoring"]), ["helm -n game test", "Neither the templates nor injection set that label"]),
            (merged(bare, bound, COMPONENTS["monitoring"], {"networkPolicy": {"enabled": False}}),
             ["helm -n game test", "whole cluster reads the status page"]),
            (merged(bare, bound, INJECTION, {"keyPrefix": "lb.example.com/"}),
             ["kubectl label namespace game lb.example.com/inject=true", '"lb.example.com/target-container"', "a second"]),
            (merged(bare, bound, MONITORING), ["The PodMonitor finds no metrics", "--set status.enabled=true"]),
            (merged(bare, bound, MONITORING, {"podMonitor": {"allNamespaces": True}}), ["helm -n game test"]),
        ]:
            done = run_helm("install", "health-sidecar", CHART, "--namespace", "game", "--dry-run=client", values=values)
            self.assertEqual(done.returncode, 0, done.stderr)
            notes = done.stdout.partition("\nNOTES:\n")[2]
            for text in texts:
                self.assertIn(text, notes)
            self.assertEqual(texts[0].startswith("NO "), "NO SERVICE ACCOUNT" in notes)
            self.assertEqual("MAY READ NODES" in texts[0], "MAY READ NODES" in notes)
            self.assertEqual("status" in values, "status page" in notes)
            self.assertEqual("PodMonitor" in texts[0], "PodMonitor" in notes)
            self.assertNotIn("\n\n\n", notes)
            self.assertEqual(set(values.get("rbac", {})) - {"create"} == set(bound["rbac"]), "helm -n game test" in notes)

    def test_its_test_runs_doctor_with_each_service_account(self):
        found = pods({"rbac": {"serviceAccounts": ["default", "game"]}})
        self.assertEqual([pod["spec"]["serviceAccountName"] for pod in found], ["default", "game"])
        self.assertNotIn("kind: Pod", run_helm("template", CHART, "--skip-tests", values=GAME).stdout)
        for pod in found:
            self.assertEqual(pod["metadata"]["annotations"], {  # Helm 3 reads the logs after hook-succeeded
                "helm.sh/hook": "test", "helm.sh/hook-delete-policy": "before-hook-creation"})
            sidecar, doctor = one(pod["spec"]["initContainers"]), one(pod["spec"]["containers"])
            self.assertEqual((doctor["args"], doctor["image"]), (["doctor"], sidecar["image"]))
            self.assertEqual(environment(sidecar)[PREFIX + "TARGET_CONTAINER"], doctor["name"])
            self.assertIn({"name": "CONTAINER_NAME", "value": sidecar["name"]}, doctor["env"])
            self.assertEqual(doctor["securityContext"], sidecar["securityContext"])
            self.assertEqual(pod["spec"]["restartPolicy"], "Never")

    def test_its_test_is_for_its_own_pod_whatever_the_workloads_options(self):
        for options in [{"REQUIRE": "pod"}, {"TARGET_POD_OVERRIDE": "game-0"}, {"TARGET_NAMESPACE": "games"}]:
            pod = one(pods({"options": merged({"TARGET_CONTAINER": ""}, options)}))
            done = product.check_config(environment(one(pod["spec"]["initContainers"])) | {"HOSTNAME": "doctor"})
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertFalse(set(options.values()) & set(environment(one(pod["spec"]["initContainers"])).values()))

    def test_a_role_for_pods_by_name_is_not_for_the_pod_of_a_test(self):
        for whole in [False, True]:
            self.assertEqual(pods({"rbac": {"resourceNames": ["game-0"], "wholeNamespace": whole}}), [])

    def test_what_has_a_name_cut_off_is_still_another_one(self):
        long = "a" * 60
        found = [pod["metadata"]["name"] for pod in pods({"rbac": {"serviceAccounts": [long + "1", long + "2", "b." * 40 + "b"]}})]
        found += [by_kind(rendered(release="a" * 45 + end), "RoleBinding")["metadata"]["name"] for end in "12"]
        self.assertEqual(len(set(found)), 5)
        for name in found:
            self.assertRegex(name, r"^[a-z0-9][-a-z0-9.]{0,61}[a-z0-9]$")
        self.assertLessEqual(max(map(len, found[3:])), 53)  # -dashboard comes after it


def pods(*values):
    return [document for document in rendered(*values) if document["kind"] == "Pod"]


if __name__ == "__main__":
    product.main(verbosity=2)
