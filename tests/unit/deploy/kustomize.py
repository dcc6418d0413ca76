"""What kustomize makes of the directories of deploy/: by this file, as far as deploy/ goes, without any program; and by
kubectl, where it is. component_test.py compares the two."""

import copy
import functools
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # several times faster


@functools.cache
def parsed(file):
    return list(filter(None, yaml.load_all(file.read_text(), LOADER)))


def one_document(file):
    document, = parsed(file)
    return document


def load(file):
    """Its documents, for the caller to change."""
    return copy.deepcopy(parsed(file))


def identity(document):
    return document["kind"], document["metadata"]["name"]


def patched(base, patch):
    """A strategic merge as far as deploy/ goes: maps by key, lists by their entries' names."""
    if isinstance(base, dict) and isinstance(patch, dict):
        return base | {key: patched(base.get(key), value) for key, value in patch.items()}
    if isinstance(patch, list) and all("name" in entry for entry in [*(base or []), *patch]):
        entries = {entry["name"]: entry for entry in base or []}
        for entry in patch:
            if entry.get("$patch") == "delete":
                del entries[entry["name"]]
            else:
                entries[entry["name"]] = patched(entries.get(entry["name"]), entry)
        return list(entries.values())
    return patch


def changed(document, operation):
    """A JSON patch's `test`, `add` or `remove`; kustomize counts negative indices from the end."""
    *way, last = (step.replace("~1", "/") for step in operation["path"].strip("/").split("/"))
    for step in way:
        document = document[int(step) if isinstance(document, list) else step]
    if operation["op"] == "test":
        if document.get(last) != operation["value"]:
            raise AssertionError(f"{operation['path']} is {document.get(last)}")
    elif operation["op"] == "remove":
        del document[last]
    elif operation["op"] == "add" and isinstance(document, dict):
        document[last] = copy.deepcopy(operation["value"])
    elif (operation["op"], last) == ("add", "-"):
        document.append(copy.deepcopy(operation["value"]))
    else:
        raise AssertionError(f"not done here: {operation}")


def carries(document, selector):
    """Whether the labels of the document itself are as `key=value,key,!key` wants them."""
    labels = document["metadata"].get("labels", {})
    for term in filter(None, selector.split(",")):
        key, _, value = term.lstrip("!").partition("=")
        if term.startswith("!") == (key in labels and value in ("", labels[key])):
            return False
    return True


def is_meant(document, target):
    return (re.fullmatch(target["kind"], document["kind"]) and carries(document, target.get("labelSelector", ""))
            and target.get("name", document["metadata"]["name"]) == document["metadata"]["name"])


def generate(documents, generator, directory):
    """A ConfigMap, or what it adds to one that is there."""
    literals = dict(literal.split("=", 1) for literal in generator.get("literals", []))
    files = dict(file.split("=") for file in generator.get("files", []))
    data = literals | {key: (directory / file).read_text() for key, file in files.items()}
    there = [document for document in documents if identity(document) == ("ConfigMap", generator["name"])]
    if (generator.get("behavior", "create") == "merge") != bool(there):
        raise AssertionError(f"{directory}: merge and create a ConfigMap once each")
    if there:
        there[0]["data"] |= data
    else:
        documents.append({"kind": "ConfigMap", "metadata": {"name": generator["name"]}, "data": data})


def apply(documents, patch, directory):
    text = parsed(directory / patch["path"]) if "path" in patch else list(yaml.safe_load_all(patch["patch"]))
    if any(isinstance(change, dict) and change.get("$patch") == "delete" for change in text):
        documents[:] = [document for document in documents if not is_meant(document, patch["target"])]
        return
    for at, document in enumerate(documents):
        if is_meant(document, patch["target"]):
            for change in text:
                if isinstance(change, list):  # a JSON patch; otherwise a strategic merge
                    for operation in change:
                        changed(document, operation)
                else:
                    documents[at] = document = patched(document, {"spec": change["spec"]})


def add(directory, documents):
    """Adds the directory's resources to the documents, and applies its components, generators and patches to them all."""
    kustomization = one_document(directory / "kustomization.yaml")
    for resource in kustomization.get("resources", []):
        if (directory / resource).is_dir():
            documents += rendered_here(directory / resource)
        else:
            documents += load(directory / resource)
    for component in kustomization.get("components", []):
        add(directory / component, documents)
    for generator in kustomization.get("configMapGenerator", []):
        generate(documents, generator, directory)
    for patch in kustomization.get("patches", []):
        apply(documents, patch, directory)


def rendered_here(directory, components=()):
    """The documents of a directory changed by these component directories; namespace, images and hashes left alone."""
    documents = []
    add(pathlib.Path(directory), documents)
    for component in components:
        add(pathlib.Path(component), documents)
    return documents


def kubectl(root):
    """The program: kustomize is in it. Where it must be there, its absence is a failure."""
    found = shutil.which("kubectl", path=f"{root / 'build/tools'}:{os.environ.get('PATH', os.defpath)}")
    if not found and os.environ.get("CI") == "true":
        raise AssertionError("kubectl is missing: scripts/install-dependencies kubernetes")
    if not found:
        raise unittest.SkipTest("kubectl is missing (scripts/install-dependencies kubernetes)")
    return found


def write_kustomization(directory, kind="Kustomization", **fields):
    """A kustomization of its own, whose paths to other places are to be relative: `relative` makes them."""
    version = {"Kustomization": "v1beta1", "Component": "v1alpha1"}[kind]
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "kustomization.yaml").write_text(yaml.safe_dump(
        {"apiVersion": f"kustomize.config.k8s.io/{version}", "kind": kind} | fields, sort_keys=False))


def relative(path, directory):
    return os.path.relpath(path, directory.resolve())


def rendered_by_kubectl(root, directory):
    done = subprocess.run([kubectl(root), "kustomize", directory], capture_output=True, text=True, timeout=120)
    if (done.returncode, done.stderr) != (0, ""):
        raise AssertionError(done.stderr)
    return list(yaml.load_all(done.stdout, LOADER))
