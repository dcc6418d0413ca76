"""The agent of a node, as a load balancer's test needs it: the real program, in front of an API server that a dict plays."""

import contextlib
import http.server
import json
import pathlib
import tempfile
import threading
import urllib.parse

from programs import LONG_ENOUGH, HealthPort, free_address


NODES = "/api/v1/nodes"


class Cluster:
    """Pods and nodes, as an API server lists and watches them. One on 127.0.0.1, without TLS, as `kubectl proxy` is one."""

    def __init__(self):
        self.changed, self.pods, self.events, self.version, self.ended = threading.Condition(), {}, [], 100, False
        self.nodes, self.are_nodes_forbidden = {}, False  # a node that is not among them is there, and nothing is said of it
        self.asked = []  # the path of each request
        cluster = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                with contextlib.suppress(OSError):  # the agent has gone
                    cluster.respond(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def url(self):
        return "http://127.0.0.1:%d" % self.server.server_address[1]

    def put(self, node, workload, ready, leaving=False):
        """The one pod of this workload of the namespace demo on this node, as it is from now on."""
        name = f"{workload}-{node}"
        container = {"name": workload, "image": "a", "imageID": "", "ready": ready, "restartCount": 0,
                     "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}, "lastState": {}}
        conditions = [{"type": kind, "status": str(ready)} for kind in ("Ready", "ContainersReady")]
        with self.changed:
            self.version += 1
            there = name in self.pods
            self.pods[name] = {
                "metadata": {"name": name, "namespace": "demo", "uid": name, "resourceVersion": str(self.version),
                             "labels": {"health-sidecar/name": workload},
                             **({"deletionTimestamp": "2026-01-01T00:00:00Z"} if leaving else {})},
                "spec": {"nodeName": node, "containers": [{"name": workload, "image": "a"}]},
                "status": {"phase": "Running", "conditions": conditions, "containerStatuses": [container]}}
            self.events.append(("MODIFIED" if there else "ADDED", self.version, self.pods[name]))
            self.changed.notify_all()

    def mark(self, name, labels=None, taints=(), unschedulable=False):
        """This node, as it is from now on; `taints` are keys."""
        with self.changed:
            self.version += 1
            self.nodes[name] = {
                "metadata": {"name": name, "uid": name, "resourceVersion": str(self.version), "labels": labels or {}},
                "spec": {"unschedulable": unschedulable, "taints": [{"key": key, "effect": "NoSchedule"} for key in taints]}}
            self.events.append(("MODIFIED", self.version, self.nodes[name]))
            self.changed.notify_all()

    def wait_until_asked(self, path):
        with self.changed:
            if not self.changed.wait_for(lambda: path in self.asked, LONG_ENOUGH):
                raise AssertionError(f"no request for {path}, only for {set(self.asked)}")

    def respond(self, request):
        path = urllib.parse.urlparse(request.path).path
        with self.changed:
            self.asked.append(path)
            self.changed.notify_all()
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(request.path).query))
        field, _, value = query.get("fieldSelector", "").partition("=")
        kind = "Node" if path.startswith(NODES) else "Pod"
        if kind == "Node" and self.are_nodes_forbidden:
            return self.send(request, 403, {
                "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "reason": "Forbidden", "code": 403,
                "message": "nodes is forbidden", "details": {"kind": "nodes"}})
        if query.get("watch") == "true":
            return self.watch(request, kind, value, int(query["resourceVersion"]))
        with self.changed:
            if kind == "Node":
                name = value or path.rpartition("/")[2]
                found = [self.nodes.get(name, {"metadata": {"name": name, "uid": name, "resourceVersion": "1"}, "spec": {}})]
            else:
                found = [pod for pod in self.pods.values()
                         if value == (pod["spec"]["nodeName"] if field == "spec.nodeName" else pod["metadata"]["name"])]
            version = str(self.version)
        if kind == "Node" and path != NODES:
            return self.send(request, 200, {"kind": "Node", "apiVersion": "v1", **found[0]})
        self.send(request, 200, {"kind": kind + "List", "apiVersion": "v1", "metadata": {"resourceVersion": version},
                                 "items": found})

    @staticmethod
    def send(request, status, document):
        body = json.dumps(document).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def watch(self, request, kind, name, version):
        """Of the pods on the node of this name, or of that node."""
        def is_meant(found):
            node = found["spec"].get("nodeName")
            return node == name if kind == "Pod" else node is None and found["metadata"]["name"] == name

        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        while not self.ended:
            with self.changed:
                news = [(change, found) for change, at, found in self.events if at > version and is_meant(found)]
                if not news:
                    self.changed.wait(1)
                    continue
                version = max(int(found["metadata"]["resourceVersion"]) for _, found in news)
            for change, found in news:
                line = json.dumps({"type": change, "object": {"kind": kind, "apiVersion": "v1", **found}}).encode() + b"\n"
                request.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))

    def stop(self):
        with self.changed:
            self.ended = True
            self.changed.notify_all()
        self.server.shutdown()
        self.server.server_close()


class Agent(HealthPort):
    """Of this node; at 127.0.0.1 with a port of its own, or where the node is."""

    def __init__(self, cluster, node, *options, address="127.0.0.1", port=0):
        self.directory = tempfile.TemporaryDirectory()  # of a service account, as far as the agent needs it
        pathlib.Path(self.directory.name, "namespace").write_text("health-sidecar")
        super().__init__((address, port) if port else free_address(address), "--mode", "node", "--node-name", node,
                         "--drain", "0s", "--api-server", cluster.url(), "--service-account-dir", self.directory.name,
                         *options, env={"HOSTNAME": "health-sidecar-x"})

    def stop(self):
        super().stop()
        self.directory.cleanup()


def web_and_dns(test_class, *options):
    """A cluster in which the one pod of `web` on node-a is ready and that of `dns` is not, and the agent of node-a."""
    cluster = Cluster()
    test_class.addClassCleanup(cluster.stop)
    for node, workload, ready in [("node-a", "web", True), ("node-a", "dns", False), ("node-b", "dns", True)]:
        cluster.put(node, workload, ready)
    agent = Agent(cluster, "node-a", *options)
    test_class.addClassCleanup(agent.stop)
    return cluster, agent
