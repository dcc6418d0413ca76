#!/usr/bin/env python3
"""What the manifests, the Dockerfile, haproxy.cfg and the README say, against what the code does.

    deploy_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import contextlib
import functools
import http.client
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time
import unittest

import yaml

ROOT = pathlib.Path()
BINARY = pathlib.Path()

PREFIX = "HTTP_HEALTHCHECK_SIDECAR_"
FORMS = ["native-sidecar", "classic", "daemonset"]  # the directories of deploy/ that hold a workload
NATIVE = ["native-sidecar", "daemonset"]
BEHIND_NODEPORT = ["native-sidecar", "classic"]


def read(name):
    return (ROOT / name).read_text()


def one(values):
    values = list(values)
    if len(values) != 1:
        raise AssertionError(f"one expected, not {len(values)}: {values}")
    return values[0]


def resources(name):
    """The documents of a kustomize directory, those of its resource directories included, before any rendering."""
    directory = ROOT / "deploy" / name
    for resource in yaml.safe_load((directory / "kustomization.yaml").read_text())["resources"]:
        if (directory / resource).is_dir():
            yield from resources((directory / resource).resolve().relative_to((ROOT / "deploy").resolve()))
        else:
            yield from filter(None, yaml.safe_load_all((directory / resource).read_text()))


class Form:
    """One directory of deploy/, taken apart."""

    def __init__(self, name):
        self.name = name
        self.documents = list(resources(name))
        self.workload = one(self.of_kind("Deployment", "StatefulSet", "DaemonSet"))
        self.labels = self.workload["spec"]["template"]["metadata"]["labels"]
        self.pod = self.workload["spec"]["template"]["spec"]
        self.containers = self.pod.get("initContainers", []) + self.pod["containers"]
        self.sidecar = one(c for c in self.containers if c["image"] == "http-healthcheck-sidecar")
        self.environment = {entry["name"]: entry["value"] for entry in self.sidecar.get("env", [])}

    def of_kind(self, *kinds):
        return [document for document in self.documents if document["kind"] in kinds]

    def node_port(self, port_name):
        """The port of the node behind which the container port of this name is."""
        if self.name in BEHIND_NODEPORT:
            ports = [port for service in self.of_kind("Service") for port in service["spec"]["ports"]]
            return one(port for port in ports if port["name"] == port_name)["nodePort"]
        return one(port for port in self.ports() if port["name"] == port_name)["hostPort"]

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


def table_rows(title):
    """The rows of the README's table whose header begins with this cell, as lists of cells."""
    lines = iter(read("README.md").splitlines())
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


class Readme(unittest.TestCase):
    def test_its_options_are_the_programs(self):
        documented = {literal(name): literal(default) for name, default, _ in table_rows("name")}
        self.assertGreater(len(documented), 10)
        self.assertEqual(documented, options())

    def test_its_reasons_are_the_programs(self):
        code = read("src/health/verdict.cpp")
        drain = one(re.findall(r"^bool is_drain\(.*\}$", code, re.MULTILINE))
        answers, drains = {}, set()
        for why, state, name in re.findall(r'reason::(\w+),\s*state::(\w+),\s*"(\w+)"', code):
            answer = {"healthy": "200", "unhealthy": "500", "unknown": "held, then 500"}[state]
            other = answers.get(name, answer)
            if re.search(rf"reason::{why}\b", drain):
                drains.add(name)
            answers[name] = answer if other == answer else f"{other} or {answer}"
        self.assertEqual(len(drains), 2)
        answers |= {name: f"{answers[name]}, or `DRAIN_STATUS`" for name in drains}
        self.assertGreater(len(answers), 20)
        self.assertEqual({literal(name): answer for name, answer, _ in table_rows("reason")}, answers)

    def test_the_manifest_it_shows_is_the_one_that_ships(self):
        shown = re.search(r"```yaml\n(.*?)```", read("README.md"), re.DOTALL).group(1)
        pod, service = (document["spec"] for document in yaml.safe_load_all(shown))
        sidecar, form = one(pod["initContainers"]), Form("native-sidecar")
        self.assertEqual(pod["serviceAccountName"], form.pod["serviceAccountName"])
        for key in ["name", "restartPolicy", "env", "ports", "resources"]:
            self.assertEqual(sidecar[key], form.sidecar[key], key)
        self.assertEqual(sidecar["livenessProbe"]["httpGet"], form.sidecar["livenessProbe"]["httpGet"])
        self.assertEqual(sidecar["image"].rpartition(":")[2], project_version())
        shipped = one(s for s in form.of_kind("Service") if s["metadata"]["name"] == "game-health")["spec"]
        self.assertEqual(service, {key: shipped[key] for key in service})
        # The service account of deploy/base mounts none by itself, and the pod's word goes before it.
        self.assertIs(pod["automountServiceAccountToken"], True)

    def test_its_links_lead_somewhere(self):
        for target in re.findall(r"\]\(([^)#]+)\)", read("README.md")):
            self.assertTrue((ROOT / target).exists(), target)


