#!/usr/bin/env python3
"""How old an answer of SOURCE=watch can get without being marked as held, when the watch, the API server or the path
between them misbehaves: never older than 20 s, whatever the watch delivers meanwhile.

Each situation has an API server of its own, a sidecar and a checker that asks ten times a second; all of them run at
the same time, for less than a minute. The pod turns unready, and an unmarked 200 from then on is as old as that moment.

    watch_age_test.py SIDECAR [UNITTEST-ARGUMENT]...
    watch_age_test.py SIDECAR --table      # prints the oldest unmarked 200 of each situation
"""

import asyncio
import dataclasses
import json
import re
import signal
import sys
import time
import unittest

BOUND = 20.0  # seconds; docs/operations.md, "Live or watch"
SLACK = 0.3  # of this program's own clock readings, on a busy machine
UPDATES = 0.2  # the pod's status is written five times a second
SIDECAR = ""


class Pod:
    """Every version of the pod, and when it was written. It has been there for two minutes."""

    FIRST = 1000

    def __init__(self):
        self.start = time.monotonic() - 120
        self.unready_at = float("inf")

    def newest(self):
        return self.at(time.monotonic())

    def at(self, when):
        """The version that was written last before `when`, and the time it was written."""
        number = max(int((when - self.start) / UPDATES), 0)
        return self.FIRST + number, self.start + number * UPDATES

    def text(self, version, written):
        ready = written < self.unready_at
        return {"metadata": {"name": "game-0", "namespace": "demo", "uid": "u", "resourceVersion": str(version)},
                "spec": {"containers": [{"name": "game", "image": "x"}]},
                "status": {"phase": "Running", "containerStatuses": [{"name": "game", "ready": ready}]}}

    def age_of_ready(self, when):
        """How long ago the pod was ready last."""
        return max(when - self.unready_at, 0.0)


class Api:
    """Speaks enough of the API server's HTTP: GET and LIST of one pod, and a WATCH that a situation writes."""

    def __init__(self, situation):
        self.situation = situation
        self.pod = situation.pod
        self.reads = 0

    async def serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                target = head.split(" ")[1]
                if "watch=true" in target or "watch=1" in target:
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
                    await self.situation.watch(Events(self.pod, writer))
                    writer.write(b"0\r\n\r\n")
                else:
                    await self.read(target, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def read(self, target, writer):
        self.reads += 1
        version, body = await self.situation.read(self.reads)
        if "fieldSelector" in target:
            body = {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": str(version)},
                    "items": [body]}
        else:
            body = {"kind": "Pod", "apiVersion": "v1"} | body
        text = json.dumps(body).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(text) + text)


class Events:
    """What one watch delivers."""

    def __init__(self, pod, writer):
        self.pod = pod
        self.writer = writer

    async def deliver(self, version, written):
        await self.send("MODIFIED", {"kind": "Pod", "apiVersion": "v1"} | self.pod.text(version, written))

    async def bookmark(self, version):
        await self.send("BOOKMARK", {"kind": "Pod", "apiVersion": "v1", "metadata": {"resourceVersion": str(version)},
                                     "spec": {"containers": None}, "status": {}})

    async def send(self, kind, thing):
        line = json.dumps({"type": kind, "object": thing}).encode() + b"\n"
        self.writer.write(b"%x\r\n" % len(line) + line + b"\r\n")
        await self.writer.drain()

    async def follow(self, lag=0.0, until=float("inf")):
        """Each version `lag` seconds after it was written."""
        while time.monotonic() < until:
            await self.deliver(*self.pod.at(time.monotonic() - lag))
            await asyncio.sleep(UPDATES)


@dataclasses.dataclass
class Answer:
    when: float
    status: str
    held: bool


class Situation:
    """What happens; by default an API server that works and is prompt."""

    seconds = 30.0
    unready_after = 5.0
    grace = "30s"

    def __init__(self):
        self.pod = Pod()
        self.began = time.monotonic()
        self.answers = []
        self.gate = asyncio.Event()  # never set: what waits for it hangs

    async def read(self, count):
        return self.newest()

    def newest(self):
        version, written = self.pod.newest()
        return version, self.pod.text(version, written)

    async def watch(self, events):
        await events.follow()

    async def disturb(self, sidecar):
        """Meanwhile."""

    def since(self):
        return time.monotonic() - self.began


class Lags(Situation):
    """The watch is 30 s behind, and each GET takes 0.3 s, in which an old event comes."""

    seconds = 38.0

    async def read(self, count):
        version, body = self.newest()
        await asyncio.sleep(0.3)
        return version, body

    async def watch(self, events):
        await events.follow(lag=30)


class OldEventBeforeTheResponse(Situation):
    """While a GET is under way the watch delivers one old event, 3 ms before the response; then it is silent."""

    seconds = 38.0

    def __init__(self):
        super().__init__()
        self.watching = None

    async def read(self, count):
        answer = self.newest()
        if count > 1 and self.watching:
            await self.watching.deliver(*self.pod.at(self.pod.unready_at - 1))
            await asyncio.sleep(0.003)
        return answer

    async def watch(self, events):
        self.watching = events
        await self.gate.wait()


