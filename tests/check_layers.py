#!/usr/bin/env python3
"""Checks the layer arrows, who may include which library, and that what says PURE reaches no Asio: all by the #include
lines of include/ and src/.

    check_layers.py ROOT         every violation is a line FILE:LINE: what is wrong; exit 1 if there is one
    check_layers.py --self-test  plants one violation of each kind and sees it found
"""

import pathlib
import re
import sys
import tempfile

# The arrows of docs/architecture.md. A layer may include itself and what stands in its row.
PURE_AND_BASE = ["health", "config", "base"]
API = ["kube", "net", *PURE_AND_BASE]
LOWER = {
    "base": [],
    "config": ["base"],
    "health": ["base"],
    "net": ["base"],
    "http": ["net", *PURE_AND_BASE],
    "kube": ["net", *PURE_AND_BASE],
    "watch": API,
    "journal": ["watch", *API],
    "status": ["http", *API],
    "doctor": ["http", *API],
    "probe": ["http", "net", *PURE_AND_BASE],
    "leaving": ["status", "journal", "watch", *API],
    "pod": ["leaving", "journal", "watch", "http", *API],
    "node": ["journal", "watch", "http", *API],
    "app": ["doctor", "probe", "pod", "node", "leaving", "status", "journal", "watch", "http", *API],
    "main": ["app", "probe", *PURE_AND_BASE],
    "manual": ["app", "probe", "config", "base"],  # a program of its own, at build time
    "boost_impl": [],
}

# Includes that begin so -> the layers, or the one file, that may have them. The first row that matches counts.
LIBRARIES = [
    (("spdlog/", "fmt/"), ["src/base/log.cpp"]),
    (("nlohmann/",), ["src/base/json.cpp"]),
    (("CLI/",), ["src/probe/probe_arguments.cpp"]),
    (("openssl/", "boost/asio/ssl"), ["net", "kube", "boost_impl"]),
    (("boost/beast",), ["net", "kube", "http", "status", "boost_impl"]),
    (("boost/asio",), ["net", "kube", "http", "doctor", "probe", "status", "watch", "leaving", "pod", "node", "app", "boost_impl"]),
]

# Layers that compute and nothing else: no clock, file, process or thread.
PURE = ["health", "config"]
IMPURE_INCLUDE = re.compile(
    r"(ctime|time\.h|fstream|filesystem|iostream|thread|mutex|atomic|future|random"
    r"|unistd\.h|fcntl\.h|poll\.h|netdb\.h|sys/.*)$"
)
IMPURE_CALL = re.compile(r"\b(\w+_clock\s*::\s*now|clock_gettime|gettimeofday|fopen|ifstream|ofstream)\b")
# The environment is captured once, in main.
GETENV = re.compile(r"\b(secure_)?getenv\b")

# A header whose comment on the file, a class or a structure begins with PURE reaches no Asio through what it includes:
# who uses it, and its tests, need no network code. A PURE function may stand beside a coroutine.
PURE_HEADER = re.compile(r"^/// PURE\..*\n(///.*\n)*(namespace|class|struct|template)\b", re.MULTILINE)
ASIO = "boost/asio"
IMPURE_HEADERS = {  # header -> why
    "include/sidecar/doctor/connection_check.hpp": "certificate_facts.hpp also reads those of a TLS connection",
    "include/sidecar/doctor/files_check.hpp": "as connection_check.hpp",
}

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
LINE_COMMENT = re.compile(r"//.*")
BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def layer_of(path):
    """src/kube/request.cpp -> kube, include/sidecar/kube/request.hpp -> kube, src/main.cpp -> main."""
    parts = path.parts[2:] if path.parts[0] == "include" else path.parts[1:]
    return parts[0] if len(parts) > 1 else path.stem


