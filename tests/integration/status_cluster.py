"""The stand-in API server and a sidecar with a status port, as processes."""

import http.client
import json
import pathlib
import re
import signal
import socket
import subprocess
import tempfile

from chromium import wait_until


class Process:
    """A program with its standard error in a file."""

    def __init__(self, directory, name, *command, env=None):
        self.log = pathlib.Path(directory, name + ".log")
        with self.log.open("wb") as log:
            self.started = subprocess.Popen(command, env=env, stdout=log, stderr=log)

    def value(self, pattern):
        """The first group of it, once it has been written."""
        def find():
            if self.started.poll() is not None:
                raise AssertionError(f"{self.log.name}: ended\n{self.log.read_text()}")
            return re.search(pattern, self.log.read_text(errors="replace"))
        return wait_until(find, 10, pattern)[1]

    def stop(self):
        if self.started.poll() is None:
            self.started.send_signal(signal.SIGCONT)
            self.started.terminate()
        self.started.wait(10)


def request(port, path, method="GET", headers=None, source="127.0.0.1"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10, source_address=(source, 0))
    try:
        connection.request(method, path, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


class Cluster:
    """The stand-in API server with one pod, and a sidecar for it; both in a directory of their own."""

    def __init__(self, sidecar, api_server, containers, **options):
        self._directory = tempfile.TemporaryDirectory(prefix="status-page-")
        self._processes = []
        try:
            self._start_all(pathlib.Path(self._directory.name), sidecar, api_server, containers, options)
        except BaseException:
            self.stop()
            raise

    def _start_all(self, directory, sidecar, api_server, containers, options):
        self.api = self._start("api", api_server, "--directory", directory, "--containers", *containers)
        self._control = int(self.api.value(r'"control":(\d+)'))
        prefix = "HTTP_HEALTHCHECK_SIDECAR_"
        environment = dict(line.split("=", 1) for line in (directory / "sidecar.env").read_text().splitlines())
        options = {"LISTEN": "127.0.0.1:0", "STATUS_LISTEN": "127.0.0.1:0", "DRAIN": "0",
                   "TARGET_POD_OVERRIDE": "game-0", "TARGET_NAMESPACE": "demo"} | options
        environment |= {prefix + name: value for name, value in options.items()}
        self.sidecar = self._start("sidecar", sidecar, env=environment)
        self.health = int(self.sidecar.value(r'\blisten="?[^\s"]*:([1-9]\d*)'))
        self.status = int(self.sidecar.value(r'\bstatus="?[^\s"]*:([1-9]\d*)'))
        wait_until(lambda: request(self.status, "/readyz")[0] == 200, 10, "the first snapshot")

    def _start(self, name, *command, env=None):
        self._processes.append(Process(self._directory.name, name, *command, env=env))
        return self._processes[-1]

    def stop(self):
        for process in reversed(self._processes):
            process.stop()
        self._directory.cleanup()

    def set_ready(self, value):
        status, _, text = request(self._control, f"/ready?container=game&value={str(value).lower()}", "POST")
        assert status == 200, text

    def check(self, path="/healthz", agent="checker", source="127.0.0.1"):
        """One health check."""
        return request(self.health, path, headers={"User-Agent": agent}, source=source)[0]

    def connect(self, source="127.0.0.1"):
        """A connection without a request."""
        socket.create_connection(("127.0.0.1", self.health), 10, (source, 0)).close()

    def facts(self):
        return json.loads(request(self.status, "/status")[2])
