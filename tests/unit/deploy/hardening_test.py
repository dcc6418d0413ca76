#!/usr/bin/env python3
"""What the compiler and the linker were to harden, looked for in the binary that they made.

    hardening_test.py BINARY [UNITTEST-ARGUMENT]...

The binary is in its build directory, not stripped.
"""

import json
import pathlib
import re
import subprocess
import sys
import unittest

BINARY = pathlib.Path()


def tool(*command):
    return subprocess.run([*command, BINARY], check=True, capture_output=True, text=True, timeout=120).stdout


def compilations():
    """The command of every file of src/ that this build compiles, several at a time or one by one."""
    for entry in json.loads((BINARY.parent / "compile_commands.json").read_text()):
        if "/src/" in entry["file"] and "/tests/" not in entry["file"]:
            file = pathlib.Path(entry["file"])
            together = re.findall(r'#include "(.*)"', file.read_text()) if file.parent.name == "Unity" else []
            for one in together or [entry["file"]]:
                yield one, entry["command"].split()


def is_optimized(command):
    return any(re.fullmatch(r"-O[1-3s]", option) for option in command)


class Binary(unittest.TestCase):
    def test_it_is_loaded_anywhere(self):
        self.assertRegex(tool("readelf", "-hW"), r"Type:\s+DYN")
        self.assertRegex(tool("readelf", "-dW"), r"FLAGS_1.*\bPIE\b")

    def test_its_tables_of_addresses_are_read_only_before_main(self):
        self.assertRegex(tool("readelf", "-lW"), r"\bGNU_RELRO\b")
        self.assertRegex(tool("readelf", "-dW"), r"FLAGS.*\b(BIND_)?NOW\b")

    def test_nothing_writable_is_executable(self):
        segments = re.findall(r"^  (\w+) .*? ([R ][W ][E ]) 0x", tool("readelf", "-lW"), re.MULTILINE)
        self.assertIn("GNU_STACK", [name for name, _ in segments])
        self.assertEqual([name for name, flags in segments if "W" in flags and "E" in flags], [])

    def test_buffers_and_containers_are_watched(self):
        symbols = tool("readelf", "-sW")
        self.assertIn("__stack_chk_fail", symbols)
        self.assertIn("__glibcxx_assert_fail", symbols)

    def test_calls_land_on_marks(self):
        machine = re.search(r"Machine:\s+(.*)", tool("readelf", "-hW"))[1]
        # That of an architecture's own binutils, which has the same name on each machine.
        objdump, mark = {"AArch64": ("aarch64-linux-gnu-objdump", "paciasp|bti c"),
                         "Advanced Micro Devices X86-64": ("x86_64-linux-gnu-objdump", "endbr64")}[machine]
        main = tool(objdump, "-d", "--no-show-raw-insn", "--disassemble=main")
        self.assertRegex(main, rf"<main>:\n\s+[0-9a-f]+:\s+.*?\b({mark})\b")


class Compilation(unittest.TestCase):
    def test_every_file_is_hardened(self):
        files = list(compilations())
        self.assertGreater(len(files), 40)
        for file, command in files:
            for option in ["-D_GLIBCXX_ASSERTIONS", "-fstack-protector-strong", "-fstack-clash-protection"]:
                self.assertIn(option, command, file)
            self.assertEqual("-D_FORTIFY_SOURCE=2" in command, is_optimized(command) and "-DNDEBUG" in command, file)
            self.assertTrue({"-fPIE", "-fPIC"} & set(command), file)
            switched_off = [option for option in command if option.startswith(("-fno-stack", "-fcf-protection=none"))]
            self.assertEqual(switched_off, [], file)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    BINARY = pathlib.Path(sys.argv[1]).resolve()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
