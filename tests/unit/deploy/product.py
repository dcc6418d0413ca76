"""The repository and the program that are tested, and what their files say: `TEST ROOT BINARY [UNITTEST-ARGUMENT]...`"""

import functools
import pathlib
import re
import subprocess
import sys
import unittest

import yaml

if len(sys.argv) < 3:
    sys.exit(sys.modules["__main__"].__doc__)
ROOT, BINARY = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])

PREFIX = "HTTP_HEALTHCHECK_SIDECAR_"
NO_KUSTOMIZATION = ["chart", "inject"]  # the directories of deploy/ for other tools than kustomize
FORMS = ["native-sidecar", "classic", "daemonset"]  # the directories of deploy/ that hold a workload
BALANCED = ["drain", "agent", "tls"]  # those that change native-sidecar, each for the haproxy file of its name
OVERLAYS = [*BALANCED, "watch"]  # those that change it in all
PARTS = ["base", "components", "monitoring"]  # those without a workload
NATIVE = ["native-sidecar", "daemonset", *OVERLAYS]
BEHIND_NODEPORT = ["native-sidecar", "classic", *OVERLAYS]


def read(name):
    return (ROOT / name).read_text()


def one(values):
    values = list(values)
    if len(values) != 1:
        raise AssertionError(f"one expected, not {len(values)}: {values}")
    return values[0]


def patched(base, patch):
    """A strategic merge as far as deploy/ goes: maps by key, lists by their entries' names."""
    if isinstance(base, dict) and isinstance(patch, dict):
        return base | {key: patched(base.get(key), value) for key, value in patch.items()}
    if isinstance(base, list) and isinstance(patch, list):
        if not all("name" in entry for entry in [*base, *patch]):
            return patch  # no merge key
        entries = {entry["name"]: entry for entry in base}
        for entry in patch:
            entries[entry["name"]] = patched(entries.get(entry["name"]), entry)
        return list(entries.values())
    return patch


def identity(document):
    return document["kind"], document["metadata"]["name"]


def resources(name):
    """The documents of a kustomize directory, those of its resource directories included, with its patches, before any
    other rendering."""
    directory = ROOT / "deploy" / name
    kustomization = yaml.safe_load((directory / "kustomization.yaml").read_text())
    documents = []
    for resource in kustomization["resources"]:
        if (directory / resource).is_dir():
            documents += resources((directory / resource).resolve().relative_to((ROOT / "deploy").resolve()))
        else:
            documents += filter(None, yaml.safe_load_all((directory / resource).read_text()))
    for generator in kustomization.get("configMapGenerator", []):
        files = dict(file.split("=") for file in generator["files"])
        documents.append({"kind": "ConfigMap", "metadata": {"name": generator["name"]},
                          "data": {key: (directory / file).read_text() for key, file in files.items()}})
    for patch in kustomization.get("patches", []):
        patch = yaml.safe_load((directory / patch["path"]).read_text())
        at = one(i for i, document in enumerate(documents) if identity(document) == identity(patch))
        documents[at] = patched(documents[at], patch)
    return documents


def changed(document, operation):
    """A JSON patch's `test`, or its `add` at the end of a list."""
    *way, last = operation["path"].strip("/").split("/")
    for step in way:
        document = document[int(step) if isinstance(document, list) else step]
    if operation["op"] == "test":
        if document[last] != operation["value"]:
            raise AssertionError(f"{operation['path']} is {document[last]}")
    elif (operation["op"], last) == ("add", "-"):
        document.append(operation["value"])
    else:
        raise AssertionError(f"not done here: {operation}")


def with_component(name, component):
    """The documents of resources(name), changed by deploy/components/<component>."""
    directory = ROOT / "deploy" / "components" / component
    kustomization = yaml.safe_load((directory / "kustomization.yaml").read_text())
    documents = resources(name)
    for patch in kustomization["patches"]:
        operations = yaml.safe_load((directory / patch["path"]).read_text())
        for document in documents:
            if re.fullmatch(patch["target"]["kind"], document["kind"]):
                for operation in operations:
                    changed(document, operation)
    for resource in kustomization["resources"]:
        documents += filter(None, yaml.safe_load_all((directory / resource).read_text()))
    return documents


class Form:
    """One directory of deploy/, taken apart; `documents` are its own, or what became of them."""

    def __init__(self, name, documents=None):
        self.name = name
        self.documents = documents or resources(name)
        self.workload = one(self.of_kind("Deployment", "StatefulSet", "DaemonSet"))
        self.labels = self.workload["spec"]["template"]["metadata"]["labels"]
        self.pod = self.workload["spec"]["template"]["spec"]
        self.containers = self.pod.get("initContainers", []) + self.pod["containers"]
        self.sidecar = one(c for c in self.containers if "http-healthcheck-sidecar" in c["image"])
        self.environment = {entry["name"]: entry["value"] for entry in self.sidecar.get("env", [])}

    def of_kind(self, *kinds):
        return [document for document in self.documents if document["kind"] in kinds]

    def node_port(self, port_name):
        """The port of the node behind which the container port of this name is."""
        if self.name in BEHIND_NODEPORT:
            ports = [port for service in self.of_kind("Service") for port in service["spec"]["ports"]]
            return one(port for port in ports if port["name"] == port_name)["nodePort"]
        return one(port for port in self.ports() if port["name"] == port_name)["hostPort"]

    def option(self, name):
        return self.environment.get(PREFIX + name, "")

    def ports(self):
        return [port for container in self.containers for port in container.get("ports", [])]

    def forwarded_port(self, target):
        """The container port that a Service's targetPort means."""
        if isinstance(target, int):
            return target
        return one(port for port in self.ports() if port["name"] == target)["containerPort"]


@functools.cache
def options():
    """Option name -> default, from the program's own table: `--stale-grace DURATION  (default 30s)`."""
    text = subprocess.run([BINARY, "--help"], check=True, capture_output=True, text=True, timeout=20).stdout
    rows = re.findall(r"^  --([a-z-]+) [A-Z:]+(?:  \(default (.+)\))?$", text, re.MULTILINE)
    return {flag.upper().replace("-", "_"): default for flag, default in rows}


def table_rows(title, file="README.md"):
    """The rows of the file's table whose header begins with this cell, as lists of cells."""
    lines = iter(read(file).splitlines())
    next(line for line in lines if line.startswith(f"| {title} |"))
    next(lines)
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def literal(cell):
    """`text` -> text; a cell in words, or an empty one, is no literal."""
    match = re.fullmatch(r"`([^`]*)`", cell)
    return match.group(1) if match else ""


def seconds(text):
    return float(one(re.findall(r"^(\d+)s?$", text)))


def default_port():
    return int(options()["LISTEN"].rpartition(":")[2])


def project_version():
    return one(re.findall(r"project\(http-healthcheck-sidecar VERSION (\S+)", read("CMakeLists.txt")))


def main(verbosity=1):
    """2: the log of ctest has the reasons of skipped tests, which tests/skip_reasons.py tells."""
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=verbosity)
