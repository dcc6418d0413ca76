"""What an answer costs over a new TLS connection that resumes a session by its ticket, as a load balancer's check does."""

import socket
import ssl
import statistics
import sys

import subjects
from measure import cpu_ns, port_of, receive_answer

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
CONNECTIONS = 300
LAST = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


def name(version):
    return f"override, TLS {version}, new connections that resume a session: CPU an answer / nginx's"


NAMES = [name(version) for version in VERSIONS]


class ReturningClient:
    """Comes back with the ticket of the time before, and ends the run if that is not taken."""

    def __init__(self, port, version):
        self.port, self.session = port, None
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        self.context.minimum_version = self.context.maximum_version = VERSIONS[version]

    def come(self):
        raw = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.context.wrap_socket(raw, session=self.session) as connection:
            connection.sendall(LAST)
            if not receive_answer(connection).startswith(b"HTTP/1.1 200"):
                sys.exit("not a 200 over TLS")
            if self.session and not connection.session_reused:
                sys.exit("a session was not resumed")
            self.session = connection.session


def cpu_us(subject, version):
    """Of one answer, by the one who is asked."""
    client = ReturningClient(port_of(subject.url), version)
    client.come()
    before = cpu_ns(subject.pid)
    for _ in range(CONNECTIONS):
        client.come()
    return (cpu_ns(subject.pid) - before) / 1e3 / CONNECTIONS


def measure_resumption(run):
    nginx = subjects.nginx(run.processes, run.new_directory(), run.certificate)[1]
    for prefix, binary in subjects.binaries():
        ours = subjects.start_sidecar(run.processes, prefix + "override", binary, {"STATE_OVERRIDE": "true"},
                                      run.certificate)
        for version in VERSIONS:
            row = prefix + name(version)
            if not run.wants(row):
                continue
            try:
                pairs = [(cpu_us(ours, version), cpu_us(nginx, version)) for _ in range(1 + 2 * run.rounds)][1:]
            except SystemExit as error:
                run.complain(row, str(error))
                continue
            mine, theirs = map(statistics.median, zip(*pairs))
            run.table.add(row, mine / theirs, None if prefix else 1.3, note=f"{mine:.1f} us / {theirs:.1f} us")
    run.processes.stop_all()
