#!/usr/bin/env python3
"""The components of deploy/ as such: what kustomize makes of them, in which order, and applied a second time.

    component_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import concurrent.futures
import itertools
import pathlib
import re
import tempfile
import unittest

import product
from kustomize import (identity, kubectl, one_document, parsed, relative, rendered_by_kubectl, rendered_here,
                       write_kustomization)
from node_drain import documented_patches, unnamed
from product import (ADDING, COMPONENTS, DEPLOYED, FORMS, NODE, NODE_COMPONENTS, PARTS, ROOT, Form, components_of, one,
                     project_version, table_rows)

NAMESPACES = {"native-sidecar": "game", "classic": "game", "daemonset": "game-edge"}
ORDINARY = ["classic.yaml", "node.yaml"]  # patches of a container that is no init container

def without_hash(name):
    return "health-sidecar" if name.startswith("health-sidecar-") and len(name) == len("health-sidecar-") + 10 else name


def in_order(form):
    """What says the same in another order: by name."""
    form.sidecar["ports"].sort(key=lambda port: port["name"])
    form.sidecar["volumeMounts"].sort(key=lambda mount: mount["name"])
    form.pod["volumes"].sort(key=lambda volume: volume["name"])
    for policy in form.of_kind("NetworkPolicy"):
        policy["spec"]["ingress"].sort(key=str)
    return form


class Kind(unittest.TestCase):
    def test_each_is_a_component_and_the_list_of_them_is_complete(self):
        there = {file.parent.name for file in (ROOT / "deploy/components").glob("*/kustomization.yaml")}
        self.assertEqual(there, {*COMPONENTS, *NODE_COMPONENTS, *ADDING, "account"})
        for name in there:
            kustomization = one_document(ROOT / "deploy/components" / name / "kustomization.yaml")
            self.assertEqual((kustomization["apiVersion"], kustomization["kind"]),
                             ("kustomize.config.k8s.io/v1alpha1", "Component"))

    def test_the_table_of_operations_has_each_of_them(self):
        cells = [cell for cell, _ in table_rows("component", "docs/operations.md")]
        listed = [re.fullmatch(r"\[`(.+)`\]\((.+)\)", cell).groups() for cell in cells]
        self.assertEqual(listed, [(name, f"../deploy/components/{name}")
                                  for name in [*ADDING, "account", *COMPONENTS, "node-namespace"]])

    def test_patches_of_workloads_look_for_health_at_its_place_first(self):
        for file in [file for name in COMPONENTS for file in (ROOT / "deploy/components" / name).glob("*.yaml")]:
            for operations in [d for d in rendered_operations(file) if any("/template/" in o["path"] for o in d)]:
                where = "containers" if file.name in ORDINARY else "initContainers"
                self.assertEqual(operations[0], {"op": "test", "value": "health",
                                                 "path": f"/spec/template/spec/{where}/-1/name"}, file)

    def test_patches_of_workloads_hit_no_workload_without_the_label(self):
        for name in [*COMPONENTS, *ADDING, "account", "node-namespace"]:
            for patch in one_document(ROOT / "deploy/components" / name / "kustomization.yaml").get("patches", []):
                target = patch["target"]
                self.assertTrue("health-sidecar" in target.get("name", "") + target.get("labelSelector", ""), target)


def rendered_operations(file):
    """The JSON patches in a file."""
    return [document for document in parsed(file) if isinstance(document, list)]


class Order(unittest.TestCase):
    def test_the_order_of_two_does_not_matter_but_for_watch_and_drain(self):
        for name, pair in [(name, pair) for name in DEPLOYED for pair in itertools.combinations(components_of(name), 2)]:
            with self.subTest(name, pair=pair):
                if pair == ("watch", "drain"):
                    with self.assertRaisesRegex(AssertionError, "STALE_GRACE is 10m"):
                        Form(name, "drain", "watch")
                    continue
                one_way, other_way = (in_order(Form(name, *way)) for way in (pair, pair[::-1]))
                for kind in {document["kind"] for document in one_way.documents}:
                    self.assertEqual(one_way.of_kind(kind), other_way.of_kind(kind))

    def test_none_is_listed_twice_but_drain_which_adds_nothing_then(self):
        for name, component in [(name, component) for name in DEPLOYED for component in components_of(name)]:
            with self.subTest(name, component=component):
                if component == "drain":
                    self.assertEqual(Form(name, "drain", "drain").documents, Form(name, "drain").documents)
                elif component in ("maintenance", "node-drain"):  # resources of one name: kustomize knows
                    continue
                else:
                    with self.assertRaises((AssertionError, LookupError)):
                        Form(name, component, component)


class AppliedAgain(unittest.TestCase):
    """Where a list or a map belongs to one manager as a whole, what the API server would fill in is written out: without
    it a server-side apply over a client-side one conflicts, and a second `kubectl apply` says `configured`."""

    def forms(self):
        for name in DEPLOYED:
            yield Form(name, *components_of(name))
        yield Form(NODE)

    def test_no_default_is_left_to_the_api_server(self):
        for form in self.forms():
            spec = form.workload["spec"]
            strategy = spec.get("strategy") or spec["updateStrategy"]
            self.assertEqual(strategy["type"], "RollingUpdate")
            for volume in form.pod["volumes"]:
                for source in volume.get("projected", {}).get("sources", []):
                    for item in source.get("downwardAPI", {}).get("items", []):
                        self.assertEqual(item["fieldRef"]["apiVersion"], "v1")
            for policy in form.of_kind("NetworkPolicy"):
                for port in [port for rule in policy["spec"]["ingress"] for port in rule["ports"]]:
                    self.assertIn("protocol", port)
            for binding in form.of_kind("RoleBinding", "ClusterRoleBinding"):
                self.assertIn("apiGroup", binding["roleRef"])
                for subject in binding["subjects"]:
                    self.assertEqual(subject["kind"] == "ServiceAccount", "apiGroup" not in subject)


class Examples(unittest.TestCase):
    def files(self):
        """Those of forms with components; the workloads of the node's agent are an example of their own."""
        return [file for file in sorted((ROOT / "deploy/examples").glob("*/kustomization.yaml"))
                if file.parent.name != "node-workloads"]

    def test_they_are_short_and_name_the_namespace_of_their_form(self):
        self.assertEqual(len(self.files()), 2)
        for file in self.files():
            lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
            self.assertLessEqual(len(lines), 10, file)
            kustomization = one_document(file)
            self.assertEqual(kustomization["namespace"], NAMESPACES[pathlib.Path(one(kustomization["resources"])).name])

    def test_each_is_a_form_with_components(self):
        for file in self.files():
            kustomization = one_document(file)
            form = pathlib.Path(one(kustomization["resources"])).name
            parts = [pathlib.Path(component).name for component in kustomization["components"]]
            self.assertEqual(rendered_here(file.parent), Form(form, *parts).documents)


