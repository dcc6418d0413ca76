"""The repository and the program that are tested, and what their files say: `TEST ROOT BINARY [UNITTEST-ARGUMENT]...`"""

import functools
import os
import pathlib
import re
import subprocess
import sys
import unittest

from kustomize import rendered_here

if len(sys.argv) < 3:
    sys.exit(sys.modules["__main__"].__doc__)
ROOT, BINARY = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])

PREFIX = "HTTP_HEALTHCHECK_SIDECAR_"
NO_KUSTOMIZATION = ["chart", "inject"]  # the directories of deploy/ for other tools than kustomize
FORMS = ["native-sidecar", "classic", "daemonset"]  # the directories of deploy/ that hold a workload with a sidecar
NODE = "node"  # the one that holds the agent of a node
DEPLOYED = [*FORMS, NODE]
COMPONENTS = ["watch", "drain", "agent", "tls", "monitoring", "maintenance", "node-drain", "openshift"]  # on any form
NODE_COMPONENTS = ["drain", "agent", "tls", "monitoring", "node-drain", "openshift", "node-namespace"]  # on the agent
ADDING = {"sidecar": "native-sidecar", "sidecar-classic": "classic"}  # the components that add the sidecar of a form
BALANCED = ["drain", "agent", "tls"]  # those for the haproxy file of their name
PARTS = ["base", "components", "examples", "monitoring"]  # the directories without a workload of their own
NATIVE = ["native-sidecar", "daemonset"]
BEHIND_NODEPORT = ["native-sidecar", "classic"]
# Where --check-config runs: what Kubernetes sets, and the node that the downward API names to the agent.
IN_A_POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443", "HOSTNAME": "game-0"}


def check_config(variables, *flags):
    """What the program says of its configuration."""
    return subprocess.run([BINARY, "--check-config", *flags], capture_output=True, text=True, timeout=10,
                          env=IN_A_POD | variables)


def read(name):
    return (ROOT / name).read_text()


def settings(name):
    """A file of deploy/ without its comments."""
    return re.sub(r"^\s*#.*\n|\s#\s.*", "", read(f"deploy/{name}"), flags=re.MULTILINE)


def one(values):
    values = list(values)
    if len(values) != 1:
        raise AssertionError(f"one expected, not {len(values)}: {values}")
    return values[0]


def components_of(name):
    """The components that go on this directory."""
    return NODE_COMPONENTS if name == NODE else COMPONENTS


def resources(name, *components):
    """The documents of a directory of deploy/ with these components, before kustomize's other renderings."""
    return rendered_here(ROOT / "deploy" / name, [ROOT / "deploy/components" / component for component in components])


class Form:
    """One directory of deploy/ with components, taken apart; `documents` are its own, or what became of them."""

    def __init__(self, name, *components, documents=None):
        self.name, self.components = name, components
        self.documents = documents or resources(name, *components)
        self.workload = one(self.of_kind("Deployment", "StatefulSet", "DaemonSet"))
        self.labels = self.workload["spec"]["template"]["metadata"]["labels"]
        self.pod = self.workload["spec"]["template"]["spec"]
        self.containers = self.pod.get("initContainers", []) + self.pod["containers"]
        self.sidecar = one(c for c in self.containers if "http-healthcheck-sidecar" in c["image"])
        self.options = one(d for d in self.of_kind("ConfigMap") if d["metadata"]["name"] == self.options_name())
        self.environment = self.options["data"]

    def options_name(self):
        """Of the ConfigMap that the sidecar's variables come from, all but what only the pod knows."""
        if any("fieldRef" not in variable.get("valueFrom", {}) for variable in self.sidecar.get("env", [])):
            raise AssertionError("a variable outside the ConfigMap, which no component could change")
        return one(self.sidecar["envFrom"])["configMapRef"]["name"]

    def of_the_pod(self):
        """The variables that the downward API sets -> the field of the pod."""
        return {variable["name"]: variable["valueFrom"]["fieldRef"]["fieldPath"] for variable in self.sidecar.get("env", [])}

    def of_kind(self, *kinds):
        return [document for document in self.documents if document["kind"] in kinds]

    def node_port(self, port_name):
        """The port of the node behind which the container port of this name is."""
        if self.of_kind("Service"):
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


def yaml_blocks(file):
    return re.findall(r"^```yaml\n(.*?)^```", read(file), re.MULTILINE | re.DOTALL)


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


def skip(test, why):
    """A test that cannot run here fails where CI=true: there every test has to run."""
    if os.environ.get("CI") == "true":
        test.fail(why)
    test.skipTest(why)


def main(verbosity=1):
    """2: the log of ctest has the reasons of skipped tests, which tests/skip_reasons.py tells."""
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=verbosity)
