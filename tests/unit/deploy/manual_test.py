#!/usr/bin/env python3
"""The manual page and the completions, as the build makes them: `manual_test.py BINARY DIRECTORY [UNITTEST-ARGUMENT]...`"""

import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import time
import unittest

BINARY, MADE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
PAGE = MADE / "http-healthcheck-sidecar.8"
BASH, ZSH, FISH = (MADE / name for name in
                   ["http-healthcheck-sidecar", "_http-healthcheck-sidecar", "http-healthcheck-sidecar.fish"])


def flags_of(*arguments):
    """The flags that the program's own help lists."""
    text = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=20).stdout
    return set(re.findall(r"^  (--[a-z-]+)", text, re.MULTILINE)) | {"--help"}


SERVE, PROBE = flags_of("--help"), flags_of("probe", "--help")


def completed(*words):
    """What bash's completion offers for the last of the words."""
    script = (f"source {BASH}; compopt() {{ :; }}; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); "
              "_http_healthcheck_sidecar; printf '%s\\n' \"${COMPREPLY[@]}\"")
    done = subprocess.run(["bash", "-c", script, "bash", "http-healthcheck-sidecar", *words], check=True,
                          capture_output=True, text=True, timeout=20)
    return done.stdout.split()


class Page(unittest.TestCase):
    def test_it_has_every_option_and_its_variable(self):
        text = PAGE.read_text().replace("\\-", "-")
        self.assertGreater(len(SERVE), 20)
        for flag in SERVE | PROBE:
            self.assertIn(f"\\fB{flag}\\fR", text)
        help_text = subprocess.run([BINARY, "--help"], capture_output=True, text=True, timeout=20).stdout
        for variable in re.findall(r"HTTP_HEALTHCHECK_SIDECAR_\w+", help_text):
            self.assertIn(variable, text)

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_groff_has_no_warning(self):
        done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", PAGE], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("NAME", done.stdout)

    @unittest.skipUnless(shutil.which("mandoc"), "mandoc is not installed")
    def test_mandoc_has_no_error(self):
        done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", PAGE], capture_output=True, text=True, timeout=60)
        # It has the version in place of a date, by which two builds of one version would differ.
        found = [line for line in done.stdout.splitlines() if "missing date" not in line]
        self.assertEqual(found, [], done.stderr)


class Completions(unittest.TestCase):
    def test_each_has_every_option(self):
        for flag in SERVE | PROBE:
            self.assertRegex(BASH.read_text(), rf"{flag}[= ']")
            self.assertRegex(ZSH.read_text(), rf"'\*?{flag}[=\[]")
            self.assertRegex(FISH.read_text(), rf" -l {flag[2:]} ")

    def test_the_shells_that_are_here_accept_them(self):
        for shell, file in [("bash", BASH), ("zsh", ZSH), ("fish", FISH)]:
            if shutil.which(shell):
                subprocess.run([shell, "-n", file], check=True, timeout=20)

    def test_bash_completes_commands_flags_and_files(self):
        self.assertEqual(completed("pr"), ["probe"])
        self.assertEqual(completed("--target-c"), ["--target-container="])
        self.assertEqual({flag.rstrip("=") for flag in completed("--")}, SERVE)
        self.assertEqual({flag.rstrip("=") for flag in completed("probe", "--")}, PROBE)
        self.assertEqual(completed("doctor", "--js"), ["--json"])
        self.assertEqual(completed("--js"), [])
        self.assertEqual(completed("probe", "--ca-file", "=", str(ZSH)[:-1]), [str(ZSH)])
        self.assertEqual(completed("--tls-key", str(ZSH)[:-1]), [str(ZSH)])

    def test_each_offers_the_words_that_an_option_takes(self):
        options = 0
        for flag in SERVE:
            refused = subprocess.run([BINARY, f"{flag}=?", "--check-config"], capture_output=True, text=True, timeout=20)
            listed = re.search(r"write one of (.*) \(in lower case\)", refused.stderr)
            if listed is None:
                continue
            words = listed[1].split(", ")
            self.assertEqual(completed(flag, "=", ""), words)
            self.assertEqual(completed(flag, words[0][:-1]), words[:1])
            self.assertRegex(ZSH.read_text(), rf"{flag}=.*:\({' '.join(words)}\)'")
            self.assertRegex(FISH.read_text(), rf" -l {flag[2:]} -x -a '{' '.join(words)}' ")
            options += 1
        self.assertGreaterEqual(options, 7)

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_a_real_fish_completes(self):
        def offers(line):
            done = subprocess.run(["fish", "--no-config", "-c", f"source {FISH}; complete -C '{line}'"], check=True,
                                  capture_output=True, text=True, timeout=20, env=os.environ | {"HOME": str(MADE)})
            return [one.split("\t")[0] for one in done.stdout.splitlines()]

        self.assertEqual(offers("http-healthcheck-sidecar --log-level "), ["debug", "error", "info", "warn"])
        self.assertEqual(offers("http-healthcheck-sidecar doctor --js"), ["--json"])
        self.assertEqual(offers("http-healthcheck-sidecar probe --drain"), ["--drain-exit"])

    def test_a_real_bash_completes_at_the_tab(self):
        process, terminal = pty.fork()
        if process == 0:
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], os.environ | {"TERM": "dumb", "PS1": "", "HISTFILE": ""})
        os.write(terminal, f"source {BASH}\nhttp-healthcheck-sidecar probe --drain-e\t".encode())
        shown, until = "", time.monotonic() + 20
        while "--drain-exit=" not in shown and time.monotonic() < until:
            if select.select([terminal], [], [], 0.1)[0]:
                shown += os.read(terminal, 4096).decode(errors="replace")
        os.write(terminal, b"\x15exit\n")
        os.close(terminal)
        os.waitpid(process, 0)
        self.assertIn("--drain-exit=", shown)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
