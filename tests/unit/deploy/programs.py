"""Programs that a test runs and follows: a load balancer's, and the sidecar that it checks."""

import contextlib
import os
import re
import shutil
import signal
import socket
import socketserver
import subprocess
import threading
import time

from product import BINARY

LONG_ENOUGH = 30
STATES = {"up": ("true", False), "down": ("false", False), "drain": ("true", True)}


def found(name):
    """The program's path, or None; HAPROXY=/path/haproxy takes another one, say a newer one, and so for each."""
    return os.environ.get(name.upper()) or shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


def installed(name):
    if path := found(name):
        return path
    raise AssertionError(f"{name} is missing: scripts/install-dependencies test")


class Program:
    """Runs from its making until stop(); what it says is followed line by line."""

    def __init__(self, *command, **options):
        self.lines, self.read, self.ended, self.more = [], 0, False, threading.Condition()
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, start_new_session=True, **options)
        self.reader = threading.Thread(target=self.follow)
        self.reader.start()

    def follow(self):
        for line in self.process.stdout:
            with self.more:
                self.lines.append(line.rstrip())
                self.more.notify_all()
        with self.more:
            self.ended = True
            self.more.notify_all()

    def says(self, pattern, within=LONG_ENOUGH):
        """The next line like that, after the one that was waited for last."""
        deadline = time.monotonic() + within
        with self.more:
            while True:
                for at in range(self.read, len(self.lines)):
                    if re.search(pattern, self.lines[at]):
                        self.read = at + 1
                        return self.lines[at]
                if self.ended or not self.more.wait(deadline - time.monotonic()):
                    raise AssertionError("\n".join([f"it does not say {pattern!r}:", *self.lines]))

    def has_said(self, pattern):
        with self.more:
            return [line for line in self.lines if re.search(pattern, line)]

    def stop(self):
        """Gently first; then with all that it has started, which would go on saying things."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()


def free_address(host="127.0.0.1"):
    with socket.create_server((host, 0)) as free:
        return free.getsockname()


class HealthPort:
    """The real program, and its health port at this address."""

    def __init__(self, address, *arguments, **options):
        self.address = address
        self.process = subprocess.Popen([BINARY, "--listen", "%s:%d" % address, *arguments],
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)

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


class Sidecar(HealthPort):
    """On a port of its own, forced to a state, so that it needs no cluster; `drain` as on SIGTERM."""

    def __init__(self, state, drain=False):
        super().__init__(free_address(), "--state-override", state, "--drain", "10m", "--drain-status", "404")
        self.wait_for("/livez", 200)
        if drain:
            self.process.terminate()
            self.wait_for("/healthz", 404)


def answers(request):
    """What the real sidecar says to these bytes in each state."""
    said = {}
    for name, (state, drain) in STATES.items():
        sidecar = Sidecar(state, drain=drain)
        try:
            said[name] = sidecar.ask(request)
        finally:
            sidecar.stop()
    return said


class Node:
    """A node's health port: one check a connection, passed to the sidecar that stands for the node's pod at that moment,
    so that the pod changes between two checks and not during a start of a process."""

    def __init__(self, address, port):
        node = self

        class Relay(socketserver.BaseRequestHandler):
            def handle(self):
                with contextlib.suppress(OSError):  # checkers hang up as soon as they know
                    self.request.sendall(node.sidecar.ask(self.request.recv(4096)))

        self.sidecar = None
        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self.server = socketserver.ThreadingTCPServer((address, port), Relay)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def serve(self, sidecar):
        self.sidecar = sidecar

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