class Image(unittest.TestCase):
    def test_user_port_and_version_are_those_of_the_manifests_and_the_code(self):
        text = read("Dockerfile")
        self.assertEqual(one(re.findall(r"^EXPOSE (\d+)$", text, re.MULTILINE)), str(default_port()))
        self.assertEqual(one(re.findall(r'image\.version="([^"]+)"', text)), project_version())
        user = one(re.findall(r"^USER (\d+:\d+)$", text, re.MULTILINE))
        for name in FORMS:
            context = Form(name).sidecar["securityContext"]
            self.assertEqual(f"{context['runAsUser']}:{context['runAsGroup']}", user)
            image = one(yaml.safe_load(read(f"deploy/{name}/kustomization.yaml"))["images"])
            self.assertEqual(image["newTag"], project_version())


def for_each(names=FORMS):
    """Runs a test once for each of these forms, which it gets as its argument."""
    def decorate(test):
        @functools.wraps(test)
        def run(self):
            for name in names:
                with self.subTest(name):
                    test(self, Form(name))
        return run
    return decorate


class Manifests(unittest.TestCase):
    @for_each()
    def test_every_variable_is_an_option(self, form):
        self.assertLessEqual(set(form.environment), {PREFIX + name for name in options()})

    @for_each()
    def test_the_target_is_a_container_of_the_pod(self, form):
        names = [container["name"] for container in form.pod["containers"]]
        self.assertIn(form.environment[PREFIX + "TARGET_CONTAINER"], names)

    @for_each()
    def test_the_program_takes_the_configuration(self, form):
        done = subprocess.run([BINARY, "--check-config"], capture_output=True, text=True, timeout=10,
                              env=form.environment | {"KUBERNETES_SERVICE_HOST": "10.0.0.1",
                                                      "KUBERNETES_SERVICE_PORT": "443", "HOSTNAME": "game-0"})
        self.assertEqual(done.returncode, 0, done.stderr)

    @for_each(NATIVE)
    def test_a_native_sidecar_is_the_last_init_container_and_does_not_drain(self, form):
        self.assertIs(form.pod["initContainers"][-1], form.sidecar)
        self.assertEqual(form.sidecar["restartPolicy"], "Always")
        self.assertEqual(seconds(form.environment[PREFIX + "DRAIN"]), 0)

    def test_a_classic_sidecar_drains_within_the_grace_period(self):
        form = Form("classic")
        self.assertIn(form.sidecar, form.pod["containers"])
        self.assertGreaterEqual(seconds(form.environment[PREFIX + "DRAIN"]), seconds(options()["DRAIN"]))
        self.assertLess(seconds(form.environment[PREFIX + "DRAIN"]), form.pod["terminationGracePeriodSeconds"])

    @for_each()
    def test_the_sidecars_port_is_the_one_it_listens_on(self, form):
        port = one(form.sidecar["ports"])
        self.assertEqual((port["name"], port["containerPort"]), ("health", default_port()))
        self.assertNotIn(PREFIX + "LISTEN", form.environment)

    @for_each()
    def test_probes_of_the_sidecar_ask_livez_and_no_other_probe_asks_the_sidecar(self, form):
        self.assertNotIn("readinessProbe", form.sidecar)
        for kind in ["startupProbe", "livenessProbe"]:
            self.assertEqual(form.sidecar[kind]["httpGet"], {"path": "/livez", "port": "health"})
        for container in form.containers:
            if container is not form.sidecar:
                for kind in ["startupProbe", "livenessProbe", "readinessProbe"]:
                    self.assertNotIn("httpGet", container.get(kind, {}))

    @for_each()
    def test_the_token_is_in_the_sidecar_alone(self, form):
        self.assertIs(form.pod["automountServiceAccountToken"], False)
        self.assertIs(one(form.of_kind("ServiceAccount"))["automountServiceAccountToken"], False)
        volume = one(form.pod["volumes"])
        mount = one(form.sidecar["volumeMounts"])
        self.assertEqual(mount["name"], volume["name"])
        self.assertEqual(mount["mountPath"], options()["SERVICE_ACCOUNT_DIR"])
        self.assertTrue(mount["readOnly"])
        for container in form.containers:
            if container is not form.sidecar:
                self.assertNotIn("volumeMounts", container)
        token, authority, namespace = volume["projected"]["sources"]
        self.assertEqual(token["serviceAccountToken"], {"path": "token", "expirationSeconds": 3607})
        self.assertEqual(authority["configMap"]["name"], "kube-root-ca.crt")
        self.assertEqual(one(authority["configMap"]["items"])["path"], "ca.crt")
        self.assertEqual(one(namespace["downwardAPI"]["items"]), {
            "path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}})

    @for_each()
    def test_the_role_may_get_pods_and_nothing_else(self, form):
        role, binding, account = (one(form.of_kind(k)) for k in ["Role", "RoleBinding", "ServiceAccount"])
        self.assertEqual(role["rules"], [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}])
        self.assertEqual((binding["roleRef"]["kind"], binding["roleRef"]["name"]), ("Role", role["metadata"]["name"]))
        subject = one(binding["subjects"])
        self.assertEqual((subject["kind"], subject["name"]), ("ServiceAccount", account["metadata"]["name"]))
        self.assertEqual(form.pod["serviceAccountName"], account["metadata"]["name"])

    @for_each()
    def test_the_pods_pass_the_pod_security_level_of_their_namespace(self, form):
        level = one(form.of_kind("Namespace"))["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
        needs_host_ports = any("hostPort" in port for port in form.ports())
        self.assertEqual(level, "privileged" if needs_host_ports else "restricted")
        self.assertFalse({"hostNetwork", "hostPID", "hostIPC"} & set(form.pod))
        for container in form.containers:
            context = form.pod["securityContext"] | container["securityContext"]
            self.assertIs(context["runAsNonRoot"], True)
            self.assertGreater(context["runAsUser"], 0)
            self.assertEqual(context["seccompProfile"], {"type": "RuntimeDefault"})
            self.assertIs(context["allowPrivilegeEscalation"], False)
            self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
        self.assertIs(form.sidecar["securityContext"]["readOnlyRootFilesystem"], True)

    @for_each()
    def test_the_sidecar_is_cheap_and_bounded(self, form):
        self.assertEqual(form.sidecar["resources"], {
            "requests": {"cpu": "5m", "memory": "8Mi"}, "limits": {"memory": "32Mi"}})

    @for_each(BEHIND_NODEPORT)
    def test_services_reach_their_ports_on_their_own_node_whatever_the_readiness(self, form):
        services = {service["metadata"]["name"]: service["spec"] for service in form.of_kind("Service")}
        self.assertNotIn("http-healthcheck-sidecar", services)  # service links would shadow the options
        for spec in services.values():
            self.assertEqual((spec["type"], spec["externalTrafficPolicy"]), ("NodePort", "Local"))
            self.assertLessEqual(spec["selector"].items(), form.labels.items())
            for port in spec["ports"]:
                self.assertEqual(form.forwarded_port(port["targetPort"]), port["port"])
        health, traffic = services["game-health"], services["game"]
        self.assertEqual(one(health["ports"])["port"], default_port())
        self.assertIs(health["publishNotReadyAddresses"], True)
        self.assertNotIn("publishNotReadyAddresses", traffic)
        if form.name in NATIVE:  # their names are unknown to Services before Kubernetes 1.32
            self.assertIsInstance(one(health["ports"])["targetPort"], int)

    @for_each(BEHIND_NODEPORT)
    def test_a_node_never_has_two_pods_to_answer_for_it(self, form):
        rule = one(form.pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"])
        self.assertEqual(rule["topologyKey"], "kubernetes.io/hostname")
        self.assertLessEqual(rule["labelSelector"]["matchLabels"].items(), form.labels.items())
        self.assertEqual(Form("native-sidecar").workload["spec"]["strategy"]["rollingUpdate"]["maxSurge"], 0)
        self.assertEqual(Form("daemonset").workload["spec"]["updateStrategy"]["rollingUpdate"]["maxSurge"], 0)
        self.assertEqual(Form("classic").workload["kind"], "StatefulSet")  # which never surges

    @for_each()
    def test_network_policies_let_in_every_port_of_the_pod(self, form):
        policies = [policy["spec"] for policy in form.of_kind("NetworkPolicy")]
        for policy in policies:
            self.assertLessEqual(policy["podSelector"]["matchLabels"].items(), form.labels.items())
        let_in = {(port["protocol"], port["port"])
                  for policy in policies for rule in policy["ingress"] for port in rule["ports"]}
        self.assertEqual(let_in, {(port.get("protocol", "TCP"), port["containerPort"]) for port in form.ports()})

    @for_each()
    def test_network_policies_leave_outgoing_traffic_alone(self, form):
        for policy in form.of_kind("NetworkPolicy"):
            self.assertEqual(policy["spec"]["policyTypes"], ["Ingress"])
            self.assertNotIn("egress", policy["spec"])

    def test_kustomize_renders_every_directory(self):
        kubectl = shutil.which("kubectl")
        names = sorted(file.parent.name for file in (ROOT / "deploy").glob("*/kustomization.yaml"))
        self.assertEqual(names, sorted([*FORMS, "base"]))
        for name in names:
            documents = list(resources(name))  # each file exists and parses, kubectl or not
            if not kubectl:
                continue
            with self.subTest(name):
                done = subprocess.run([kubectl, "kustomize", ROOT / "deploy" / name], capture_output=True, text=True,
                                      timeout=60)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                rendered = list(yaml.safe_load_all(done.stdout))
                identity = lambda document: (document["kind"], document["metadata"]["name"])
                self.assertEqual(sorted(map(identity, rendered)), sorted(map(identity, documents)))
                if name in FORMS:
                    namespace = one(d for d in rendered if d["kind"] == "Namespace")["metadata"]["name"]
                    binding = one(d for d in rendered if d["kind"] == "RoleBinding")
                    self.assertEqual(one(binding["subjects"])["namespace"], namespace)
                    self.assertIn(f"/http-healthcheck-sidecar:{project_version()}", done.stdout)


class Haproxy(unittest.TestCase):
    def test_it_accepts_the_file(self):
        haproxy = shutil.which("haproxy", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
        self.assertTrue(haproxy, "haproxy is missing: scripts/install-dependencies test")
        done = subprocess.run([haproxy, "-c", "-f", ROOT / "deploy/haproxy/haproxy.cfg"], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("WARNING", done.stderr)

    def test_its_backends_meet_the_nodes_ports(self):
        _, *sections = re.split(r"^backend ", read("deploy/haproxy/haproxy.cfg"), flags=re.MULTILINE)
        self.assertEqual(len(sections), 2)
        for section in sections:
            backend = section.split()[0]
            for form in map(Form, BEHIND_NODEPORT if backend == "game-nodeport" else ["daemonset"]):
                servers = re.findall(r"^ +server \S+ [\d.]+:(\d+) check port (\d+)$", section, re.MULTILINE)
                self.assertTrue(servers)
                for traffic, check in servers:
                    self.assertEqual(int(traffic), form.node_port("lobby"))
                    self.assertEqual(int(check), form.node_port("health"))

    def test_sessions_outlive_a_500(self):
        settings = re.sub(r"#.*", "", read("deploy/haproxy/haproxy.cfg"))
        self.assertNotIn("shutdown-sessions", settings)

    def test_it_waits_longer_than_the_sidecar_may_take(self):
        for timeout in re.findall(r"timeout check (\d+)ms", read("deploy/haproxy/haproxy.cfg")):
            self.assertGreater(int(timeout), int(options()["ANSWER_TIMEOUT"].removesuffix("ms")))


@contextlib.contextmanager
def running_sidecar():
    """The binary, forced unhealthy, so that it needs no cluster; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen([BINARY, "--listen", f"127.0.0.1:{port}", "--state-override", "false"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    process.kill()
                    raise AssertionError(f"it does not listen: {process.stderr.read()}") from None
                time.sleep(0.02)
        yield port
    finally:
        process.kill()
        process.communicate()


class Paths(unittest.TestCase):
    def test_every_path_that_a_file_names_answers_as_that_file_says(self):
        health = re.findall(r"option httpchk (\w+) (\S+)", read("deploy/haproxy/haproxy.cfg"))
        self.assertTrue(health)
        first_row = next(iter(table_rows("path")))[0]
        documented = re.findall(r"`(/\w*)`", first_row)
        health += [(method, path) for path in documented for method in ["GET", "HEAD", "OPTIONS"]]
        health += [("OPTIONS", "*"), ("OPTIONS", "/")]  # HAProxy's documentation's example, and its default
        alive = [("GET", Form(name).sidecar[kind]["httpGet"]["path"])
                 for name in FORMS for kind in ["startupProbe", "livenessProbe"]]
        expected = dict.fromkeys(health, 500) | dict.fromkeys(alive, 200)
        expected |= {("GET", "/nowhere"): 404, ("POST", "/"): 405}
        with running_sidecar() as port:
            for (method, path), status in expected.items():
                with self.subTest(f"{method} {path}"):
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                    connection.request(method, path)
                    self.assertEqual(connection.getresponse().status, status)
                    connection.close()


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    ROOT, BINARY = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
