#!/usr/bin/env python3
"""What .github tells the forge: workflows that may do little, and forms that it accepts.

    forge_test.py ROOT [UNITTEST-ARGUMENT]...
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

import yaml

ROOT = pathlib.Path()
PINNED = re.compile(r"\buses: (actions/[\w-]+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)$")
# GitHub's form schema: each type of element with the attributes that it may have.
ATTRIBUTES = {
    "markdown": {"value"},
    "input": {"label", "description", "placeholder", "value"},
    "textarea": {"label", "description", "placeholder", "value", "render"},
    "dropdown": {"label", "description", "multiple", "options", "default"},
    "checkboxes": {"label", "description", "options"},
}


def workflows():
    for path in sorted((ROOT / ".github" / "workflows").iterdir()):
        document = yaml.safe_load(path.read_text())
        document["on"] = document.pop(True)  # YAML 1.1 takes "on" for a truth
        yield path, document


def jobs():
    """Each (workflow's name, job's name, job)."""
    for path, document in workflows():
        for name, job in document["jobs"].items():
            yield path.name, name, job


def steps(job, key):
    return [step[key] for step in job["steps"] if key in step]


def writes(job):
    return {scope for scope, access in job["permissions"].items() if access != "read"}


class Workflows(unittest.TestCase):
    def test_there_are_two(self):
        self.assertEqual([path.name for path, _ in workflows()], ["ci.yml", "release.yml"])

    def test_when_they_run(self):
        on = {path.name: document["on"] for path, document in workflows()}
        self.assertEqual(on, {"ci.yml": {"push": {"branches": ["main"]}, "pull_request": None},
                              "release.yml": {"push": {"tags": ["v*"]}}})

    def test_each_action_is_one_commit_and_its_version_is_beside_it(self):
        pins = {}
        for path, _ in workflows():
            for line in path.read_text().splitlines():
                if re.search(r"\buses\s*:", line):
                    match = PINNED.search(line)
                    self.assertTrue(match, line)
                    pins.setdefault(match[1], set()).add(match.groups()[1:])
        self.assertTrue(pins)
        for action, commits in pins.items():
            self.assertEqual(len(commits), 1, f"{action} in two versions")
        named = sum(len(steps(job, "uses")) for _, _, job in jobs())
        written = sum(path.read_text().count("uses:") for path, _ in workflows())
        self.assertEqual(named, written)

    def test_newer_actions_are_proposed(self):
        updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())
        self.assertEqual(updates, {"version": 2, "updates": [{"package-ecosystem": "github-actions", "directory": "/",
                                                              "schedule": {"interval": "monthly"}}]})

    def test_nothing_is_permitted_but_what_a_job_names(self):
        for path, document in workflows():
            self.assertEqual(document["permissions"], {}, path.name)
        granted = {(file, name): job["permissions"] for file, name, job in jobs()}
        self.assertEqual(granted, {("ci.yml", "check"): {"contents": "read"},
                                   ("release.yml", "build"): {"contents": "read"},
                                   ("release.yml", "publish"): {"contents": "write", "actions": "read"}})

    def test_a_job_that_may_write_runs_neither_an_action_nor_the_repository(self):
        (publish,) = [job for _, _, job in jobs() if writes(job)]
        self.assertEqual(steps(publish, "uses"), [])
        self.assertEqual({re.split(r"[ ;]", command)[0] for command in steps(publish, "run")}, {"gh", "cd"})
        self.assertIn("sha256sum --check SHA256SUMS", " ".join(steps(publish, "run")))

    def test_a_checkout_leaves_no_token_behind(self):
        checkouts = [step for _, _, job in jobs() for step in job["steps"] if "checkout" in step.get("uses", "")]
        self.assertEqual(len(checkouts), 2)
        for step in checkouts:
            self.assertIs(step["with"]["persist-credentials"], False)

    def test_the_repositorys_gate_runs_as_it_is_and_before_the_release(self):
        runs = {(file, name): steps(job, "run") for file, name, job in jobs()}
        self.assertIn(".ci/run", runs["ci.yml", "check"])
        build = runs["release.yml", "build"]
        release = next(command for command in build if command.startswith("scripts/release --tag "))
        self.assertLess(build.index(".ci/run"), build.index(release))
        for _, _, job in jobs():
            if ".ci/run" in steps(job, "run"):
                self.assertEqual(job["container"]["image"], "debian:12")
                # own_network.py says what for.
                self.assertEqual(re.findall(r"--cap-add (\w+)", job["container"]["options"]), ["SYS_ADMIN", "NET_ADMIN"])
                self.assertNotIn("#", job["container"]["options"])

    def test_their_commands_are_there_and_have_no_text_of_others_in_them(self):
        for file, name, job in jobs():
            self.assertLessEqual(job["timeout-minutes"], 180)
            self.assertNotIn("latest", job["runs-on"])
            for command in steps(job, "run"):
                with self.subTest(f"{file} {name}", command=command):
                    self.assertNotIn("${{", command)
                    subprocess.run(["bash", "-n"], input=command, text=True, check=True, timeout=20)
                    program = command.split()[0]
                    if "/" in program:
                        self.assertTrue(os.access(ROOT / program, os.X_OK))


class Forms(unittest.TestCase):
    def forms(self):
        for path in sorted((ROOT / ".github" / "ISSUE_TEMPLATE").iterdir()):
            if path.name != "config.yml":
                yield path.name, yaml.safe_load(path.read_text())

    def test_they_are_what_the_forge_accepts(self):
        self.assertEqual(len(list(self.forms())), 2)
        for file, form in self.forms():
            with self.subTest(file):
                self.assertEqual(set(form), {"name", "description", "body"})
                self.assertTrue(all(len(form[key]) > 3 for key in ["name", "description"]))
                questions = [element for element in form["body"] if element["type"] != "markdown"]
                self.assertTrue(questions)
                for key in ["id", "label"]:
                    values = [element.get(key) or element["attributes"][key] for element in questions]
                    self.assertEqual(sorted(set(values)), sorted(values))
                for element in form["body"]:
                    self.assertLessEqual(set(element), {"type", "id", "attributes", "validations"})
                    self.assertLessEqual(set(element["attributes"]), ATTRIBUTES[element["type"]])
                    self.assertIn(element.get("validations"), [None, {"required": True}])
                    if element["type"] == "markdown":
                        self.assertTrue(element["attributes"]["value"])
                    else:
                        self.assertRegex(element["id"], r"^[a-z][a-z0-9_-]*$")
                    if element["type"] == "dropdown":
                        options = element["attributes"]["options"]
                        self.assertEqual(len(set(options)), len(options))
                        self.assertTrue(all(isinstance(option, str) for option in options))

    def test_the_one_about_answers_needs_what_doctor_says(self):
        (form,) = [form for file, form in self.forms() if "wrong-answer" in file]
        (doctor,) = [element for element in form["body"] if element.get("id") == "doctor"]
        self.assertEqual(doctor["validations"], {"required": True})
        self.assertEqual(doctor["attributes"]["render"], "json")
        command = re.search(r"^`(.*)`$", doctor["attributes"]["description"], re.MULTILINE)[1]
        self.assertIn(command.removesuffix(" --json"), (ROOT / "docs/operations.md").read_text())
        self.assertTrue(command.endswith(" --json"))

    def test_the_one_about_answers_offers_every_way_to_run_and_install_it(self):
        (form,) = [form for file, form in self.forms() if "wrong-answer" in file]
        choices = {element["id"]: element["attributes"]["options"] for element in form["body"] if element["type"] == "dropdown"}
        self.assertEqual({name: len(options) for name, options in choices.items()}, {"form": 5, "installed": 4, "source": 2})
        self.assertEqual(tuple(choices["source"]), re.search(r"\| `SOURCE` \| `(live)` \|[^|]*`(watch)`",
                                                             (ROOT / "README.md").read_text()).groups())
        words = " ".join(choices["form"] + choices["installed"]).lower()
        for word in ["native", "classic", "daemonset", "one per node", "outside", "chart", "component", "injection", "hand"]:
            self.assertIn(word, words)

    def test_their_commands_run_in_the_sidecars_container(self):
        for file, _ in self.forms():
            text = (ROOT / ".github/ISSUE_TEMPLATE" / file).read_text()
            commands = re.findall(r"`([^`]*http-healthcheck-sidecar [^`]*)`", text)
            self.assertEqual({command.rpartition(" -- ")[0] for command in commands}, {"kubectl exec POD -c health"}, file)

    def test_each_sends_what_is_secret_elsewhere(self):
        for file, form in self.forms():
            self.assertIn("`SECURITY.md` says how to report it privately", form["body"][0]["attributes"]["value"], file)
        config = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE/config.yml").read_text())
        self.assertEqual(config, {"blank_issues_enabled": False})
        security = (ROOT / "SECURITY.md").read_text()
        self.assertRegex(security, r"(?m)^## Report a problem$")
        self.assertRegex(security, r"(?m)^## Supported versions$")
        self.assertEqual(len(re.findall(r"(?m)^Contact: \S", security)), 1)
        self.assertIn("the line `Contact:` of [SECURITY.md]", (ROOT / "docs/releases.md").read_text())


class Home(unittest.TestCase):
    def test_the_links_of_deploy_have_one_address_that_the_documented_command_replaces(self):
        texts = [path.read_text(errors="replace") for path in (ROOT / "deploy").rglob("*") if path.is_file()]
        (home,) = {link for text in texts for link in re.findall(r"(https://\S+)/blob/\w+/docs/", text)}
        old, new = re.search(r"sed -i 's\|(\S+?)\|(\S+?)\|'", (ROOT / "docs/releases.md").read_text()).groups()
        if "example.com" in home:  # no fork's own yet
            self.assertEqual(home, old)
        self.assertNotIn("example.com", new)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    ROOT = pathlib.Path(sys.argv[1]).resolve()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
