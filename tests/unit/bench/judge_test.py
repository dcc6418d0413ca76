#!/usr/bin/env python3
"""What bench/soak lets pass and what it does not: bench/judge.py, with moments that are made up.

    judge_test.py ROOT [UNITTEST-ARGUMENT]...

The pod is ready from the start, not ready from 100, gone from 200. A GET every second got a good answer within 20 ms,
but in trouble: from 50 to 60 and from 150 to 190 none was answered.
"""

import pathlib
import sys
import unittest

ROOT = pathlib.Path()
TROUBLES = [(50.0, 60.0), (150.0, 190.0)]
GRACE = 5


def make_history():
    history = judge.History("AllContainersReady")
    history.begins += [100.0, 200.0]
    history.ends[:] = [100.0, 200.0, float("inf")]
    history.states += ["ContainerNotReady", "PodNotFound"]
    return history


def in_trouble(moment):
    return any(began <= moment <= ended for began, ended in TROUBLES)


def make_gets():
    return [judge.Get(second, 404 if second >= 200 else 200, in_trouble(second),
                      None if in_trouble(second) else second + 0.02) for second in map(float, range(1, 300))]


def ready(held=None):
    return said("200 OK", "OK", held)


def not_ready(reason="ContainerNotReady", held=None):
    return said(f"500 {reason}", f"UNAVAILABLE {reason}", held)


def said(line, body, held=None):
    mark = "" if held is None else f"X-Health-Held: {held}\r\n"
    return f"HTTP/1.1 {line}\r\n{mark}Content-Length: {len(body)}\r\n\r\n{body}"


# asked, came, answer
RIGHT = {
    "ready, and a GET said so": (9.9, 10.1, ready()),
    "not ready, and a GET said so": (119.9, 120.1, not_ready()),
    "gone, and a GET said so": (249.9, 250.1, not_ready("PodNotFound")),
    "held in trouble": (52.5, 52.6, ready(held=3)),
    "not ready held in trouble": (152.5, 152.6, not_ready(held=3)),
    "held to the end of the grace": (53.9, 53.95, ready(held=4)),
    "unknown once the hold is over": (54.2, 54.3, not_ready("ApiTimeout")),
    "unknown for all of a long trouble": (185, 185.1, not_ready("ApiUnreachable")),
    "unknown before the first truth, in trouble": (0.1, 0.2, not_ready("ApiUnreachable")),
}
WRONG_200S = {
    "ready, and no GET since the question": (10.1, 10.5, ready()),
    "ready, and the GETs said otherwise": (119.9, 120.1, ready()),
    "ready for a pod that is gone": (249.9, 250.1, ready()),
    "ready while no GET was answered": (54.9, 56.1, ready()),
    "held for longer than the grace": (56, 56.1, ready(held=6)),
    "held, and its GET is older than the grace": (54.6, 54.7, ready(held=5)),
    "held at an age at which it was not so": (103.9, 104.1, ready(held=2)),
    "held at an age at which no GET was answered": (52.5, 52.6, ready(held=0)),
    "held while the API server was well": (19.9, 20.1, ready(held=0)),
    "held, and there was a newer truth": (62.5, 62.55, ready(held=1)),
    "200 with a reason for a 500": (9.9, 10.1, said("200 ApiTimeout", "OK")),
    "200 with the body of a 500": (9.9, 10.1, said("200 OK", "UNAVAILABLE ApiTimeout")),
}
WRONG_500S = {
    "not ready, and the GETs said otherwise": (9.9, 10.1, not_ready()),
    "not ready for a pod that is gone": (249.9, 250.1, not_ready()),
    "gone, and the GETs said otherwise": (119.9, 120.1, not_ready("PodNotFound")),
    "not ready held for longer than the grace": (156, 156.1, not_ready(held=6)),
    "unknown within the hold": (53.5, 53.6, not_ready("ApiTimeout")),
    "unknown as soon as the trouble began": (50.5, 50.6, not_ready("ApiTimeout")),
    "unknown while the API server was well": (20.5, 20.6, not_ready("ApiTimeout")),
    "unknown long after the trouble": (193.5, 193.6, not_ready("ApiTimeout")),
    "unknown with an age": (55, 55.1, not_ready("ApiTimeout", held=2)),
    "a reason that nobody knows": (54.2, 54.3, not_ready("ApiMoody")),
    "a 404": (9.9, 10.1, said("404 Not", "UNAVAILABLE Not")),
    "nothing": (9.9, 10.1, "no answer: b''"),
}


def judged(rows, grace=GRACE, gets=None):
    seen = judge.Judge(make_history(), make_gets() if gets is None else gets, TROUBLES + [(0.0, 0.3)], grace)
    for row in rows:
        seen.judge(judge.Answer(*row))
    return seen


