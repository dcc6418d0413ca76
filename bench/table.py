"""What a run has measured: load by load, and what has a bar. Printed as Markdown, as in docs/performance.md."""

import json
import typing

CONNECTIONS = (1, 64, 512)


class Load(typing.NamedTuple):
    """Who is asked, and how."""
    who: str
    tls: bool
    anew: bool  # a new connection for each request
    connections: int

    def group(self):
        """All of it but the number of connections."""
        return f'{self.who}, {"TLS" if self.tls else "plain"}, {"new connections" if self.anew else "keep-alive"}'

    def name(self):
        return f'{self.group()}, {self.connections} connection{"s" if self.connections > 1 else ""}'


class Figures(typing.NamedTuple):
    rate: float
    p50_us: float
    p99_us: float
    cpu_us: float  # of the one who is asked, an answer
    client_busy: float  # of the processor time that it could have

    def is_the_clients(self):
        """Whether the client worked all the time: then who is asked may be faster than that."""
        return self.client_busy > 0.9

    def cell(self):
        return (f'{self.rate:,.0f}/s{"*" if self.is_the_clients() else ""} {time(self.p50_us)} {time(self.p99_us)} '
                f"{self.cpu_us:.1f}")


def time(us):
    return f"{us:.0f}us" if us < 1000 else f"{us / 1e3:.1f}ms" if us < 1e6 else f"{us / 1e6:.1f}s"


def markdown(header, rows):
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |"
                     for line in lines)


class Table:
    def __init__(self, about):
        self.about = about
        self.rows, self.loads, self.failed, self.remarks = [], {}, [], []

    def add(self, name, value, bar=None, unit="", note="", at_least=False):
        met = bar is None or (value >= bar if at_least else value <= bar)
        self.rows.append({"name": name, "value": value, "bar": bar, "at_least": at_least, "unit": unit,
                          "note": note, "met": met})

    def add_load(self, load, figures):
        self.loads[load] = figures

    def fail(self, name, why):
        """What could not be measured counts as missed."""
        self.failed.append({"name": name, "why": why})

    def remark(self, name, what):
        self.remarks.append({"name": name, "what": what})

    def ratio(self, name, field, load, other, bar, at_least=False):
        """One load's figure by another's, if both were measured."""
        ours, theirs = self.loads.get(load), self.loads.get(other)
        if ours is None or theirs is None:
            return
        ours, theirs = getattr(ours, field), getattr(theirs, field)
        unit = "/s" if field == "rate" else " us"
        digits = 2 if field == "cpu_us" else 0
        self.add(name, ours / theirs, bar, at_least=at_least,
                 note=f"{ours:.{digits}f}{unit} / {theirs:.{digits}f}{unit}")

    def met(self):
        return not self.failed and all(row["met"] for row in self.rows)

    def show(self):
        print(f'{self.about["machine"]}; load average {self.about["load_before"]:.1f} before, '
              f'{self.about["load_after"]:.1f} after\n')
        if self.rows:
            print(markdown(["", "measured", "bar", "", ""], [bar_cells(row) for row in self.rows]) + "\n")
        if self.loads:
            print("requests/s, p50, p99, us of processor time an answer (*: the client had no processor time left)\n")
            print(markdown(["", *(f"{n} connection{'s' if n > 1 else ''}" for n in CONNECTIONS)], self.load_rows()))
        for remark in self.remarks:
            print(f'\n{remark["name"]}: {remark["what"]}')
        for failure in self.failed:
            print(f'\nFAILED {failure["name"]}: {failure["why"]}')

    def load_rows(self):
        groups = {}
        for load, figures in self.loads.items():
            groups.setdefault(load.group(), {})[load.connections] = figures.cell()
        return [[group, *(cells.get(n, "") for n in CONNECTIONS)] for group, cells in sorted(groups.items(), key=order)]

    def document(self):
        loads = [load._asdict() | {"name": load.name()} | figures._asdict() for load, figures in self.loads.items()]
        found = {"bars": self.rows, "loads": loads, "remarks": self.remarks, "failed": self.failed}
        return json.dumps(self.about | found, indent=2) + "\n"


def order(item):
    """Those who are asked alike stand together."""
    who, *how = item[0].split(", ")
    return how


def bar_cells(row):
    bar = "" if row["bar"] is None else f'{">=" if row["at_least"] else "<="} {row["bar"]:g}{row["unit"]}'
    verdict = "" if row["bar"] is None else "ok" if row["met"] else "MISSED"
    return [row["name"], f'{row["value"]:.2f}{row["unit"]}', bar, verdict, row["note"]]
