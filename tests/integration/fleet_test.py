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


def at_once(run, calls):
    """The result of each call, in their order: each is idle most of its time."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda arguments: run(*arguments), calls))


def wrong(trial):
    return [trial[part][kind] for part in ("peace", "restart") for kind in ("wrong 200s", "wrong 500s")]


class Fleet(unittest.TestCase):
    def test_no_answer_is_wrong(self):
        modes = ("live", "watch", "naive", "node")
        trials, text = {}, ""
        for mode, (code, made, said) in zip(modes, at_once(fleet, [("--mode", mode) for mode in modes])):
            self.assertEqual(code, 0, said)
            self.assertEqual(list(made), [mode], said)
            trials |= made
            text += said
        for mode in ("live", "watch", "node"):
            self.assertEqual(wrong(trials[mode]), [0, 0, 0, 0], text)
        for trial in trials.values():
            self.assertGreater(trial["peace"]["answers"], SIDECARS, text)
            self.assertGreater(trial["restart"]["answers"], SIDECARS, text)

        self.assertEqual([trials[mode]["peace"]["watches"] for mode in trials], [0, SIDECARS, 0, SIDECARS], text)
        # A naive client asks for every question, a watch for none.
        self.assertGreater(trials["naive"]["peace"]["API requests/s"], SIDECARS, text)
        self.assertLess(trials["watch"]["peace"]["API requests/s"], SIDECARS, text)
        self.assertGreaterEqual(sum(trials["watch"]["restart"]["API requests by second"].values()), SIDECARS, text)

        self.assertGreater(trials["node"]["peace"]["events/s"], 0, text)

    def test_wrong_answers_are_found(self):
        planted = (("watch", "ready", "wrong 200s"), ("watch", "not-ready", "wrong 500s"),
                   ("node", "ready", "wrong 200s"))
        runs = at_once(fleet, [("--mode", mode, "--after", "4", "--plant", lie) for mode, lie, _ in planted])
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
