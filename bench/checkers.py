"""What a check costs at the rate that people use: three load balancers, a check a second each. Of two subjects now one
is queried and now the other, since what a machine does meanwhile changes the cost by half."""

import socket
import statistics
import threading
import time

import subjects
from measure import cpu_ns, port_of, receive_answer

CHECKERS, ROUNDS = 3, 6
KEPT = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
CLOSED = b"OPTIONS / HTTP/1.0\r\n\r\n"  # HAProxy's default check
HOW = {"keep-alive": KEPT, "new connections": CLOSED}
ROWS = [("override", how) for how in HOW] + [("watch", "keep-alive"), ("live", "keep-alive")]


def name(way, how):
    return f"{way}, three checkers, {how}: CPU of a check"


NAMES = [name(*row) for row in ROWS]


def check_every_second(port, request, count, failures):
    """On one connection if the answer keeps it, else on a new one each time."""
    connection = None
    for _ in range(count):
        if connection is None:
            connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        connection.sendall(request)
        if not receive_answer(connection).startswith(b"HTTP/1.1 200"):
            failures.append(port)
        if request is CLOSED:
            connection.close()
            connection = None
        time.sleep(1)


def cost_ms(subject, request, seconds, failures):
    port = port_of(subject.url)
    before = cpu_ns(subject.pid)
    threads = [threading.Thread(target=check_every_second, args=(port, request, seconds, failures))
               for _ in range(CHECKERS)]
    for thread in threads:
        thread.start()
        time.sleep(1 / CHECKERS)
    for thread in threads:
        thread.join()
    return (cpu_ns(subject.pid) - before) / 1e6 / (CHECKERS * seconds)


def start_wanted(run, way, row):
    """The sidecars that are wanted, with the options of way: by default at most ten calls a second."""
    wanted = {prefix: binary for prefix, binary in subjects.binaries() if run.wants(prefix + row)}
    if not wanted:
        return {}
    options = subjects.way_options(way, None if way == "override" else run.calm_api()) | {"API_QPS": "10"}
    return {prefix: subjects.start_sidecar(run.processes, prefix + way, binary, options, None)
            for prefix, binary in wanted.items()}


def measure_checkers(run):
    seconds, failures = 2 if run.rounds == 1 else 10, []
    for way, how in ROWS:
        row = name(way, how)
        wanted = start_wanted(run, way, row)
        if not wanted:
            continue
        time.sleep(3)  # until what only a start needs is over
        costs = {prefix: [] for prefix in wanted}
        for turn in range(ROUNDS):
            for prefix in sorted(wanted, reverse=turn % 2 == 1):
                costs[prefix].append(cost_ms(wanted[prefix], HOW[how], seconds, failures))
        for prefix, measured in costs.items():
            run.table.add(prefix + row, statistics.median(measured), unit=" ms")
        if len(costs) == 2:
            ratio = statistics.median(ours / theirs for ours, theirs in zip(*costs.values()))
            run.table.add(f"{row} / the peer's", ratio, 1.0)
        run.processes.stop_all()
    if failures:
        run.table.fail(NAMES[0], "a check was not answered by 200")
