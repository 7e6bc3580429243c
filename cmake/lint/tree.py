# SPDX-License-Identifier: BSL-1.0
"""What the lints share: the list of the project's files, and the way to report."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIP = {".git", "build", "__pycache__", ".cache"}


def files(*suffixes):
    """The project's files with these suffixes (all without any), sorted; git's view where there is one."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", "-z"],
                            capture_output=True, text=True)
    if listed.returncode == 0 and listed.stdout:
        paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        paths = [path for path in ROOT.rglob("*") if not SKIP & set(path.relative_to(ROOT).parts)]
    return sorted(path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes))


def name(path):
    return str(path.relative_to(ROOT))


def excused(line, rule):
    """Whether a line carries `lint: <rule>-ok (reason)`."""
    return re.search(rf"lint: {re.escape(rule)}-ok \(\S[^)]*\)", line) is not None


def finish(title, problems, checked):
    for problem in problems:
        print(problem)
    print(f"{title}: {len(problems)} problem(s) in {checked} file(s)")
    if not checked:
        sys.exit(f"{title}: nothing to look at, which cannot be right")
    sys.exit(1 if problems else 0)
