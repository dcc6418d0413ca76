"""What deploy/monitoring and docs/monitoring.md say, and the programs of Debian's package prometheus, which check it."""

import os
import re
import shutil
import unittest

from product import literal, one, read, resources, table_rows


def program(name):
    """promtool or prometheus. Where they must be there, their absence is a failure."""
    found = shutil.which(name)
    if not found and os.environ.get("CI") == "true":
        raise AssertionError(f"{name} is missing: scripts/install-dependencies test")
    if not found:
        raise unittest.SkipTest(f"{name} is missing (scripts/install-dependencies test)")
    return found


def of_kind(kind):
    return one(document for document in resources("monitoring") if document["kind"] == kind)


def alerts():
    return [rule for group in of_kind("PrometheusRule")["spec"]["groups"] for rule in group["rules"]]


def job():
    """What the PodMonitor calls the sidecars."""
    endpoint = one(of_kind("PodMonitor")["spec"]["podMetricsEndpoints"])
    return one(rule["replacement"] for rule in endpoint["relabelings"] if rule.get("targetLabel") == "job")


def metrics(table="metric"):
    """Name -> (type, labels), as docs/monitoring.md has them: those that are always there, or those of another table."""
    return {literal(name): (kind, set(re.findall(r"`(\w+)`", labels)))
            for name, kind, labels, _ in table_rows(table, "docs/monitoring.md")}


def series(*tables):
    """The same of these tables, or of all, by series, name -> labels: a histogram is three, one of them with `le`."""
    found = {}
    tables = tables or re.findall(r"^\| ((?:[a-z ]+ )?metric) \| type \| labels \|", read("docs/monitoring.md"), re.M)
    for name, (kind, labels) in [entry for table in tables for entry in metrics(table).items()]:
        if kind == "histogram":
            found |= {f"{name}_bucket": labels | {"le"}, f"{name}_sum": labels, f"{name}_count": labels}
        else:
            found[name] = labels
    return found
