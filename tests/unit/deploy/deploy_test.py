#!/usr/bin/env python3
"""What the manifests, the Dockerfile and the load balancers' files say, against what the code does.

    deploy_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import contextlib
import functools
import http.client
import os
import re
import shutil
import socket
import subprocess
import time
import unittest

import yaml

import product
from product import (BALANCED, BEHIND_NODEPORT, BINARY, FORMS, NATIVE, OVERLAYS, PARTS, PREFIX, ROOT, Form,
                     default_port, identity, one, options, project_version, read, resources, seconds, table_rows)


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

    def test_it_comes_with_its_list_of_packages(self):
        _, build, _, image = read("Dockerfile").split("\nFROM ")
        self.assertIn("scripts/sbom build/release /http-healthcheck-sidecar >/sbom.json", build)
        self.assertRegex(image, r"(?m)^COPY --from=build /http-healthcheck-sidecar /sbom\.json /$")


def for_each(names=(*FORMS, *OVERLAYS)):
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
        ports = {port["name"]: port["containerPort"] for port in form.sidecar["ports"]}
        self.assertEqual(ports.pop("health"), default_port())
        self.assertNotIn(PREFIX + "LISTEN", form.environment)
        agent = form.option("AGENT_LISTEN").rpartition(":")[2]
        self.assertEqual(ports, {"agent": int(agent)} if agent else {})

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
        volume = one(volume for volume in form.pod["volumes"] if "projected" in volume)
        mount = one(mount for mount in form.sidecar["volumeMounts"] if mount["name"] == volume["name"])
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
    def test_certificates_are_files_of_a_secret_that_is_swapped_as_a_whole(self, form):
        names = ["TLS_CERT", "TLS_KEY", "TLS_CLIENT_CA"]
        secrets = [volume for volume in form.pod["volumes"] if "secret" in volume]
        if form.name != "tls":
            self.assertEqual((secrets, [form.option(name) for name in names]), ([], [""] * 3))
            return
        mount = one(mount for mount in form.sidecar["volumeMounts"] if mount["name"] == one(secrets)["name"])
        self.assertNotIn("subPath", mount)
        self.assertNotIn("items", one(secrets)["secret"])
        files = ["tls.crt", "tls.key", "ca.crt"]  # as in every Secret of the type kubernetes.io/tls
        self.assertEqual([form.option(name) for name in names], [f"{mount['mountPath']}/{file}" for file in files])
        for file in files:
            self.assertIn(f"--from-file={file}", read("deploy/tls/kustomization.yaml"))

    @for_each()
    def test_the_role_may_read_pods_as_the_source_needs_it_and_nothing_else(self, form):
        role, binding, account = (one(form.of_kind(k)) for k in ["Role", "RoleBinding", "ServiceAccount"])
        verbs = {"live": ["get"], "watch": ["get", "list", "watch"]}[form.option("SOURCE") or options()["SOURCE"]]
        self.assertEqual(role["rules"], [{"apiGroups": [""], "resources": ["pods"], "verbs": verbs}])
        self.assertEqual((binding["roleRef"]["kind"], binding["roleRef"]["name"]), ("Role", role["metadata"]["name"]))
        subject = one(binding["subjects"])
        self.assertEqual((subject["kind"], subject["name"]), ("ServiceAccount", account["metadata"]["name"]))
        self.assertEqual(form.pod["serviceAccountName"], account["metadata"]["name"])

    def test_the_role_for_a_statefulset_names_its_pods(self):
        role = yaml.safe_load(read("deploy/watch/role.yaml").replace("# resourceNames:", "resourceNames:"))
        replicas = Form("classic").workload["spec"]["replicas"]
        self.assertEqual(one(role["rules"])["resourceNames"], [f"game-{number}" for number in range(replicas)])

    def test_the_overlay_watch_watches(self):
        self.assertEqual(Form("watch").option("SOURCE"), "watch")

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
        self.assertEqual({port["port"] for port in health["ports"]},
                         {port["containerPort"] for port in form.sidecar["ports"]})
        self.assertIs(health["publishNotReadyAddresses"], True)
        self.assertNotIn("publishNotReadyAddresses", traffic)
        if form.name in NATIVE:  # their names are unknown to Services before Kubernetes 1.32
            for port in health["ports"]:
                self.assertIsInstance(port["targetPort"], int)

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
        # A component is rendered in a workload: component_test.py.
        self.assertEqual(names, sorted({*FORMS, *OVERLAYS, *PARTS} - {"components"}))
        for name in names:
            documents = resources(name)  # each file exists and parses, kubectl or not
            if not kubectl:
                continue
            with self.subTest(name):
                done = subprocess.run([kubectl, "kustomize", ROOT / "deploy" / name], capture_output=True, text=True,
                                      timeout=60)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                rendered = list(yaml.safe_load_all(done.stdout))
                self.assertEqual(sorted(map(identity, rendered)), sorted(map(identity, documents)))
                if name not in PARTS:
                    form, result = Form(name), Form(name, rendered)
                    self.assertEqual(result.environment, form.environment)
                    rules = [one(f.of_kind("Role"))["rules"] for f in (form, result)]
                    self.assertEqual(*rules)
                    for part in ["ports", "volumeMounts"]:
                        by_name = [sorted(f.sidecar[part], key=lambda e: e["name"]) for f in (form, result)]
                        self.assertEqual(*by_name)
                    namespace = one(d for d in rendered if d["kind"] == "Namespace")["metadata"]["name"]
                    binding = one(d for d in rendered if d["kind"] == "RoleBinding")
                    self.assertEqual(one(binding["subjects"])["namespace"], namespace)
                    self.assertIn(f"/http-healthcheck-sidecar:{project_version()}", done.stdout)


def sbin(name):
    """The program, which the tests' packages hold."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    if not found:
        raise AssertionError(f"{name} is missing: scripts/install-dependencies test")
    return found


