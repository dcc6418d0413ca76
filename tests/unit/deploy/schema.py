#!/usr/bin/env python3
"""Holds manifests to the published schemas of Kubernetes, of each version in tests/schemas/kubernetes.json.

    schema.py [--since VERSION] FILE...     `-` is standard input: helm template ... | schema.py -

Prints each violation once, with the versions that have it; exit status 1 if there is one. Strict: a field or kind that
the schemas do not know is a violation, like a list's entry that is there twice, which a server-side apply refuses.
Needs python3-jsonschema and python3-yaml.
"""

import argparse
import functools
import json
import pathlib
import sys

import jsonschema
import yaml

import kubernetes_yaml

DATA = json.loads((pathlib.Path(__file__).resolve().parents[2] / "schemas" / "kubernetes.json").read_text())
VERSIONS = DATA["versions"]
FORMATS = {
    "quantity": {"type": ["number", "string"],
                 "pattern": r"^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]+)?$"},
    "date-time": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[-+]\d\d:\d\d)$"},
    "byte": {"type": "string", "pattern": r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"},
}
DEFAULTS = {"protocol": "TCP"}  # of a list's keys


def no_two(_, keys, entries, __):
    seen = set()
    for entry in entries if isinstance(entries, list) else []:
        values = [entry.get(key, DEFAULTS.get(key)) if isinstance(entry, dict) else None for key in keys]
        identity = json.dumps(values)
        if None not in values and identity in seen:
            yield jsonschema.ValidationError(f"{' '.join(map(str, values))} is there twice, by {' and '.join(keys)}")
        seen.add(identity)


Validator = jsonschema.validators.extend(jsonschema.Draft7Validator, {"x-kubernetes-list-map-keys": no_two})


def holds(span, version):
    """Whether a version is within "FIRST-LAST", either of which may be missing, and both together."""
    first, _, last = span.partition("-")
    number = VERSIONS.index(version)
    return VERSIONS.index(first or VERSIONS[0]) <= number <= VERSIONS.index(last or VERSIONS[-1])


@functools.cache
def types(version):
    """JSON Schemas by name, each of which holds those it refers to themselves, so that nothing is left to look up."""
    found = {name: {} for name in DATA["types"]}

    def resolved(schema):
        if "$ref" in schema:
            return found[schema["$ref"]]
        return {key: resolved(value) if isinstance(value, dict) else value
                for key, value in (schema | FORMATS.get(schema.get("format"), {})).items() if key != "format"}

    for name, fields in DATA["types"].items():
        fields = {field: schema for field, schema in fields.items() if holds(schema.get("x-versions", ""), version)}
        if "" in fields:  # a name for a plain type
            found[name].update(resolved(fields[""]))
        elif fields:
            found[name].update({
                "type": "object", "additionalProperties": False,
                "properties": {field: resolved(schema) for field, schema in fields.items()},
                "required": [field for field, schema in fields.items()
                             if "x-required" in schema and holds(schema["x-required"], version)]})
    return found


@functools.cache
def validator(kind, version):
    return Validator(types(version)[kind])


def sentences(error):
    if error.validator == "additionalProperties":
        return [f"{field!r} is no field" for field in error.instance if field not in error.schema["properties"]]
    return [error.message]


def place(path):
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def violations(document, version):
    """What a server of this version would not take; empty for a document that is as its schema says."""
    if version not in VERSIONS:
        raise ValueError(f"no schemas of Kubernetes {version}, only of {', '.join(VERSIONS)}")
    if not isinstance(document, dict):
        return [f"no object: {document!r:.60}"]
    kind = f"{document.get('apiVersion')}/{document.get('kind')}"
    if kind not in DATA["kinds"]:
        return [f"{kind}: there is no schema of this kind"]
    name = DATA["kinds"][kind]
    if not types(version)[name]:
        return [f"{kind}: no such kind"]
    metadata = document.get("metadata")
    at = f"{name}/{metadata.get('name', '') if isinstance(metadata, dict) else ''}"
    errors = sorted((place(error.absolute_path), sentence) for error in validator(name, version).iter_errors(document)
                    for sentence in sentences(error))
    return [": ".join(filter(None, (at, *error))) for error in errors]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--since", default=VERSIONS[0], choices=VERSIONS, help="the first version that counts")
    parser.add_argument("files", nargs="+", metavar="FILE")
    options = parser.parse_args()
    found, number = {}, 0
    versions = VERSIONS[VERSIONS.index(options.since):]
    for file in options.files:
        try:
            documents = kubernetes_yaml.documents(sys.stdin.read() if file == "-" else pathlib.Path(file).read_text())
        except yaml.YAMLError as error:
            found[file, " ".join(str(error).split())] = versions
            continue
        number += len(documents)
        for document in documents:
            for version in versions:
                for violation in violations(document, version):
                    found.setdefault((file, violation), []).append(version)
    for (file, violation), versions_of in found.items():
        print(f"{file}: {violation} ({versions_of[0]}{f' to {versions_of[-1]}' if len(versions_of) > 1 else ''})")
    if not found:
        print(f"{number} documents are as the schemas of Kubernetes {versions[0]} to {versions[-1]} say" if number else
              "there is no document")
    sys.exit(1 if found or not number else 0)


if __name__ == "__main__":
    main()
