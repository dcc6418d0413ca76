"""What the measurements have in common: the processes that they start and how a load is put on them."""

import http.client
import json
import os
import pathlib
import platform
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"
SIDECAR = BUILD / "http-healthcheck-sidecar"
P256 = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
API_P50_US = 800  # p50 of a GET of a pod at kube-apiserver 1.36.2, over keep-alive TLS


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(found, complaint, limit=10):
    """What `found` returns, as soon as that is something."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.01)
    sys.exit(complaint)


def machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return f'{os.cpu_count()} processors ({model[1] if model else platform.machine()}), Linux {platform.release()}'


def port_of(url):
    return int(url.split(":")[2].split("/")[0])


def wait_for_port(port, process, limit=10):
    def listens():
        if process.poll() is not None:
            sys.exit(f"a process ended early: {process.args}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    wait_for(listens, f"nothing listens on port {port}", limit)


class Processes:
    """What this run started; ended by pid."""

    def __init__(self):
        self.running = []

    def start(self, *command, **options):
        process = subprocess.Popen(command, **({"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} | options))
        self.running.append(process)
        return process

    def stop(self, process):
        process.send_signal(signal.SIGINT)  # nobody drains, and nginx takes its worker along
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self.running.remove(process)

    def stop_all(self):
        for process in list(self.running):
            self.stop(process)


class LoadFailed(SystemExit):
    """A load whose figures would say nothing; ends a program that does not care which."""


def microseconds(value, unit):
    return float(value) * {"us": 1, "ms": 1e3, "s": 1e6, "m": 60e6}[unit]


class Wrk:
    """One run of wrk: answers a second, latencies, and what it cost wrk itself. The requests all share a few
    connections, or each has a new one. Where a strict one fails, another one counts the errors of sockets. It has a
    thread for each processor: with one alone it is slower than those whom it asks, and what they cost an answer is then
    the price of being woken for a few at a time."""

    def __init__(self, url, connections, seconds, headers=(), anew=False, strict=True, script=None):
        self.threads = min(connections, os.cpu_count())
        command = ["wrk", f"-t{self.threads}", f"-c{connections}", f"-d{seconds}s", "--latency"]
        for header in [*headers, *(["Connection: close"] if anew else [])]:
            command += ["-H", header]
        command += ["-s", str(script)] if script else []
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        out = subprocess.run(command + [url], check=True, capture_output=True, text=True).stdout
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if bad := re.search(r"Non-2xx or 3xx responses: (\d+)", out):
            raise LoadFailed(f"{url}: {bad[1]} answers were not 200")
        errors = re.search(r"Socket errors: (.*)", out)
        self.errors = errors[1] if errors else ""
        if strict and self.errors:
            raise LoadFailed(f"{url}: socket errors: {self.errors}")
        self.answers, took = re.search(r"(\d+) requests in ([\d.]+)s", out).groups()
        self.answers = int(self.answers)
        if self.answers == 0:
            raise LoadFailed(f"{url}: no answer; socket errors: {self.errors}")
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])
        self.p50_us = microseconds(*re.search(r"50%\s+([\d.]+)(us|ms|s|m)", out).groups())
        self.p99_us = microseconds(*re.search(r"99%\s+([\d.]+)(us|ms|s|m)", out).groups())
        busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        self.busy = busy / float(took)  # processors


def interleave(rounds, *measures):
    """Runs each measure once to warm up, then all of them in turn; the median of each."""
    for measure in measures:
        measure()
    values = [[] for _ in measures]
    for _ in range(rounds):
        for kept, measure in zip(values, measures):
            kept.append(measure())
    return [statistics.median(kept) for kept in values]


def proc_text(process, name):
    """Raises ProcessLookupError if the process has ended."""
    if process.poll() is not None:
        raise ProcessLookupError("the process has ended")
    return pathlib.Path(f"/proc/{process.pid}/{name}").read_text()


def status_kb(process, field):
    found = re.search(rf"{field}:\s+(\d+) kB", proc_text(process, "status"))
    if found is None:  # a zombie has no memory
        raise ProcessLookupError("the process has ended")
    return int(found[1])


def rss_mb(process):
    return status_kb(process, "VmRSS") / 1024


def cpu_seconds(process):
    fields = proc_text(process, "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_ns(pid):
    """Processor time, user and system, of all its threads that live."""
    return sum(int(task.read_text().split()[0]) for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"))


def only_child(pid):
    """As soon as it has one: nginx listens before it has its worker."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    (child,) = wait_for(lambda: children.read_text().split(), f"process {pid} has no child")
    return int(child)


def options_environment(**options):
    return {f"HTTP_HEALTHCHECK_SIDECAR_{name}": value for name, value in options.items()}


def sidecar_environment(**options):
    return {"PATH": os.environ["PATH"], "HOSTNAME": "game-0"} | options_environment(**options)


def make_certificate(directory, *key):
    """A certificate of 127.0.0.1's own and its key, of a kind that openssl's options say."""
    crt, key_file = pathlib.Path(directory) / "tls.crt", pathlib.Path(directory) / "tls.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", *(key or P256), "-nodes", "-keyout", key_file, "-out", crt,
                    "-days", "2", "-subj", "/CN=health", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True)
    return crt, key_file


