"""deploy/components/node-drain, whose cluster-wide objects get their name in the kustomization that lists it."""

import yaml

from product import ROOT

UNNAMED = "health-sidecar-node-drain-%set-name-in-your-kustomization"
KINDS = ("ClusterRole", "ClusterRoleBinding")


def documented_patches(name="game", account="game"):
    """The two in the component's comment: for the name alone, and for the rest of the binding."""
    comment = (ROOT / "deploy/components/node-drain/kustomization.yaml").read_text().partition("\napiVersion")[0]
    blocks = [block.replace("\n#   ", "\n")[len("#   "):] for block in comment.split("\n#\n") if block.startswith("#   ")]
    naming, rest, _ = blocks
    patches = yaml.safe_load(naming)["patches"] + yaml.safe_load(rest)
    for patch in patches:
        patch["patch"] = patch["patch"].replace("drain-game", f"drain-{name}").replace("namespace: game", f"namespace: {name}")
        patch["patch"] = patch["patch"].replace("name: game", f"name: {account}")
    return patches


def unnamed(documents, name):
    """Takes that name back, where it is and where it is meant."""
    for document in documents:
        for place in [document["metadata"], document.get("roleRef", {})]:
            if document["kind"] in KINDS and place.get("name") == f"health-sidecar-node-drain-{name}":
                place["name"] = UNNAMED
