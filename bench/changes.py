"""How long a change in the API server takes to show in an answer."""

import json
import socket
import statistics
import sys
import time

import subjects
from measure import port_of, receive_answer

QUESTION = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
FEW, MANY = 100, 400


class Kept:
    """A kept connection on which one request comes after the other."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, request):
        self.socket.sendall(request)

    def status(self):
        answer = receive_answer(self.socket)
        if not answer.startswith(b"HTTP/1.1 "):
            sys.exit(f"not an answer: {answer[:60]}")
        return int(answer[9:12])


def ask_until(sidecar, status):
    """When the first such answer was here, in ns of the clock that the stand-in has too."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        sidecar.send(QUESTION)
        if sidecar.status() == status:
            return time.monotonic_ns()
    sys.exit(f"no {status} within 10 s of the change")


def change(sidecar, control, ready):
    """When it was asked for, and when an answer showed it. The control port's reply can wait meanwhile."""
    asked = time.monotonic_ns()
    control.send(b"POST /ready?container=game&value=%s HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" % ready)
    shown = ask_until(sidecar, 200 if ready == b"true" else 500)
    if control.status() != 200:
        sys.exit("the stand-in did not change the pod")
    return asked, shown


def change_often(url, control_port, count):
    with Kept(port_of(url)) as sidecar, Kept(control_port) as control:
        ask_until(sidecar, 200)
        return list(zip(*(change(sidecar, control, (b"false", b"true")[turn % 2]) for turn in range(count))))


def percentiles(begun, shown):
    """p50 and p99 in ms."""
    delays = sorted((end - begin) / 1e6 for begin, end in zip(begun, shown, strict=True))
    return statistics.median(delays), delays[-(-len(delays) * 99 // 100) - 1]


def add_rows(run, name, since, begun, shown, bar=None):
    p50, p99 = percentiles(begun, shown)
    run.table.add(f"{name}: p50 since {since}", p50, unit=" ms", note=f"{len(shown)} changes")
    run.table.add(f"{name}: p99 since {since}", p99, bar, " ms")


def measure_way(run, prefix, binary, way):
    api = run.calm_api()
    options = subjects.way_options(way, api)
    started = subjects.start_sidecar(run.processes, way, binary, options, None)
    asked, shown = change_often(started.url, api.control_port, FEW if run.rounds == 1 else MANY)
    name = f"change to answer, {prefix}{way}"
    events = [event for event in json.loads(api.control("GET", "/events")) if event["type"] == "MODIFIED"]
    if way == "watch" and len(events) == len(shown):
        bar = None if prefix else 5
        add_rows(run, name, "the event was written", [event["written_ns"] for event in events], shown, bar)
        add_rows(run, name, "the pod was changed", [event["changed_ns"] for event in events], shown)
    else:
        add_rows(run, name, "the change was asked for", asked, shown)
        if way == "watch":
            run.complain(name, f"{len(events)} events were written of {len(shown)} changes")
    run.processes.stop_all()


def measure_changes(run):
    for prefix, binary in subjects.binaries():
        for way in ("watch", "live"):
            if run.wants(f"change to answer, {prefix}{way}"):
                try:
                    measure_way(run, prefix, binary, way)
                except SystemExit as error:
                    run.complain(f"{prefix}{way}", f"change to answer: {error}")
