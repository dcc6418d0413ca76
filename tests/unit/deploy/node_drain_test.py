#!/usr/bin/env python3
"""The permission to read nodes: the component node-drain, whose objects are the whole cluster's, and what stands in for it.

    node_drain_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import pathlib
import re
import tempfile
import unittest

import product
from kustomize import kubectl, one_document, parsed, relative, rendered_by_kubectl, write_kustomization
from node_drain import KINDS, UNNAMED, documented_patches
from product import FORMS, NODE, ROOT, Form, one

NODES = [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch"]}]


class Names(unittest.TestCase):
    def test_without_a_name_of_its_own_no_api_server_takes_them(self):
        """As k8s.io/apimachinery's path.IsValidPathSegmentName has it, by which names of RBAC's objects are held."""
        for document in parsed(ROOT / "deploy/components/node-drain/rbac.yaml"):
            self.assertEqual(document["metadata"]["name"], UNNAMED)
        self.assertIn("%", UNNAMED)

    def test_the_names_in_the_comment_are_names(self):
        names = [name for patch in documented_patches() for name in re.findall(r"value: (health-sidecar-\S+)\}", patch["patch"])]
        self.assertEqual(len(names), 2)  # the one for both, and where the binding means it
        self.assertRegex(one(set(names)), r"^[a-z]([-a-z0-9]*[a-z0-9])?$")

    def test_the_objects_of_the_other_directories_have_other_names(self):
        """Else the one would take the other's place."""
        others = {d["metadata"]["name"] for name in [*FORMS, NODE] for d in Form(name).of_kind(*KINDS)}
        self.assertEqual(others, {"health-sidecar-node"})
        for other in others:
            self.assertIsNone(re.fullmatch(documented_patches()[0]["target"]["name"], other))


class Kustomize(unittest.TestCase):
    def setUp(self):
        kubectl(ROOT)

    def rendered(self, form, *components, **fields):
        with tempfile.TemporaryDirectory() as temporary:
            directory = pathlib.Path(temporary)
            write_kustomization(directory, resources=[relative(ROOT / "deploy" / form, directory)], **fields,
                                components=[relative(ROOT / "deploy/components" / part, directory) for part in components])
            return rendered_by_kubectl(ROOT, directory)

    def role_and_binding(self, documents):
        return [one(d for d in documents if d["kind"] == kind and "node-drain" in d["metadata"]["name"]) for kind in KINDS]

    def test_two_namespaces_have_nothing_of_it_in_common(self):
        found = {}
        for name in ["one", "two"]:
            documents = self.rendered("native-sidecar", "node-drain", namespace=name, patches=documented_patches(name)[:1])
            role, binding = self.role_and_binding(documents)
            self.assertEqual(role["rules"], NODES)
            self.assertEqual(binding["roleRef"]["name"], role["metadata"]["name"])
            self.assertEqual(one(binding["subjects"]), {"kind": "ServiceAccount", "name": "health-sidecar", "namespace": name})
            found[name] = {(d["kind"], d["metadata"]["name"], d["metadata"].get("namespace")) for d in documents}
        self.assertFalse(found["one"] & found["two"])

    def test_the_subject_is_in_the_namespace_of_the_form_where_no_other_one_is_named(self):
        for form in FORMS:
            documents = self.rendered(form, "node-drain", patches=documented_patches()[:1])
            _, binding = self.role_and_binding(documents)
            self.assertEqual(one(binding["subjects"])["namespace"], one_document(
                ROOT / "deploy" / form / "kustomization.yaml")["namespace"])

    def test_an_account_of_the_workloads_own_is_bound_as_the_comment_says(self):
        documents = self.rendered("native-sidecar", "node-drain", namespace="game", patches=documented_patches())
        role, binding = self.role_and_binding(documents)
        self.assertEqual(one(binding["subjects"]), {"kind": "ServiceAccount", "name": "game", "namespace": "game"})
        self.assertEqual([role["metadata"]["name"], binding["roleRef"]["name"]], ["health-sidecar-node-drain-game"] * 2)

    def test_the_agent_of_one_namespace_may_read_nodes_by_it_and_nothing_else_of_the_cluster(self):
        documents = self.rendered(NODE, "node-namespace", "node-drain", patches=documented_patches()[:1])
        role, binding = self.role_and_binding(documents)
        form = Form(NODE, documents=documents)
        self.assertEqual(form.of_kind(*KINDS), [role, binding])
        self.assertEqual(role["rules"], NODES)
        self.assertEqual(one(binding["subjects"]), {
            "kind": "ServiceAccount", "name": form.pod["serviceAccountName"], "namespace": form.workload["metadata"]["namespace"]})


if __name__ == "__main__":
    product.main(verbosity=2)
