#!/usr/bin/env python3
"""The version has one place, CMakeLists.txt. Wherever else a file says it, it says the same.

    versions_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

import product
from product import BINARY, ROOT, project_version, read

NAME = "http-healthcheck-sidecar"
NUMBER = r"(\d+\.\d+\.\d+)\b"
# What a text says right before the number. A place of a new kind belongs here.
FORMS = [
    rf"{NAME}(?::|@|==|[ -]v?| version ){NUMBER}",  # an image, an archive, what --version prints
    rf"{NAME}\W+(?:newTag|tag|version|appVersion)\W+{NUMBER}",  # an image in two parts, a chart, whatever the braces
    rf"{NAME}[^\s\"']*\?ref=v{NUMBER}",  # a directory of this repository, at a tag
    rf"image\.version[\"']?[=:] *[\"']?{NUMBER}",  # the label of an image
    rf"app\.kubernetes\.io/version: *[\"']?{NUMBER}",
    rf"helm\.sh/chart: *[\"']?{NAME}-{NUMBER}",
    rf"healthcheck_sidecar_build_info\{{version=\\?\"{NUMBER}",
]
# Made by builds and tools; samples of tests, whose versions are any; and the history, whose versions are older.
LEFT_OUT = {".git", ".cache", "build", "dist", "node_modules", "__pycache__", "tests", "CHANGELOG.md"}


def files(root):
    for directory, below, names in os.walk(root):
        below[:] = sorted(set(below) - LEFT_OUT)
        for name in sorted(set(names) - LEFT_OUT):
            yield pathlib.Path(directory, name)


def in_yaml(path, text):
    """Versions whose line alone does not say whose they are."""
    if path.name == "kustomization.yaml":
        for image in (yaml.safe_load(text) or {}).get("images", []):
            if image["name"].rpartition("/")[2] == NAME or image.get("newName", "").endswith(f"/{NAME}"):
                yield str(image.get("newTag", "a digest"))
    if path.name == "Chart.yaml":
        chart = yaml.safe_load(text)
        if chart["name"] == NAME:
            yield from (str(chart[key]) for key in ["version", "appVersion"])
        for dependency in chart.get("dependencies", []):
            if dependency["name"] == NAME:
                yield str(dependency["version"])
    if path.name == "values.yaml" and path.parent.name == NAME:
        tag = ((yaml.safe_load(text) or {}).get("image") or {}).get("tag")
        if tag:  # without one it is the chart's appVersion
            yield str(tag)


def places(root):
    """Each (file, version) that there is."""
    for path in files(root):
        text = path.read_bytes().decode(errors="replace") if path.is_file() else ""  # a link may lead nowhere
        found = [match for form in FORMS for match in re.findall(form, text)]
        for version in [*found, *in_yaml(path, text)]:
            yield str(path.relative_to(root)), version


class Versions(unittest.TestCase):
    def test_every_place_says_the_projects(self):
        found = list(places(ROOT))
        self.assertGreater(len(found), 3)
        for file, version in found:
            with self.subTest(file):
                self.assertEqual(version, project_version())

    def test_the_program_says_it(self):
        done = subprocess.run([BINARY, "--version"], check=True, capture_output=True, text=True, timeout=20)
        self.assertEqual(done.stdout.split()[-1], project_version())

    def test_the_changelogs_newest_section_is_its(self):
        headings = re.findall(r"^## (.*)$", read("CHANGELOG.md"), re.MULTILINE)
        self.assertEqual(headings[0], "[Unreleased]")
        released = [re.fullmatch(rf"\[{NUMBER}\] - (\d{{4}}-\d\d-\d\d)", heading).groups() for heading in headings[1:]]
        self.assertEqual(released[0][0], project_version())
        numbers = [tuple(map(int, version.split("."))) for version, _ in released]
        self.assertEqual(numbers, sorted(set(numbers), reverse=True))
        self.assertEqual([date for _, date in released], sorted((date for _, date in released), reverse=True))
        self.assertLessEqual(set(re.findall(r"^### (.*)$", read("CHANGELOG.md"), re.MULTILINE)),
                             {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"})


class Places(unittest.TestCase):
    def test_a_new_one_is_found(self):
        for name, text in [
            ("docs/new.md", f"`docker pull registry.example.com/{NAME}:0.9.9`"),
            ("docs/new.md", f"curl -LO https://example.com/{NAME}-0.9.9-linux-amd64.tar.gz"),
            ("docs/new.md", f"```\n{NAME} 0.9.9\n```"),
            ("docs/new.md", 'healthcheck_sidecar_build_info{version="0.9.9"} 1'),
            ("docs/new.md", f"images: [{{name: {NAME}, newName: example.com/{NAME}, newTag: 0.9.9}}]"),
            ("docs/new.md", f"https://example.com/{NAME}//deploy/components/tls?ref=v0.9.9"),
            ("docs/new.md", f"image:\n  repository: example.com/{NAME}\n  tag: \"0.9.9\""),
            ("Dockerfile.other", 'LABEL org.opencontainers.image.version="0.9.9"'),
            ("deploy/new/game.yaml", f"image: {NAME}:0.9.9"),
            ("deploy/new/game.yaml", "labels: {app.kubernetes.io/version: 0.9.9}"),
            ("deploy/new/kustomization.yaml", f"images:\n- name: {NAME}\n  newTag: 0.9.9"),
            ("deploy/new/kustomization.yaml", f"images:\n- name: sidecar\n  newName: example.com/{NAME}\n  newTag: 0.9.9"),
            (f"charts/{NAME}/Chart.yaml", f"name: {NAME}\nversion: 0.9.9\nappVersion: 0.9.9"),
            (f"charts/{NAME}/values.yaml", "image:\n  tag: 0.9.9"),
            ("charts/game/Chart.yaml", f"name: game\nversion: 3.1.4\ndependencies:\n- name: {NAME}\n  version: 0.9.9"),
            ("src/new.cpp", f'constexpr auto agent = "{NAME} 0.9.9";'),
        ]:
            with self.subTest(name, text=text), tempfile.TemporaryDirectory() as directory:
                path = pathlib.Path(directory, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
                self.assertEqual(set(places(directory)), {(name, "0.9.9")})

    def test_others_versions_are_none(self):
        with tempfile.TemporaryDirectory() as directory:
            pathlib.Path(directory, "kustomization.yaml").write_text("images:\n- name: game\n  newTag: 0.9.9")
            pathlib.Path(directory, "new.md").write_text("HAProxy 3.1.0; image: example.com/game:0.9.9")
            self.assertEqual(list(places(directory)), [])


if __name__ == "__main__":
    product.main()
