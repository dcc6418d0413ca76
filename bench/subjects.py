"""Whom the loads are put on: the sidecar in its three ways of answering, its peers, and the API itself."""

import os
import pathlib
import typing

import measure
from measure import SIDECAR, Wrk, cpu_ns, only_child, start_haproxy, start_nginx
from table import Figures

WAYS = ("override", "watch", "live")


class Subject(typing.NamedTuple):
    who: str
    tls: bool
    url: str
    process: typing.Any
    pid: int  # of the process that answers
    headers: typing.Sequence[str] = ()

    def put_under(self, connections, seconds, anew):
        """The figures, and which errors there were. Only with TLS and more than 64 connections may there be any: the
        sidecar takes 128, and wrk begins 512 at once."""
        before = cpu_ns(self.pid)
        load = Wrk(self.url, connections, seconds, self.headers, anew, strict=not self.tls or connections <= 64)
        cpu_us = (cpu_ns(self.pid) - before) / 1e3 / load.answers
        left = max(os.cpu_count() - load.rate * cpu_us / 1e6, 0.01)  # processors, by the one who is asked
        return Figures(load.rate, load.p50_us, load.p99_us, cpu_us, load.busy / min(load.threads, left)), load.errors


def peer():
    """Another sidecar, if PEER names one."""
    path = os.environ.get("PEER")
    return pathlib.Path(path).resolve() if path else None


def binaries():
    """(what its names begin with, path)."""
    return [("", SIDECAR)] + ([("peer ", peer())] if peer() else [])


def way_options(way, server):
    if way == "override":
        return {"STATE_OVERRIDE": "true"}
    return server.sidecar_options() | ({"SOURCE": "watch"} if way == "watch" else {})


def start_sidecar(processes, name, binary, options, certificate):
    """With TLS if there is a certificate."""
    tls = {"TLS_CERT": str(certificate[0]), "TLS_KEY": str(certificate[1])} if certificate else {}
    process, at = measure.start_sidecar(processes, binary, **options, **tls)
    scheme = "https" if tls else "http"
    return Subject(name, bool(tls), f"{scheme}://{at}/healthz", process, process.pid)


def both_ports(name, process, pid, plain, tls):
    return [Subject(name, False, f"http://127.0.0.1:{plain}/healthz", process, pid),
            Subject(name, True, f"https://127.0.0.1:{tls}/healthz", process, pid)]


def nginx(processes, directory, certificate):
    process, *ports = start_nginx(processes, directory, certificate)
    return both_ports("nginx", process, only_child(process.pid), *ports)


def haproxy(processes, directory, certificate):
    process, *ports = start_haproxy(processes, directory, certificate)
    return both_ports("HAProxy", process, process.pid, *ports)


def api(server):
    return Subject("API", True, server.url, server.process, server.process.pid, server.headers)


def start_all(processes, directory, certificate, slow, quick_api, complain):
    """Everybody at once: who is not asked costs nothing. Live ones ask the slow API server, watches the other."""
    subjects = []
    for prefix, binary in binaries():
        for way in WAYS:
            options = way_options(way, slow if way == "live" else quick_api)
            for chain in (None, certificate):
                try:
                    subjects.append(start_sidecar(processes, prefix + way, binary, options, chain))
                except SystemExit as error:
                    complain(prefix + way, str(error))
    peers = nginx(processes, directory, certificate) + haproxy(processes, directory, certificate)
    return subjects + peers + [api(slow)]