def settings(name):
    """A file of deploy/ without its comments."""
    return re.sub(r"^\s*#.*\n|\s#\s.*", "", read(f"deploy/{name}"), flags=re.MULTILINE)


class Haproxy(unittest.TestCase):
    def files(self):
        """Each file, with the form of deployment that it is for."""
        yield "haproxy/haproxy.cfg", Form("native-sidecar")
        for name in BALANCED:
            yield f"haproxy/{name}.cfg", Form(name)

    def test_it_accepts_the_files(self):
        for name, _ in self.files():
            if name == "haproxy/tls.cfg":
                continue  # it wants its certificates: the integration tests start it with some
            with self.subTest(name):
                done = subprocess.run([sbin("haproxy"), "-c", "-f", ROOT / "deploy" / name], capture_output=True,
                                      text=True, timeout=60)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotIn("WARNING", done.stderr)

    def test_their_backends_meet_the_nodes_ports(self):
        for name, form in self.files():
            _, nodeport, *hostport = re.split(r"^backend ", settings(name), flags=re.MULTILINE)
            for section, forms in [(nodeport, [form, Form("classic")]), *((s, [Form("daemonset")]) for s in hostport)]:
                servers = re.findall(r"^ +server \S+ [\d.]+:(\d+) check port (\d+)$", section, re.MULTILINE)
                self.assertEqual(len(servers), 2)
                for served in forms:
                    ports = (str(served.node_port("lobby")), str(served.node_port("health")))
                    self.assertEqual(servers, [ports] * 2, name)

    def test_sessions_outlive_a_500_but_where_a_drain_is_told_from_it(self):
        for name, _ in self.files():
            self.assertEqual("shutdown-sessions" in settings(name), name == "haproxy/drain.cfg", name)

    def test_a_404_is_a_drain_where_the_sidecar_says_it(self):
        for name, form in self.files():
            self.assertEqual("disable-on-404" in settings(name), form.option("DRAIN_STATUS") == "404", name)

    def test_it_asks_the_agent_where_there_is_one(self):
        for name, form in self.files():
            ports = re.findall(r"agent-check agent-port (\d+)", settings(name))
            self.assertEqual(ports, [str(form.node_port("agent"))] if form.option("AGENT_LISTEN") else [], name)

    def test_it_uses_tls_where_the_sidecar_does(self):
        for name, form in self.files():
            self.assertEqual("check-ssl" in settings(name), bool(form.option("TLS_CERT")), name)

    def test_the_integration_tests_run_what_the_overlays_set(self):
        source = read("tests/integration/deploy_haproxy_test.cpp")
        for name in ["drain", "agent", "watch"]:
            tested = dict(re.findall(r'\{"(\w+)", "([^"]+)"\}',
                                     one(re.findall(rf"variables {name}_overlay(\{{.*\}});$", source, re.MULTILINE))))
            added = {key.removeprefix(PREFIX): value for key, value in Form(name).environment.items()
                     if key not in Form("native-sidecar").environment}
            self.assertEqual(tested, added | ({"AGENT_LISTEN": "{agent}"} if name == "agent" else {}))

    def test_it_waits_longer_than_the_sidecar_may_take(self):
        for name, _ in self.files():
            timeouts = re.findall(r"timeout check (\d+)ms", settings(name))
            self.assertTrue(timeouts)
            for timeout in timeouts:
                self.assertGreater(int(timeout), int(options()["ANSWER_TIMEOUT"].removesuffix("ms")))


# How each product's file names the node's health port, the path, the status that is up, and the traffic's port.
PRODUCTS = {
    "keepalived/keepalived.conf": (r"connect_port (\d+)", r"path (\S+)", r"status_code (\d+)",
                                   r"real_server [\d.]+ (\d+)"),
    "nginx-plus/nginx.conf": (r"port=(\d+)", r"(?:uri=|GET )(\S+)", r"(?:status |\^HTTP/1\\\.1 )([\d-]+)",
                              r"server [\d.]+:(\d+);"),
    "f5/game.conf": (r"destination \*:(\d+)", r"GET (\S+)", r'recv "HTTP/1\.1 (\d+)"', r"/Common/[\d.]+:(\d+) \{"),
    "envoy/envoy.yaml": (r"health_check_config: \{port_value: (\d+)", r"path: (\S+)", r"\{start: (\d+), end: 201\}",
                         r"address: 192[\d.]+, port_value: (\d+)"),
    "aws/target-group.sh": (r"--health-check-port (\d+)", r"--health-check-path (\S+)", r"HttpCode=(\d+) ",
                            r"--port (\d+)"),
    "gcp/health-check.sh": (r"--port=(\d+)", r"--request-path=(\S+)", None, None),  # they know no status but 200
    "azure/probe.sh": (r"--port (\d+)", r"--path (\S+)", None, None),
}


