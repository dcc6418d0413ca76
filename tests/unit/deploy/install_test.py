#!/usr/bin/env python3
"""What docs/install.md and the README say of Helm and of injection, against the chart.

    install_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import pathlib
import re
import shlex
import tempfile
import unittest

import yaml

import product
from chart import CHART, INJECTION, by_kind, documents, rendered, run_helm
from product import NODE, Form, literal, one, read, table_rows

PAGE = "docs/install.md"


def blocks(file, language):
    return re.findall(rf"^```{language}\n(.*?)^```", read(file), re.MULTILINE | re.DOTALL)


def commands(text):
    return [shlex.split(line, comments=True) for line in text.replace("\\\n", " ").splitlines()]


class Install(unittest.TestCase):
    def test_the_excerpts_are_the_examples(self):
        dependency, lines, values = blocks(PAGE, "yaml")
        shown, example = (one(yaml.safe_load(text)["dependencies"]) for text in [dependency, read("deploy/chart/example/Chart.yaml")])
        self.assertEqual(shown, example | {"repository": shown["repository"]})  # the example lies beside the chart
        self.assertEqual(yaml.safe_load(values), yaml.safe_load(read("deploy/chart/example/values.yaml")))
        example = [line.strip() for line in read("deploy/chart/example/templates/game.yaml").splitlines()]
        self.assertEqual(lines.count("include"), 3)
        self.assertIn("automountServiceAccountToken: false", lines)
        account = one(re.findall(r"serviceAccountName: (\w+)", lines))
        self.assertIn(account, one(yaml.safe_load(values).values())["rbac"]["serviceAccounts"])
        for line in lines.splitlines():
            self.assertIn(line.strip(), example)

    def test_the_dependency_is_there_beside_a_clone(self):
        with tempfile.TemporaryDirectory() as directory:
            chart = pathlib.Path(directory, "game")
            chart.mkdir()
            (chart / "Chart.yaml").write_text("apiVersion: v2\nname: game\nversion: 0.0.0\n" + blocks(PAGE, "yaml")[0])
            (chart.parent / "http-healthcheck-sidecar").symlink_to(product.ROOT)
            self.assertEqual(run_helm("dependency", "update", chart).returncode, 0)
            self.assertEqual([file.name for file in (chart / "charts").iterdir()],
                             [f"http-healthcheck-sidecar-{product.project_version()}.tgz"])

    def test_two_commands_and_two_labels_are_what_the_policy_wants(self):
        shown = [commands(one(block for block in blocks(page, "sh") if "injection.enabled" in block)) for page in [PAGE, "README.md"]]
        self.assertEqual(*shown)
        install, label = shown[0]
        self.assertEqual(install[:4], ["helm", "install", "health-sidecar", str(CHART.relative_to(product.ROOT))])
        done = run_helm("template", install[2], product.ROOT / install[3], *install[4:])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = documents(done.stdout)
        key, _, value = label[4].partition("=")
        match = by_kind(found, "MutatingAdmissionPolicy")["spec"]["matchConstraints"]
        self.assertEqual([match["namespaceSelector"], match["objectSelector"]], [{"matchLabels": {key: value}}] * 2)
        self.assertIn(f'`{key}: "{value}"` on the pods', read(PAGE))
        namespaces = {document["metadata"].get("namespace", label[3]) for document in found}
        self.assertEqual(namespaces, {label[3]})
        self.assertTrue(by_kind(found, "RoleBinding")["subjects"])
        self.assertEqual(one(by_kind(found, "Service")["spec"]["ports"])["nodePort"], Form("native-sidecar").node_port("health"))

    def test_the_commands_for_one_agent_per_node_make_what_deploy_node_has(self):
        create, label, install = commands(one(block for block in blocks(PAGE, "sh") if "mode=node" in block))
        form = Form(NODE)
        namespace = one(form.of_kind("Namespace"))["metadata"]
        self.assertEqual((create[3], label[3]), (namespace["name"],) * 2)
        self.assertIn(label[4].split("="), [list(entry) for entry in namespace["labels"].items()])
        done = run_helm("template", install[2], product.ROOT / install[3], *install[4:])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = documents(done.stdout)
        self.assertEqual(sorted(document["kind"] for document in found),
                         sorted({document["kind"] for document in form.documents} - {"Namespace", "ConfigMap"}))
        self.assertEqual(by_kind(found, "DaemonSet")["metadata"]["namespace"], namespace["name"])

    def test_the_annotations_are_the_policys(self):
        text = yaml.safe_dump(by_kind(rendered(INJECTION), "MutatingAdmissionPolicy"))
        names = [literal(name) for name, _ in table_rows("annotation", PAGE)]
        self.assertEqual(len(names), 2)
        for name in names:
            self.assertIn(f'"{name}"', text.replace("\\", ""))

    def test_each_value_is_one(self):
        known = yaml.safe_load((CHART / "values.yaml").read_text())
        cells = [cell for cell, _ in table_rows("value", PAGE)]
        self.assertGreater(len(cells), 10)
        for way in re.findall(r"`([\w.]+)`", " ".join(cells)):
            values = known
            for step in way.split("."):
                self.assertIn(step, values, way)
                values = values[step]

    def test_it_says_where_injection_works_before_how(self):
        section = one(re.findall(r"^## Injection.*?\n\n(.*?)^## ", read(PAGE), re.MULTILINE | re.DOTALL))
        self.assertTrue(section.startswith("For Kubernetes 1.36 and later"))
        self.assertIn("**Below 1.36**", section)


if __name__ == "__main__":
    product.main(verbosity=2)
