"""Whether the sidecar's answers were right, by what the stand-in API server knew when.

Fresh answers: a GET that the stand-in read and answered between the question and the answer said so.
Held answers (X-Health-Held) are right only while all of this is so:
  * the API server could not be asked, now or within one call's time (AFTERMATH);
  * STALE_GRACE is not 0, and neither the age that is told nor the age of the GET that said so is beyond it;
  * a GET of the age that is told said so, and no newer truth had been learned when the question came.
Unknown answers, a 500 for the API server's sake, are right only while both are so:
  * the API server could not be asked, now or within one call's time;
  * no truth had been learned when the question came, or the newest is older than STALE_GRACE, or that is 0.
Anything else is a wrong 200 or a wrong 500: another status, a body or a phrase that does not fit it.
"""

import bisect
import collections
import re
import statistics
import threading
import time
import typing

API_TIMEOUT = 2.5
SLACK = 0.15  # between a moment here and the same moment there, on a busy machine
# A call that began in trouble may hang until its timeout; then the next one needs its turn, a handshake and an answer.
AFTERMATH = API_TIMEOUT + 0.5
UNKNOWN = {"ApiUnreachable", "ApiUntrusted", "ApiTimeout", "ApiUnauthorized", "ApiForbidden", "ApiBusy", "ApiError",
           "ApiProtocol"}
WINDOW = 600  # seconds at a run's end, of which the slopes are judged: allocators and caches have settled by then
MEMORY_BAR = 16  # kB a minute: in a container of 32 MiB that takes a day to matter, and a leak of 1 kB a call 600
# Open files a minute: a leak of one for each fault would be 30. The clients' own coming and going, a few files at any
# moment, is a slope of 0.02 over ten minutes.
FILES_BAR = 0.2
FRAGMENT = 12  # bytes of a token that are no accident


def now():
    return time.monotonic()


class History:
    """What the pod was when. While it is told to change, both states are true."""

    def __init__(self, state):
        self.lock = threading.Lock()
        self.begins = [0.0]  # of each state: from then on it may be true
        self.ends = [float("inf")]  # and until then
        self.states = [state]

    def change(self, state, act):
        with self.lock:
            self.begins.append(now())
            self.ends.append(float("inf"))
            self.states.append(state)
        act()
        with self.lock:
            self.ends[-2] = now()

    def between(self, since, until):
        """Every state that may have been true at some moment of the two."""
        with self.lock:
            last = bisect.bisect_right(self.begins, until)
            found = set()
            for at in range(last - 1, -1, -1):
                if self.ends[at] < since:
                    break
                found.add(self.states[at])
            return found


class Get(typing.NamedTuple):
    """A GET as the stand-in saw it."""
    began: float  # when it had been read, and its answer was settled
    status: int
    faulty: bool  # whether a fault had a part in it
    answered: typing.Optional[float]  # when the whole of that answer had been written, if ever

    def may_teach(self):
        return self.status in (200, 404) and self.answered is not None

    def must_teach(self):
        return self.may_teach() and not self.faulty

    @classmethod
    def read(cls, seen):
        answered = seen["answered_us"]
        return cls(seen["monotonic_us"] / 1e6, seen["status"], seen["faulty"], answered and answered / 1e6)


class Answer(typing.NamedTuple):
    asked: float
    came: float
    text: str

    def parts(self):
        """Status, verdict and the age of a held one, or Nones if it is no answer to a health check."""
        head, _, body = self.text.partition("\r\n\r\n")
        line = re.match(r"HTTP/1\.1 (200|500) (\w+)\r\n", head + "\r\n")
        if not line or body != ("OK" if line[1] == "200" else f"UNAVAILABLE {line[2]}"):
            return None, None, None
        if (line[2] == "OK") != (line[1] == "200"):
            return None, None, None
        held = re.search(r"\r\nX-Health-Held: (\d+)", head)
        return line[1], "AllContainersReady" if line[1] == "200" else line[2], int(held[1]) if held else None


