#!/usr/bin/env python3
"""bench/node --quick: of 110 pods 50 change every second, for 10 s or for as many seconds as NODE_CHURN_SECONDS says, and
no answer is wrong; one that is falsified on its way is found.

    node_churn_test.py ROOT BUILD_DIRECTORY [UNITTEST-ARGUMENT]...
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path()
BUILD = pathlib.Path()
SECONDS = float(os.environ.get("NODE_CHURN_SECONDS", "10"))


def node(*arguments):
    """Its exit code, its figures by name, and what it printed."""
    with tempfile.TemporaryDirectory() as directory:
        written = pathlib.Path(directory) / "figures"
        done = subprocess.run([ROOT / "bench" / "node", "--quick", "--build", BUILD, "--json", written, *arguments],
                              capture_output=True, text=True, timeout=SECONDS + 60)
        rows = json.loads(written.read_text())["bars"] if written.exists() else []
        return done.returncode, {row["name"]: row["value"] for row in rows}, done.stdout + done.stderr


class NodeChurn(unittest.TestCase):
    def test_no_answer_is_wrong(self):
        code, figures, text = node("--seconds", str(SECONDS))
        self.assertEqual(code, 0, text)
        self.assertEqual(figures["wrong answers"], 0, text)
        self.assertIn("event to answer: p99", figures, text)
        self.assertGreater(figures["changes"], SECONDS, "some of the 50 a second, however busy the machine is")
        self.assertGreater(figures["answers"], figures["changes"], text)

    def test_wrong_answers_are_found(self):
        lies = ("ready", "no-pod")
        with concurrent.futures.ThreadPoolExecutor(len(lies)) as pool:
            runs = pool.map(lambda lie: node("--seconds", "1", "--plant", lie), lies)
        for lie, (code, figures, text) in zip(lies, runs):
            with self.subTest(lie):
                self.assertEqual(code, 1, text)
                self.assertGreater(figures["wrong answers"], 0, text)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    ROOT, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