class Kustomize(unittest.TestCase):
    def setUp(self):
        kubectl(ROOT)

    def assert_the_same(self, form, by_kubectl, namespace):
        """What this test's renderer and kustomize make, apart from what the renderer leaves alone."""
        unnamed(by_kubectl, namespace)
        elsewhere = {identity(d): d["metadata"]["namespace"] for d in form.documents if "namespace" in d["metadata"]}
        for document in by_kubectl:
            document["metadata"]["name"] = without_hash(document["metadata"]["name"])
            if document["kind"] == "Namespace":
                continue
            place = None if document["kind"].startswith("Cluster") else namespace
            if form.name == NODE:  # whose own namespace is the last one to be set, so that a component's stays
                place = elsewhere.get(identity(document), place)
            self.assertEqual(document["metadata"].pop("namespace", None), place, identity(document))
            for subject in document.get("subjects", []):
                self.assertEqual(subject.pop("namespace", None), namespace if subject["kind"] == "ServiceAccount" else None)
        source = one(d for d in by_kubectl if d["kind"] in ("Deployment", "StatefulSet", "DaemonSet"))
        pod = source["spec"]["template"]["spec"]
        for entry in [entry for c in pod.get("initContainers", []) + pod["containers"] for entry in c.get("envFrom", [])]:
            entry["configMapRef"]["name"] = without_hash(entry["configMapRef"]["name"])
        result = Form(form.name, *form.components, documents=by_kubectl)
        self.assertEqual(result.sidecar.pop("image"),
                         f"registry.example.com/http-healthcheck-sidecar:{project_version()}")
        for document in form.documents:
            document["metadata"].pop("namespace", None)
            for subject in document.get("subjects", []):
                subject.pop("namespace", None)
            document.setdefault("apiVersion", "v1")  # of what a generator makes
        del form.sidecar["image"]
        one(result.of_kind("Namespace"))["metadata"]["name"] = one(form.of_kind("Namespace"))["metadata"]["name"]
        in_order(form)
        in_order(result)
        self.assertEqual(*(sorted(f.documents, key=identity) for f in (result, form)))

    def test_it_makes_the_same_of_each_form_with_each_pair_of_components_and_with_all(self):
        # The patches and merges of three components meet nowhere where no two of them do. Twelve a call is quickest.
        chosen = [(name, parts) for name in FORMS
                  for parts in [(), *((c,) for c in COMPONENTS), *itertools.combinations(COMPONENTS, 2), tuple(COMPONENTS)]]
        self.assertEqual(len(chosen), 3 * 38)
        with tempfile.TemporaryDirectory() as temporary, concurrent.futures.ThreadPoolExecutor(2) as two:
            calls = []
            for at in range(0, len(chosen), 12):
                directory = pathlib.Path(temporary, str(at))
                for number, (name, parts) in enumerate(chosen[at:at + 12]):
                    inner = directory / f"n{number}"
                    inner.mkdir(parents=True)
                    write_kustomization(inner, namespace=inner.name, resources=[relative(ROOT / "deploy" / name, inner)],
                                        components=[relative(ROOT / "deploy/components" / part, inner) for part in parts],
                                        patches=documented_patches(inner.name, "health-sidecar") if "node-drain" in parts else [])
                write_kustomization(directory, resources=[inner.name for inner in sorted(directory.iterdir())])
                calls.append((chosen[at:at + 12], two.submit(rendered_by_kubectl, ROOT, directory)))
            for batch, call in calls:
                documents = call.result()
                for number, (name, parts) in enumerate(batch):
                    namespace = f"n{number}"
                    mine = [d for d in documents if namespace in (
                        d["metadata"].get("namespace"), d["metadata"]["name"].removeprefix("health-sidecar-node-drain-"))]
                    with self.subTest(name, parts=parts):
                        self.assert_the_same(Form(name, *parts), mine, namespace)

    def test_it_makes_the_same_of_the_agent_with_each_pair_of_components_and_with_all(self):
        # One a call: two ClusterRoles of one name are none.
        chosen = [(), *((c,) for c in NODE_COMPONENTS), *itertools.combinations(NODE_COMPONENTS, 2), tuple(NODE_COMPONENTS)]
        with tempfile.TemporaryDirectory() as temporary, concurrent.futures.ThreadPoolExecutor(2) as two:
            calls = []
            for number, parts in enumerate(chosen):
                directory = pathlib.Path(temporary, f"n{number}")
                directory.mkdir()
                write_kustomization(directory, resources=[relative(ROOT / "deploy" / NODE, directory)],
                                    components=[relative(ROOT / "deploy/components" / part, directory) for part in parts])
                calls.append((parts, two.submit(rendered_by_kubectl, ROOT, directory)))
            for parts, call in calls:
                with self.subTest(NODE, parts=parts):
                    self.assert_the_same(Form(NODE, *parts), call.result(), "health-sidecar")

    def test_it_stops_where_a_component_is_listed_twice(self):
        for component in sorted({*COMPONENTS, *NODE_COMPONENTS} - {"drain"}):
            with self.subTest(component), tempfile.TemporaryDirectory() as temporary:
                directory = pathlib.Path(temporary)
                form = "native-sidecar" if component in COMPONENTS else NODE
                write_kustomization(directory, resources=[relative(ROOT / "deploy" / form, directory)],
                                    components=[relative(ROOT / "deploy/components" / component, directory)] * 2)
                with self.assertRaisesRegex(AssertionError, "test failed|already registered|nonexistent key"):
                    rendered_by_kubectl(ROOT, directory)

    def test_it_renders_every_directory_as_it_is(self):
        deploy = ROOT / "deploy"
        names = sorted(str(file.parent.relative_to(deploy)) for file in deploy.glob("**/kustomization.yaml")
                       if one_document(file)["kind"] == "Kustomization")
        self.assertEqual({name.partition("/")[0] for name in names}, {*DEPLOYED, *PARTS} - {"components"})
        for name in names:
            with self.subTest(name):
                documents = rendered_by_kubectl(ROOT, deploy / name)
                for document in documents:
                    document["metadata"]["name"] = without_hash(document["metadata"]["name"])
                self.assertEqual(sorted(map(identity, documents)), sorted(map(identity, rendered_here(deploy / name))))


if __name__ == "__main__":
    product.main(verbosity=2)
