#!/usr/bin/env python3
"""bench/flood --quick: the good client gets right answers in every flood, and the sidecar lives, however fast.

    flood_test.py ROOT BUILD_DIRECTORY [UNITTEST-ARGUMENT]...
"""

import collections
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path()
BUILD = pathlib.Path()


def flood(*arguments):
    done = subprocess.run([ROOT / "bench" / "flood", "--quick", "--build", BUILD, *arguments], capture_output=True,
                          text=True, timeout=110)
    return done.returncode, done.stdout + done.stderr


class Flood(unittest.TestCase):
    def test_no_flood_is_noticed(self):
        code, text = flood()
        self.assertEqual(code, 0, text)
        self.assertNotIn("MISSED", text)
        rows = collections.Counter(re.findall(r"^(\w+) .* good answers, 0 wrong", text, re.MULTILINE))
        self.assertEqual(rows, {"override": 20, "tls": 24, "live": 20, "status": 5}, text)
        self.assertEqual(len(re.findall(r"^\w+ +200 idle connections: probe right", text, re.MULTILINE)), 3, text)

        self.assertRegex(text, r"(?m)^live +[1-9]\d* calls in .*, at most 10 a second$")

    def test_wrong_answers_are_found(self):
        for way in ("override", "tls"):
            code, text = flood("--way", way, "--plant", "wrong", "no request")
            self.assertEqual(code, 1, text)
            self.assertRegex(text, r"no request .*[1-9]\d* wrong \(HTTP/1.1 500 StateOverride\).* MISSED")

    def test_a_dead_sidecar_is_found(self):
        code, text = flood("--way", "live", "--plant", "death", "no request", "two hosts")
        self.assertEqual(code, 1, text)
        self.assertRegex(text, r"no request .* 0 wrong")
        self.assertRegex(text, r"the process has ended +MISSED")
        self.assertNotIn("Traceback", text)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    ROOT, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
