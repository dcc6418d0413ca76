#!/usr/bin/env python3
"""The permission to read nodes: the component node-drain, whose objects are the whole cluster's, and what stands in for it.

    node_drain_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import pathlib
import re
import shlex
import tempfile
import unittest

import product
from kustomize import kubectl, one_document, parsed, relative, rendered_by_kubectl, write_kustomization
from node_drain import KINDS, UNNAMED, documented_patches
from product import FORMS, NODE, ROOT, Form, one, options, read, table_rows

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

    def test_two_namespaces_under_one_kustomization_are_told_apart_by_both_patches(self):
        with tempfile.TemporaryDirectory() as temporary:
            directory = pathlib.Path(temporary)
            for name in ["one", "two"]:
                inner = directory / name
                write_kustomization(inner, namespace=name, resources=[relative(ROOT / "deploy/native-sidecar", directory / name)],
                                    components=[relative(ROOT / "deploy/components/node-drain", directory / name)],
                                    patches=documented_patches(name, "health-sidecar"))
            write_kustomization(directory, resources=["one", "two"])
            documents = rendered_by_kubectl(ROOT, directory)
        for name in ["one", "two"]:
            role, binding = (one(d for d in documents if d["kind"] == kind and d["metadata"]["name"].endswith(f"-{name}"))
                             for kind in KINDS)
            self.assertEqual(binding["roleRef"]["name"], role["metadata"]["name"])
            self.assertEqual(one(binding["subjects"]), {"kind": "ServiceAccount", "name": "health-sidecar", "namespace": name})

    def test_the_agent_of_one_namespace_may_read_nodes_by_it_and_nothing_else_of_the_cluster(self):
        documents = self.rendered(NODE, "node-namespace", "node-drain", patches=documented_patches()[:1])
        role, binding = self.role_and_binding(documents)
        form = Form(NODE, documents=documents)
        self.assertEqual(form.of_kind(*KINDS), [role, binding])
        self.assertEqual(role["rules"], NODES)
        self.assertEqual(one(binding["subjects"]), {
            "kind": "ServiceAccount", "name": form.pod["serviceAccountName"], "namespace": form.workload["metadata"]["namespace"]})


def section(heading, page="docs/operations.md"):
    return one(re.findall(rf"^## {heading}$(.*?)^## ", read(page), re.MULTILINE | re.DOTALL))


class Documents(unittest.TestCase):
    LABEL = one(re.findall(r'exclusion_label = "([^"]+)"', read("include/sidecar/base/well_known.hpp")))

    def check(self, taints):
        return product.check_config({}, "--node-drain=true", f"--node-drain-taints={taints}")

    def test_the_label_is_the_programs_wherever_a_node_gets_it(self):
        found = [word for page in ["docs/operations.md", "docs/node-mode.md"]
                 for words in re.findall(r"kubectl label node node-a (\S+)", read(page)) for word in [words.rstrip("-")]]
        self.assertGreater(len(found), 2)
        self.assertEqual({word.partition("=")[0] for word in found}, {self.LABEL})
        for page in ["README.md", "CHANGELOG.md", "docs/node-mode.md"]:
            self.assertIn(f"`{self.LABEL}`", re.sub(r"\s+", " ", read(page)))

    def test_a_node_is_labelled_before_it_is_drained_and_put_back_last(self):
        part = section("Nodes that leave").partition("### Take a node out and put it back")[2]
        commands = re.findall(r"^kubectl (.*)$", part.partition("```")[2].partition("```")[0], re.MULTILINE)
        self.assertEqual([command.split()[0] for command in commands], ["label", "drain", "uncordon", "label"])
        self.assertEqual([command.split()[-1] for command in commands[::3]], [f"{self.LABEL}=true", f"{self.LABEL}-"])

    def test_the_taints_of_the_default_are_named_and_cordon_is_refused(self):
        default = options()["NODE_DRAIN_TAINTS"].split(",")
        self.assertEqual(len(default), 2)
        for taint in default:
            self.assertIn(f"`{taint}`", section("Nodes that leave"))
            self.assertIn(taint, read("deploy/chart/http-healthcheck-sidecar/values.yaml"))
        cordon = one(re.findall(r"`NODE_DRAIN_TAINTS` refuses `([^`]+)`", section("Nodes that leave")))
        self.assertEqual(self.check(cordon).returncode, 2)
        self.assertEqual(self.check(",".join(default)).returncode, 0)

    def test_the_program_takes_every_taint_that_is_recommended(self):
        cells = [" ".join(cells) for cells in table_rows("who", "docs/operations.md")]
        self.assertGreater(len(cells), 8)
        taints = re.findall(r"`((?:\w[\w.-]*)/(?:spot-itn|unschedulable))`", " ".join(cells))
        taints += [taints[0].partition("/")[0] + name for name in re.findall(r"`(/[\w-]+)`", " ".join(cells))]
        self.assertEqual(len(taints), 5)
        done = self.check(",".join(taints))
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_the_commands_grant_what_the_component_does(self):
        role, binding = [shlex.split(command) for command in one(re.findall(
            r"```sh\n(.*?)```", section("Nodes that leave", "docs/install.md"), re.DOTALL)).replace("\\\n", " ").strip().splitlines()]
        given = dict(word[2:].split("=") for word in [*role, *binding] if word.startswith("--"))
        rule = one(parsed(ROOT / "deploy/components/node-drain/rbac.yaml")[0]["rules"])
        self.assertEqual((given["verb"].split(","), given["resource"].split(",")), (rule["verbs"], rule["resources"]))
        self.assertEqual({role[3], binding[3], given["clusterrole"]}, {"health-sidecar-node-drain-game"})
        self.assertEqual(given["serviceaccount"], "game:default")


if __name__ == "__main__":
    product.main(verbosity=2)
