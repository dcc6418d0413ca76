#!/usr/bin/env python3
"""What scripts/sbom says is in the program, against what is known to be.

    sbom_test.py ROOT BINARY [UNITTEST-ARGUMENT]...

The binary is in its build directory.
"""

import functools
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path()
BINARY = pathlib.Path()


@functools.cache
def text():
    command = [ROOT / "scripts" / "sbom", BINARY.parent, BINARY]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout


def document():
    return json.loads(text())


class Sbom(unittest.TestCase):
    def test_it_is_a_cyclonedx_document(self):
        self.assertEqual((document()["bomFormat"], document()["specVersion"]), ("CycloneDX", "1.5"))
        self.assertEqual(document()["version"], 1)
        self.assertEqual(set(document()), {"bomFormat", "specVersion", "version", "metadata", "components",
                                           "dependencies"})
        for component in document()["components"]:
            self.assertEqual(component["type"], "library")
            self.assertEqual(set(component), {"type", "bom-ref", "name", "version", "purl"})
            name, version = (re.escape(component[key]).replace(":", "%3A").replace(r"\+", "%2B")
                             for key in ("name", "version"))
            self.assertRegex(component["purl"], rf"^pkg:deb/(debian|ubuntu)/{name}@{version}\?arch=\w+&distro=[\w.-]+"
                                                r"&upstream=[\w.%~-]+$")

    def test_it_is_about_this_binary(self):
        about = document()["metadata"]["component"]
        project = (ROOT / "CMakeLists.txt").read_text()
        version = re.search(r"project\(http-healthcheck-sidecar VERSION (\S+)", project)[1]
        self.assertEqual((about["type"], about["name"], about["version"]),
                         ("application", "http-healthcheck-sidecar", version))
        self.assertEqual(about["hashes"],
                         [{"alg": "SHA-256", "content": hashlib.sha256(BINARY.read_bytes()).hexdigest()}])

    def test_every_reference_is_to_a_component_and_none_is_there_twice(self):
        refs = [component["bom-ref"] for component in document()["components"]]
        self.assertEqual(sorted(set(refs)), sorted(refs))
        (dependency,) = document()["dependencies"]
        self.assertEqual(dependency["ref"], document()["metadata"]["component"]["bom-ref"])
        self.assertEqual(dependency["dependsOn"], refs)

    def test_it_lists_what_is_in_the_program_and_nothing_of_the_tests(self):
        names = [component["name"] for component in document()["components"]]
        for wanted in [r"libssl-dev|libssl3(t64)?", r"libboost.*-dev", r"libc6(-dev)?", r"libstdc\+\+.*", r"libgcc.*",
                       "nlohmann-json3-dev", "libspdlog-dev", "libfmt-dev", "libcli11-dev"]:
            self.assertTrue([name for name in names if re.fullmatch(wanted, name)], f"{wanted} is not in {names}")
        self.assertEqual([name for name in names if re.search("gtest|gmock|googletest", name)], [])

    def test_each_package_has_its_licences(self):
        with tempfile.TemporaryDirectory() as directory:
            sbom, made = pathlib.Path(directory, "sbom.json"), pathlib.Path(directory, "licenses")
            sbom.write_text(text())
            subprocess.run([ROOT / "scripts" / "licenses", sbom, made], check=True, timeout=60)
            packages = {component["name"] for component in document()["components"]}
            self.assertEqual({path.name for path in made.iterdir()}, {*packages, "README", "common"})
            files = {path.name: path.read_text() for path in made.rglob("*") if path.is_file()}
        for name in packages:
            self.assertRegex(files[name], "(?i)copyright", name)
            for license in re.findall(r"/usr/share/common-licenses/([A-Z]\w*(?:-[\d.]*\d)?)", files[name]):
                self.assertIn(license, list(files))
        self.assertIn("GNU LESSER GENERAL PUBLIC LICENSE", files["LGPL-2.1"])

    def test_what_is_no_sbom_has_no_licences(self):
        with tempfile.TemporaryDirectory() as directory:
            done = subprocess.run([ROOT / "scripts" / "licenses", ROOT / "README.md", directory], capture_output=True,
                                  text=True, timeout=60)
            self.assertEqual((done.returncode, "names no package" in done.stderr), (1, True))

    def test_what_is_no_build_is_refused(self):
        done = subprocess.run([ROOT / "scripts" / "sbom", ROOT / "src"], capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    ROOT, BINARY = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
