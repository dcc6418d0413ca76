#!/usr/bin/env python3
"""deploy/chart: what the real helm makes of it is what kustomize makes of deploy/native-sidecar and the components.

    chart_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import copy
import functools
import json
import re
import shutil
import tempfile
import unittest

import yaml

import product
from chart import (CALL, CHART, COMPONENTS, IMAGE, INJECTION, by_kind, calling, container, documents, environment, refusal,
                   rendered, run_helm)
from product import PREFIX, ROOT, Form, one, project_version, read

VOLUMES = {"kube-api-access": "health-sidecar-token", "health-tls": "health-sidecar-tls"}  # deploy/'s names, the chart's


def kustomized(component):
    """deploy/native-sidecar with the component."""
    return Form("native-sidecar", *filter(None, [component]))


def volumes(found):
    """By the chart's names, with what the API server adds."""
    found = {VOLUMES.get(volume["name"], volume["name"]): copy.deepcopy(volume) for volume in found}
    for volume in found.values():
        del volume["name"]
        for source in volume.get("projected", {}).get("sources", []):
            for item in source.get("downwardAPI", {}).get("items", []):
                item["fieldRef"].setdefault("apiVersion", "v1")
    return found


def comparable(ours, theirs):
    """Two containers by the chart's names of volumes, without what is compared elsewhere: variables and image."""
    ours, theirs = copy.deepcopy(ours), copy.deepcopy(theirs)
    for mount in theirs["volumeMounts"]:
        mount["name"] = VOLUMES[mount["name"]]
    for key in ["env", "envFrom", "image"]:
        ours.pop(key, None), theirs.pop(key, None)
    return ours, theirs


def let_in(found):
    """What the policies of the sidecar's pods let in, each peer and port as a text."""
    policies = [document["spec"] for document in found if document["kind"] == "NetworkPolicy"]
    return {json.dumps([rule.get("from"), port], sort_keys=True) for policy in policies
            if policy["podSelector"]["matchLabels"] == {"health-sidecar": "enabled"}
            for rule in policy["ingress"] for port in rule["ports"]}


def for_each_component(test):
    """Runs a test for each with all that a calling chart gets, and with what kustomize makes."""
    @functools.wraps(test)
    def run(self):
        for component, values in COMPONENTS.items():
            with self.subTest(component):
                test(self, chart_with(component), kustomized(component))
    return run


@functools.cache
def chart_with(component):
    return calling(rendered, COMPONENTS[component])


class Kustomize(unittest.TestCase):
    @for_each_component
    def test_the_container_is_the_same(self, found, form):
        ours = one(by_kind(found, "Caller")["initContainers"])
        self.assertEqual(environment(ours), form.environment)
        self.assertEqual(ours["image"], f"{IMAGE}:{project_version()}")
        self.assertEqual(*comparable(ours, form.sidecar))

    @for_each_component
    def test_the_volumes_are_the_same(self, found, form):
        self.assertEqual(volumes(by_kind(found, "Caller")["volumes"]), volumes(form.pod["volumes"]))

    @for_each_component
    def test_permissions_are_the_same(self, found, form):
        self.assertEqual(by_kind(found, "Role")["rules"], one(form.of_kind("Role"))["rules"])
        ours, theirs = by_kind(found, "RoleBinding"), copy.deepcopy(one(form.of_kind("RoleBinding")))
        one(theirs["subjects"])["namespace"] = "game"  # as kustomize makes it
        self.assertEqual(*([binding[key] for key in ["roleRef", "subjects"]] for binding in [ours, theirs]))

    @for_each_component
    def test_so_are_those_of_the_cluster(self, found, form):
        ours, theirs = ([d for d in all_ if d["kind"].startswith("ClusterRole")] for all_ in [found, form.documents])
        self.assertEqual([d["kind"] for d in ours], [d["kind"] for d in theirs])
        if theirs:
            self.assertEqual(ours[0]["rules"], theirs[0]["rules"])
            self.assertEqual(ours[1]["roleRef"], theirs[1]["roleRef"] | {"name": ours[0]["metadata"]["name"]})
            self.assertEqual(ours[1]["subjects"], [one(theirs[1]["subjects"]) | {"namespace": "game"}])
            self.assertNotIn("namespace", ours[0]["metadata"] | ours[1]["metadata"])

    @for_each_component
    def test_network_policies_let_in_the_same(self, found, form):
        self.assertEqual(let_in(found), let_in(form.documents))

    @for_each_component
    def test_the_service_is_the_same(self, found, form):
        self.assertEqual(*(by_kind(all_, "Service", "game-health")["spec"] for all_ in [found, form.documents]))

    def test_every_component_is_among_them(self):
        there = {path.name for path in (ROOT / "deploy/components").iterdir() if (path / "kustomization.yaml").exists()}
        # The sidecar itself, and whom the Role is for; the right to label pods; openshift is below; chart_node_test.py.
        others = {"sidecar", "sidecar-classic", "account", "maintenance", "openshift", "node-namespace"}
        self.assertLessEqual(there - set(COMPONENTS), others)

    def test_openshift_chooses_the_uid(self):
        context = container({"openshift": True})["securityContext"]
        self.assertIs(context["runAsNonRoot"], True)
        self.assertFalse({"runAsUser", "runAsGroup"} & set(context))


