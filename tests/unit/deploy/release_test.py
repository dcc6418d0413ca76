#!/usr/bin/env python3
"""What scripts/release makes of a small repository with a build in it: `release_test.py ROOT [UNITTEST-ARGUMENT]...`"""

import concurrent.futures
import hashlib
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import unittest

from release_repository import CHANGELOG, CC, COMMITTED, HELM, MACHINES, NAME, NATIVE, PRESETS, Repository, program, write

ROOT = pathlib.Path()
CONTENTS = {NAME: None, "LICENSE": "free\n", "README.md": "read\n", "CHANGELOG.md": CHANGELOG,
            f"man/man8/{NAME}.8": "man", f"completions/bash/{NAME}": "bash", f"completions/zsh/_{NAME}": "zsh",
            f"completions/fish/{NAME}.fish": "fish"}
MISSING = [tool for tool in ["git", "readelf", "strip", CC] if not shutil.which(tool)]
MISSING += [] if NATIVE else ["a machine that programs are released for"]


class OfARepository(unittest.TestCase):
    def setUp(self):
        if MISSING:
            if os.environ.get("CI") == "true":
                self.fail(f"not installed: {MISSING}")
            self.skipTest(f"not installed: {', '.join(MISSING)}")
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.repository = Repository(directory.name, ROOT / "scripts" / "release")


class Files(OfARepository):
    def members(self, content):
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            with tarfile.open(file.name, "r:gz") as archive:
                names = archive.getnames()
                self.assertEqual(names, sorted(names))
                for member in archive:
                    self.assertEqual((member.uid, member.gid, member.uname, member.gname, member.mtime),
                                     (0, 0, "", "", COMMITTED), member.name)
                    runs = member.isdir() or member.name.partition("/")[2] == NAME
                    self.assertEqual(stat.S_IMODE(member.mode), 0o755 if runs else 0o644, member.name)
                    if member.isfile():
                        yield member.name, archive.extractfile(member).read()

    def test_they_are_one_archive_and_sbom_for_each_machine_the_chart_and_the_sums(self):
        files = self.repository.released()
        archives = [f"{NAME}-1.2.3-linux-{arch}" for arch in MACHINES]
        self.assertEqual(set(files), {"SHA256SUMS", f"{NAME}-1.2.3.tgz", *(f"{name}.tar.gz" for name in archives),
                                      *(f"{name}.cdx.json" for name in archives)})
        sums = dict(reversed(line.split("  ")) for line in files.pop("SHA256SUMS").decode().splitlines())
        self.assertEqual(sums, {name: hashlib.sha256(content).hexdigest() for name, content in files.items()})

    def test_an_archive_has_the_stripped_program_and_what_belongs_to_it(self):
        files = self.repository.released()
        for arch in MACHINES:
            name = f"{NAME}-1.2.3-linux-{arch}"
            stripped = program(arch) + f"stripped for {arch}\n".encode()
            expected = {f"{name}/{path}": stripped if text is None else text.encode() for path, text in CONTENTS.items()}
            expected[f"{name}/licenses/any"] = f"sbom of build/{PRESETS[arch]}\n".encode()
            self.assertEqual(dict(self.members(files[f"{name}.tar.gz"])), expected)
            self.assertIn(hashlib.sha256(stripped).hexdigest(), files[f"{name}.cdx.json"].decode())

    def test_the_chart_is_what_helm_packs(self):
        chart = dict(self.members(self.repository.released()[f"{NAME}-1.2.3.tgz"]))
        self.assertEqual(chart, {f"{NAME}/Chart.yaml": b"1.2.3 of 1.2.3\n", f"{NAME}/templates/all.yaml": b"{{ all }}\n"})

    def test_they_are_the_same_from_another_clone_with_other_times_and_another_umask(self):
        first = self.repository.released()
        with tempfile.TemporaryDirectory() as directory:
            other = Repository(directory, ROOT / "scripts" / "release")
            for path in other.at.rglob("*"):
                os.utime(path, (1, 1))
                path.chmod(path.stat().st_mode & 0o711)
            self.assertEqual(other.released(umask=0o077), first)

    def test_one_architecture_may_be_made_alone(self):
        whole = self.repository.released()
        del whole["SHA256SUMS"]
        shutil.rmtree(self.repository.at / "build" / "release-arm64")
        for arguments in [["--arch", "amd64"], ["--arch=amd64"]]:
            files = self.repository.released(*arguments)
            self.assertEqual(files.pop("SHA256SUMS").decode().count("\n"), 3)
            self.assertEqual(files, {name: content for name, content in whole.items() if "arm64" not in name})
        self.assertIn("release-arm64", self.repository.release().stderr)

    def test_what_it_says_are_the_sums(self):
        with tempfile.TemporaryDirectory() as directory:
            self.assertEqual(self.repository.release(directory).stdout, pathlib.Path(directory, "SHA256SUMS").read_text())