class Judging(unittest.TestCase):
    def expect(self, rows, wrong_200s, wrong_500s, **how):
        for name, row in rows.items():
            with self.subTest(name):
                seen = judged([row], **how)
                self.assertEqual((seen.counts["wrong 200s"], seen.counts["wrong 500s"]), (wrong_200s, wrong_500s),
                                 [why for _, why in seen.wrong])

    def test_right_answers_pass(self):
        self.expect(RIGHT, 0, 0)

    def test_wrong_200s_are_found(self):
        self.expect(WRONG_200S, 1, 0)

    def test_wrong_500s_are_found(self):
        self.expect(WRONG_500S, 0, 1)

    def test_without_a_grace_unknown_needs_trouble_alone(self):
        self.expect({"trouble": (50.5, 50.6, not_ready("ApiTimeout"))}, 0, 0, grace=0)
        self.expect({"no trouble": (20.5, 20.6, not_ready("ApiTimeout"))}, 0, 1, grace=0)

    def test_without_a_grace_nothing_is_held(self):
        self.expect({"held": (61.1, 61.12, ready(held=0))}, 0, 0)
        self.expect({"held": (61.1, 61.12, ready(held=0))}, 1, 0, grace=0)

    def test_what_is_too_old_is_told_as_that(self):
        (_, why), = judged([WRONG_200S["held for longer than the grace"]]).wrong
        self.assertTrue(why.startswith("held for longer than 5 s"), why)

    def test_while_the_pod_goes_the_status_tells_what_a_get_said(self):
        found = [get._replace(status=200) for get in make_gets()]
        self.expect({"gone": (249.9, 250.1, not_ready("PodNotFound"))}, 0, 1, gets=found)

    def test_a_get_that_a_fault_spoilt_teaches_nothing(self):
        spoilt = [get._replace(status=503, answered=get.began + 0.02) if in_trouble(get.began) else get
                  for get in make_gets()]
        self.expect({"fresh": (54.9, 56.1, ready())}, 1, 0, gets=spoilt)
        self.expect({"unknown": (56.0, 56.1, not_ready("ApiError"))}, 0, 0, gets=spoilt)

    def test_a_get_that_a_fault_delayed_may_teach_and_need_not(self):
        delayed = [get._replace(answered=get.began + 0.8) for get in make_gets()]
        self.expect({"fresh": (54.9, 56.1, ready())}, 0, 0, gets=delayed)
        self.expect({"unknown": (56.0, 56.1, not_ready("ApiTimeout"))}, 0, 0, gets=delayed)

    def test_what_an_answer_has_shown_is_known_from_then_on(self):
        delayed = [get._replace(answered=get.began + 0.8) for get in make_gets()]
        seen = judged([(55.9, 56.9, ready()), (57.0, 57.1, not_ready("ApiTimeout"))], gets=delayed)
        self.assertEqual((seen.counts["wrong 200s"], seen.counts["wrong 500s"]), (0, 1))


class LongestUnknown(unittest.TestCase):
    def test_it_is_a_stretch_without_another_answer(self):
        unknown = [(moment, moment + 0.1, not_ready("ApiTimeout")) for moment in (160, 170, 180)]
        self.assertAlmostEqual(judged(unknown).longest_unknown, 20)
        self.assertAlmostEqual(judged([unknown[0], (165, 166.1, ready()), *unknown[1:]]).longest_unknown, 10)

    def test_its_bar_is_the_trouble_without_the_hold_and_a_call(self):
        self.assertAlmostEqual(judged([]).unknown_bar(), 40 - GRACE + 3.3)
        self.assertAlmostEqual(judged([], grace=60).unknown_bar(), 3.3)

    def test_a_truth_in_the_midst_of_the_trouble_lowers_it(self):
        gets = make_gets() + [judge.Get(170.0, 200, False, 170.02)]
        self.assertAlmostEqual(judged([], gets=gets).unknown_bar(), 21.02 - GRACE + 3.3)


class Leaks(unittest.TestCase):
    def test_twelve_bytes_of_any_token_are_a_leak(self):
        leaks = judge.Leaks(["eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl", "another-token-altogether"])
        self.assertTrue(leaks.are_in("X-Seen: In0.c2lnbmF0\r\n"))
        self.assertTrue(leaks.are_in("token-altoge"))
        self.assertFalse(leaks.are_in("X-Seen: In0.c2lnbmF\r\n"))
        self.assertFalse(leaks.are_in(ready(held=3)))


class Slopes(unittest.TestCase):
    def test_it_is_that_of_the_last_ten_minutes(self):
        points = [(second, 5000 if second < 300 else 100 + second / 2) for second in range(1, 1000)]
        self.assertAlmostEqual(judge.slope(points), 30)

    def test_a_shorter_run_has_none(self):
        self.assertIsNone(judge.slope([(second, second) for second in range(1, 600)]))
        self.assertIsNone(judge.slope([]))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    ROOT = pathlib.Path(sys.argv[1]).resolve()
    sys.path.insert(0, str(ROOT / "bench"))
    sys.dont_write_bytecode = True
    import judge
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