def start_sidecar(processes, binary, **options):
    """Its process, and where it listens, as a host and a port."""
    at = f"127.0.0.1:{free_port()}"
    process = processes.start(str(binary), env=sidecar_environment(LISTEN=at, LOG_LEVEL="error", **options))
    wait_for_port(int(at.split(":")[1]), process)
    return process, at


def raise_open_file_limit():
    """What it was."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return soft, hard


class Sidecar:
    """One under test, at a port that it chose itself; its log goes line by line to `on_line`."""

    def __init__(self, binary, environment, on_line):
        self.process = subprocess.Popen([binary], env=environment, stderr=subprocess.PIPE)
        first = self.process.stderr.readline()
        self.port = int(re.search(rb"listen=127\.0\.0\.1:(\d+)", first)[1])
        status = re.search(rb"status=127\.0\.0\.1:(\d+)", first)
        self.status_port = int(status[1]) if status else None
        self.reader = threading.Thread(target=self.read, args=(on_line,), daemon=True)
        self.reader.start()

    def read(self, on_line):
        for line in self.process.stderr:
            on_line(line)

    def is_dead(self):
        return self.process.poll() is not None

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()


def receive_answer(connection):
    """What comes until an answer is complete, or until the peer has closed."""
    received = b""
    while True:
        piece = connection.recv(4096)
        received += piece
        head, end, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        if not piece or (end and len(body) >= int(length[1] if length else 0)):
            return received


def filled_in(directory, name, **values):
    """A configuration of bench/ with its @NAMES@ replaced."""
    text = (ROOT / "bench" / name).read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    path = pathlib.Path(directory) / name
    path.write_text(text)
    return path


def program(name):
    return shutil.which(name) or f"/usr/sbin/{name}"


def start_nginx(processes, directory, certificate):
    """Its process, its port without TLS and the one with it; the master's only child answers."""
    ports = free_port(), free_port()
    config = filled_in(directory, "nginx.conf", DIR=directory, PORT=ports[0], TLS_PORT=ports[1], CERT=certificate[0],
                       KEY=certificate[1])
    process = processes.start(program("nginx"), "-p", directory, "-c", str(config))
    wait_for_port(ports[1], process)
    return process, *ports


def start_haproxy(processes, directory, certificate):
    ports = free_port(), free_port()
    both = pathlib.Path(directory) / "haproxy.pem"
    both.write_text("".join(pathlib.Path(file).read_text() for file in certificate))
    config = filled_in(directory, "haproxy.cfg", PORT=ports[0], TLS_PORT=ports[1], PEM=both)
    process = processes.start(program("haproxy"), "-db", "-f", str(config))
    wait_for_port(ports[1], process)
    return process, *ports


def start_stand_in(build, directory, *options):
    """The stand-in API server, and what it says of itself when it is ready."""
    process = subprocess.Popen([build / "apiserver-sim", "--directory", directory, *options], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    return process, json.loads(process.stdout.readline())


def stand_in_environment(directory):
    """What a sidecar needs to ask it."""
    return dict(line.split("=", 1) for line in (pathlib.Path(directory) / "sidecar.env").read_text().splitlines())


class Control:
    """The stand-in's control address."""

    def __init__(self, port):
        self.port = port

    def __call__(self, method, target):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, target)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{method} {target}: {body.decode()}")
        return body


class StandIn:
    """The stand-in API server, slowed down so that a direct GET takes what a real one takes: it either works that long
    on each GET (`work`: its processor is busy, as a real API server's is, and GETs queue), or only waits (`time`: as if
    it had a processor for every GET)."""

    def __init__(self, processes, directory, mode, service_us):
        self.process, said = start_stand_in(BUILD, directory, f"--service-{mode}", f"{service_us}us")
        processes.running.append(self.process)
        self.port, self.control_port = said["port"], said["control"]
        self.control = Control(self.control_port)
        self.account = str(pathlib.Path(directory) / "serviceaccount")
        token = (pathlib.Path(self.account) / "token").read_text().strip()
        self.url = f"https://127.0.0.1:{self.port}/api/v1/namespaces/demo/pods/game-0"
        self.headers = [f"Authorization: Bearer {token}", "Accept: application/json"]

    def direct(self, connections, seconds):
        return Wrk(self.url, connections, seconds, self.headers)

    def sidecar_options(self):
        """What a sidecar needs to ask it, as often as it likes."""
        return {"API_SERVER": f"https://127.0.0.1:{self.port}", "SERVICE_ACCOUNT_DIR": self.account, "API_QPS": "0"}


def calibrate(processes, directory, mode, seconds):
    """A stand-in whose direct GET has a p50 of API_P50_US, and how long it takes over each for that."""
    service_us = API_P50_US - 100
    for attempt in range(8):
        server = StandIn(processes, os.path.join(directory, f"api-{mode}-{attempt}"), mode, service_us)
        server.direct(1, 1)
        p50 = server.direct(1, seconds).p50_us
        if abs(p50 - API_P50_US) <= 0.03 * API_P50_US:
            return server, service_us
        processes.stop(server.process)
        service_us = max(0, round(service_us + API_P50_US - p50))
    sys.exit(f"a direct GET takes {p50:.0f} us, not {API_P50_US} us; is the machine busy?")
