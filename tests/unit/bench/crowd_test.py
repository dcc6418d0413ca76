#!/usr/bin/env python3
"""What bench/fleet takes for a wrong answer, and what it makes of the traffic: bench/crowd.py and bench/traffic.py, with
moments that are made up.

    crowd_test.py ROOT [UNITTEST-ARGUMENT]...

The pod is ready from the start, not ready from 100, ready again from 200.
"""

import pathlib
import sys
import unittest

ROOT = pathlib.Path()
GRACE = 30


def make_history():
    history = judge.History(True)
    history.begins += [100.0, 200.0]
    history.ends[:] = [100.0, 200.0, float("inf")]
    history.states += [False, True]
    return history


NOTHING = (False, None, False)


def ready(age=None):
    return (True, age, True)


def not_ready(age=None):
    return (False, age, True)


# leeway, asked, came, answer
RIGHT = {
    "ready": (0, 50, 50.1, ready()),
    "not ready": (0, 150, 150.1, not_ready()),
    "as it was when the question came": (0, 99.9, 100.1, ready()),
    "as it was when the answer came": (0, 99.9, 100.1, not_ready()),
    "as old as a watch's may be": (0.25, 100.2, 100.21, ready()),
    "held, and it was so then": (0, 105, 105.1, ready(age=5)),
    "not ready held": (0, 205, 205.1, not_ready(age=5)),
    "unknown while it was not ready": (0, 150, 150.1, NOTHING),
}
WRONG_200S = {
    "ready long after": (0, 150, 150.1, ready()),
    "older than the mode allows": (0, 100.2, 100.21, ready()),
    "older than a watch's may be": (0.25, 100.3, 100.31, ready()),
    "held, and it was not so then": (0, 108, 108.1, ready(age=5)),
    "held for longer than the grace": (0, 50, 50.1, ready(age=GRACE + 1)),
}
WRONG_500S = {
    "not ready, and it never was": (0, 50, 50.1, not_ready()),
    "not ready long after": (0.25, 200.5, 200.6, not_ready()),
    "no answer for one that was ready": (0, 50, 50.1, NOTHING),
    "held, and it was ready then": (0, 50, 50.1, not_ready(age=5)),
}


def judge_all(table):
    for name, (leeway, asked, came, answer) in table.items():
        tally = crowd.Tally([make_history()], leeway, GRACE)
        tally.note(0, asked, came, crowd.Answer(*answer))
        yield name, tally


class Judgement(unittest.TestCase):
    def check(self, table, wrong_200s, wrong_500s):
        for name, tally in judge_all(table):
            with self.subTest(name):
                self.assertEqual((tally.counts["wrong 200s"], tally.counts["wrong 500s"]), (wrong_200s, wrong_500s))

    def test_right_answers_pass(self):
        self.check(RIGHT, 0, 0)

    def test_wrong_200s_do_not(self):
        self.check(WRONG_200S, 1, 0)

    def test_wrong_500s_do_not(self):
        self.check(WRONG_500S, 0, 1)

    def test_more_than_a_second_is_late(self):
        tally = crowd.Tally([make_history()], 0, GRACE)
        tally.note(0, 10, 10.9, crowd.Answer(*ready()))
        self.assertEqual(tally.counts["late"], 0)
        tally.note(0, 10, 11.1, crowd.Answer(*ready()))
        self.assertEqual(tally.counts["late"], 1)

    def test_uncertain_is_what_is_wrong_or_held_or_unknown(self):
        tally = crowd.Tally([make_history()], 0, GRACE)
        for asked, answer, uncertain in ((10, ready(), None), (11, not_ready(), 11.1), (12, ready(age=1), 12.1),
                                         (13, ready(), 12.1), (150, NOTHING, 150.1)):
            tally.note(0, asked, asked + 0.1, crowd.Answer(*answer))
            self.assertEqual(tally.last_uncertain, uncertain)


class Reading(unittest.TestCase):
    def test_a_sidecars_answer(self):
        for head, answer in {b"HTTP/1.1 200 OK\r\n": ready(), b"HTTP/1.1 500 ContainerNotReady\r\n": not_ready(),
                             b"HTTP/1.1 200 OK\r\nX-Health-Held: 7\r\n": ready(age=7),
                             b"HTTP/1.1 500 ApiTimeout\r\n": NOTHING}.items():
            with self.subTest(head):
                self.assertEqual(crowd.read_sidecars(head, b""), answer)

    def test_the_api_servers_answer(self):
        body = b'{"status": {"containerStatuses": [{"ready": true}, {"ready": %s}]}}'
        self.assertEqual(crowd.read_pod(b"HTTP/1.1 200 OK\r\n", body % b"true"), ready())
        self.assertEqual(crowd.read_pod(b"HTTP/1.1 200 OK\r\n", body % b"false"), not_ready())
        self.assertEqual(crowd.read_pod(b"HTTP/1.1 403 Forbidden\r\n", b"{}"), NOTHING)


class Traffic(unittest.TestCase):
    TENTHS = [{"begin_ns": at * 1e8, "requests": count} for at, count in ((5, 50), (18, 3), (23, 4), (27, 5), (28, 2))]

    def test_the_highest_is_of_any_ten_tenths(self):
        self.assertEqual(traffic.highest(self.TENTHS, "requests", 1.8), 12)  # 1.8 to 2.8, not the one at 2.8
        self.assertEqual(traffic.highest(self.TENTHS, "requests", 0), 50)
        self.assertEqual(traffic.highest([], "requests", 0), 0)

    def test_each_second_has_its_own(self):
        self.assertEqual(traffic.by_second(self.TENTHS, "requests", 0.0, 2.0, 4.0), {-2: 50, -1: 3, 0: 11, 1: 0})


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    ROOT = pathlib.Path(sys.argv[1]).resolve()
    sys.path.insert(0, str(ROOT / "bench"))
    sys.dont_write_bytecode = True
    import crowd
    import judge
    import traffic
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
