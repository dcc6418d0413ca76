#!/usr/bin/env python3
"""deploy/nginx-plus/nginx.conf, held to the documented settings of NGINX Plus, to the manifests, to what the sidecar answers,
and to a free NGINX, as far as that knows them.

    nginx_files_test.py ROOT BINARY [UNITTEST-ARGUMENT]...
"""

import pathlib
import re
import subprocess
import tempfile
import unittest

import product
from product import Form, one, options, read, settings
from programs import answers, found

HEALTH_NODE_PORT = Form("native-sidecar").node_port("health")


def seconds(duration):
    number, unit = re.fullmatch(r"([\d.]+)(m?s)", duration).groups()
    return float(number) / (1000 if unit == "ms" else 1)


ANSWER_TIMEOUT = seconds(options()["ANSWER_TIMEOUT"])


class NginxPlus(unittest.TestCase):
    # The parameters of health_check: ngx_http_upstream_hc_module and ngx_stream_upstream_hc_module of nginx.org/en/docs.
    BOTH = {"interval", "jitter", "fails", "passes", "mandatory", "persistent", "match", "port"}
    KNOWN = {"http": BOTH | {"uri", "type", "keepalive_time"}, "stream": BOTH | {"udp"}}

    def contexts(self):
        """"http" and "stream", with what is in their braces."""
        found_ones = dict(re.findall(r"^(http|stream) \{\n(.*?)^\}", settings("nginx-plus/nginx.conf"), re.M | re.S))
        self.assertEqual(found_ones.keys(), self.KNOWN.keys())
        return found_ones.items()

    def checks(self):
        """Each health_check: its context's name and text, and its parameters."""
        for context, text in self.contexts():
            parameters = dict(each.partition("=")[::2] for each in one(re.findall(r"health_check (.*);", text)).split())
            yield context, text, parameters

    def test_each_check_is_told_all_that_has_another_default(self):
        for context, text, given in self.checks():
            with self.subTest(context):
                self.assertLessEqual(given.keys(), self.KNOWN[context])
                self.assertEqual(given["port"], str(HEALTH_NODE_PORT))
                self.assertIn(given["match"], re.findall(r"^    match (\w+) \{", text, re.MULTILINE))
                self.assertEqual((given["interval"], given["fails"], given["passes"]), ("2s", "3", "2"))
                # Without them every server is up until its first check has failed, after each reload too.
                self.assertEqual((given["mandatory"], given["persistent"]), ("", ""))
                self.assertEqual(given.get("uri"), "/healthz" if context == "http" else None)

    def test_each_check_waits_longer_than_the_sidecar_may_take(self):
        for context, text, given in self.checks():
            with self.subTest(context):
                if context == "stream":
                    times = [one(re.findall(r"health_check_timeout (\S+);", text))]
                else:  # those of its location, which is none that clients get to
                    location = one(re.findall(r"location [^{]+\{([^}]*health_check [^}]*)\}", text))
                    self.assertIn("internal;", location)
                    times = [one(re.findall(rf"proxy_{which}_timeout (\S+);", location)) for which in
                             ["connect", "send", "read"]]
                for time in times:
                    self.assertGreater(seconds(time), ANSWER_TIMEOUT)
                    self.assertLessEqual(seconds(time), seconds(given["interval"]))

    def test_up_is_200_alone(self):
        http, stream = (dict(self.contexts())[name] for name in ["http", "stream"])
        self.assertEqual(re.findall(r"match \w+ \{\s*(.*?)\s*\}", http, re.S), ["status 200;"])
        send, expect = re.findall(r'(?:send|expect ~) "(.*)";', stream)
        request = send.replace("\\r", "\r").replace("\\n", "\n").encode()
        up = {state: bool(re.search(expect.encode(), answer)) for state, answer in answers(request).items()}
        self.assertEqual(up, {"up": True, "down": False, "drain": False})


class FreeNginx(unittest.TestCase):
    def test_it_takes_the_http_part_without_the_words_of_plus(self):
        nginx = found("nginx")
        if not nginx:
            product.skip(self, "no nginx: scripts/install-dependencies test")
        http = read("deploy/nginx-plus/nginx.conf").partition("# For traffic that is HTTP.\n")[2]
        plain, words = re.subn(r"(?ms)^ +(?:match \w+ \{.*?\}|health_check .*?;)$", "", http)
        self.assertEqual(words, 2)
        for text, accepted in [(plain, True), (http, False)]:
            with tempfile.TemporaryDirectory() as directory:
                file = pathlib.Path(directory, "nginx.conf")
                file.write_text(f"pid {directory}/pid;\nerror_log stderr;\nevents {{}}\n{text}")
                done = subprocess.run([nginx, "-t", "-q", "-p", directory, "-c", file], capture_output=True, text=True,
                                      timeout=20)
                self.assertEqual(done.returncode == 0, accepted, done.stderr)


if __name__ == "__main__":
    product.main(verbosity=2)
