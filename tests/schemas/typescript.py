"""Reads API types from the TypeScript declarations of three npm packages, as name -> field -> (required, JSON Schema).

A type is named without group and version, `Container`; a reference to one is {"$ref": "Container"}.
"""

import json
import re

INT_OR_STRING = {"type": ["integer", "string"]}
STATUS = {"type": "object"}  # the cluster's, which no manifest has
PLAIN = {
    "string": {"type": "string"}, "boolean": {"type": "boolean"}, "object": {"type": "object"}, "any": {},
    "number": {"type": "integer"},  # the API conventions forbid others, and no field of these kinds is one
    "IntOrString": INT_OR_STRING, "number | string": INT_OR_STRING, "string | number": INT_OR_STRING,
    "Date": {"format": "date-time"}, "V1MicroTime": {"format": "date-time"}, "Time": {"format": "date-time"},
    "Quantity": {"format": "quantity"}, "Fields": {}, "FieldsV1": {}, "JSON": {},
}
NAMES = re.compile(r"inputs\.[\w.]*\.(\w+)"  # of each of the three
                   r"|I(?:IoK8s|ComGithub)\w*?(?:V1|Intstr|Resource)([A-Z]\w*)"
                   r"|(?:Rbac|Core|Admissionregistration|Storage|Discovery|Events)?V1([A-Z]\w*)")


def schema(text):
    text = text.strip()
    while match := re.fullmatch(r"pulumi\.Input<(.*)>|(.*) \| undefined|\{ (\[.*\}) \| undefined", text):
        text = next(filter(None, match.groups())).strip()
    if text in PLAIN:
        return PLAIN[text]
    if match := re.fullmatch(r"Array<(.*)>|(.*)\[\]", text):
        return {"type": "array", "items": schema(match[1] or match[2])}
    if match := re.fullmatch(r"\{ \[key: string\]: (.*?);? \}", text):
        return {"type": "object", "additionalProperties": schema(match[1])}
    if '["' in text:  # a type by its place in another, IPod["kind"]
        return {"type": "string"}
    if values := re.findall(r'"([^"]*)"', text):
        return {"type": "string", "enum": values}
    if match := NAMES.fullmatch(text):
        name = match[1] or match[2] or match[3]
        return PLAIN.get(name) or (STATUS if name.endswith("Status") else {"$ref": name})
    if "enums." in text:
        return {"type": "string"}
    raise ValueError(text)


def fields(body):
    """Of an interface's or class's declarations: name -> (required, text of the type)."""
    found = re.findall(r"^ *(?:\"|')?([\w$.-]+)(?:\"|')?(\??): ((?:[^;{}]|\{[^{}]*\})*);", body, re.MULTILINE)
    return {name: (not optional, " ".join(text.split())) for name, optional, text in found}


def without_comments(path):
    return re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)


def closure(roots, read):
    """The types that the roots reach; `read` gives a type's fields, or None where there is none."""
    types, names = {}, list(roots)
    for name in names:
        if name not in types and (found := read(name)) is not None:
            types[name] = found
            names += re.findall(r'"\$ref": "(\w+)"', json.dumps(found))
    return types


def client(package, roots):
    """@kubernetes/client-node: Kubernetes' own client, generated from its OpenAPI document."""
    models = next(directory for directory in (package / "dist/gen/models", package / "dist/gen/model")
                  if directory.exists())
    classes = {}
    for path in models.glob("*.d.ts"):
        stem = path.name.removesuffix(".d.ts")
        if match := NAMES.fullmatch(stem[0].upper() + stem[1:]):
            # CoreV1Event beside EventsV1Event: none of those is reached
            classes.setdefault(match[3], stem)

    def read(name):
        if name not in classes:
            return None
        text = without_comments(models / f"{classes[name]}.d.ts")
        declared = fields(re.split(r"^ *static ", text, flags=re.MULTILINE)[0])
        text = (models / f"{classes[name]}.js").read_text()
        table = json.loads(re.search(r"attributeTypeMap = (\[.*?\n?\])[;\n]", text, re.DOTALL)[1])
        found = {}
        for entry in table:  # the declaration says what is required, the table what the API calls it
            found[entry["baseName"]] = declared[entry["name"]][0], schema(entry["type"])
            if entry.get("format") == "byte":
                found[entry["baseName"]][1]["additionalProperties"] = {"format": "byte"}
        return found
    return closure(roots, read)


def pulumi(package, roots):
    """@pulumi/kubernetes: generated from the OpenAPI documents of its time and of all before, in one."""
    tokens = re.finditer(r"namespace (\w+) \{|interface (\w+) \{((?:[^{}]|\{[^{}]*\})*)\}|\}",
                         without_comments(package / "types/input.d.ts"))
    bodies, names = {}, []
    for token in tokens:
        if token[1]:
            names.append(token[1])
        elif token[2]:
            if names[1:] == ["v1"]:
                bodies.setdefault(token[2], token[3])
        elif names:
            names.pop()

    def read(name):
        return {field: (required, schema(text)) for field, (required, text) in fields(bodies[name]).items()} \
            if name in bodies else None
    return closure(roots, read)


def models(directories, roots):
    """kubernetes-models and its kin: with the enumerations, which the published document leaves out."""
    def read(name):
        path = next((path for directory in directories if (path := directory / f"{name}.d.ts").exists()), None)
        if path is None:
            return None
        text = without_comments(path)
        if alias := re.search(rf"export type I{name} = (.*);", text):
            return {"": (True, schema(alias[1]))}
        body = re.search(rf"class {name} [^{{]*\{{(.*?)^\}}", text, re.DOTALL | re.MULTILINE)[1]
        return {field: (required, schema(text)) for field, (required, text) in fields(
            re.sub(r"^ *static .*$|^ *constructor.*$", "", body, flags=re.MULTILINE)).items()}
    return closure(roots, read)
