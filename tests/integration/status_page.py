"""What the tests of the status page share: a sidecar of their own each, and its page in a Chromium.

    TEST.py SIDECAR APISERVER_SIM [--screenshots DIRECTORY] [UNITTEST-ARGUMENT]...

Without a browser the tests are skipped; with CI=true in the environment that is a failure.
"""

import os
import pathlib
import sys
import unittest

import chromium
from chromium import wait_until
from status_cluster import Cluster

PHONE, DESKTOP = (360, 800), (1280, 900)

# Right-to-left override, markup, and a word that no line has room for. A comma would part two containers.
HOSTILE_CONTAINER = "<img src=x onerror=\"document.title='taken'\">\u202e" + "x" * 120

MEASURES = pathlib.Path(__file__).with_name("page_measures.js").read_text()

WHY = chromium.missing()


class Arguments:
    sidecar = ""
    apiserver_sim = ""
    screenshots = None


@unittest.skipIf(WHY and os.environ.get("CI") != "true", WHY)
class PageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        assert not WHY, WHY
        cls.browser = cls.enterClassContext(chromium.Chromium())

    def start(self, **options):
        self.browser.open("about:blank")  # the page of the test before polls a sidecar that has ended
        self.browser.console()
        cluster = Cluster(Arguments.sidecar, Arguments.apiserver_sim, ["game", HOSTILE_CONTAINER], **options)
        self.addCleanup(cluster.stop)
        return cluster

    def show(self, cluster, size=DESKTOP, scheme="light"):
        self.browser.show(*size, scheme)
        self.browser.open(f"http://127.0.0.1:{cluster.status}/")
        self.wait("!document.querySelector('main').hidden", 5)

    def run_script(self, expression):
        return self.browser.run(MEASURES + "return " + expression)

    def wait(self, expression, seconds, meanwhile=lambda: None):
        def holds():
            meanwhile()
            return self.run_script(expression)
        return wait_until(holds, seconds, expression)

    def refreshed(self, times=2):
        """Waits until the page has got `times` more responses."""
        self.browser.run("""const count = () => performance.getEntriesByName(location.href + 'status').length;
            window.before = count(); window.refreshes = () => count() - window.before;""")
        self.wait(f"refreshes() >= {times}", 5 + times)

    def text(self, selector):
        return self.browser.run("return document.querySelector(arguments[0]).innerText", selector)

    def headline_is(self, text):
        return f"document.getElementById('headline').textContent === '{text}'"

    def assert_calm(self):
        """Nothing on the console: no error, no warning, nothing that the policy had to stop."""
        self.assertEqual([entry["message"] for entry in self.browser.console()], [])


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    Arguments.sidecar, Arguments.apiserver_sim, *rest = sys.argv[1:]
    if rest[:1] == ["--screenshots"]:
        Arguments.screenshots = pathlib.Path(rest[1])
        Arguments.screenshots.mkdir(parents=True, exist_ok=True)
        rest = rest[2:]
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