def violations_in(path, text):
    layer = layer_of(path)
    if layer not in LOWER:
        yield 1, f'"{layer}" is no layer: {", ".join(LOWER)}'
        return
    text = BLOCK_COMMENT.sub(lambda match: "\n" * match.group().count("\n"), text)
    for number, line in enumerate(text.splitlines(), 1):
        line = LINE_COMMENT.sub("", line)
        include = INCLUDE.match(line)
        if not include:
            if layer in PURE and (call := IMPURE_CALL.search(line)):
                yield number, f"{layer} is pure, but uses {call.group()}"
            if GETENV.search(line):
                yield number, "reads the environment by itself; main captures it"
            continue
        quote, name = include.groups()
        if name.startswith("sidecar/"):
            other = name.split("/")[1]
            if other != layer and other not in LOWER[layer]:
                yield number, f"{layer} may not include {other} ({name})"
        elif quote == '"' and name.startswith(".."):
            yield number, f"{name} goes around the layers; write sidecar/<layer>/..."
        if layer in PURE and IMPURE_INCLUDE.match(name):
            yield number, f"{layer} is pure, but includes {name}"
        for prefixes, owners in LIBRARIES:
            if name.startswith(prefixes):
                if layer not in owners and path.as_posix() not in owners:
                    yield number, f"only {', '.join(owners)} may include {name}"
                break


def includes_in(text):
    """Yields the number of each #include line, and what it includes."""
    for number, line in enumerate(text.splitlines(), 1):
        if include := INCLUDE.match(line):
            yield number, include.group(2)


def impure_headers(texts):
    """`texts`: of every file. Yields each PURE header that reaches Asio: its line, and the headers in between."""
    included = {
        path.relative_to("include").as_posix(): list(includes_in(text))
        for path, text in texts.items()
        if path.parts[0] == "include"
    }
    ways = {}  # header -> the includes that lead from it to Asio; None: it reaches none

    def way_from(name):
        if name not in ways:
            ways[name] = None  # also ends a circle
            for _, other in included.get(name, []):
                rest = [] if other.startswith(ASIO) else way_from(other)
                if rest is not None:
                    ways[name] = [other, *rest]
                    break
        return ways[name]

    for path, text in texts.items():
        if path.parts[0] != "include" or not PURE_HEADER.search(text):
            continue
        name = path.relative_to("include").as_posix()
        way = way_from(name)
        is_allowed = path.as_posix() in IMPURE_HEADERS
        if way and not is_allowed:
            number = next(number for number, other in included[name] if other == way[0])
            yield path, number, f"says PURE, but reaches {' > '.join(way)}"
        if not way and is_allowed:
            yield path, 1, "reaches no Asio any more: take it out of IMPURE_HEADERS"


def check(root):
    files = sorted(file for top in ("include", "src") for file in (root / top).rglob("*.[ch]pp"))
    if not files:
        return [f"{root}: no sources found"]
    texts = {file.relative_to(root): file.read_text() for file in files}
    found = [(path, number, what) for path, text in texts.items() for number, what in violations_in(path, text)]
    return [f"{path}:{number}: {what}" for path, number, what in [*found, *impure_headers(texts)]]


