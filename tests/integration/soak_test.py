#!/usr/bin/env python3
"""bench/soak for a few seconds: it runs, finds nothing wrong, and finds each kind of answer that is falsified on its way.

    soak_test.py ROOT BUILD_DIRECTORY [UNITTEST-ARGUMENT]...
"""

import concurrent.futures
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path()
BUILD = pathlib.Path()


# What is planted, and the row that must find it.
FOUND_BY = {"ready": "wrong 200s", "not-ready": "wrong 500s", "unknown": "wrong 500s", "too-old": "wrong 200s",
            "held": "wrong 200s", "token": "token in answers", "death": "restarts"}


def soak(*arguments):
    """Its exit code and its table."""
    done = subprocess.run([ROOT / "bench" / "soak", "--build", BUILD, "--seed", "11", *arguments],
                          capture_output=True, text=True, timeout=100)
    rows = dict(re.findall(r"^([a-z0-9][\w ]*?)  +(\S.*)$", done.stdout, re.MULTILINE))
    return done.returncode, rows, done.stdout + done.stderr


class Soak(unittest.TestCase):
    def test_it_finds_nothing_wrong(self):
        code, rows, text = soak("--minutes", "0.12", "--fault-every", "0.5")
        self.assertEqual(code, 0, text)
        self.assertEqual([rows["wrong 200s"], rows["wrong 500s"], rows["restarts"]], ["0", "0", "0"], text)
        self.assertGreater(int(re.match(r"\d+", rows["answers"])[0]), 50)
        self.assertGreater(int(re.match(r"\d+", rows["faults"])[0]), 3)
        self.assertIn("not judged", rows["memory slope"])

    def test_it_finds_each_lie(self):
        with concurrent.futures.ThreadPoolExecutor(len(FOUND_BY)) as pool:  # each is idle most of its time
            runs = pool.map(lambda lie: soak("--minutes", "0.07", "--plant", lie), FOUND_BY)
        for (lie, row), (code, rows, text) in zip(FOUND_BY.items(), runs):
            with self.subTest(lie):
                self.assertEqual(code, 1, text)
                self.assertNotIn("Traceback", text)
                self.assertGreater(int(rows[row].partition(" ")[0]), 0, text)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    ROOT, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
