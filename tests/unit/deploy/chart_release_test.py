#!/usr/bin/env python3
"""A release of deploy/chart: what helm says of it, and what `helm test` does.

    chart_release_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import unittest

import product
from chart import CHART, COMPONENTS, IMAGE, INJECTION, MONITORING, environment, merged, rendered, run_helm
from product import PREFIX, one


class Release(unittest.TestCase):
    def test_lint_finds_nothing(self):
        for values in [{"image": {"repository": IMAGE}},
                       merged({"image": {"repository": IMAGE}}, *COMPONENTS.values(), MONITORING, INJECTION)]:
            done = run_helm("lint", "--strict", "--quiet", CHART, values=values)
            self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_the_notes_say_what_to_do_next(self):
        bare, bound = {"image": {"repository": IMAGE}}, {"rbac": {"serviceAccounts": ["game"]}}
        for values, texts in [
            (bare, ["NO SERVICE ACCOUNT MAY READ PODS YET", "http-healthcheck-sidecar.container", "services.WORKLOAD"]),
            (merged(bare, bound, {"services": {"game-health": {"selector": {"app": "game"}}}}),
             ["Service accounts game of namespace game", "get service game-health", "helm -n game test health-sidecar"]),
            (merged(bare, bound, INJECTION, {"keyPrefix": "lb.example.com/"}),
             ["kubectl label namespace game lb.example.com/inject=true", '"lb.example.com/target-container"', "a second"]),
        ]:
            done = run_helm("install", "health-sidecar", CHART, "--namespace", "game", "--dry-run=client", values=values)
            self.assertEqual(done.returncode, 0, done.stderr)
            notes = done.stdout.partition("\nNOTES:\n")[2]
            for text in texts:
                self.assertIn(text, notes)
            self.assertEqual(texts[0].startswith("NO "), "NO SERVICE ACCOUNT" in notes)

    def test_its_test_runs_doctor_with_each_service_account(self):
        found = [d for d in rendered({"rbac": {"serviceAccounts": ["default", "game"]}}) if d["kind"] == "Pod"]
        self.assertEqual([pod["spec"]["serviceAccountName"] for pod in found], ["default", "game"])
        for pod in found:
            self.assertEqual(pod["metadata"]["annotations"]["helm.sh/hook"], "test")
            sidecar, doctor = one(pod["spec"]["initContainers"]), one(pod["spec"]["containers"])
            self.assertEqual((doctor["args"], doctor["image"]), (["doctor"], sidecar["image"]))
            self.assertEqual(environment(sidecar)[PREFIX + "TARGET_CONTAINER"], doctor["name"])
            self.assertIn({"name": "CONTAINER_NAME", "value": sidecar["name"]}, doctor["env"])
            self.assertEqual(doctor["securityContext"], sidecar["securityContext"])
            self.assertEqual(pod["spec"]["restartPolicy"], "Never")


if __name__ == "__main__":
    product.main(verbosity=2)
