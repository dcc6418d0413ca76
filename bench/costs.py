"""What the sidecar costs beside time: memory, system calls, its start, its size, and calls of the API server."""

import json
import os
import pathlib
import re
import select
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

import subjects
from measure import (SIDECAR, StandIn, Wrk, free_port, port_of, raise_open_file_limit, receive_answer,
                     sidecar_environment, wait_for)

QUESTION = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
# With TLS the sidecar takes 128 at most, and keeps none of them when it has as many.
IDLE, IDLE_TLS = 1000, 120
# Seconds from the first answer until the sidecar is idle.
UNTIL_IDLE = 1


def every_way(run):
    """(prefix, way, binary, options), for what is measured of one process at a time."""
    for prefix, binary in subjects.binaries():
        for way in subjects.WAYS:
            yield prefix, way, binary, subjects.way_options(way, None if way == "override" else run.calm_api())


def memory_name(who, tls):
    return f'{who}, {"TLS" if tls else "plain"}'


def connect(url):
    """Asks once, so that the connection has been served."""
    connection = socket.create_connection(("127.0.0.1", port_of(url)), timeout=10)
    if url.startswith("https:"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = context.wrap_socket(connection)
    connection.sendall(QUESTION)
    if not receive_answer(connection).startswith(b"HTTP/1.1 200"):
        sys.exit(f"{url}: no 200 on an idle connection")
    return connection


def idle_connections(subject):
    return IDLE_TLS if subject.tls else IDLE


def rss_with_idle_connections(subject):
    """A second after the last of them was answered; all of them are open then."""
    raise_open_file_limit()
    connections = [connect(subject.url) for _ in range(idle_connections(subject))]
    try:
        time.sleep(1)
        polled = select.poll()
        for connection in connections:
            polled.register(connection, select.POLLRDHUP | select.POLLHUP)
        if closed := polled.poll(0):
            sys.exit(f"{subject.url}: {len(closed)} of {len(connections)} idle connections were closed")
        return rss_of(subject)
    finally:
        for connection in connections:
            connection.close()


def rss_of(subject):
    status = pathlib.Path(f"/proc/{subject.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


def add_memory(run, subject, bars):
    """Of a process that is new: idle, after a load, with idle connections."""
    name = memory_name(subject.who, subject.tls)
    connect(subject.url).close()
    time.sleep(UNTIL_IDLE)
    idle = rss_of(subject)
    subject.put_under(64, run.seconds, False)
    loaded = rss_of(subject)
    kept = rss_with_idle_connections(subject)
    many = f"with {idle_connections(subject):,} idle connections"
    for what, value, bar in zip(("idle", "after 64 connections of load", many), (idle, loaded, kept), bars):
        run.table.add(f"RSS {what}: {name}", value, bar, " MB")


def measure_memory(run):
    for prefix, way, binary, options in every_way(run):
        for certificate in (None, run.certificate):
            if run.wants(f"RSS: {memory_name(prefix + way, certificate)}"):
                try:
                    subject = subjects.start_sidecar(run.processes, prefix + way, binary, options, certificate)
                    add_memory(run, subject, (None,) * 3 if prefix or certificate else (8, 8, 10))
                except SystemExit as error:
                    run.complain(f"{prefix}RSS {way}", str(error))
    run.processes.stop_all()
    for start in (subjects.nginx, subjects.haproxy):
        for tls in (0, 1):
            subject = start(run.processes, run.new_directory(), run.certificate)[tls]
            if run.wants(f"RSS: {memory_name(subject.who, tls)}"):
                add_memory(run, subject, (None,) * 3)
            run.processes.stop_all()


def count_system_calls(pid, load):
    """All that it makes from before the load's first connection until after its last, and the load's answers."""
    with tempfile.NamedTemporaryFile("r") as counts:
        strace = subprocess.Popen(["strace", "-f", "-c", "-U", "calls,name", "-o", counts.name, "-p", str(pid)],
                                  stderr=subprocess.PIPE, text=True)
        if "attached" not in (said := strace.stderr.readline()):
            sys.exit(f"strace: {said}")
        try:
            answers = load().answers
        finally:
            strace.send_signal(signal.SIGINT)
            strace.communicate()
        return int(re.search(r"(\d+) total", counts.read())[1]), answers


def system_calls_an_answer(subject, seconds):
    """Connecting and closing is in it, and less than a hundredth of it."""
    calls, answers = count_system_calls(subject.pid, lambda: Wrk(subject.url, 64, seconds))
    return calls / answers


def measure_system_calls(run):
    seconds = 4 * run.seconds
    nginx = subjects.nginx(run.processes, run.new_directory(), run.certificate)[0]
    theirs = system_calls_an_answer(nginx, seconds)
    for prefix, way, binary, options in every_way(run):
        name = f"{prefix}{way}, keep-alive, 64 connections: system calls an answer / nginx's"
        if way != "live" and run.wants(name):
            subject = subjects.start_sidecar(run.processes, way, binary, options, None)
            try:
                ours = system_calls_an_answer(subject, seconds)
            except SystemExit as error:
                run.complain(name, str(error))
                continue
            run.table.add(name, round(ours / theirs, 2), None if prefix else 1.25, note=f"{ours:.3f} / {theirs:.3f}")
    run.processes.stop_all()


def exec_to_first_answer_ms(binary):
    """From just before exec to the first byte of a 200, asked again as soon as a connection is refused."""
    port = free_port()
    env = sidecar_environment(STATE_OVERRIDE="true", LISTEN=f"127.0.0.1:{port}", LOG_LEVEL="error")
    start = time.perf_counter()
    pid = os.posix_spawn(str(binary), [str(binary)], env)
    try:
        while time.perf_counter() - start < 5:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) != 0:
                    continue
                client.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                if client.recv(12) == b"HTTP/1.1 200":
                    return (time.perf_counter() - start) * 1e3
        sys.exit("no answer within 5 s of exec")
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def measure_start(run):
    for prefix, binary in subjects.binaries():
        try:
            exec_to_first_answer_ms(binary)
            median = statistics.median(exec_to_first_answer_ms(binary) for _ in range(15))
            run.table.add(f"{prefix}exec to first 200 (override)", median, None if prefix else 10, " ms")
        except SystemExit as error:
            run.complain(f"{prefix}exec to first 200", str(error))


def measure_size(run):
    for prefix, binary in subjects.binaries():
        with tempfile.NamedTemporaryFile() as stripped:
            subprocess.run(["strip", "-o", stripped.name, str(binary)], check=True)
            run.table.add(f"{prefix}stripped static binary", os.path.getsize(stripped.name) / 1e6,
                          None if prefix else 7.5, " MB")


class Steady:
    """A watching sidecar that nobody asks, beside all the other measurements: how often it calls the API server."""

    NAME = "watch: API requests a minute in steady state"
    LEAST = 60

    def __init__(self, processes, run):
        self.api = StandIn(processes, run.new_directory(), "time", 0)
        env = {key: value for key, value in subjects.way_options("watch", self.api).items() if key != "API_QPS"}
        subject = subjects.start_sidecar(processes, "watch", SIDECAR, env, None)
        connect(subject.url).close()
        wait_for(lambda: self.count()["watching"], "no watch has begun")
        self.before = self.count()

    def count(self):
        return json.loads(self.api.control("GET", "/counts"))

    def judge(self, table):
        """At least a minute after it began."""
        time.sleep(max(0.0, self.LEAST - self.minutes() * 60))
        requests = self.count()["count"] - self.before["count"]
        minutes = self.minutes()
        table.add(self.NAME, requests / minutes, 5, note=f"{requests} in {minutes * 60:.0f} s")

    def minutes(self):
        return (time.monotonic_ns() - self.before["monotonic_ns"]) / 60e9
