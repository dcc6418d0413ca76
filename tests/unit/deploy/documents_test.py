#!/usr/bin/env python3
"""What README, SECURITY and docs/ say, against what the code does.

    documents_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import fnmatch
import re
import subprocess
import unittest

import product
from product import (BINARY, DEPLOYED, PARTS, ROOT, Form, literal, one, options, project_version, read, table_rows)


class Readme(unittest.TestCase):
    def test_its_options_are_the_programs(self):
        documented = {literal(name): literal(default) for name, default, _ in table_rows("name")}
        self.assertGreater(len(documented), 10)
        self.assertEqual(documented, options())

    def test_its_reasons_are_the_programs(self):
        code = read("src/health/verdict.cpp")
        answers, drains = {}, set()
        row = r'\{reason::\w+,\s*state::(\w+),\s*"(\w+)"(.*?)\},\n'
        for state, name, rest in re.findall(row, code, re.DOTALL):
            answer = {"healthy": "200", "unhealthy": "500", "unknown": "held, then 500"}[state]
            other = answers.get(name, answer)
            if "nearness::drain" in rest:
                drains.add(name)
            answers[name] = answer if other == answer else f"{other} or {answer}"
        self.assertEqual(len(drains), 4)
        answers |= {name: f"{answers[name]}, or `DRAIN_STATUS`" for name in drains}
        self.assertGreater(len(answers), 20)
        self.assertEqual({literal(name): answer for name, answer, _ in table_rows("reason")}, answers)

    def test_it_is_read_in_one_go(self):
        self.assertLessEqual(len(read("README.md").splitlines()), 220)


def constant(file, name):
    """The value of `name = 8 * 1024;` or `milliseconds name{5'000};` in a source file; times in seconds."""
    source = next(ROOT.glob(f"*/{file}"), None) or one(ROOT.glob(f"*/sidecar/{file}"))
    pattern = rf"(\w+) {name}(?: = |\{{)([\d' *U]+)\}}?;"
    kind, value = one(re.findall(pattern, source.read_text()))
    return eval(re.sub("['U]", "", value)) * {"milliseconds": 0.001, "seconds": 1}.get(kind, 1)


def documented_limit(text):
    """`8 KiB` -> 8192, `250 ms` -> 0.25, `1,024` -> 1024."""
    number, _, unit = text.replace(",", "").partition(" ")
    return int(number) * {"": 1, "KiB": 1024, "MiB": 1024 * 1024, "s": 1, "ms": 0.001}[unit]


class Security(unittest.TestCase):
    def rows(self):
        for what, limit, place, why in table_rows("what", "SECURITY.md"):
            yield what, limit, re.fullmatch(r"`(\S+)` `(\w+)`", place).groups(), why

    def test_its_limits_are_the_codes(self):
        for what, limit, place, why in self.rows():
            with self.subTest(what):
                self.assertAlmostEqual(documented_limit(limit), constant(*place))
                self.assertNotEqual(why, "")

    def test_no_limit_is_missing(self):
        named = {place for _, _, place, _ in self.rows()}
        for file, struct in [("http/limits.hpp", "limits"), ("kube/response_parser.hpp", "response_limits")]:
            body = one(re.findall(rf"^struct {struct} \{{$(.*?)^\}};$", read(f"include/sidecar/{file}"), re.M | re.S))
            members = re.findall(r"^  [\w:]+ (\w+)(?: = |\{)", body, re.MULTILINE)
            self.assertGreater(len(members), 3)
            for member in members:
                self.assertIn((file, member), named)
        for source in (ROOT / "src").glob("[!c]*/*.cpp"):  # config/ limits only what the operator writes
            for name in re.findall(r"^constexpr std::size_t ((?:longest|most|max)_\w+) = ", source.read_text(), re.MULTILINE):
                self.assertIn((str(source.relative_to(ROOT / "src")), name), named)

    def test_the_surroundings_it_promises_are_the_manifests(self):
        for name in DEPLOYED:
            with self.subTest(name):
                context = Form(name).sidecar["securityContext"]
                self.assertEqual((context["runAsUser"], context["runAsNonRoot"]), (10001, True))
                self.assertIs(context["readOnlyRootFilesystem"], True)
                self.assertIs(context["allowPrivilegeEscalation"], False)
                self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
                self.assertEqual(context["seccompProfile"], {"type": "RuntimeDefault"})


class Catalogue(unittest.TestCase):
    def test_every_row_has_tests_that_are_there(self):
        source = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("*_test.cpp"))
        known = {f"{suite}.{name}" for suite, name in re.findall(r"^TEST(?:_F|_P)?\((\w+), (\w+)\)", source, re.M)}
        rows = list(table_rows("row", "tests/integration/catalogue_c_p.md"))
        numbers = [f"C{n:02}" for n in range(1, 12)] + [f"P{n:02}" for n in range(1, 19)]
        self.assertEqual([row[0] for row in rows], numbers)
        for number, _, _, where in rows:
            for name in re.findall(r"`([^`]+)`", where):
                found = (ROOT / name).exists() if "/" in name else fnmatch.filter(known, name)
                self.assertTrue(found, f"{number}: {name}")


def pages():
    """Every document, by its path from the root."""
    return ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))]


def anchors(page):
    """What GitHub makes of its headings."""
    prose = re.sub(r"^```.*?^```", "", read(page), flags=re.MULTILINE | re.DOTALL)
    for heading in re.findall(r"^#+ (.*)$", prose, re.MULTILINE):
        yield re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


class Links(unittest.TestCase):
    def test_they_lead_to_a_file_and_a_heading(self):
        links = [(page, link) for page in pages() for link in re.findall(r"\]\((?!https?:)([^)]*)\)", read(page))]
        self.assertGreater(len(links), 60)
        for page, link in links:
            with self.subTest(page, link=link):
                file, _, anchor = link.partition("#")
                target = ((ROOT / page).parent / file).resolve() if file else ROOT / page
                self.assertTrue(target.exists())
                if anchor:
                    self.assertIn(anchor, list(anchors(target.relative_to(ROOT))))

    def test_every_page_is_linked_from_the_readme(self):
        for page in pages()[1:]:
            self.assertIn(f"]({page}", read("README.md"))


class Paths(unittest.TestCase):
    NAMED = re.compile(r"(?<![\w/.(-])((?:src|include|tests|deploy|bench|scripts|docs|\.ci)/[\w./-]*\w)")

    def test_every_path_that_a_page_names_is_there(self):
        found = {(page, path) for page in pages() for path in self.NAMED.findall(read(page))}
        self.assertGreater(len(found), 60)
        for page, path in found:
            with self.subTest(page, path=path):
                self.assertTrue((ROOT / path).exists())

    def test_a_live_query_is_followed_through_at_most_twenty_files(self):
        section = one(re.findall(r"^## A live query, file by file$(.*?)^## ", read("docs/architecture.md"), re.M | re.S))
        files = re.findall(r"^\| `(src/[^`]+)` \|", section, re.MULTILINE)
        self.assertLessEqual(len(files), 20)
        self.assertEqual(files[:2], ["src/http/accept_loop.cpp", "src/http/serve_connection.cpp"])
        self.assertEqual(len(set(files)), len(files))


class Operations(unittest.TestCase):
    def test_the_log_lines_it_explains_are_the_programs(self):
        source = "".join(file.read_text() for file in (ROOT / "src").rglob("*.cpp"))
        source = re.sub(r'"\s*\n\s*"', "", source)  # literals that continue on the next line
        lines = [literal(line) for line, _, _ in table_rows("line", "docs/operations.md")]
        self.assertGreater(len(lines), 10)
        for line in lines:
            with self.subTest(line):
                self.assertTrue(re.search('[": ]' + re.escape(line), source), line)

    def test_the_exit_codes_are_those_of_the_help(self):
        documented = {int(code) for codes, _ in table_rows("exit code", "docs/operations.md") for code in codes.split(", ")}
        text = subprocess.run([BINARY, "--help"], check=True, capture_output=True, text=True, timeout=20).stdout
        section = text.partition("Exit codes\n")[2].partition("\n\n")[0]
        listed = {int(code) for codes in re.findall(r"^  (\d+(?:, \d+)*)", section, re.MULTILINE) for code in codes.split(", ")}
        self.assertGreater(len(listed), 4)
        self.assertEqual(documented, listed)


class Doctor(unittest.TestCase):
    def test_what_it_says_is_in_the_program(self):
        source = "".join(file.read_text() for file in (ROOT / "src").rglob("*.cpp"))
        source = re.sub(r'"\s*\n\s*"', "", source)
        found = [literal(says) for says, _ in table_rows("doctor says", "docs/operations.md")]
        self.assertGreater(len(found), 10)
        for says in found:
            with self.subTest(says):
                self.assertIn(says, source)

    def test_every_api_reason_leads_to_its_checks(self):
        code = read("include/sidecar/doctor/checks.hpp")
        names = dict(re.findall(r'inline constexpr std::string_view (\w+) = "(\w+)"', code))
        wire = dict(re.findall(r'\{reason::(\w+), state::\w+, "(\w+)"', read("src/health/verdict.cpp")))
        tried = read("tests/unit/doctor/examine_test.cpp")
        leads = {wire[reason]: [names[one] for one in re.findall(r"checks::(\w+)", checks)]
                 for reason, checks in re.findall(r"lead\{health::reason::(\w+), \{([^;]*?)\}\},", tried)}
        documented = {literal(reason): re.findall(r"`(\w+)`", checks)
                      for reason, checks in table_rows("reason", "docs/operations.md")}
        self.assertEqual(set(leads), {name for name in wire.values() if name.startswith("Api")})
        self.assertEqual(documented, leads)


class LoadBalancers(unittest.TestCase):
    def test_it_names_every_file_of_deploy(self):
        page = read("docs/load-balancers.md")
        files = [file for file in (ROOT / "deploy").glob("*/*")
                 if file.parent.name not in {*DEPLOYED, *PARTS, *product.NO_KUSTOMIZATION}]
        self.assertGreater(len(files), 8)
        for file in files:
            self.assertIn(f"](../{file.relative_to(ROOT)})", page)

    def test_the_statuses_are_the_codes(self):
        """Each status in the table of what the port speaks is one that the program sends."""
        cells = [cell for _, cell in table_rows("request", "docs/load-balancers.md")]
        documented = {int(status) for cell in cells for status in re.findall(r"\b[45]\d\d\b", cell)}
        code = read("src/http/response.cpp")
        self.assertGreater(len(documented), 5)
        for status in documented:
            self.assertRegex(code, rf"\b{status}\b")


class Migration(unittest.TestCase):
    def test_it_begins_with_the_verbs_that_the_watch_needs(self):
        first = next(line for line in read("docs/migration.md").splitlines() if line and not line.startswith("#"))
        self.assertRegex(first, r"`SOURCE=watch` now needs the verb `list`")


if __name__ == "__main__":
    product.main()
