"""deploy/chart, as the real helm renders it, and the programs of `scripts/install-dependencies kubernetes`."""

import functools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import yaml

from product import ROOT, one

CHART = ROOT / "deploy/chart/http-healthcheck-sidecar"
IMAGE = "registry.example.com/http-healthcheck-sidecar"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # several times faster

# What deploy/native-sidecar has, as values; and what says the same as each component.
GAME = {"image": {"repository": IMAGE}, "options": {"TARGET_CONTAINER": "game"},
        "rbac": {"serviceAccounts": ["health-sidecar"]},
        "services": {"game-health": {"selector": {"app": "game"}, "nodePort": 31313, "agentNodePort": 31314}}}
COMPONENTS = {
    "": {},
    "drain": {"options": {"DRAIN_STATUS": "404", "STALE_GRACE": "10m"}},
    "agent": {"agent": {"enabled": True}, "options": {"DRAIN_STATUS": "404"}},
    "tls": {"tls": {"secretName": "health-tls", "clientCA": True}},
    "watch": {"options": {"SOURCE": "watch", "STALE_GRACE": "60s"}},
    "monitoring": {"status": {"enabled": True}},
    "node-drain": {"nodeDrain": {"enabled": True}},
}
INJECTION = {"injection": {"enabled": True}}
MONITORING = {"podMonitor": {"enabled": True, "labels": {"release": "kps"}}, "prometheusRule": {"enabled": True},
              "dashboard": {"enabled": True}}

# A chart that depends on it, and what its templates get.
CALLER = """
apiVersion: v2
name: caller
version: 0.0.0
dependencies: [{name: http-healthcheck-sidecar, alias: ALIAS, version: "*"}]
"""
CALL = """
kind: Caller
metadata: {name: caller}
initContainers:
  {{- include "http-healthcheck-sidecar.container" . | nindent 2 }}
volumes:
  {{- include "http-healthcheck-sidecar.volume" . | nindent 2 }}
"""


def tool(name):
    """Where it is. Where it must be there, its absence is a failure."""
    ours = ROOT / "build/tools" / name
    found = ours if ours.exists() else shutil.which(name)
    if found:
        return found
    if os.environ.get("CI") == "true":
        raise AssertionError(f"{name} is missing: scripts/install-dependencies kubernetes")
    raise unittest.SkipTest(f"{name} is missing (scripts/install-dependencies kubernetes)")


@functools.cache
def home():
    """A directory for what helm writes."""
    return tempfile.TemporaryDirectory()


def run_helm(*arguments, values=None):
    if values is not None:
        arguments = (*arguments, "--values", "-")
    own = {f"HELM_{kind}_HOME": home().name for kind in ["CACHE", "CONFIG", "DATA"]} | {"KUBECONFIG": "/dev/null"}
    return subprocess.run([tool("helm"), *map(str, arguments)], input=json.dumps(values), capture_output=True, text=True,
                          timeout=60, env=os.environ | own)


def documents(text):
    return [document for document in yaml.load_all(text, LOADER) if document]


def merged(*values):
    """As Helm reads several files: maps by key."""
    result = {}
    for more in values:
        for key, value in more.items():
            both = isinstance(value, dict) and isinstance(result.get(key), dict)
            result[key] = merged(result[key], value) if both else value
    return result


def template(*values, base=GAME, version="1.36.2", chart=CHART, under=None, release="health-sidecar"):
    values = merged(base, *values)
    return run_helm("template", release, chart, "--namespace", "game", "--kube-version", version,
                    values={under: values} if under else values)


def rendered(*values, **more):
    """The documents of the chart with GAME and these values, released as health-sidecar in the namespace game."""
    done = template(*values, **more)
    if (done.returncode, done.stderr) != (0, ""):
        raise AssertionError(done.stderr)
    return documents(done.stdout)


def refusal(*values, **more):
    """What helm says of values that it does not take."""
    done = template(*values, **more)
    if done.returncode == 0:
        raise AssertionError(f"it takes {values}")
    return done.stderr


def calling(render, *values, call=CALL, alias=CHART.name):
    """The same (`rendered`, `refusal`) of a chart that depends on this one, and has a template of its own."""
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        (root / "templates").mkdir()
        (root / "Chart.yaml").write_text(CALLER.replace("ALIAS", alias))
        (root / "templates/all.yaml").write_text(call)
        shutil.copytree(CHART, root / "charts" / CHART.name)
        return render(*values, chart=root, under=alias)


def identity(document):
    return document["kind"], document["metadata"]["name"]


def by_kind(found, kind, name=None):
    return one(document for document in found if identity(document) == (kind, name or document["metadata"]["name"]))


def container(*values):
    """The sidecar that the named template gives."""
    return one(by_kind(calling(rendered, *values), "Caller")["initContainers"])


def environment(found):
    names = [entry["name"] for entry in found["env"]]
    if names != sorted(set(names)):
        raise AssertionError(f"not sorted, or twice: {names}")
    return {entry["name"]: entry["value"] for entry in found["env"]}