SELF_TEST = [  # path, line, allowed
    ("src/http/a.cpp", '#include "sidecar/kube/pod_source.hpp"', False),
    ("src/kube/a.cpp", '#include "sidecar/http/route.hpp"', False),
    ("include/sidecar/health/a.hpp", '#include "sidecar/config/config.hpp"', False),
    ("src/net/a.cpp", '#include "sidecar/health/verdict.hpp"', False),
    ("src/base/a.cpp", '#include "sidecar/net/tls.hpp"', False),
    ("src/http/a.cpp", '#include "sidecar/app/app.hpp"', False),
    ("src/kube/a.cpp", '#include "sidecar/doctor/finding.hpp"', False),
    ("src/doctor/a.cpp", '#include "sidecar/app/app.hpp"', False),
    ("src/pod/a.cpp", '#include "sidecar/node/known_pods.hpp"', False),
    ("src/node/a.cpp", '#include "sidecar/pod/health_service.hpp"', False),
    ("src/watch/a.cpp", '#include "sidecar/journal/journal.hpp"', False),
    ("src/leaving/a.cpp", '#include "sidecar/pod/health_service.hpp"', False),
    ("src/doctor/a.cpp", "#include <openssl/x509.h>", False),
    ("src/http/a.cpp", '#include "../kube/request.hpp"', False),
    ("src/helpers/a.cpp", "", False),
    ("src/app/a.cpp", "#include <spdlog/spdlog.h>", False),
    ("src/base/clock.cpp", "#include <fmt/format.h>", False),
    ("src/health/parse_pod.cpp", "#include <nlohmann/json.hpp>", False),
    ("src/config/load.cpp", "#include <CLI/CLI.hpp>", False),
    ("src/app/app.cpp", "#include <openssl/ssl.h>", False),
    ("src/http/a.cpp", "#include <boost/asio/ssl.hpp>", False),
    ("src/app/app.cpp", "#include <boost/beast/http.hpp>", False),
    ("src/health/a.cpp", "  #  include <boost/asio/awaitable.hpp>", False),
    ("src/health/a.cpp", "#include <ctime>", False),
    ("src/config/a.cpp", "#include <fstream>", False),
    ("src/config/a.cpp", "#include <sys/stat.h>", False),
    ("src/config/a.cpp", 'auto* file = std::fopen("/etc/hosts", "r");', False),
    ("src/health/a.cpp", "auto now = std::chrono::steady_clock::now();", False),
    ("src/health/a.cpp", "auto now = boottime_clock :: now();", False),
    ("src/kube/a.cpp", 'auto host = std::getenv("HOSTNAME");', False),
    ("src/kube/a.cpp", '#include "sidecar/health/verdict.hpp"', True),
    ("src/http/a.cpp", '#include "sidecar/net/deadline.hpp"', True),
    ("src/app/app.cpp", "#include <boost/asio/io_context.hpp>", True),
    ("src/app/daemon.cpp", '#include "sidecar/doctor/spec_errors.hpp"', True),
    ("src/doctor/a.cpp", '#include "sidecar/kube/api_endpoint.hpp"', True),
    ("src/probe/probe_arguments.cpp", "#include <CLI/CLI.hpp>", True),
    ("src/base/log.cpp", "#include <spdlog/spdlog.h>", True),
    ("src/net/tls.cpp", "#include <openssl/x509v3.h>", True),
    ("src/boost_impl.cpp", "#include <boost/beast/src.hpp>", True),
    ("src/main.cpp", '#include "sidecar/app/app.hpp"', True),
    ("src/health/a.cpp", '// #include <ctime>\n/* std::getenv("HOSTNAME")\n */', True),
    ("src/health/a.cpp", '#include "sidecar/base/clock.hpp"', True),
    ("src/config/a.cpp", "#include <arpa/inet.h>", True),  # inet_pton only computes
]


PURE_SELF_TEST = [  # the header's text, allowed; its own include reaches Asio
    ("/// PURE. What it says.\n/// More of it.\nnamespace sidecar::app {", False),
    ("/// PURE. What it is.\nclass a {", False),
    ("/// PURE. What it is.\nstruct a {", False),
    ("/// PURE. What it is.\ntemplate <class T>\nclass a {", False),
    ("/// PURE. What it does.\nint a();", True),
    ("/// What it is.\nclass a {", True),
]


def self_test():
    failures = 0
    for text, allowed in PURE_SELF_TEST:
        with tempfile.TemporaryDirectory() as directory:
            headers = pathlib.Path(directory, "include/sidecar/app")
            headers.mkdir(parents=True)
            (headers / "a.hpp").write_text(f'#pragma once\n\n#include "sidecar/app/b.hpp"\n\n{text}\n')
            (headers / "b.hpp").write_text("#pragma once\n\n#include <boost/asio/awaitable.hpp>\n")
            if (check(pathlib.Path(directory)) == []) != allowed:
                failures += 1
                print(f"{text!r} should be {'allowed' if allowed else 'found'}")
    for path, line, allowed in SELF_TEST:
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory, path)
            file.parent.mkdir(parents=True)
            file.write_text(f"#pragma once\n{line}\n")
            if (check(pathlib.Path(directory)) == []) != allowed:
                failures += 1
                print(f"{path}: {line!r} should be {'allowed' if allowed else 'found'}")
    with tempfile.TemporaryDirectory() as directory:
        if not check(pathlib.Path(directory)):
            failures += 1
            print("an empty tree should be an error")
    print(f"{len(SELF_TEST) + len(PURE_SELF_TEST) + 1} cases, {failures} wrong")
    return failures


def main():
    if sys.argv[1:] == ["--self-test"]:
        return 1 if self_test() else 0
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = check(pathlib.Path(sys.argv[1]))
    print("\n".join(found) or "the layers hold")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
