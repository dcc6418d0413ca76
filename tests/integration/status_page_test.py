#!/usr/bin/env python3
"""The status page in a real Chromium: what an operator sees, hears and reaches by keyboard, and that foreign text stays
text. status_page.py says how to run it.
"""

import re
import signal
import time

from chromium import ENTER, TAB, wait_until
from status_cluster import request
from status_page import DESKTOP, MEASURES, PHONE, Arguments, PageTest, main

MAX_PAGE_SIZE = 16 * 1024
LOOKS = [(size, scheme) for size in (PHONE, DESKTOP) for scheme in ("light", "dark")]
MIN_CONTRAST, MIN_FOCUS_CONTRAST = 4.5, 3.0  # WCAG 2.2: 1.4.3, 1.4.11

HOSTILE_AGENT = "<script>1</script>"  # a record has room for it


class StatusPage(PageTest):
    def test_a_pod_that_turns_unready_shows_within_two_seconds(self):
        for source in ("live", "watch"):
            with self.subTest(source):
                cluster = self.start(SOURCE=source)
                # Live answers rest on queries: there is a checker. With a watch the page alone sees it.
                checker = cluster.check if source == "live" else lambda: None
                checker()
                self.show(cluster)
                self.wait(self.headline_is("Healthy · 200"), 5, checker)
                cluster.set_ready(False)
                began = time.monotonic()
                self.wait(self.headline_is("Not healthy · 500"), 5, checker)
                self.assertLess(time.monotonic() - began, 2)
                words = self.text("#answer")
                answer = cluster.facts()["answer"]
                for expected in ("ContainerNotReady", answer["detail"], answer["advice"], "since "):
                    self.assertIn(expected, words)
                self.assertIn("ContainerNotReady", self.text("#transitions"))
                self.assertTrue(self.browser.run("return document.title").startswith("500 ContainerNotReady"))
                self.assert_calm()

    def test_what_is_held_is_said_and_bad_news_stays_bad_news(self):
        for ready, look, status in ((True, "held", 200), (False, "down", 500)):
            with self.subTest(ready=ready):
                cluster = self.start(STALE_GRACE="60s")
                cluster.set_ready(ready)
                wait_until(lambda: cluster.check() == status, 5, "the pod's state")
                self.show(cluster)
                cluster.api.stop()
                self.wait("document.getElementById('words').textContent.includes('Held: ')", 5, cluster.check)
                self.assertEqual(self.browser.run("return document.getElementById('answer').className"), look)
                self.assertIn("ApiUnreachable", self.text("#answer"))
                self.assertEqual("60s (STALE_GRACE)" in self.text("#answer"), ready)
                self.assert_calm()

    def test_foreign_text_is_text(self):
        cluster = self.start()
        cluster.check(agent=HOSTILE_AGENT)
        self.show(cluster)
        self.assertIn("<img src=x onerror=", self.text("#containers"))
        self.assertIn("\\u{202e}xxx", self.text("#containers"))
        self.assertNotIn("\u202e", self.text("body"))
        self.assertIn("User-Agent: " + HOSTILE_AGENT, self.text("#clients"))
        self.assertEqual(self.browser.run("return document.images.length"), 0)
        self.assertEqual(self.browser.run("return document.scripts.length"), 1)
        self.assertNotEqual(self.browser.run("return document.title"), "taken")
        self.assert_calm()

    def test_a_sidecar_that_does_not_answer_is_said_and_tried_again(self):
        cluster = self.start()
        self.show(cluster)
        cluster.sidecar.started.send_signal(signal.SIGSTOP)
        self.wait("document.body.classList.contains('old')", 10)
        self.assertIn("cannot be reached", self.text("#link"))
        self.assertIn("old", self.text("#link"))
        self.assertTrue(self.text("#headline").startswith("Last known: "))
        self.assertTrue(self.browser.run("return document.title").startswith("? "))
        for size, scheme in LOOKS:
            with self.subTest(width=size[0], scheme=scheme):
                self.browser.show(*size, scheme)
                self.assert_readable(size[0])
        cluster.sidecar.started.send_signal(signal.SIGCONT)
        self.wait("!document.body.classList.contains('old')", 10)
        self.assertEqual(self.text("#link"), "")
        self.assertEqual(self.text("#headline"), "Healthy · 200")

    def assert_readable(self, width):
        self.assertEqual(self.run_script(f"faint({MIN_CONTRAST})"), [])
        self.assertEqual([one for one in self.run_script("labels()") if one[0] < MIN_CONTRAST], [])
        self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), width)

    def test_contrast_and_width_on_a_phone_and_a_desktop(self):
        cluster = self.start(STALE_GRACE="60s")
        cluster.check("/health_check", agent="y" * 200, source="127.0.0.2")

        def stop_api():
            cluster.set_ready(True)
            wait_until(lambda: cluster.check() == 200, 5, "ready")
            cluster.api.stop()

        held = "document.getElementById('answer').className === 'held'"
        states = {"healthy": (lambda: None, self.headline_is("Healthy · 200")),
                  "not-healthy": (lambda: cluster.set_ready(False), self.headline_is("Not healthy · 500")),
                  "held": (stop_api, held)}
        for state, (enter, entered) in states.items():
            enter()
            for size, scheme in LOOKS:
                with self.subTest(state=state, width=size[0], scheme=scheme):
                    self.show(cluster, size, scheme)
                    self.wait(entered, 10, cluster.check)
                    self.browser.run("document.querySelector('details').open = true")
                    self.assertGreater(self.run_script("texts().length"), 50)
                    self.assert_readable(size[0])
                    if Arguments.screenshots:
                        self.browser.screenshot(Arguments.screenshots / f"{state}-{size[0]}-{scheme}.png")
        self.assert_calm()

    def test_faint_text_would_be_found(self):
        self.show(self.start())
        self.browser.run("document.getElementById('phase').style.color = '#888'")
        self.assertEqual([text for _, text in self.run_script(f"faint({MIN_CONTRAST})")], ["Running"])

    def change_often(self, cluster):
        """More transitions than are shown at once: there is a button."""
        for i in range(10):
            cluster.set_ready(i % 2 == 1)
            wait_until(lambda i=i: cluster.check() == (200 if i % 2 else 500), 5, "the change")

    def test_the_keyboard_reaches_everything_and_the_focus_is_seen(self):
        cluster = self.start()
        self.change_often(cluster)
        for size, scheme in ((PHONE, "light"), (DESKTOP, "dark")):
            with self.subTest(width=size[0], scheme=scheme):
                self.show(cluster, size, scheme)
                count = self.browser.run(MEASURES + "window.all = interactive(); return all.length")
                reached = {}
                for _ in range(count):
                    self.browser.press(TAB)
                    index, style, width, contrast = self.run_script(
                        "((node, style = getComputedStyle(node)) => [all.indexOf(node), style.outlineStyle, "
                        "parseFloat(style.outlineWidth), contrast(node, style.outlineColor)])(document.activeElement)")
                    reached[index] = (style, width >= 2, contrast >= MIN_FOCUS_CONTRAST)
                self.assertEqual(reached, {i: ("solid", True, True) for i in range(count)})
                self.assertGreaterEqual(len(reached), 4)  # the button, the configuration, two links
        self.assert_calm()

    def test_a_refresh_leaves_focus_and_what_is_open(self):
        cluster = self.start()
        self.change_often(cluster)
        self.show(cluster)
        self.browser.run("document.getElementById('more').focus()")
        self.browser.press(ENTER)
        self.wait("document.querySelectorAll('#transitions tbody tr').length > 8", 2)
        self.browser.run("document.querySelector('summary').focus()")
        self.browser.press(ENTER)
        self.assertTrue(self.browser.run("return document.querySelector('details').open"))
        self.assertIn("STALE_GRACE", self.text("#options"))
        self.browser.run("window.elements = [...document.querySelectorAll('*')]")
        self.refreshed(3)
        self.assertTrue(self.browser.run("return document.querySelector('details').open"))
        self.assertEqual(self.browser.run("return document.activeElement.tagName"), "SUMMARY")
        self.assertGreater(self.browser.run("return document.querySelectorAll('#transitions tbody tr').length"), 8)
        self.assertTrue(self.browser.run("""const all = [...document.querySelectorAll('*')];
            return all.length === elements.length && all.every((one, i) => one === elements[i]);"""))
        self.assert_calm()

    def test_what_a_screen_reader_needs(self):
        cluster = self.start()
        cluster.check()
        self.show(cluster)
        counts = self.browser.run("""const count = (selector, wrong) =>
              [...document.querySelectorAll(selector)].filter(wrong).length;
            return {h1: count('h1', () => true), tables: count('table', (one) => !one.caption.textContent),
              headers: count('th', (one) => !one.scope), rows: count('tbody tr', (one) => !one.querySelector('th')),
              live: document.getElementById('headline').closest('[aria-live]').ariaLive};""")
        self.assertEqual(counts, {"h1": 1, "tables": 0, "headers": 0, "rows": 0, "live": "polite"})
        self.assert_calm()

    def test_the_page_as_it_is_sent(self):
        cluster = self.start()
        status, headers, body = request(cluster.status, "/")
        text = body.decode()
        self.assertEqual(status, 200)
        self.assertLessEqual(len(body), MAX_PAGE_SIZE)
        self.assertRegex(headers["Content-Security-Policy"],
                         r"^default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; ")
        # No inline style or handler, no markup made of text.
        markup = r"(?i)<[^>]*\s(?:style|on\w+)=|(?:inner|outer)HTML|insertAdjacentHTML|document\.write"
        self.assertEqual(re.findall(markup, text), [])
        without_script = re.search(r"<noscript>(.*?)</noscript>", text, re.DOTALL)[1]
        for name in ("/status", "/metrics"):
            self.assertIn(name, without_script)


if __name__ == "__main__":
    main()