def for_each_product(test):
    """Runs a test for each product with its file's text and, for each of its four settings, the values there."""
    @functools.wraps(test)
    def run(self):
        for name, patterns in PRODUCTS.items():
            with self.subTest(name):
                text = settings(name)
                found = [set(re.findall(pattern, text)) if pattern else set() for pattern in patterns]
                for pattern, values in zip(patterns, found):
                    self.assertEqual(bool(pattern), bool(values), f"nothing in {name} is like {pattern}")
                test(self, name, *found)
    return run


class OtherLoadBalancers(unittest.TestCase):
    @for_each_product
    def test_they_ask_the_health_port_and_send_traffic_to_the_workloads(self, name, checks, paths, statuses, traffic):
        form = Form("native-sidecar")
        self.assertEqual(checks, {str(form.node_port("health"))})
        self.assertLessEqual(traffic, {str(form.node_port("game")), str(form.node_port("lobby"))})

    @for_each_product
    def test_what_they_take_for_up_is_what_the_sidecar_says(self, name, checks, paths, statuses, traffic):
        for state, up in [("true", True), ("false", False)]:
            with running_sidecar(state) as port:
                for path in paths:
                    self.assertEqual(status_of(port, "GET", path) == 200, up)
        self.assertLessEqual(statuses, {"200"})

    def test_every_file_is_among_them(self):
        directories = {file.parent.name for file in (ROOT / "deploy").glob("*/*")} - {*FORMS, *OVERLAYS, *PARTS, *product.NO_KUSTOMIZATION}
        self.assertEqual(directories, {name.partition("/")[0] for name in PRODUCTS} | {"haproxy", "probe"})

    def test_what_is_sent_and_compared_as_text_tells_up_from_down(self):
        f5, nginx = settings("f5/game.conf"), settings("nginx-plus/nginx.conf")
        pairs = [(one(re.findall(r'\bsend "(.*)"$', f5, re.MULTILINE)), one(re.findall(r'\brecv "(.*)"', f5))),
                 (one(re.findall(r'\bsend "(.*)";', nginx)), one(re.findall(r'\bexpect ~ "(.*)";', nginx)))]
        for request, expected in pairs:
            for state, up in [("true", True), ("false", False)]:
                with self.subTest(request, state=state), running_sidecar(state) as port:
                    answer = raw_answer(port, request.replace("\\r\\n", "\r\n"))
                    self.assertTrue(answer.startswith("HTTP/1.1 "), answer)
                    self.assertEqual(bool(re.search(expected, answer)), up)

    def test_f5_takes_for_a_drain_what_the_sidecar_says_then(self):
        status = one(re.findall(r'recv-disable "HTTP/1\.1 (\d+)"', settings("f5/game.conf")))
        self.assertEqual(status, Form("drain").option("DRAIN_STATUS"))

    def test_keepalived_accepts_its_file(self):
        done = subprocess.run([sbin("keepalived"), "-t", "-f", ROOT / "deploy/keepalived/keepalived.conf"],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_keepalived_accepts_the_check_that_runs_the_probe(self):
        """Where the probe is not installed keepalived has that one complaint."""
        done = subprocess.run([sbin("keepalived"), "-t", "-f", ROOT / "deploy/probe/keepalived-misc-check.conf"],
                              capture_output=True, text=True, timeout=60)
        lines = [line for line in (done.stdout + done.stderr).splitlines() if "/usr/local/bin" not in line]
        self.assertEqual(lines, [])

    def test_the_shell_accepts_the_scripts(self):
        for script in (ROOT / "deploy").glob("*/*.sh"):
            self.assertTrue(os.access(script, os.X_OK), script)
            subprocess.run(["sh", "-n", script], check=True, timeout=20)


@contextlib.contextmanager
def running_sidecar(state="false"):
    """The binary, forced to a state, so that it needs no cluster; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen([BINARY, "--listen", f"127.0.0.1:{port}", "--state-override", state],
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


def status_of(port, method, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path)
    status = connection.getresponse().status
    connection.close()
    return status


def raw_answer(port, request):
    """All that comes until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request.encode())
        return b"".join(iter(lambda: connection.recv(4096), b"")).decode()


class Paths(unittest.TestCase):
    def test_every_path_that_a_file_names_answers_as_that_file_says(self):
        health = [found for file in (ROOT / "deploy/haproxy").iterdir()
                  for found in re.findall(r"option httpchk (\w+) (\S+)", file.read_text())]
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
                    self.assertEqual(status_of(port, method, path), status)


if __name__ == "__main__":
    product.main()
