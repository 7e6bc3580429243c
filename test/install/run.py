#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Installs brio, moves the prefix, and uses it the way users do. Each subcommand is one ctest test.

usage: run.py <subcommand> --build DIR --source DIR --work DIR --compiler CXX [--parts http;testing] [--flags ".."]
"""
import argparse
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

# The tests are about what is installed, not about its speed.
QUICKLY = ("-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0", "-DBRIO_FAST_BUILD=ON")


def run(*command, env=None, fails=None):
    """Runs a command; returns its output. With `fails`, it must fail and its output must contain that text."""
    command = [str(part) for part in command]
    print("$", shlex.join(command), flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env={**os.environ, **(env or {})})
    flat = " ".join(done.stdout.split())
    if fails is None and done.returncode != 0:
        sys.exit(f"{done.stdout}\nfailed with status {done.returncode}")
    if fails is not None and (done.returncode == 0 or fails not in flat):
        sys.exit(f"{done.stdout}\nwanted a failure that says: {fails}")
    return done.stdout


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def install_and_move(build, work):
    """Installs into one folder and moves it to another: nothing may remember the first."""
    fresh(work)
    run("cmake", "--install", build, "--prefix", work / "first")
    (work / "first").rename(work / "moved")
    traces = []
    for path in (work / "moved").rglob("*"):
        if path.suffix in (".cmake", ".pc", ".hpp") and path.is_file():
            text = path.read_text()
            for forbidden in (str(work / "first"), str(options.source), str(build)):
                if forbidden in text:
                    traces.append(f"{path} mentions {forbidden}")
    if traces:
        sys.exit("\n".join(traces))
    return work / "moved"


def only_child(folder, name):
    found = list(folder.rglob(name))
    if not found:
        sys.exit(f"{name} was not installed below {folder}")
    return found[0].parent


def programs(folder):
    """Runs whatever consumers were built."""
    ran = 0
    for name in ("consumer", "http_consumer", "testing_consumer"):
        if (folder / name).exists():
            sys.stdout.write(run(folder / name))
            ran += 1
    if ran == 0:
        sys.exit("no consumer was built")


def configure(source, build, *settings, **how):
    return run("cmake", "-S", source, "-B", build, "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={options.compiler}",
               f"-DCMAKE_CXX_FLAGS={options.flags}", f"-DCMAKE_CXX_COMPILER_LAUNCHER={options.launcher}", *settings, **how)


def find_package(prefix, work):
    source = options.source / "test/install/consumer"
    found = f"-DCMAKE_PREFIX_PATH={prefix}"
    configure(source, work / "consumer", found, f"-DPARTS={options.parts}")
    run("cmake", "--build", work / "consumer")
    programs(work / "consumer")
    configure(source, work / "newer", found, "-DWRONG=0.99", fails="were considered but not accepted")
    configure(source, work / "unknown", found, "-DWRONG=COMPONENTS;nonsense", fails="no component 'nonsense'")


def pkg_config(prefix, work):
    folder = only_child(prefix, "brio.pc")
    env = {"PKG_CONFIG_PATH": str(folder)}
    out = fresh(work / "pkg-config")
    sources = {"brio": "main.cpp"}
    if "http" in options.parts:
        sources["brio-http"] = "http_main.cpp"
    for module, source in sources.items():
        for kind in ([], ["--static"]):
            flags = shlex.split(run("pkg-config", *kind, "--cflags", "--libs", module, env=env))
            program = out / "consumer"
            library = only_child(prefix, "libbrio.*")
            run(options.compiler, "-std=c++20", *shlex.split(options.flags),
                options.source / "test/install/consumer" / source, *flags, f"-Wl,-rpath,{library}", "-o", program)
            sys.stdout.write(run(program))


def bare(prefix, work):
    """Only an include folder and the libraries, no macro: package reviewers try this."""
    folder = only_child(prefix, "libbrio.*")
    program = fresh(work / "bare") / "consumer"
    run(options.compiler, "-std=c++20", *shlex.split(options.flags), options.source / "test/install/consumer/main.cpp",
        "-I", prefix / "include", "-L", folder, "-lbrio", "-lspdlog", "-lfmt", "-pthread", f"-Wl,-rpath,{folder}", "-o", program)
    sys.stdout.write(run(program))


def exported_symbols(prefix):
    """A shared library defines strong symbols of brio only."""
    libraries = [path for path in prefix.rglob("libbrio*.so*") if not path.is_symlink()]
    for library in libraries:
        foreign = []
        for line in run("nm", "-DC", "--defined-only", library).splitlines():
            kind, name = line.split(maxsplit=2)[1:]
            if kind in "TDBR" and not re.match(r"((typeinfo (name )?|vtable|VTT|guard variable) for |(non-)?virtual thunk to |void |bool )?brio::", name):
                foreign.append(name)
        if foreign:
            sys.exit(f"{library} exports symbols that are not brio's:\n" + "\n".join(foreign[:20]))
        needed = run("readelf", "-d", library)
        soname = re.search(r"SONAME.*\[(.*)\]", needed).group(1)
        if not re.fullmatch(r"libbrio\w*\.so\.0\.\d+", soname):
            sys.exit(f"{library}: soname {soname}, wanted libbrio*.so.MAJOR.MINOR")


def command_static():
    prefix = install_and_move(options.build, options.work)
    find_package(prefix, options.work)


def command_pkg_config():
    pkg_config(options.work / "moved", options.work)
    bare(options.work / "moved", options.work)


def command_subdirectory():
    fresh(options.work)
    configure(options.source / "test/install/parent", options.work, f"-DBRIO_SOURCE={options.source}", *QUICKLY)
    run("cmake", "--build", options.work, "--parallel", "2")
    programs(options.work)


def command_shared():
    library = options.work / "library"
    configure(options.source, library, "-DBUILD_SHARED_LIBS=ON", *QUICKLY, "-DBRIO_BUILD_TESTS=OFF",
              "-DBRIO_BUILD_EXAMPLES=OFF", f"-DBRIO_BUILD_HTTP={'ON' if 'http' in options.parts else 'OFF'}")
    run("cmake", "--build", library, "--parallel", "2")
    prefix = install_and_move(library, options.work / "prefix")
    exported_symbols(prefix)
    find_package(prefix, options.work / "prefix")
    pkg_config(prefix, options.work / "prefix")
    bare(prefix, options.work / "prefix")


def command_minimal():
    """Everything optional off: brio::brio alone needs neither zlib nor GoogleTest."""
    fresh(options.work)
    configure(options.source, options.work / "library", *QUICKLY, "-DBRIO_BUILD_TESTS=OFF", "-DBRIO_BUILD_HTTP=OFF",
              "-DBRIO_BUILD_TESTING=OFF", "-DBRIO_BUILD_EXAMPLES=OFF", "-DCMAKE_DISABLE_FIND_PACKAGE_ZLIB=ON",
              "-DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON", "-DCMAKE_CXX_STANDARD=23")
    run("cmake", "--build", options.work / "library", "--parallel", "2")
    options.parts = ""
    prefix = install_and_move(options.work / "library", options.work / "prefix")
    strangers = [str(path) for path in prefix.rglob("*") if path.name in ("http", "testing")]
    if strangers:
        sys.exit("installed without its library: " + " ".join(strangers))
    configure(options.source / "test/install/consumer", options.work / "wrong", f"-DCMAKE_PREFIX_PATH={prefix}",
              "-DWRONG=COMPONENTS;http", fails="this brio was built without http")
    find_package(prefix, options.work / "prefix")


parser = argparse.ArgumentParser()
parser.add_argument("subcommand")
for name in ("build", "source", "work"):
    parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
parser.add_argument("--compiler", required=True)
parser.add_argument("--launcher", default="")
parser.add_argument("--flags", default="")
parser.add_argument("--parts", default="")
options = parser.parse_args()
globals()["command_" + options.subcommand.replace("-", "_")]()
