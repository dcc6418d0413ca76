"""Checkers, hundreds of them in one thread: each asks about one pod once a second, and every answer is compared with
what the pod was meanwhile.

An answer is right if it is what the pod was at some moment from `leeway` seconds before the question (how old an answer
may be in this mode) until the answer came. One that is marked as held may be as much older as it says, and STALE_GRACE
at most. It is late after LATE seconds.
"""

import asyncio
import collections
import json
import random
import re
import ssl
import typing

from judge import now

LATE, TIMEOUT, PERIOD = 1.0, 2.5, 1.0
SLACK = 0.15  # between a moment here and the same moment there, on a busy machine
HOST = "127.0.0.1"


class Answer(typing.NamedTuple):
    """What a checker makes of what it got."""
    ready: bool
    age: typing.Optional[int] = None  # of one that is held
    known: bool = True  # or there is no answer, only the want of one


NOTHING = Answer(ready=False, known=False)


def read_sidecars(head, _):
    """200 or 500, and how old."""
    held = re.search(rb"\r\nX-Health-Held: (\d+)", head)
    return Answer(head.startswith(b"HTTP/1.1 200 "), int(held[1]) if held else None, b" Api" not in head[:20])


def read_pod(head, body):
    """What the naive client makes of the API server's answer: every container of the pod is ready."""
    if not head.startswith(b"HTTP/1.1 200 "):
        return NOTHING
    return Answer(all(container["ready"] for container in json.loads(body)["status"]["containerStatuses"]))


class Tally:
    """What became of the questions since it was made."""

    def __init__(self, histories, leeway, grace):
        self.histories, self.leeway, self.grace = histories, leeway, grace
        self.counts, self.examples, self.slowest = collections.Counter(), [], 0.0
        self.last_uncertain = None  # when the last one came that was held, unknown or wrong

    def note(self, pod, asked, came, answer):
        self.counts["answers"] += 1
        self.counts["late"] += came - asked > LATE
        self.counts["held"] += answer.age is not None
        self.counts["unknown"] += not answer.known
        self.slowest = max(self.slowest, came - asked)
        right = self.is_right(pod, asked, came, answer)
        if not right:
            self.blame(pod, asked, came, answer)
        if not right or not answer.known or answer.age is not None:
            self.last_uncertain = came

    def is_right(self, pod, asked, came, answer):
        if answer.age is None:
            return answer.ready in self.histories[pod].between(asked - self.leeway, came)
        if answer.age > self.grace:
            return not answer.ready
        return answer.ready in self.histories[pod].between(asked - answer.age - 1 - SLACK, came)

    def blame(self, pod, asked, came, answer):
        self.counts["wrong 200s" if answer.ready else "wrong 500s"] += 1
        if len(self.examples) < 20:
            self.examples.append(f"pod {pod}, asked at {asked:.3f}, {came - asked:.3f} s long: {answer}")

    def wrong(self):
        return self.counts["wrong 200s"] + self.counts["wrong 500s"]


class Target(typing.NamedTuple):
    """Whom to ask about a pod, and how."""
    pod: int
    port: int
    request: bytes
    read: typing.Callable
    context: typing.Optional[ssl.SSLContext] = None
    keeps: bool = True  # the connection


async def read_body(reader, head):
    length = re.search(rb"\r\nContent-Length: (\d+)", head)
    if length:
        return await reader.readexactly(int(length[1]))
    body, size = b"", None
    while size != 0:  # a chunk each
        size = int(await reader.readuntil(b"\r\n"), 16)
        body += (await reader.readexactly(size + 2))[:-2]
    return body


class Checker:
    """Asks once a second, at a moment of its own in it. `crowd.tally` is told."""

    def __init__(self, crowd, target):
        self.crowd, self.target, self.streams = crowd, target, None

    async def run(self):
        due = now() + random.uniform(0, PERIOD)
        while True:
            await asyncio.sleep(max(0.0, due - now()))
            asked = now()
            answer = await self.answer()
            self.crowd.note(self.target.pod, asked, answer)
            due = max(due + PERIOD, now())

    async def answer(self):
        """NOTHING if none came; then the next one is asked for on a new connection."""
        try:
            async with asyncio.timeout(TIMEOUT):
                head, body = await self.exchange()
            if not self.target.keeps or b"\r\nConnection: close" in head:
                self.drop()
            return self.target.read(head, body)
        except (OSError, EOFError, TimeoutError):
            self.drop()
            return NOTHING

    async def exchange(self):
        if self.streams and (self.streams[0].at_eof() or self.streams[0].exception()):
            self.drop()
        if self.streams is None:
            name = {"server_hostname": HOST} if self.target.context else {}
            self.streams = await asyncio.open_connection(HOST, self.target.port, ssl=self.target.context, **name)
        reader, writer = self.streams
        writer.write(self.target.request)
        head = await reader.readuntil(b"\r\n\r\n")
        return head, await read_body(reader, head)

    def drop(self):
        if self.streams:
            self.streams[1].transport.abort()
        self.streams = None


class Crowd:
    """Some checkers for each target. A `lie` takes the place of every fourth answer."""

    PLANTED = 4
    LIES = {"ready": Answer(True), "not-ready": Answer(False)}

    def __init__(self, targets, each, tally):
        self.tally, self.lie = tally, None
        self.checkers = [Checker(self, target) for target in targets for _ in range(each)]

    def note(self, pod, asked, answer):
        if self.lie and self.tally.counts["answers"] % self.PLANTED == 0:
            answer = self.lie
        self.tally.note(pod, asked, now(), answer)

    async def __aenter__(self):
        self.tasks = [asyncio.create_task(checker.run()) for checker in self.checkers]
        return self

    def fail_if_one_has(self):
        for task in self.tasks:
            if task.done():
                task.result()

    async def __aexit__(self, *_):
        for task in self.tasks:
            task.cancel()
        ended = await asyncio.gather(*self.tasks, return_exceptions=True)
        for checker in self.checkers:
            checker.drop()
        if error := next((one for one in ended if isinstance(one, Exception)), None):  # a cancellation is none
            raise error
