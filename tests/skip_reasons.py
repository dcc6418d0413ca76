#!/usr/bin/env python3
"""Says which tests were skipped, and why: ctest itself names them and shows nothing of what they print.

    skip_reasons.py BUILD        run by ctest at its end (CTestCustom.cmake); reads the log of the run that ends
    skip_reasons.py --self-test  finds a skip of each kind in a log made up for it
"""

import pathlib
import re
import sys

# "tests/x_test.cpp:84: Skipped", the reason's lines, an empty one, "[  SKIPPED ] Suite.Name (0 ms)".
GOOGLE_TEST = re.compile(r"^.+:\d+: Skipped\n((?:.*\n)*?)\[  SKIPPED \] (\S+)", re.MULTILINE)
# "test_x (module.Class.test_x) ... skipped 'the reason'"
UNITTEST = re.compile(r"^(test_\w+) \(.*\) \.\.\. skipped (['\"])(.*)\2$", re.MULTILINE)


def reasons(log):
    """Reason -> the tests that gave it, both in the order of the log."""
    found = {}
    for match in GOOGLE_TEST.finditer(log):
        text = " ".join(match[1].split()) or "no reason given"
        found.setdefault(text, []).append(match[2])
    for match in UNITTEST.finditer(log):
        found.setdefault(match[3], []).append(match[1])
    # A program that is run as a whole lists its skipped tests once more at its end.
    return {reason: list(dict.fromkeys(names)) for reason, names in found.items()}


def show(found):
    lines = []
    for reason, names in found.items():
        lines += [f"skipped: {reason}", *(f"\t{name}" for name in names)]
    return "".join(line + "\n" for line in lines)


def log_of(build):
    """The log of a run that has not ended has another name."""
    directory = pathlib.Path(build, "Testing", "Temporary")
    for name in ("LastTest.log.tmp", "LastTest.log"):
        if (directory / name).exists():
            return (directory / name).read_text(errors="replace")
    return ""


def self_test():
    log = """
1/3 Testing: One.Skips
[ RUN      ] One.Skips
../../tests/one_test.cpp:12: Skipped
only root can become
somebody else

[  SKIPPED ] One.Skips (0 ms)
[ RUN      ] One.SkipsToo
/with a blank/tests/one_test.cpp:7: Skipped
only root can become somebody else
[  SKIPPED ] One.SkipsToo (0 ms)
[ RUN      ] One.Runs
[       OK ] One.Runs (0 ms)
[ RUN      ] One.SaysNothing
../../tests/one_test.cpp:9: Skipped


[  SKIPPED ] One.SaysNothing (0 ms)
[  SKIPPED ] 3 tests, listed below:
[  SKIPPED ] One.Skips
2/3 Testing: hardening
test_runs (__main__.Program.test_runs) ... ok
test_static (__main__.Program.test_static) ... skipped 'the loader relocates it'
test_quoted (__main__.Program) ... skipped "it's another machine"
OK (skipped=2)
"""
    expected = {
        "only root can become somebody else": ["One.Skips", "One.SkipsToo"],
        "no reason given": ["One.SaysNothing"],
        "the loader relocates it": ["test_static"],
        "it's another machine": ["test_quoted"],
    }
    assert reasons(log) == expected, reasons(log)
    assert reasons("[ RUN      ] One.Runs\n[       OK ] One.Runs (0 ms)\n") == {}
    assert show({"why": ["A", "B"]}) == "skipped: why\n\tA\n\tB\n"
    print("every kind was found")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1] == "--self-test":
        self_test()
    else:
        sys.stdout.write(show(reasons(log_of(sys.argv[1]))))
