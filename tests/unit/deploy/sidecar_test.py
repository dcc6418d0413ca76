#!/usr/bin/env python3
"""The components that add the sidecar to a workload of the user's own, whatever is in that already.

    sidecar_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import copy
import functools
import itertools
import pathlib
import tempfile
import unittest

import yaml

import product
from kustomize import carries, identity, kubectl, relative, rendered_by_kubectl, rendered_here, write_kustomization
from product import ADDING, COMPONENTS, PREFIX, ROOT, Form, one, yaml_blocks

KINDS = ["Deployment", "StatefulSet", "DaemonSet"]
PODS = {
    "bare": {"containers": [{"name": "vpn", "image": "vpn:1"}]},
    "full": {"initContainers": [{"name": "setup", "image": "setup:1"},
                                {"name": "mesh", "image": "mesh:1", "restartPolicy": "Always"}],
             "containers": [{"name": "vpn", "image": "vpn:1", "env": [{"name": "A", "value": "b"}]},
                            {"name": "logs", "image": "logs:1", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}],
             "volumes": [{"name": "data", "emptyDir": {}}, {"name": "more", "emptyDir": {}}]},
}


def workload(kind, pod, name="vpn", **labels):
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "labels": {"team": "edge", **labels}},
            "spec": {"selector": {"matchLabels": {"app": name}},
                     "template": {"metadata": {"labels": {"app": name}}, "spec": copy.deepcopy(pod)}}}


def form_label(adding):
    return {"health-sidecar/form": "classic" if adding == "sidecar-classic" else "native"}


def rendered(documents, components, render=rendered_here, **fields):
    """What a user's kustomization makes of these documents and components."""
    with tempfile.TemporaryDirectory() as temporary:
        directory = pathlib.Path(temporary)
        (directory / "own.yaml").write_text(yaml.safe_dump_all(documents))
        write_kustomization(directory, resources=["own.yaml"], **{"namespace": "edge"} | fields,
                            components=[relative(ROOT / "deploy/components" / name, directory) for name in components])
        return render(directory)


def by_kustomize(directory):
    return rendered_by_kubectl(ROOT, directory)


def added_to(kind, pod, adding, *components):
    own = workload(kind, pod, **form_label(adding))
    return Form(adding, documents=rendered([own], [adding, *components]))


def for_each(test):
    """Runs a test for each kind of workload, bare and full, native and classic, with no other component and with all."""
    @functools.wraps(test)
    def run(self):
        for kind, pod, adding, others in itertools.product(KINDS, PODS, ADDING, [[], COMPONENTS]):
            with self.subTest(kind, pod=pod, adding=adding, others=others):
                test(self, PODS[pod], adding, added_to(kind, PODS[pod], adding, "account", *others))
    return run


