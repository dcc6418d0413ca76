#!/usr/bin/env python3
"""bench/soak for a few seconds: it runs, finds nothing wrong, and finds answers that were turned round on their way.

    soak_test.py ROOT BUILD_DIRECTORY [UNITTEST-ARGUMENT]...
"""

import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path()
BUILD = pathlib.Path()


def soak(*arguments):
    """Its exit code and its table."""
    done = subprocess.run([ROOT / "bench" / "soak", "--build", BUILD, "--minutes", "0.12", *arguments],
                          capture_output=True, text=True, timeout=100)
    rows = dict(re.findall(r"^([a-z0-9][\w ]*?)  +(\S.*)$", done.stdout, re.MULTILINE))
    return done.returncode, rows, done.stdout + done.stderr


class Soak(unittest.TestCase):
    def test_it_finds_nothing_wrong(self):
        _, rows, text = soak("--seed", "11", "--fault-every", "0.5")  # so short a run says nothing of memory
        self.assertEqual([rows["wrong 200s"], rows["wrong 500s"], rows["restarts"]], ["0", "0", "0"], text)
        self.assertGreater(int(re.match(r"\d+", rows["answers"])[0]), 50)
        self.assertGreater(int(re.match(r"\d+", rows["faults"])[0]), 3)
        self.assertEqual(rows["token in the log"], "no")

    def test_it_finds_what_is_wrong(self):
        code, rows, text = soak("--seed", "11", "--plant", "4")
        self.assertEqual(code, 1)
        self.assertGreater(int(rows["wrong 200s"]), 0, text)
        self.assertGreater(int(rows["wrong 500s"]), 0, text)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    ROOT, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
