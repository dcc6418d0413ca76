#!/usr/bin/env python3
"""The load balancers' files of deploy/ that no test can run, held to their products' documented settings, to the
manifests, and to what the sidecar answers.

    balancer_settings_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import re
import unittest

import yaml

import product
from product import ROOT, Form, default_port, one, options, read
from programs import answers

GAME = Form("native-sidecar")
HEALTH_NODE_PORT = GAME.node_port("health")


def document(name):
    return yaml.safe_load(read(f"deploy/{name}"))


def seconds(duration):
    number, unit = re.fullmatch(r"([\d.]+)(m?s)", duration).groups()
    return float(number) / (1000 if unit == "ms" else 1)


ANSWER_TIMEOUT = seconds(options()["ANSWER_TIMEOUT"])


# Annotations as the controllers' documents and sources spell them: kubernetes-sigs/aws-load-balancer-controller
# docs/guide/service/annotations.md, kubernetes-sigs/cloud-provider-azure site/.../loadbalancer.md,
# kubernetes/cloud-provider-openstack docs/.../expose-applications-using-loadbalancer-type-service.md,
# hetznercloud/hcloud-cloud-controller-manager internal/annotation/load_balancer.go, kube-vip/kube-vip pkg/kubevip.
AWS = "service.beta.kubernetes.io/aws-load-balancer-"
AZURE = "service.beta.kubernetes.io/port_7778_health-probe_"
OCTAVIA = "loadbalancer.openstack.org/"
HETZNER = "load-balancer.hetzner.cloud/"
ANNOTATIONS = {
    "aws": {AWS + key: value for key, value in {
        "type": "external", "scheme": "internet-facing|internal", "nlb-target-type": "ip", "healthcheck-protocol": "http",
        "healthcheck-port": str(default_port()), "healthcheck-path": "/healthz", "healthcheck-success-codes": "200",
        "healthcheck-interval": r"\d+", "healthcheck-healthy-threshold": r"\d+",
        "healthcheck-unhealthy-threshold": r"\d+"}.items()},
    "azure": {AZURE + key: value for key, value in {
        "protocol": "Http", "port": str(HEALTH_NODE_PORT), "request-path": "/healthz", "interval": r"[5-9]|\d\d+",
        "num-of-probe": r"[2-9]"}.items()},
    "octavia": {OCTAVIA + key: value for key, value in {
        "enable-health-monitor": "true", "health-monitor-delay": r"\d+", "health-monitor-timeout": r"\d+",
        "health-monitor-max-retries": r"\d", "health-monitor-max-retries-down": r"\d"}.items()},
    "hetzner": {HETZNER + key: value for key, value in {
        "location": "[a-z]+[0-9]", "health-check-protocol": "http", "health-check-port": str(HEALTH_NODE_PORT),
        "health-check-http-path": "/healthz", "http-status-codes": "200", "health-check-interval": r"\d+s",
        "health-check-timeout": r"\d+s", "health-check-retries": r"\d"}.items()},
    "kube-vip": {"kube-vip.io/loadbalancerIPs": r"192\.0\.2\.10"},
}
TRANSPORTS = {"aws": {"UDP"}, "azure": {"UDP", "TCP"}, "octavia": {"UDP"}, "hetzner": {"TCP"}, "kube-vip": {"UDP", "TCP"}}
CLASSES = {"kube-vip": "kube-vip.io/kube-vip-class"}  # of the others by an annotation, or none


class Services(unittest.TestCase):
    def test_their_annotations_are_the_controllers(self):
        for name, documented in ANNOTATIONS.items():
            with self.subTest(name):
                annotations = document(f"{name}/service.yaml")["metadata"]["annotations"]
                self.assertEqual(annotations.keys(), documented.keys())
                for key, value in annotations.items():
                    self.assertIsInstance(value, str, key)  # the API server refuses everything else
                    self.assertRegex(value, rf"\A(?:{documented[key]})\Z", key)

    def test_they_send_the_games_traffic_to_its_ready_pods_on_the_node_that_was_asked(self):
        names = {str(path.parent.name) for path in (ROOT / "deploy").glob("*/service.yaml")}
        self.assertEqual(names, ANNOTATIONS.keys())
        for name, transports in TRANSPORTS.items():
            with self.subTest(name):
                service = document(f"{name}/service.yaml")
                self.assertEqual((service["apiVersion"], service["kind"]), ("v1", "Service"))
                spec = service["spec"]
                self.assertEqual(spec["type"], "LoadBalancer")
                self.assertLessEqual(spec["selector"].items(), GAME.labels.items())
                self.assertNotIn("publishNotReadyAddresses", spec)
                self.assertEqual(spec.get("loadBalancerClass"), CLASSES.get(name))
                # To pods, AWS's traffic passes no node.
                self.assertEqual(spec.get("externalTrafficPolicy"), None if name == "aws" else "Local")
                self.assertEqual({port["protocol"] for port in spec["ports"]}, transports)
                for port in spec["ports"]:
                    self.assertEqual(GAME.forwarded_port(port["targetPort"]), port["port"])

    def test_their_checks_wait_longer_than_the_sidecar_may_take(self):
        for name, key in [("octavia", OCTAVIA + "health-monitor-"), ("hetzner", HETZNER + "health-check-")]:
            annotations = document(f"{name}/service.yaml")["metadata"]["annotations"]
            timeout = float(annotations[key + "timeout"].rstrip("s"))
            self.assertGreater(timeout, ANSWER_TIMEOUT)
            delay = annotations.get(key + "delay") or annotations[key + "interval"]
            self.assertLess(timeout, float(delay.rstrip("s")))


class Envoy(unittest.TestCase):
    # envoy.config.core.v3.HealthCheck and its HttpHealthCheck, as far as one would use them here.
    CHECK = {"timeout", "interval", "initial_jitter", "interval_jitter", "unhealthy_threshold", "healthy_threshold",
             "reuse_connection", "http_health_check", "no_traffic_interval", "no_traffic_healthy_interval",
             "unhealthy_interval", "unhealthy_edge_interval", "healthy_edge_interval", "tls_options",
             "always_log_health_check_failures", "always_log_health_check_success"}
    HTTP = {"host", "path", "expected_statuses", "retriable_statuses", "method", "request_headers_to_add"}

    def setUp(self):
        self.cluster = one(document("envoy/envoy.yaml")["static_resources"]["clusters"])
        self.check = one(self.cluster["health_checks"])

    def test_its_settings_are_documented_ones(self):
        self.assertLessEqual(self.check.keys(), self.CHECK)
        self.assertLessEqual(self.check["http_health_check"].keys(), self.HTTP)

    def test_an_idle_cluster_is_checked_as_often_as_a_busy_one(self):
        self.assertEqual(self.check["no_traffic_interval"], self.check["interval"])
        self.assertGreater(seconds(self.check["timeout"]), ANSWER_TIMEOUT)

    def test_it_sends_to_no_host_that_is_down_when_all_are(self):
        self.assertEqual(self.cluster["common_lb_config"]["healthy_panic_threshold"], {"value": 0})

    def test_a_500_counts_and_a_drain_is_down_at_once(self):
        retriable = one(self.check["http_health_check"]["retriable_statuses"])
        said = {state: int(answer.split()[1]) for state, answer in answers(b"GET /healthz HTTP/1.1\r\n"
                                                                           b"connection: close\r\n\r\n").items()}
        counts = {state: retriable["start"] <= status < retriable["end"] for state, status in said.items()}
        self.assertEqual(counts, {"up": False, "down": True, "drain": False})


class Traefik(unittest.TestCase):
    # dynamic.TCPServerHealthCheck of Traefik 3.6.
    CHECK = {"port", "send", "expect", "interval", "unhealthyInterval", "timeout"}

    def setUp(self):
        self.tcp = document("traefik/dynamic.yaml")["tcp"]
        self.balancer = self.tcp["services"]["game"]["loadBalancer"]
        self.check = self.balancer["healthCheck"]

    def test_its_settings_are_documented_ones_and_meet_the_nodes_ports(self):
        self.assertLessEqual(self.check.keys(), self.CHECK)
        self.assertEqual(self.check["port"], HEALTH_NODE_PORT)
        self.assertEqual({server["address"].rpartition(":")[2] for server in self.balancer["servers"]},
                         {str(GAME.node_port("lobby"))})
        self.assertEqual(self.tcp["routers"]["lobby"]["service"], "game")
        self.assertGreater(seconds(self.check["timeout"]), ANSWER_TIMEOUT)

    def test_what_it_compares_tells_up_from_down(self):
        """healthcheck_tcp.go reads as many bytes as there are in `expect`, and these must be equal."""
        expect = self.check["expect"].encode()
        up = {state: answer[:len(expect)] == expect for state, answer in answers(self.check["send"].encode()).items()}
        self.assertEqual(up, {"up": True, "down": False, "drain": False})


class TransportServer(unittest.TestCase):
    # TransportServerSpec, TSPool and Monitor of F5Networks/k8s-bigip-ctlr config/apis/cis/v1/types.go.
    SPEC = {"virtualServerAddress", "virtualServerPort", "virtualServerName", "host", "mode", "snat", "pool", "allowVlans",
            "type", "serviceAddress", "ipamLabel", "iRules", "policyName", "persistenceProfile", "profileL4", "profiles",
            "partition"}
    POOL = {"name", "service", "servicePort", "nodeMemberLabel", "monitor", "monitors", "loadBalancingMethod",
            "serviceNamespace", "reselectTries", "serviceDownAction"}

    def test_it_sends_the_games_udp_and_checks_by_the_monitor_of_game_conf(self):
        resource = document("f5/transport-server.yaml")
        self.assertEqual((resource["apiVersion"], resource["kind"]), ("cis.f5.com/v1", "TransportServer"))
        spec, pool = resource["spec"], resource["spec"]["pool"]
        self.assertLessEqual(spec.keys(), self.SPEC)
        self.assertLessEqual(pool.keys(), self.POOL)
        service = one(s for s in GAME.of_kind("Service") if s["metadata"]["name"] == pool["service"])
        port = one(p for p in service["spec"]["ports"] if p["port"] == pool["servicePort"])
        self.assertEqual((port["protocol"].lower(), port["port"]), (spec["type"], spec["virtualServerPort"]))
        monitor = one(re.findall(r"^ltm monitor http (\S+) \{", read("deploy/f5/game.conf"), re.MULTILINE))
        self.assertEqual(pool["monitor"], {"name": monitor, "reference": "bigip"})


if __name__ == "__main__":
    product.main(verbosity=2)