class Refusals(OfARepository):
    def refused(self, *arguments, of=None):
        repository = of or self.repository
        out = repository.at / "dist"
        done = repository.release(*arguments, str(out))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertFalse(out.exists())
        return done.stderr

    def test_what_is_no_release(self):
        def dirty(repository):
            repository.change("README.md", "read", "write")

        def unknown_file(repository):
            write(repository.at / "new", "")

        def without_section(repository):
            repository.change("CHANGELOG.md", "[1.2.3]", "[1.2.4]")
            repository.commit()

        def without_date(repository):
            repository.change("CHANGELOG.md", " - 2026-01-02", "")
            repository.commit()

        def unreleased(repository):
            repository.change("CHANGELOG.md", "## [Unreleased]\n", "## [Unreleased]\n\n* More.\n")
            repository.commit()

        def tagged_before(repository):
            repository.git("tag", "v1.2.3")
            repository.commit()

        def try_to_release(spoil):
            with tempfile.TemporaryDirectory() as directory:
                repository = Repository(directory, ROOT / "scripts" / "release")
                spoil(repository)
                return self.refused(of=repository), set(repository.released("--snapshot"))

        rows = [(dirty, "not committed"), (unknown_file, "not committed"), (without_section, "no section"),
                (without_date, "no section"), (unreleased, "under Unreleased"), (tagged_before, "another commit")]
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            tried = pool.map(try_to_release, [spoil for spoil, _ in rows])
        for (spoil, why), (said, names) in zip(rows, tried):
            with self.subTest(spoil.__name__):
                reason, _, hint = said.partition("\n")
                self.assertIn(why, reason)
                self.assertIn("--snapshot", hint)
                self.assertEqual({name for name in names if "1.2.3-snapshot" not in name}, {"SHA256SUMS"})

    def test_a_tag_that_is_not_the_versions(self):
        self.assertIn("the tag is v1.2.4", self.refused("--tag", "v1.2.4"))
        self.repository.git("tag", "v1.2.3")
        self.assertIn(f"{NAME}-1.2.3.tgz", self.repository.released("--tag", "v1.2.3"))

    def test_a_program_for_another_machine(self):
        shutil.copy(self.repository.at / "build" / "release" / NAME, self.repository.at / "build" / "release-arm64" / NAME)
        self.assertIn("not for arm64", self.refused())

    def test_a_program_of_another_version(self):
        for arch in MACHINES:
            with self.subTest(arch):
                self.repository.build(arch, program(arch, "1.2.2"))
                self.assertIn(f"{PRESETS[arch]}/{NAME} says that it is {NAME} 1.2.2, and CMakeLists.txt says 1.2.3", self.refused())
                self.repository.build(arch, program(arch))

    def test_a_program_that_does_not_run(self):
        self.repository.build("amd64", program("amd64")[:100])
        self.assertIn("does not say its version", self.refused())

    def test_what_changes_in_the_meantime(self):
        write(self.repository.tools / "helm", f"#!/bin/bash\ntouch '{self.repository.at}/new'\n" + HELM.partition("\n")[2], True)
        self.assertIn("changed in the meantime", self.refused())

    def test_a_directory_with_another_releases_files(self):
        for name, refused in [(f"{NAME}-1.2.2.tgz", True), (f"{NAME}-1.2.2-linux-amd64.tar.gz", True), ("notes.md", False),
                              (f"{NAME}-1.2.3-linux-arm64.tar.gz", False)]:
            with self.subTest(name), tempfile.TemporaryDirectory() as directory:
                write(pathlib.Path(directory, name), "old")
                done = self.repository.release(directory)
                self.assertEqual(done.returncode == 1, refused, done.stderr)
                if refused:
                    self.assertIn(f"has files of another release: {name}\n", done.stderr)
                    self.assertEqual([path.name for path in pathlib.Path(directory).iterdir()], [name])
        with tempfile.TemporaryDirectory() as directory:  # of the other machine, whose sums are not made again
            write(pathlib.Path(directory, f"{NAME}-1.2.3-linux-arm64.tar.gz"), "old")
            self.assertEqual(self.repository.release("--arch=amd64", directory).returncode, 1)

    def test_every_reason_at_once(self):
        self.repository.change("CHANGELOG.md", "[1.2.3]", "[1.2.4]")
        self.assertEqual(len(self.refused("--tag=v2.0.0").splitlines()), 4)

    def test_what_it_does_not_understand(self):
        for arguments in [["--arch", "sparc"], ["--arch"], ["--tag="], ["--fast"], ["one", "two"]]:
            done = self.repository.release(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertRegex(done.stderr, r"^scripts/release \[OPTION\]")


class Notes(OfARepository):
    def test_they_are_the_versions_section(self):
        self.assertEqual(self.repository.release("--notes").stdout.strip(), "* A thing.")

    def test_this_repositorys_are_not_empty(self):
        done = subprocess.run([ROOT / "scripts" / "release", "--notes"], capture_output=True, text=True, timeout=20)
        self.assertTrue(re.search(r"^\* ", done.stdout, re.MULTILINE), done.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    ROOT = pathlib.Path(sys.argv[1]).resolve()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
