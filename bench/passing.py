"""How much of a live answer's time is the way through another process, whatever that does: beside the sidecar a HAProxy
that passes the GET on and decides nothing."""

import pathlib
import urllib.parse

from measure import SIDECAR, Wrk, calibrate, filled_in, free_port, interleave, program, start_sidecar, wait_for_port

MODES = {"work": "working", "time": "waiting"}


def names(mode):
    """Of the two rows: the sidecar's beside it, and its own beside nothing in between."""
    return (f"live, 1 connection, API {MODES[mode]}: p50 / HAProxy's that passes the GET on",
            f"HAProxy that passes the GET on, 1 connection, API {MODES[mode]}: p50 / direct GET's p50")


PASSING = [name for mode in MODES for name in names(mode)]


def start_passing(processes, directory, server):
    """The URL of one that asks `server`."""
    port = free_port()
    config = filled_in(directory, "passing.cfg", PORT=port, PATH=urllib.parse.urlsplit(server.url).path,
                       AUTHORIZATION=dict(header.split(": ", 1) for header in server.headers)["Authorization"],
                       API_PORT=server.port, CA=pathlib.Path(server.account) / "ca.crt")
    wait_for_port(port, processes.start(program("haproxy"), "-db", "-f", str(config)))
    return f"http://127.0.0.1:{port}/healthz"


def measure_passing(run):
    for mode in MODES:
        if run.wants(*names(mode)):
            measure_mode(run, mode)


def measure_mode(run, mode):
    server, _ = calibrate(run.processes, run.new_directory(), mode, run.seconds)
    _, at = start_sidecar(run.processes, SIDECAR, **server.sidecar_options())
    urls = [start_passing(run.processes, run.new_directory(), server), f"http://{at}/healthz"]
    direct, passed, live = interleave(2 * run.rounds, lambda: server.direct(1, run.seconds).p50_us,
                                      *(lambda url=url: Wrk(url, 1, run.seconds).p50_us for url in urls))
    beside_it, by_itself = names(mode)
    run.table.add(beside_it, live / passed, note=f"{live:.0f} us / {passed:.0f} us")
    run.table.add(by_itself, passed / direct, note=f"{passed:.0f} us / {direct:.0f} us")
    run.processes.stop_all()
