#!/usr/bin/env python3
"""Every manifest of the tree is as the published schemas of each Kubernetes version say, and its pods are restricted.

    schemas_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import functools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import kubernetes_yaml
import product
from pod_security import violations_of_baseline, violations_of_restricted
from product import DEPLOYED, ROOT, components_of, resources
from schema import VERSIONS, violations

DEPLOY = ROOT / "deploy"
POLICIES_SINCE = "1.36"
# The groups of other programs, whose schemas are not here; a misspelt group is none of them.
FOREIGN = {"kustomize.config.k8s.io", "cis.f5.com", "traefik.io"}


def kubectl():
    return shutil.which("kubectl", path=f"{ROOT / 'build/tools'}:{os.environ.get('PATH', os.defpath)}")


def served_in(document):
    """The versions that are to take it."""
    since = POLICIES_SINCE if document["kind"].startswith("MutatingAdmissionPolicy") else VERSIONS[0]
    return VERSIONS[VERSIONS.index(since):]


@functools.cache
def kustomizations(kind):
    """The directories of deploy/ that hold this kind of kustomization -> what it says."""
    found = {path.parent: kubernetes_yaml.documents(path.read_text())[0]
             for path in sorted(DEPLOY.rglob("kustomization.yaml"))}
    return {directory: text for directory, text in found.items() if text["kind"] == kind}


def files():
    """Those that hold whole documents: no charts, which helm renders first, and no patches, which hold parts."""
    patches = {(directory / patch.get("path", "")).resolve()
               for kind in ("Kustomization", "Component") for directory, text in kustomizations(kind).items()
               for patch in text.get("patches", [])}
    return [path for path in sorted(DEPLOY.rglob("*.yaml"))
            if path.resolve() not in patches and DEPLOY / "chart" not in path.parents]


def in_files():
    """(file, document) of each Kubernetes object."""
    for path in files():
        for document in kubernetes_yaml.documents(path.read_text()):
            if isinstance(document, dict) and {"apiVersion", "kind"} <= set(document) and \
                    document["apiVersion"].partition("/")[0] not in FOREIGN:
                yield path.relative_to(ROOT), document


def rendered(directory):
    """By kustomize where it is, otherwise by this tree's stand-in, whose ConfigMaps are not whole."""
    if kubectl():
        done = subprocess.run([kubectl(), "kustomize", directory], capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise AssertionError(done.stderr)
        return kubernetes_yaml.documents(done.stdout)
    return [document for document in resources(directory.relative_to(DEPLOY)) if "apiVersion" in document]


def pods(documents):
    return [document["spec"]["template"]["spec"] for document in documents
            if document["kind"] in ("Deployment", "StatefulSet", "DaemonSet")]


@functools.cache
def faults(text):
    document = json.loads(text)
    return [(version, violation) for version in served_in(document) for violation in violations(document, version)]


class Manifests(unittest.TestCase):
    def hold(self, documents):
        self.assertTrue(documents)
        for document in documents:
            self.assertEqual(faults(json.dumps(document, sort_keys=True)), [])

    def restrict(self, documents):
        """Whether the namespace is restricted; its pods are, or else want ports of the node, and nothing besides."""
        level, = (document["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
                  for document in documents if document["kind"] == "Namespace")
        pod, = pods(documents)
        found = violations_of_restricted(pod)
        if level == "restricted":
            self.assertEqual(found, [])
        else:
            self.assertEqual(level, "privileged")
            self.assertTrue(found)
            self.assertEqual(found, violations_of_baseline(pod))
            self.assertTrue(all(".hostPort must not be" in violation for violation in found), found)
        return level == "restricted"

    def test_every_file_of_deploy(self):
        found = list(in_files())
        self.assertLessEqual({"Deployment", "StatefulSet", "DaemonSet", "Role", "ClusterRole", "ClusterRoleBinding", "NetworkPolicy",
                              "PodMonitor"},
                             {document["kind"] for _, document in found})
        for file, document in found:
            with self.subTest(file):
                self.hold([document])

    def test_every_directory_that_kustomize_renders(self):
        self.assertLessEqual({DEPLOY / name for name in DEPLOYED}, set(kustomizations("Kustomization")))
        for directory in kustomizations("Kustomization"):
            with self.subTest(directory.relative_to(ROOT)):
                self.hold(rendered(directory))

    @unittest.skipUnless(kubectl(), "kubectl is not installed: the components' result is not held to the schemas here")
    def test_every_form_with_each_component_and_with_all_of_them(self):
        for name in DEPLOYED:
            of_name = components_of(name)
            self.assertLessEqual({DEPLOY / "components" / component for component in of_name}, set(kustomizations("Component")))
            for chosen in [*([component] for component in of_name), of_name]:
                with self.subTest(name, components=chosen), \
                        tempfile.TemporaryDirectory() as directory:
                    directory = pathlib.Path(directory).resolve()
                    text = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization",
                            "resources": [os.path.relpath(DEPLOY / name, directory)],
                            "components": [os.path.relpath(DEPLOY / "components" / component, directory)
                                           for component in chosen]}
                    (directory / "kustomization.yaml").write_text(json.dumps(text))
                    documents = rendered(directory)
                    self.hold(documents)
                    self.restrict(documents)

    def test_pods_are_as_restricted_as_their_namespace_says(self):
        for name in DEPLOYED:
            with self.subTest(name):
                self.assertEqual(self.restrict(rendered(DEPLOY / name)), name not in ["daemonset", "node"])


if __name__ == "__main__":
    product.main(verbosity=2)
