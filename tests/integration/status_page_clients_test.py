#!/usr/bin/env python3
"""What the status page says of its clients, and of how fresh it is, in a real Chromium. status_page.py says how to run
it.
"""

from status_page import PageTest, main

# The next responses of /status are as if the sidecar had answered so. Put in as text: the page's policy forbids `eval`.
CHANGE_FACTS = """const real = window.real ??= window.fetch;
    window.fetch = async (...all) => {
      const facts = await (await real(...all)).json();
      %s;
      return {ok: true, json: () => facts};
    };"""

NO_CHECK = "No health check since "


class StatusPageClients(PageTest):
    def change_facts(self, body):
        self.browser.run(CHANGE_FACTS % body)
        self.refreshed()

    def recent(self):
        return self.text("#recent")

    def test_a_client_with_a_wrong_path_is_pointed_out(self):
        cluster = self.start()
        self.show(cluster)
        cluster.check(source="127.0.0.1")
        self.assertEqual(cluster.check("/health_check", source="127.0.0.2"), 404)
        self.wait("document.querySelectorAll('#clients tbody tr').length === 2", 5)
        row = self.text("#clients tbody tr:first-child")  # those with a remark come first
        for expected in ("127.0.0.2", "GET /health_check", "404"):
            self.assertIn(expected, row)
        self.assertIn("use /healthz, /health or /", self.text("#clients tbody tr:first-child .w"))
        self.assertFalse(self.browser.run("return !!document.querySelector('#clients tbody tr:last-child .w')"))
        self.assertIn("1 client with remarks", self.text("#notes"))
        self.assert_calm()

    def test_no_health_check_is_a_warning_whatever_else_comes(self):
        cluster = self.start()
        self.show(cluster)
        self.assertIn(NO_CHECK + "the start", self.recent())
        cluster.check("/livez", agent="kube-probe/1.33", source="127.0.0.2")
        cluster.check("/wrong", source="127.0.0.3")
        self.wait("document.querySelectorAll('#clients tbody tr').length === 2", 5)
        self.assertIn("2 clients in the last minute", self.recent())
        self.assertIn(NO_CHECK + "the start", self.recent())
        cluster.check()
        self.wait("document.querySelectorAll('#clients tbody tr').length === 3", 5)
        self.assertEqual(self.recent(), "3 clients in the last minute")
        self.change_facts("for (const one of facts.clients) if (one.last_check) one.last_check = '2025-01-02T03:04:05Z'")
        self.assertIn(NO_CHECK + "2025-01-02 03:04:05", self.recent())
        self.assert_calm()

    def test_a_client_without_a_request_is_not_counted_as_the_metric_does_not(self):
        cluster = self.start()
        cluster.connect()
        self.show(cluster)
        self.wait("document.querySelectorAll('#clients tbody tr').length === 1", 5)
        self.wait("document.getElementById('clients').innerText.includes('1 without a request')", 5)
        self.assertIn("0 clients in the last minute", self.recent())
        self.assertIn("PROXY", self.text("#clients tbody .w"))
        self.assert_calm()

    def test_a_token_that_does_not_expire(self):
        self.show(self.start())
        self.assertIn("expires in", self.text("#token"))
        self.change_facts("facts.expiry.token = null")
        self.assertEqual(self.text("#token"), "does not expire")
        self.change_facts("facts.expiry.token = facts.api = null")
        self.assertEqual(self.text("#token"), "none")
        self.assert_calm()

    def test_a_hidden_tab_does_not_poll_and_its_title_says_so(self):
        self.show(self.start())
        self.assertIn("Updated ", self.text("#age"))
        self.browser.run("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
        self.wait("document.title.startsWith('? 200 ')", 3)
        # Nothing is left that could poll: neither a timer nor a request under way.
        self.browser.run("""window.timers = 0; const real = window.setTimeout;
            window.setTimeout = (...all) => { ++timers; return real(...all); };
            performance.clearResourceTimings(); real(() => { window.waited = true; }, 1200);""")
        self.wait("window.waited", 5)
        self.assertEqual(self.browser.run("return timers + performance.getEntriesByType('resource').length"), 0)
        self.browser.run("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
        self.refreshed()
        self.assertTrue(self.browser.run("return document.title").startswith("200 "))
        self.assert_calm()


if __name__ == "__main__":
    main()