class Added(unittest.TestCase):
    @for_each
    def test_the_sidecar_is_the_last_of_its_list_and_the_others_keep_their_order(self, pod, adding, form):
        names = {part: [container["name"] for container in pod.get(part, [])] for part in ["initContainers", "containers"]}
        names["containers" if adding == "sidecar-classic" else "initContainers"].append("health")
        for part, expected in names.items():
            self.assertEqual([container["name"] for container in form.pod.get(part, [])], expected)

    @for_each
    def test_the_workload_itself_is_as_it_was(self, pod, adding, form):
        for part in ["initContainers", "containers", "volumes"]:
            for own in pod.get(part, []):
                self.assertIn(own, form.pod[part])
        added = {"serviceAccountName", "initContainers", "volumes"} - set(pod)
        self.assertLessEqual(set(form.pod) - set(pod), added)
        self.assertEqual(form.labels, {"app": "vpn", **form_label(adding)})

    def test_it_is_the_sidecar_of_the_form(self):
        for kind, (adding, form) in itertools.product(KINDS, ADDING.items()):
            added, shipped = added_to(kind, PODS["full"], adding), Form(form)
            self.assertEqual(added.sidecar, shipped.sidecar)
            self.assertIn(one(shipped.pod["volumes"]), added.pod["volumes"])
            mine, theirs = (one(s["spec"] for s in f.of_kind("Service") if carries(s, "health-sidecar/form"))
                            for f in (added, shipped))
            self.assertEqual(mine["selector"], form_label(adding))
            for spec in (mine, theirs):
                del spec["selector"]
                one(spec["ports"])["targetPort"] = added.forwarded_port(one(spec["ports"])["targetPort"])
            self.assertEqual(mine, theirs)
            for kind_of_role in ["Role", "RoleBinding", "ServiceAccount"]:
                self.assertEqual(added.of_kind(kind_of_role), shipped.of_kind(kind_of_role))

    @for_each
    def test_the_other_components_find_it(self, pod, adding, form):
        everything = {"health": 3000, "agent": 3001, "status": 3002}
        ports = {port["name"]: port["containerPort"] for port in form.sidecar["ports"]}
        self.assertIn(ports, [everything, {"health": 3000}])
        service = one(form.of_kind("Service"))["spec"]
        self.assertEqual({port["name"] for port in service["ports"]}, set(ports) - {"status"})
        self.assertEqual(len(form.sidecar["volumeMounts"]), 2 if ports == everything else 1)
        self.assertEqual("runAsUser" in form.sidecar["securityContext"], ports != everything)
        self.assertFalse([port for port in form.ports() if "hostPort" in port])

    @for_each
    def test_no_network_policy_closes_the_workloads_ports(self, pod, adding, form):
        for policy in form.of_kind("NetworkPolicy"):
            selected = policy["spec"]["podSelector"]["matchLabels"]
            self.assertFalse(selected.items() <= form.labels.items())

    @for_each
    def test_the_program_takes_the_configuration(self, pod, adding, form):
        done = product.check_config(form.environment)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_workload_without_the_label_or_of_another_kind_is_left_alone(self):
        for kind, adding in itertools.product(KINDS, ADDING):
            others = [workload(kind, PODS["full"], "other"), workload("Rollout", PODS["full"], "canary", **form_label(adding))]
            documents = rendered([*others, workload(kind, PODS["bare"], **form_label(adding))], [adding])
            for other in others:
                self.assertIn(other, documents)

    def test_one_with_another_value_of_the_label_is_refused(self):
        for kind, adding in itertools.product(KINDS, ADDING):
            own = [workload(kind, PODS["full"], **form_label(one({*ADDING} - {adding})))]
            for render, said in [(rendered_here, "form is"), (by_kustomize, "~1form failed")]:
                with self.subTest(kind, adding=adding), self.assertRaisesRegex(AssertionError, said):
                    rendered(own, [adding], render)

    def test_no_component_is_lost_before_it(self):
        for component, adding in itertools.product(COMPONENTS, ADDING):
            with self.subTest(component, adding=adding), self.assertRaises((AssertionError, LookupError)):
                added = workload("Deployment", PODS["bare"], **form_label(adding))
                rendered([added], [component, adding])


class Account(unittest.TestCase):
    def test_the_pods_run_as_the_account_that_is_bound(self):
        form = added_to("Deployment", PODS["bare"], "sidecar", "account")
        self.assertEqual(form.pod["serviceAccountName"], one(form.of_kind("ServiceAccount"))["metadata"]["name"])

    def test_an_account_of_the_workloads_own_is_never_replaced(self):
        for field in ["serviceAccountName", "serviceAccount"]:  # the second is the old name of the first
            own = PODS["bare"] | {field: "vpn"}
            self.assertEqual(added_to("Deployment", own, "sidecar").pod[field], "vpn")
            with self.assertRaisesRegex(AssertionError, f"{field} is vpn"):
                added_to("Deployment", own, "sidecar", "account")

    def test_it_goes_before_the_sidecar_as_well(self):
        for adding in ADDING:
            own = [workload("Deployment", PODS["full"], **form_label(adding))]
            self.assertEqual(*(sorted(rendered(own, way), key=identity) for way in ([adding, "account"], ["account", adding])))


