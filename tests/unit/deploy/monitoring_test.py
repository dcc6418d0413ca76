#!/usr/bin/env python3
"""Alerts and dashboard of deploy/monitoring: the real promtool reads them and plays each alert, and they name only what
docs/monitoring.md and docs/operations.md explain.

    monitoring_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import itertools
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import yaml

import product
from documents_test import anchors
from monitoring import alerts, job, metrics, of_kind, program, series
from product import DEPLOYED, ROOT, Form, literal, one, read, seconds, table_rows, yaml_blocks

CASES = "tests/unit/deploy/alerts_test.yaml"
ADDED = {"namespace", "pod", "job"}  # labels that Prometheus gives to every metric
UP = {"up": set()}  # a metric of its own


def dashboard():
    return json.loads(read("deploy/monitoring/dashboard.json"))


def panels():
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def queries():
    """Of the dashboard, with a value for each of its variables."""
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], re.sub(r"\$(namespace|pod)\b", ".*", target["expr"]).replace("$__rate_interval", "1m")


def selectors(expression):
    """Each metric of an expression, with its matchers as (label, value)."""
    for name, matchers in re.findall(r"\b(healthcheck_sidecar_\w+|process_\w+|up\b)(?:\{([^}]*)\})?", expression):
        yield name, re.findall(r'(\w+)(?:=~|!=|!~|=)"([^"]*)"', matchers)


def check(*arguments, directory=None):
    return subprocess.run([program("promtool"), *arguments], capture_output=True, text=True, timeout=100, cwd=directory)


class Alerts(unittest.TestCase):
    def run_with_rules(self, rules, *arguments):
        with tempfile.TemporaryDirectory() as directory:
            pathlib.Path(directory, "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}))
            shutil.copy(ROOT / CASES, directory)
            return check(*arguments, directory=directory)

    def test_promtool_finds_nothing_wrong(self):
        done = self.run_with_rules(alerts(), "check", "rules", "--lint-fatal", "rules.yaml")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"{len(alerts())} rules found", done.stdout)

    def test_each_fires_when_it_should_and_is_silent_otherwise(self):
        bare = [{key: value for key, value in alert.items() if key != "annotations"} for alert in alerts()]
        done = self.run_with_rules(bare, "test", "rules", pathlib.Path(CASES).name)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_has_a_case_that_fires_and_one_that_does_not(self):
        cases = [case for group in yaml.safe_load(read(CASES))["tests"] for case in group["alert_rule_test"]]
        self.assertEqual({(case["alertname"], bool(case["exp_alerts"])) for case in cases},
                         set(itertools.product((alert["alert"] for alert in alerts()), [True, False])))

    def test_each_says_how_urgent_it_is_and_what_is_the_matter(self):
        self.assertGreater(len(alerts()), 10)
        for alert in alerts():
            with self.subTest(alert["alert"]):
                self.assertIn(alert["labels"]["severity"], ["critical", "warning"])
                self.assertEqual(set(alert["annotations"]), {"summary", "description", "runbook_url"})
                self.assertIn("{{ $labels.namespace }}/{{ $labels.pod }}", alert["annotations"]["description"])
                self.assertRegex(alert["annotations"]["summary"], r"^[A-Z].*\.$")

    def test_each_has_its_runbook_and_no_runbook_is_left_over(self):
        section = one(re.findall(r"^## Alerts$(.*?)^## ", read("docs/operations.md"), re.MULTILINE | re.DOTALL))
        runbooks = re.split(r"^### ", section, flags=re.MULTILINE)[1:]
        self.assertEqual([book.partition("\n")[0] for book in runbooks], [alert["alert"] for alert in alerts()])
        for book, alert in zip(runbooks, alerts()):
            self.assertIn("\n* **Do**", book)
            self.assertEqual("\nCritical. " in book, alert["labels"]["severity"] == "critical", alert["alert"])

    def test_their_links_lead_to_the_runbooks(self):
        pages = set()
        for alert in alerts():
            page, _, anchor = alert["annotations"]["runbook_url"].partition("#")
            pages.add(page)
            self.assertEqual(anchor, alert["alert"].lower())
            self.assertIn(anchor, anchors("docs/operations.md"))
        self.assertRegex(one(pages), r"^https://.*/docs/operations\.md$")  # one address to change

    def test_they_look_back_over_at_least_four_scrapes(self):
        interval = seconds(one(of_kind("PodMonitor")["spec"]["podMetricsEndpoints"])["interval"])
        for alert in alerts():
            for number, unit in re.findall(r"\[(\d+)([mh])\]", alert["expr"]):
                self.assertGreaterEqual(int(number) * {"m": 60, "h": 3600}[unit], 4 * interval, alert["alert"])

    def test_the_scrape_job_of_the_page_is_the_pod_monitor(self):
        """It keeps the same pods, whichever way the sidecar came into them, and names them alike."""
        scrape = one(yaml.safe_load(one(yaml_blocks("docs/monitoring.md")))["scrape_configs"])
        endpoint = one(of_kind("PodMonitor")["spec"]["podMetricsEndpoints"])
        kept = [(one(rule["sourceLabels"]), rule["regex"]) for rule in endpoint["relabelings"] if rule.get("action") == "keep"]
        kept.append(("__meta_kubernetes_pod_container_port_name", endpoint["port"]))
        self.assertEqual([(one(rule["source_labels"]), rule["regex"]) for rule in scrape["relabel_configs"]
                          if rule.get("action") == "keep"], kept)
        self.assertEqual((scrape["job_name"], scrape["scrape_interval"]), (job(), endpoint["interval"]))


class Names(unittest.TestCase):
    def expressions(self):
        yield from ((alert["alert"], alert["expr"]) for alert in alerts())
        yield from queries()

    def test_alerts_and_dashboard_name_only_metrics_and_labels_that_there_are(self):
        for where, expression in self.expressions():
            with self.subTest(where, expression=expression):
                found = list(selectors(expression))
                self.assertTrue(found)
                for name, matchers in found:
                    known = series() | UP
                    self.assertIn(name, known)
                    self.assertLessEqual({label for label, _ in matchers}, known[name] | ADDED)

    def test_the_reasons_that_they_select_are_reasons(self):
        reasons = {literal(name) for name, *_ in table_rows("reason")} | {"success"}
        values = [value for _, expression in self.expressions() for _, matchers in selectors(expression)
                  for label, value in matchers if label in {"reason", "result"}]
        self.assertGreater(len(values), 4)
        for value in values:
            self.assertTrue(any(re.fullmatch(value, reason) for reason in reasons), value)

    def test_what_every_exporter_has_is_selected_by_the_job_of_the_pod_monitor(self):
        for where, expression in self.expressions():
            for name, matchers in selectors(expression):
                if not name.startswith("healthcheck_sidecar_"):
                    self.assertIn(("job", job()), matchers, where)


class Scraping(unittest.TestCase):
    def test_it_selects_the_container_and_the_port_of_the_manifests(self):
        spec = of_kind("PodMonitor")["spec"]
        self.assertEqual((spec["selector"], spec["namespaceSelector"]), ({}, {"any": True}))
        endpoint = one(spec["podMetricsEndpoints"])
        self.assertEqual((endpoint["port"], endpoint["path"]), ("status", "/metrics"))
        for name in DEPLOYED:
            form = Form(name, "monitoring")
            self.assertIn(endpoint["port"], [port["name"] for port in form.sidecar["ports"]])
            self.assertEqual(endpoint["relabelings"][0], {
                "action": "keep", "sourceLabels": ["__meta_kubernetes_pod_container_name"],
                "regex": form.sidecar["name"]})

    def test_the_policy_of_the_status_port_lets_in_the_namespace_of_the_monitor(self):
        step = one(yaml.safe_load(read("deploy/components/monitoring/networkpolicy.yaml")))
        allowed = one(step["value"]["from"])["namespaceSelector"]["matchLabels"]
        namespace = yaml.safe_load(read("deploy/monitoring/kustomization.yaml"))["namespace"]
        self.assertEqual(allowed, {"kubernetes.io/metadata.name": namespace})


class Dashboard(unittest.TestCase):
    def test_every_panel_is_one_and_explains_itself(self):
        everything = dashboard()["panels"]
        self.assertEqual(len({panel["id"] for panel in everything}), len(everything))
        self.assertGreater(len(panels()), 15)
        for panel in panels():
            self.assertTrue(panel["title"] and panel["description"], panel["title"])
        self.assertEqual(len({panel["title"] for panel in everything}), len(everything))

    def test_no_panel_is_on_another_one(self):
        taken = set()
        for panel in dashboard()["panels"]:
            at = panel["gridPos"]
            self.assertLessEqual(at["x"] + at["w"], 24)
            cells = set(itertools.product(range(at["x"], at["x"] + at["w"]), range(at["y"], at["y"] + at["h"])))
            self.assertFalse(cells & taken, panel["title"])
            taken |= cells

    def test_its_variables_are_the_ones_that_it_uses(self):
        variables = {variable["name"]: variable for variable in dashboard()["templating"]["list"]}
        self.assertEqual(list(variables), ["datasource", "namespace", "pod"])
        self.assertEqual((variables["datasource"]["type"], variables["datasource"]["query"]), ("datasource", "prometheus"))
        for name in ["namespace", "pod"]:
            self.assertEqual(variables[name]["datasource"]["uid"], "${datasource}")
            self.assertEqual(variables[name]["query"]["query"], variables[name]["definition"])
            self.assertLessEqual({found for found, _ in selectors(variables[name]["definition"])}, set(series()))
        for panel in panels():
            self.assertEqual(panel["datasource"]["uid"], "${datasource}")
            for target in panel["targets"]:
                self.assertEqual(target["datasource"]["uid"], "${datasource}")
                for _, found in selectors(target["expr"]):
                    self.assertLessEqual({("namespace", "$namespace"), ("pod", "$pod")}, set(found), panel["title"])

    def test_promtool_can_read_its_queries(self):
        rules = [{"record": f"query:{number}", "expr": query} for number, (_, query) in enumerate(queries())]
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory, "queries.yaml")
            path.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
            done = check("check", "rules", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"{len(rules)} rules found", done.stdout)


class Page(unittest.TestCase):
    def test_its_metrics_are_named_as_prometheus_wants_it(self):
        self.assertGreater(len(metrics()), 20)
        for name, (kind, _) in metrics().items():
            self.assertIn(kind, {"counter", "gauge", "histogram"})
            self.assertEqual(name.endswith("_total"), kind == "counter", name)

    def test_it_names_every_file(self):
        page = read("docs/monitoring.md")
        for file in (ROOT / "deploy/monitoring").iterdir():
            self.assertIn(f"](../deploy/monitoring/{file.name})", page)


if __name__ == "__main__":
    product.main(verbosity=2)