class Judge:
    """Takes a run's answers in the order of their arrival, once the run is over. `troubles` are (began, ended)."""

    def __init__(self, history, gets, troubles, grace):
        self.history, self.grace = history, grace
        self.gets, self.troubles = sorted(gets), sorted(troubles)
        self.began = [get.began for get in self.gets]
        self.taught = sorted((get.answered, get.began) for get in self.gets if get.must_teach())
        self.counts, self.wrong = collections.Counter(), []
        self.shown = []  # (arrival, question) of fresh answers
        self.unknown_since, self.longest_unknown = None, 0.0

    def judge(self, answer):
        status, verdict, age = answer.parts()
        self.counts["answers"] += 1
        self.counts[status] += 1
        if status is None:
            return self.blame(answer, "no answer to a health check")
        if verdict in UNKNOWN and age is None:
            return self.judge_unknown(answer)
        self.unknown_since = None
        if age is not None:
            return self.judge_held(answer, verdict, age)
        if not self.said(verdict, answer.asked, answer.came, answer.came):
            return self.blame(answer, "no GET that the stand-in answered meanwhile said that")
        self.shown = self.shown[-200:] + [(answer.came, answer.asked)]

    def judge_held(self, answer, verdict, age):
        self.counts["held"] += 1
        asked, came, _ = answer
        earliest = max(asked - age - 1, asked - self.grace) - SLACK  # when the GET can have begun
        latest = came - age + SLACK
        newest = self.newest_truth(asked)
        if self.grace == 0:
            self.blame(answer, "STALE_GRACE 0 holds nothing")
        elif age > self.grace:
            self.blame(answer, f"held for longer than {self.grace:g} s")
        elif not self.was_in_trouble(answer):
            self.blame(answer, "held, and the API server was well")
        elif not self.said(verdict, earliest, latest, came):
            self.blame(answer, "held, and no GET of that age said that")
        elif newest is not None and newest > latest:
            self.blame(answer, f"held, and a truth of {came - newest:.2f} s ago was known")

    def judge_unknown(self, answer):
        self.counts["unknown"] += 1
        self.unknown_since = answer.came if self.unknown_since is None else self.unknown_since
        self.longest_unknown = max(self.longest_unknown, answer.came - self.unknown_since)
        newest = self.newest_truth(answer.asked)
        if newest is not None and answer.came - newest < self.grace - SLACK:
            self.blame(answer, f"unknown, and a truth of {answer.came - newest:.2f} s ago was known")
        elif not self.was_in_trouble(answer):
            self.blame(answer, "unknown, and the API server was well")

    def said(self, verdict, since, until, came):
        """Whether a GET that was read between the two, and answered before the answer came, can have said so."""
        first, last = bisect.bisect_left(self.began, since), bisect.bisect_right(self.began, until)
        status = 404 if verdict == "PodNotFound" else 200
        return any(get.may_teach() and get.status == status and get.answered <= came + SLACK
                   and verdict in self.history.between(get.began, get.began) for get in self.gets[first:last])

    def newest_truth(self, moment):
        """When the newest truth that had been learned by then began, or a little before: an answer had shown it, or the
        whole of a GET's answer had been written."""
        shown = [asked for came, asked in self.shown if came < moment]
        taught = bisect.bisect_left(self.taught, (moment - SLACK,))
        return max(shown + [self.taught[taught - 1][1]] if taught else shown, default=None)

    def was_in_trouble(self, answer):
        return any(began <= answer.came and ended >= answer.asked - AFTERMATH - SLACK for began, ended in self.troubles)

    def longest_trouble(self):
        """Spans so close together that no call need have come through between them count as one."""
        longest, since, until = 0.0, None, None
        for began, ended in self.troubles:
            if until is None or began > until + AFTERMATH:
                since, until = began, ended
            until = max(until, ended)
            longest = max(longest, until - since)
        return longest

    def longest_silence(self):
        """From the start of a GET that must have taught to the next one's answer."""
        ends = [answered for answered, _ in self.taught]
        return max((end - began for end, (_, began) in zip(ends[1:], self.taught)), default=float("inf"))

    def unknown_bar(self):
        """How long unknown may be all there is: as long as the API server was in trouble and told nothing, without what
        the hold covers of that, and a call's time."""
        return max(0.0, min(self.longest_trouble(), self.longest_silence()) - self.grace) + AFTERMATH + 2 * SLACK

    def blame(self, answer, why):
        self.counts["wrong 200s" if answer.text.startswith("HTTP/1.1 200") else "wrong 500s"] += 1
        states = sorted(self.history.between(answer.asked, answer.came))
        self.wrong.append((answer, f"{why}; the pod was {states}"))


class Leaks:
    """Looks for any twelve bytes of any token."""

    def __init__(self, tokens):
        self.fragments = {token[at:at + FRAGMENT] for token in tokens for at in range(len(token) - FRAGMENT + 1)}

    def are_in(self, text):
        return any(text[at:at + FRAGMENT] in self.fragments for at in range(len(text) - FRAGMENT + 1))


def slope(points):
    """A minute's growth over the last WINDOW seconds of (seconds, value), by least squares; None of a shorter run."""
    if not points or points[-1][0] - points[0][0] < WINDOW:
        return None
    late = [point for point in points if point[0] >= points[-1][0] - WINDOW]
    return 60 * statistics.linear_regression(*zip(*late)).slope
