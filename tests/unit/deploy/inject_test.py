#!/usr/bin/env python3
"""deploy/inject and the chart's policy: its structure, and what it makes of pods, as an evaluator of CEL has it.

The API server has another evaluator (cel-go), and is not run here.

    inject_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import copy
import json
import re
import subprocess
import unittest

import product
from chart import COMPONENTS, IMAGE, INJECTION, by_kind, container, documents, environment, merged, rendered, run_helm, tool
from chart_test import VOLUMES, kustomized, volumes
from product import PREFIX, ROOT, one, project_version, read

POLICY, BINDING = documents(read("deploy/inject/policy.yaml"))
OPTIONS, TARGET = "health-sidecar/options", "health-sidecar/target-container"
LABEL = {"matchLabels": {"health-sidecar/inject": "true"}}


def pod(inits=(), containers=(), volumes=None, **annotations):
    """A game, and more containers; an annotation by what follows the prefix, with _ for -."""
    game = {"name": "game", "image": "game:1", "ports": [{"containerPort": 7777, "protocol": "UDP"}]}
    spec = {"containers": [game, *containers]}
    if inits:
        spec["initContainers"] = list(inits)
    if volumes is not None:
        spec["volumes"] = volumes
    metadata = {"labels": {"health-sidecar/inject": "true"}}
    if annotations:
        metadata["annotations"] = {f"health-sidecar/{name.replace('_', '-')}": value for name, value in annotations.items()}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def namespace(**annotations):
    return {"metadata": pod(**annotations)["metadata"] | {"name": "game"}}


def evaluated(*cases, policy=POLICY):
    """What the policy does to each (pod, namespace)."""
    cases = [{"object": object_, "namespaceObject": namespace_} for object_, namespace_ in cases]
    done = subprocess.run([tool("node"), ROOT / "tests/unit/deploy/evaluate_policy.mjs", tool("cel-js")],
                          input=json.dumps({"policy": policy, "cases": cases}), capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


def patched(object_, patch):
    """RFC 6902 as far as the policy goes."""
    result = copy.deepcopy(object_)
    for step in patch:
        place = result["spec"][step["path"].split("/")[2]] if step["path"].endswith("/-") else None
        if step["op"] == "move":
            way, at = re.fullmatch(r"/spec/(\w+)/(\d+)", step["from"]).groups()
            place.append(result["spec"][way].pop(int(at)))
        elif place is not None:
            place.append(step["value"])
        else:
            result["spec"][re.fullmatch(r"/spec/(\w+)", step["path"])[1]] = step["value"]
    return result


def admitted(object_, namespace_=None, policy=POLICY):
    result = one(evaluated((object_, namespace_ or namespace()), policy=policy))
    if "leftAlone" in result:
        raise AssertionError(f"left alone by {result['leftAlone']}")
    return patched(object_, result["patch"])


def names(object_):
    return [each["name"] for each in object_["spec"]["initContainers"]]


class Structure(unittest.TestCase):
    def test_it_is_what_the_chart_makes(self):
        command = re.search(r"^#   helm (.*?[^\\])$", read("deploy/inject/policy.yaml"), re.MULTILINE | re.DOTALL)[1]
        arguments = command.replace("\\\n#", "").replace("deploy/", f"{ROOT}/deploy/").split()
        found = documents(run_helm(*arguments).stdout)
        for ours in [POLICY, BINDING]:
            theirs = by_kind(found, ours["kind"])
            self.assertEqual((ours["apiVersion"], ours["metadata"]["name"]), (theirs["apiVersion"], theirs["metadata"]["name"]))
            self.assertEqual(ours["spec"], theirs["spec"])
        self.assertEqual(BINDING["spec"], {"policyName": POLICY["metadata"]["name"]})

    def test_it_says_first_what_it_needs(self):
        text = read("deploy/inject/policy.yaml")
        self.assertTrue(text.startswith("# Kubernetes 1.36 and later"))
        expressions = [each["expression"] for part in ["matchConditions", "variables"] for each in POLICY["spec"][part]]
        self.assertEqual(len(re.findall("^ +# YOUR IMAGE", text, re.MULTILINE)),
                         sum("http-healthcheck-sidecar" in expression for expression in expressions))
        for word in ["YOUR IMAGE", "Below 1.36", "docs/install.md", "about a second", "custom-columns", OPTIONS, TARGET]:
            self.assertIn(word, text.partition("\napiVersion")[0])

    def test_it_is_for_labelled_pods_of_labelled_namespaces_that_are_made(self):
        match = POLICY["spec"]["matchConstraints"]
        self.assertEqual([match["namespaceSelector"], match["objectSelector"]], [LABEL, LABEL])
        self.assertEqual(one(match["resourceRules"]), {
            "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"],
            "scope": "*"})  # this and the next written out, as the API server would
        self.assertEqual(match["matchPolicy"], "Equivalent")
        namespaces = rendered(INJECTION, {"injection": {"namespaces": ["game"]}})
        self.assertEqual(by_kind(namespaces, "MutatingAdmissionPolicy")["spec"]["matchConstraints"]["namespaceSelector"],
                         LABEL | {"matchExpressions": [
                             {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["game"]}]})

    def test_it_stays_clear_of_what_API_servers_do_badly(self):
        spec = POLICY["spec"]
        self.assertEqual((spec["failurePolicy"], spec["reinvocationPolicy"]), ("Fail", "IfNeeded"))
        self.assertFalse({"paramKind"} & set(spec))  # goes stale when the last binding goes
        self.assertEqual(one(spec["mutations"])["patchType"], "JSONPatch")  # the other cannot write atomic lists
        self.assertNotIn("Object", json.dumps(spec).replace("namespaceObject", ""))  # in a list it panics the request

    def test_its_namespace_file_has_its_label_and_the_role_of_the_base(self):
        found = documents(read("deploy/inject/namespace.yaml"))
        name = by_kind(found, "Namespace")["metadata"]
        self.assertEqual(name["labels"], LABEL["matchLabels"])
        self.assertEqual(by_kind(found, "Role")["rules"], one(kustomized("").of_kind("Role"))["rules"])
        binding = by_kind(found, "RoleBinding")
        self.assertEqual(one(binding["subjects"]), {"kind": "ServiceAccount", "name": "default", "namespace": name["name"]})
        self.assertEqual(binding["roleRef"]["name"], by_kind(found, "Role")["metadata"]["name"])


class Sidecar(unittest.TestCase):
    def test_it_is_that_of_native_sidecar(self):
        result, form = admitted(pod(target_container="game")), kustomized("")
        ours, theirs = one(result["spec"]["initContainers"]), copy.deepcopy(form.sidecar)
        self.assertEqual(environment(ours), form.environment)
        self.assertEqual(ours["image"], f"{IMAGE}:{project_version()}")
        one(theirs["volumeMounts"])["name"] = VOLUMES["kube-api-access"]
        for key in ["env", "envFrom", "image"]:
            ours.pop(key, None), theirs.pop(key, None)
        self.assertEqual(ours, theirs)
        self.assertEqual(volumes(result["spec"]["volumes"]), volumes(form.pod["volumes"]))
        self.assertEqual(result["spec"]["containers"], pod()["spec"]["containers"])

    def test_with_every_value_it_is_that_of_the_named_template(self):
        values = merged(*COMPONENTS.values())
        policy = by_kind(rendered(values, INJECTION), "MutatingAdmissionPolicy")
        result = admitted(pod(), policy=policy)
        self.assertEqual(one(result["spec"]["initContainers"]), container(values))
        self.assertEqual([volume["name"] for volume in result["spec"]["volumes"]], [*VOLUMES.values()])

    def test_it_is_the_last_one_and_the_others_keep_their_order(self):
        self.assertEqual(names(admitted(pod([{"name": "b", "image": "b"}, {"name": "a", "image": "a"}]))), ["b", "a", "health"])

    def test_another_pass_adds_nothing_and_moves_it_behind_what_came_meanwhile(self):
        result = admitted(pod([{"name": "setup", "image": "setup"}], volumes=[{"name": "data", "emptyDir": {}}]))
        self.assertEqual(admitted(result), result)
        self.assertEqual([volume["name"] for volume in result["spec"]["volumes"]], ["data", "health-sidecar-token"])
        result["spec"]["initContainers"].append({"name": "mesh", "image": "mesh"})
        self.assertEqual(names(admitted(result)), ["setup", "mesh", "health"])

    def test_a_volume_of_its_name_stays(self):
        own = [{"name": "health-sidecar-token", "emptyDir": {}}]
        self.assertEqual(admitted(pod(volumes=own))["spec"]["volumes"], own)


class LeftAlone(unittest.TestCase):
    def test_a_pod_that_has_its_name_image_or_port(self):
        def more(**fields):
            return {"name": "other", "image": "other"} | fields
        cases = [
            (pod(containers=[more(name="health")]), "no-other-container-named-health"),
            (pod([more(name="health")]), "no-other-container-named-health"),
            (pod(containers=[more(image="http-healthcheck-sidecar")]), "no-other-sidecar"),
            (pod([more(image="mirror.example.com:5000/lb/http-healthcheck-sidecar@sha256:0")]), "no-other-sidecar"),
            (pod(containers=[more(ports=[{"containerPort": 3000}])]), "ports-are-free"),
            (pod([more(ports=[{"containerPort": 3000, "protocol": "TCP"}])]), "ports-are-free"),
        ]
        found = evaluated(*((object_, namespace()) for object_, _ in cases))
        self.assertEqual(found, [{"leftAlone": [condition]} for _, condition in cases])

    def test_no_other_pod(self):
        others = [{"ports": [{"containerPort": 3000, "protocol": "UDP"}]}, {"ports": [{"containerPort": 3001}]},
                      {"image": "my-http-healthcheck-sidecar:1"}, {"image": "http-healthcheck-sidecar-exporter"}]
        pods = [pod(containers=[{"name": "other", "image": "other"} | other]) for other in others]
        for object_, result in zip(pods, evaluated(*((object_, namespace()) for object_ in pods)), strict=True):
            self.assertEqual(names(patched(object_, result.get("patch", []))), ["health"])


class Options(unittest.TestCase):
    def test_the_pod_goes_before_the_namespace_and_that_before_the_defaults(self):
        cases = [
            ({}, {}, {}),
            ({}, {"options": "DRAIN=1s,API_QPS=5"}, {"DRAIN": "1s", "API_QPS": "5"}),
            ({"options": "API_QPS=2"}, {"options": "DRAIN=1s,API_QPS=5"}, {"DRAIN": "1s", "API_QPS": "2"}),
            ({"target_container": "a,b"}, {"target_container": "c"}, {"TARGET_CONTAINER": "a,b"}),
            ({}, {"target_container": "c"}, {"TARGET_CONTAINER": "c"}),
            ({"options": "TARGET_CONTAINER=a"}, {"target_container": "c"}, {"TARGET_CONTAINER": "a"}),
            ({"options": " API_QPS = 5 ,, DRAIN=2s, "}, {}, {"API_QPS": "5", "DRAIN": "2s"}),
            ({"options": "STATUS_HOSTS=a.example,b.example\n\n  API_QPS=5\n"}, {},
             {"STATUS_HOSTS": "a.example,b.example", "API_QPS": "5"}),
            ({"options": "API_QPS=5\n"}, {}, {"API_QPS": "5"}),
            ({"options": "API_QPS=5,DRAIN=2s\n"}, {}, {"API_QPS": "5", "DRAIN": "2s"}),
            ({"options": "API_QPS=5,API_QPS=6,API_QPS=6"}, {}, {"API_QPS": "6"}),
            ({"options": "MAINTENANCE_LABEL=a=b"}, {}, {"MAINTENANCE_LABEL": "a=b"}),
            ({"options": ""}, {"options": " \n "}, {}),
        ]
        results = evaluated(*((pod(**of_pod), namespace(**of_namespace)) for of_pod, of_namespace, _ in cases))
        for (of_pod, of_namespace, expected), result in zip(cases, results, strict=True):
            with self.subTest(of_pod, namespace=of_namespace):
                found = environment(one(patched(pod(), result["patch"])["spec"]["initContainers"]))
                self.assertEqual(found, {PREFIX + name: text for name, text in ({"DRAIN": "0s"} | expected).items()})

    def test_the_program_lists_what_is_wrong_and_exits_with_2(self):
        text = "STALE_GRAZE=10s,STALE_GRACE,stale_grace=1s,API_QPS=many,HTTP_HEALTHCHECK_SIDECAR_DRAIN=1s,=1"
        found = environment(one(admitted(pod(options=text))["spec"]["initContainers"]))
        done = product.check_config(found)
        self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 6), done.stderr)


if __name__ == "__main__":
    product.main(verbosity=2)