class Versions(unittest.TestCase):
    def test_they_are_the_projects(self):
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        self.assertEqual([str(chart[key]) for key in ["version", "appVersion"]], [project_version()] * 2)
        example = yaml.safe_load(read("deploy/chart/example/Chart.yaml"))
        self.assertEqual(one(example["dependencies"])["version"], project_version())

    def test_it_wants_a_kubernetes_with_native_sidecars(self):
        self.assertIn("chart requires kubeVersion", refusal(version="1.28.15"))
        for version in ["1.29.0", "1.29.1-gke.5", "1.37.0"]:
            rendered(version=version)

    def test_below_injection_it_says_what_to_do_instead(self):
        for version in ["1.29.0", "1.35.9"]:
            said = refusal(INJECTION, version=version)
            for text in ["1.36", version, "http-healthcheck-sidecar.container", "docs/install.md", "--kube-version"]:
                self.assertIn(text, said)
        for version in ["1.36.0-gke.1", "1.37.1"]:
            by_kind(rendered(INJECTION, version=version), "MutatingAdmissionPolicy")


class Templates(unittest.TestCase):
    def test_a_chart_may_have_it_under_an_alias(self):
        call = CALL.replace('container" .', 'container" (index .Subcharts "lb")').replace('volume" .', 'volume" .Subcharts.lb')
        found = calling(rendered, {"tls": {"secretName": "game-tls"}}, call=call, alias="lb")
        sidecar = one(by_kind(found, "Caller")["initContainers"])
        self.assertEqual(sidecar["image"], f"{IMAGE}:{project_version()}")
        self.assertEqual(set(volumes(by_kind(found, "Caller")["volumes"])), set(VOLUMES.values()))

    def test_a_call_may_have_values_of_its_own(self):
        call = """
kind: Caller
metadata: {name: caller}
other: {{ include "http-healthcheck-sidecar.container" (dict "root" . "options" (dict "DRAIN" "1s")) | nindent 2 }}
"""
        found = one(by_kind(calling(rendered, call=call), "Caller")["other"])
        self.assertEqual(environment(found), {PREFIX + "DRAIN": "1s", PREFIX + "TARGET_CONTAINER": "game"})

    def test_a_service_has_a_name_that_kubernetes_takes(self):
        names = []
        for app in ["My_Game.1", "a" * 60 + "-eu", "a" * 60 + "-us", "a" * 53 + "-_b"]:
            call = '{{ include "http-healthcheck-sidecar.service" (dict "root" . "selector" (dict "app" "%s")) }}' % app
            service = one(document for document in calling(rendered, call=call)
                          if document["kind"] == "Service" and document["spec"]["selector"] == {"app": app})
            names.append(service["metadata"]["name"])
        for name in names:
            self.assertRegex(name, r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$")
        self.assertEqual(len(set(names)), len(names))
        self.assertEqual(names[0], "my-game-1-health")

    def test_wrong_calls_are_told(self):
        for call, said in [
            ('container" (dict "root" . "options" (dict "DRAIN_STATUS" 404))',
             'DRAIN_STATUS is no string: write it in quotes, "404"'),
            ('container" (dict "Subcharts" dict)', "does not have it among its dependencies"),
            ('container" (dict "root" . "option" dict)', "a call has no key `option`; it takes root and values of the chart"),
            ('container" (dict "root" . "nodePort" 31313)', "a call has no key `nodePort`"),
            ('volume" (dict "root" . "tls" (dict "secret" "a"))', "no key `tls.secret`; `tls` takes clientCA, secretName"),
            ('container" (dict "root" . "tls" (dict "clientCA" true))', "tls.clientCA without tls.secretName"),
            ('container" (dict "root" . "options" (dict "LISTEN" ":3100"))', "options has no LISTEN: set the value port"),
            ('container" (dict "root" . "options" (dict "TLS_CERT" "/a"))', "TLS_CERT: set the value tls.secretName"),
            ('container" (dict "root" . "options" (dict "STALE_GRAZE" "1s"))', "options has no STALE_GRAZE: it takes ANSWER_TIMEOUT,"),
            ('service" (dict "root" . "selector" (dict "app" "a") "nodePrt" 31313)', "`nodePrt`; it takes"),
            ('service" (dict "root" . "selector" (dict "app" "a") "agent" (dict "enabled" true) "nodePort" 1 "agentNodePort" 1)',
             "Service a-health: nodePort and agentNodePort are both 1"),
            ('service" (dict "root" .)', "it needs a selector"),
            ('service" (dict "root" . "selector" (dict "a" "b") "name" "http-healthcheck-sidecar")',
             "like the sidecar's options"),
            ('service" (dict "root" . "selector" (dict "app" "HTTP-healthcheck-sidecar"))', "the sidecar's options"),
            ('service" (dict "root" . "selector" (dict "app.kubernetes.io/name" "game"))', 'pass "name"'),
        ]:
            with self.subTest(call):
                self.assertIn(said, calling(refusal, call='{{ include "http-healthcheck-sidecar.' + call + ' }}'))

    def test_the_example_adds_the_sidecar_in_three_lines(self):
        text = read("deploy/chart/example/templates/game.yaml")
        self.assertEqual(re.findall(r'include "http-healthcheck-sidecar\.(\w+)"', text), ["container", "volume", "service"])
        with tempfile.TemporaryDirectory() as directory:
            shutil.copytree(ROOT / "deploy/chart", f"{directory}/chart", ignore=shutil.ignore_patterns("charts", "Chart.lock"))
            example = f"{directory}/chart/example"
            self.assertEqual(run_helm("dependency", "update", example).returncode, 0)
            self.assertEqual(run_helm("lint", "--strict", "--quiet", example).stdout, "")
            found = documents(run_helm("template", "game", example, "--namespace", "game").stdout)
        pod, form = by_kind(found, "Deployment")["spec"]["template"]["spec"], Form("native-sidecar")
        self.assertEqual(one(pod["initContainers"])["image"], f"{IMAGE}:{project_version()}")
        self.assertEqual(environment(one(pod["initContainers"])), form.environment)
        self.assertEqual(volumes(pod["volumes"]), volumes(form.pod["volumes"]))
        self.assertEqual(one(by_kind(found, "RoleBinding")["subjects"])["name"], pod["serviceAccountName"])
        self.assertEqual(by_kind(found, "Service", "game-health")["spec"],
                         by_kind(form.documents, "Service", "game-health")["spec"])


if __name__ == "__main__":
    product.main(verbosity=2)