class Relay(Situation):
    """Between the two something reads nothing, lets the first GET pass and no other, and delivers events late."""

    seconds = 38.0
    delay = 30.0

    async def read(self, count):
        if count > 1:
            await self.gate.wait()
        return self.newest()

    async def watch(self, events):
        await events.follow(lag=self.delay)


class RelayWithLittleGrace(Relay):
    grace = "5s"


class SlowerRelay(Relay):
    delay = 150.0
    unready_after = 2.0


class Replays(Situation):
    """Each new watch begins with an event older than what the GET said, and ends soon."""

    seconds = 38.0

    async def watch(self, events):
        await events.deliver(*self.pod.at(self.began - 10))
        await asyncio.sleep(5)


class Bookmarks(Situation):
    """No GET ends, and the watch says every second that it is up to date."""

    seconds = 38.0

    async def read(self, count):
        if count > 1:
            await self.gate.wait()
        return self.newest()

    async def watch(self, events):
        while True:
            await events.bookmark(self.pod.newest()[0])
            await asyncio.sleep(1)


class Frozen(Situation):
    """The process stands still for 30 s; the watch delivers for four of them, and that waits in the socket."""

    seconds = 39.0
    unready_after = 10.5

    async def read(self, count):
        version, body = self.newest()
        await asyncio.sleep(0.3)
        return version, body

    async def watch(self, events):
        await events.follow(until=self.began + 10)
        await self.gate.wait()

    async def disturb(self, sidecar):
        await asyncio.sleep(6)
        sidecar.send_signal(signal.SIGSTOP)
        await asyncio.sleep(30)
        sidecar.send_signal(signal.SIGCONT)


class Prompt(Situation):
    """Nothing is wrong: the counterpart, in which unmarked answers do come."""


SITUATIONS = [Lags, OldEventBeforeTheResponse, Relay, RelayWithLittleGrace, SlowerRelay, Replays, Bookmarks, Frozen,
              Prompt]


async def ask(port, situation):
    """One health check, on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
        text = (await asyncio.wait_for(reader.read(), 60)).decode()
        situation.answers.append(Answer(time.monotonic(), text[9:12], "X-Health-Held" in text))
    finally:
        writer.close()


async def check(port, situation):
    pending = set()
    while situation.since() < situation.seconds:
        task = asyncio.create_task(ask(port, situation))
        pending.add(task)
        task.add_done_callback(pending.discard)
        await asyncio.sleep(0.1)
    await asyncio.gather(*pending, return_exceptions=True)


async def run(situation):
    server = await asyncio.start_server(Api(situation).serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    options = {"LISTEN": "127.0.0.1:0", "API_SERVER": f"http://127.0.0.1:{port}", "SOURCE": "watch", "DRAIN": "0",
               "TARGET_POD_OVERRIDE": "game-0", "TARGET_NAMESPACE": "demo", "STALE_GRACE": situation.grace}
    sidecar = await asyncio.create_subprocess_exec(
        SIDECAR, env={"HTTP_HEALTHCHECK_SIDECAR_" + name: value for name, value in options.items()},
        stderr=asyncio.subprocess.PIPE)
    try:
        line = (await asyncio.wait_for(sidecar.stderr.readline(), 10)).decode()
        health = int(re.search(r"listen=\"?\S*:(\d+)", line)[1])
        reading = asyncio.create_task(sidecar.stderr.read())
        situation.began = time.monotonic()
        situation.pod.unready_at = situation.began + situation.unready_after
        await asyncio.gather(check(health, situation), situation.disturb(sidecar))
    finally:
        sidecar.send_signal(signal.SIGCONT)
        sidecar.terminate()
        await sidecar.wait()
        server.close()
    await reading
    return situation


async def run_all():
    return await asyncio.gather(*(run(kind()) for kind in SITUATIONS))


def unmarked(situation):
    return [one for one in situation.answers if one.status == "200" and not one.held]


def oldest(situation):
    return max((situation.pod.age_of_ready(one.when) for one in unmarked(situation)), default=0.0)


def name(situation):
    return type(situation).__name__


class WatchAge(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ran = asyncio.run(run_all())

    def test_no_unmarked_200_is_older_than_the_bound(self):
        for situation in self.ran:
            with self.subTest(name(situation)):
                self.assertLessEqual(oldest(situation), BOUND + SLACK)

    def test_a_ready_pod_is_answered_without_a_mark_and_an_unready_one_is_down_in_the_end(self):
        for situation in self.ran:
            with self.subTest(name(situation)):
                ready = [one for one in unmarked(situation) if situation.pod.age_of_ready(one.when) == 0]
                self.assertGreater(len(ready), 10)
                if not isinstance(situation, (Relay, Bookmarks)) or situation.grace == "5s":
                    self.assertEqual(situation.answers[-1].status, "500")


def table():
    for situation in asyncio.run(run_all()):
        late = [one for one in unmarked(situation) if situation.pod.age_of_ready(one.when) > 0]
        print(f"{name(situation):28} oldest unmarked 200: {oldest(situation):6.2f} s, {len(late)} unmarked 200s "
              f"of {len(situation.answers)} answers while the pod was not ready")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    SIDECAR = sys.argv[1]
    if sys.argv[2:] == ["--table"]:
        table()
    else:
        unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
