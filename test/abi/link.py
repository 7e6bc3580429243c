#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Compiles and links consumer.cpp with one macro changed, and expects what the ABI sentinel promises.

usage: link.py <expectation> <work dir> <compiler> <compile and link arguments>...

expectation: "links"; "refused:<text>" (the linker's message names <text>); "error:<text>" (the compiler's does).
Every optimisation level is tried, and for "links" and "refused" also dead-section removal.
"""
import pathlib
import subprocess
import sys

expectation, work, compiler, *arguments = sys.argv[1:]
here = pathlib.Path(__file__).parent
kind, _, text = expectation.partition(":")
pathlib.Path(work).mkdir(parents=True, exist_ok=True)
libraries = [a for a in arguments if a.endswith((".a", ".so")) or ".so." in a or a.startswith(("-l", "-Wl,"))]
flags = [a for a in arguments if a not in libraries and a]

for extra in (["-O0"], ["-O1"], ["-O2"], ["-O2", "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"],
              ["-O2", "-fvisibility=hidden", "-fvisibility-inlines-hidden"]):
    program = str(pathlib.Path(work) / "consumer")
    command = [compiler, "-std=c++20", *flags, *extra, str(here / "consumer.cpp"), *libraries, "-pthread", "-o", program]
    done = subprocess.run(command, capture_output=True, text=True)
    output = done.stdout + done.stderr
    print(" ".join(extra), "->", done.returncode)
    if kind == "links":
        good = done.returncode == 0 and subprocess.run([program]).returncode == 0
    elif kind == "refused":
        good = done.returncode != 0 and "undefined reference" in output and "built_with" in output and text in output
    else:
        good = done.returncode != 0 and text in output
    if not good:
        print("unexpected outcome, wanted", expectation, "from:\n", " ".join(command), "\n", output)
        sys.exit(1)
    if done.returncode != 0:
        print("  " + next(line for line in output.splitlines() if text in line))
