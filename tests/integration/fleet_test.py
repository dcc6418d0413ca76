#!/usr/bin/env python3
"""bench/fleet --quick: no sidecar's answer is wrong, in peace or through an API server's restart, and one that is
falsified on its way is found.

    fleet_test.py ROOT BUILD_DIRECTORY [UNITTEST-ARGUMENT]...
"""

import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path()
BUILD = pathlib.Path()
SIDECARS = 10


def fleet(*arguments):
    """Its exit code, its trials by mode, and what it printed."""
    with tempfile.TemporaryDirectory() as directory:
        written = pathlib.Path(directory) / "figures"
        done = subprocess.run([ROOT / "bench" / "fleet", "--quick", "--build", BUILD, "--json", written, *arguments],
                              capture_output=True, text=True, timeout=110)
        text = done.stdout + done.stderr
        trials = json.loads(written.read_text())["trials"] if written.exists() else []
        return done.returncode, {trial["mode"]: trial for trial in trials}, text


def wrong(trial):
    return [trial[part][kind] for part in ("peace", "restart") for kind in ("wrong 200s", "wrong 500s")]


class Fleet(unittest.TestCase):
    def test_no_answer_is_wrong(self):
        code, trials, text = fleet()
        self.assertEqual(code, 0, text)
        self.assertEqual(list(trials), ["live", "watch", "naive"], text)
        for mode in ("live", "watch"):
            self.assertEqual(wrong(trials[mode]), [0, 0, 0, 0], text)
        for trial in trials.values():
            self.assertGreater(trial["peace"]["answers"], SIDECARS, text)
            self.assertGreater(trial["restart"]["answers"], SIDECARS, text)

        self.assertEqual([trials[mode]["peace"]["watches"] for mode in trials], [0, SIDECARS, 0], text)
        # A naive client asks for every question, a watch for none.
        self.assertGreater(trials["naive"]["peace"]["API requests/s"], SIDECARS, text)
        self.assertLess(trials["watch"]["peace"]["API requests/s"], SIDECARS, text)
        self.assertGreaterEqual(sum(trials["watch"]["restart"]["API requests by second"].values()), SIDECARS, text)

    def test_no_answer_of_nodes_is_wrong(self):
        code, trials, text = fleet("--mode", "node")
        self.assertEqual(code, 0, text)
        node = trials["node"]
        self.assertEqual(wrong(node), [0, 0, 0, 0], text)
        self.assertEqual(node["peace"]["watches"], SIDECARS, text)
        self.assertGreater(node["peace"]["events/s"], 0, text)
        self.assertGreater(node["restart"]["answers"], SIDECARS, text)

    def test_wrong_answers_are_found(self):
        planted = (("watch", "ready", "wrong 200s"), ("watch", "not-ready", "wrong 500s"),
                   ("node", "ready", "wrong 200s"))
        with concurrent.futures.ThreadPoolExecutor(len(planted)) as pool:  # each is idle most of its time
            runs = pool.map(lambda one: fleet("--mode", one[0], "--after", "4", "--plant", one[1]), planted)
        for (mode, lie, kind), (code, trials, text) in zip(planted, runs):
            with self.subTest(mode=mode, lie=lie):
                self.assertEqual(code, 1, text)
                self.assertIn("MISSED: wrong answers", text)
                self.assertGreater(trials[mode]["restart"][kind], 0, text)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    ROOT, BUILD = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