class Kustomize(unittest.TestCase):
    def setUp(self):
        kubectl(ROOT)

    def test_it_makes_the_same_of_them(self):
        for adding in ADDING:
            own = [workload(kind, PODS[pod], f"{kind.lower()}-{pod}", **form_label(adding))
                   for kind, pod in itertools.product(KINDS, PODS)]
            components = [adding, "account", *COMPONENTS]
            results, mine = rendered(own, components, by_kustomize), rendered(own, components)
            for name in [document["metadata"]["name"] for document in own]:
                with self.subTest(name, adding=adding):
                    others = {document["metadata"]["name"] for document in own} - {name}
                    forms = [Form(adding, documents=[d for d in documents if d["metadata"]["name"] not in others])
                             for documents in (results, mine)]
                    for form in forms:
                        del form.sidecar["envFrom"]  # a name with its hash, which Form followed
                        form.pod["volumes"].sort(key=lambda volume: volume["name"])
                        form.sidecar["ports"].sort(key=lambda port: port["name"])
                    self.assertEqual(*((form.pod, form.labels, form.environment) for form in forms))
            binding = one(d for d in results if (d["kind"], d["metadata"]["name"]) == ("RoleBinding", "health-sidecar"))
            self.assertEqual(one(binding["subjects"])["namespace"], "edge")

    def test_it_refuses_to_replace_an_account(self):
        for field in ["serviceAccountName", "serviceAccount"]:
            own = workload("Deployment", PODS["bare"] | {field: "vpn"}, **form_label("sidecar"))
            with self.assertRaisesRegex(AssertionError, f"{field} failed"):
                rendered([own], ["sidecar", "account"], by_kustomize)

    def test_an_own_account_is_bound_as_the_component_says(self):
        lines = (ROOT / "deploy/components/account/kustomization.yaml").read_text().splitlines()
        at = lines.index("#   patches:")
        patches = yaml.safe_load("\n".join(line[4:] for line in lines[at:at + 4]))["patches"]
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "game"}}
        own = workload("Deployment", PODS["bare"] | {"serviceAccountName": "game"}, **form_label("sidecar"))
        for there in [[], [account]]:  # made elsewhere, or among the user's files
            documents = rendered([own, *there], ["sidecar"], by_kustomize, patches=patches, namespace="game")
            binding = one(document for document in documents if document["kind"] == "RoleBinding")
            self.assertEqual(one(binding["subjects"]), {"kind": "ServiceAccount", "name": "game", "namespace": "game"})

    def test_the_readmes_kustomization_does_it_with_the_patch_of_operations(self):
        text = one(block for block in yaml_blocks("README.md") if "kind: Kustomization" in block)
        self.assertLessEqual(len(text.splitlines()), 10)
        patch = one(block for block in yaml_blocks("docs/operations.md") if "kind: ConfigMap" in block)
        kustomization = yaml.safe_load(text)
        with tempfile.TemporaryDirectory() as temporary:
            directory = pathlib.Path(temporary)
            (directory / "http-healthcheck-sidecar").symlink_to(ROOT)
            (directory / "kustomization.yaml").write_text(text + patch)
            (directory / one(kustomization["resources"])).write_text(
                yaml.safe_dump(workload("Deployment", PODS["full"], **form_label("sidecar"))))
            form = Form("sidecar", documents=by_kustomize(directory))
        self.assertIs(form.pod["initContainers"][-1], form.sidecar)
        self.assertEqual(form.sidecar["image"], f"registry.example.com/http-healthcheck-sidecar:{product.project_version()}")
        self.assertEqual(form.environment, {PREFIX + "DRAIN": "0s", PREFIX + "TARGET_CONTAINER": "game"})
        self.assertEqual({document["metadata"]["namespace"] for document in form.documents}, {kustomization["namespace"]})
        self.assertEqual(form.node_port("health"), 31313)

    def test_the_recipe_of_operations_gives_each_of_two_workloads_its_service_and_its_target(self):
        own = yaml.safe_load(one(block for block in yaml_blocks("README.md") if "kind: Kustomization" in block))
        service, changes = (one(block for block in yaml_blocks("docs/operations.md") if words in block)
                            for words in ["kind: Service\n", "resources: ["])
        own |= yaml.safe_load(changes)
        checked_by = {"game": "health-sidecar", "lobby": "lobby-health"}
        files = {f"{name}.yaml": yaml.safe_dump(workload("Deployment", PODS["full"], name, **form_label("sidecar")))
                 for name in checked_by} | {"lobby-health.yaml": service}
        self.assertEqual(own["resources"], [*files])
        with tempfile.TemporaryDirectory() as temporary:
            directory = pathlib.Path(temporary)
            (directory / "http-healthcheck-sidecar").symlink_to(ROOT)
            for name, text in [*files.items(), ("kustomization.yaml", yaml.safe_dump(own))]:
                (directory / name).write_text(text)
            found = {identity(document): document.get("spec") for document in by_kustomize(directory)}
        for name, of_service in checked_by.items():
            inits = found["Deployment", name]["template"]["spec"]["initContainers"]
            sidecar = one(container for container in inits if container["name"] == "health")
            self.assertEqual(sidecar["env"], [{"name": PREFIX + "TARGET_CONTAINER", "value": name}])
            self.assertEqual(found["Service", of_service].pop("selector"), {"app": name})
        services = [found["Service", name] for name in checked_by.values()]
        self.assertNotEqual(*(one(spec["ports"]).pop("nodePort") for spec in services))
        self.assertEqual(*services)  # in all else


if __name__ == "__main__":
    product.main(verbosity=2)
