"""The agent of a node, as a load balancer's test needs it: the real program, in front of an API server that a dict plays."""

import contextlib
import http.server
import json
import pathlib
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

from product import BINARY
from programs import LONG_ENOUGH


class Cluster:
    """Pods, as an API server lists and watches them. One on 127.0.0.1, without TLS, as `kubectl proxy` is one."""

    def __init__(self):
        self.changed, self.pods, self.events, self.version, self.ended = threading.Condition(), {}, [], 100, False
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

    def respond(self, request):
        self.asked.append(urllib.parse.urlparse(request.path).path)
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlparse(request.path).query))
        field, _, value = query.get("fieldSelector", "").partition("=")
        if query.get("watch") == "true":
            return self.watch(request, value, int(query["resourceVersion"]))
        with self.changed:
            found = [pod for pod in self.pods.values()
                     if value == (pod["spec"]["nodeName"] if field == "spec.nodeName" else pod["metadata"]["name"])]
            body = json.dumps({"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": str(self.version)},
                               "items": found}).encode()
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def watch(self, request, node, version):
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        while not self.ended:
            with self.changed:
                news = [(kind, pod) for kind, at, pod in self.events if at > version and pod["spec"]["nodeName"] == node]
                if not news:
                    self.changed.wait(1)
                    continue
                version = max(int(pod["metadata"]["resourceVersion"]) for _, pod in news)
            for kind, pod in news:
                line = json.dumps({"type": kind, "object": {"kind": "Pod", "apiVersion": "v1", **pod}}).encode() + b"\n"
                request.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))

    def stop(self):
        with self.changed:
            self.ended = True
            self.changed.notify_all()
        self.server.shutdown()
        self.server.server_close()


class Agent:
    """The real one, of this node; at 127.0.0.1 with a port of its own, or where the node is."""

    def __init__(self, cluster, node, *options, address="127.0.0.1", port=0):
        if not port:
            with socket.create_server((address, 0)) as free:
                port = free.getsockname()[1]
        self.address = address, port
        self.directory = tempfile.TemporaryDirectory()  # of a service account, as far as the agent needs it
        pathlib.Path(self.directory.name, "namespace").write_text("health-sidecar")
        self.process = subprocess.Popen(
            [BINARY, "--mode", "node", "--node-name", node, "--listen", "%s:%d" % self.address, "--drain", "0s",
             "--api-server", cluster.url(), "--service-account-dir", self.directory.name, *options],
            env={"HOSTNAME": "health-sidecar-x"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def ask(self, request):
        with socket.create_connection(self.address, timeout=LONG_ENOUGH) as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(4096), b""))

    def wait_for(self, path, status):
        """The whole answer to a GET of this path, as soon as it has this status."""
        deadline = time.monotonic() + LONG_ENOUGH
        while True:
            with contextlib.suppress(OSError):
                answer = self.ask(b"GET %s HTTP/1.0\r\n\r\n" % path.encode())
                if answer.startswith(b"HTTP/1.1 %d " % status):
                    return answer
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.process.kill()
                raise AssertionError(f"{path} is not {status}:\n{self.process.stdout.read()}")
            time.sleep(0.01)

    def stop(self):
        self.process.kill()
        self.process.communicate()
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
