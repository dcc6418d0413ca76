"""YAML as Kubernetes' tools read it (sigs.k8s.io/yaml), where PyYAML would read something else.

PyYAML takes `10:30` for 630 and `1e+07` for a text; of a key that is there twice it takes the last, and they fail.
"""

import re

import yaml

BASE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # several times faster


class Loader(BASE):
    def __init__(self, stream):
        super().__init__(stream)
        self.checked = set()

    def flatten_mapping(self, node):
        """What resolves `<<`, after which a key may well be there twice; of one mapping it may be called again."""
        if node not in self.checked:
            self.checked.add(node)
            seen = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in seen:
                        raise yaml.constructor.ConstructorError("while reading a mapping", node.start_mark,
                                                                f"the key {key.value!r} is there twice", key.start_mark)
                    seen.add(key.value)
        super().flatten_mapping(node)


def integer(_, node):
    text = node.value.replace("_", "")
    return int(text, 8) if re.fullmatch(r"[-+]?0[0-7]+", text) else int(text, 0)


def truth(_, node):
    return node.value.lower() in ("y", "yes", "true", "on")


def number(_, node):
    return float(re.sub(r"(?i)\.(inf|nan)", r"\1", node.value))


kept = {"tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"}
Loader.yaml_implicit_resolvers = {first: [(tag, pattern) for tag, pattern in resolvers if tag in kept]
                                  for first, resolvers in BASE.yaml_implicit_resolvers.items()}
for name, construct, pattern, first in [
        ("bool", truth, r"y|Y|n|N|(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)",
         "yYnNtTfFoO"),
        ("int", integer, r"[-+]?(?:0|[1-9][0-9_]*|0x[0-9a-fA-F_]+|0b[01_]+|0o?[0-7_]+)", "-+0123456789"),
        ("float", number, r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
                          r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+.0123456789")]:
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(rf"(?:{pattern})\Z"), list(first))
    Loader.add_constructor(f"tag:yaml.org,2002:{name}", construct)


def documents(text):
    return [document for document in yaml.load_all(text, Loader=Loader) if document is not None]
