"""`python -m tests.fuzz --cases 100000`: that many random cases, in processes that are watched.

No case may end in a traceback, take more than 1 GB, or hang. One of them again: `--kind csv --first 123 --cases 1`.
"""

import argparse
import faulthandler
import os
import resource
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

LONGEST = 120.0
"""Seconds that a case may take on a busy machine."""
PORTION = 500
"""Cases of one process."""
ADDRESSES = 8 * 2**30
"""Bytes of addresses that a process is given, so that a case that takes too much fails by itself."""


def run_here(kind: str, first: int, cases: int) -> None:
    """Run some cases in this process, in the present folder; each that is wrong is a line `WRONG` and what it was."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    from .cases import case
    from .trial import wrong_with

    for number in range(first, first + cases):
        print(f"CASE {number}", flush=True)
        faulthandler.dump_traceback_later(LONGEST, exit=True)
        made = case(kind, number)
        began = time.monotonic()
        if wrong := wrong_with(made):
            print(f"WRONG {kind} {number}: {made}\n{wrong}", flush=True)
        faulthandler.cancel_dump_traceback_later()
        if (taken := time.monotonic() - began) > LONGEST / 6:
            print(f"SLOW {kind} {number}: {taken:.0f} s, {made}", flush=True)


def run_apart(kind: str, first: int, cases: int) -> tuple[int, list[str]]:
    """Run cases in a process of its own, anew behind one that ended it; how many were run, and what was wrong."""
    wrong: list[str] = []
    done, root = 0, str(Path(__file__).parents[2])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([f"{root}/.pkg", root])}
    while done < cases:
        with tempfile.TemporaryDirectory() as folder:
            own = {f"XDG_{name}_HOME": folder for name in ("STATE", "CONFIG", "DATA", "CACHE")}
            words = ["--kind", kind, "--first", str(first + done), "--cases", str(cases - done), "--here"]
            ran = subprocess.run(
                [sys.executable, "-m", "tests.fuzz", *words],
                cwd=folder,
                env=environment | own,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
        wrong += ran.stdout.split("\nWRONG ")[1:]
        begun = [int(line.split()[1]) for line in ran.stdout.splitlines() if line.startswith("CASE ")]
        if ran.returncode == 0:
            done = cases
        else:
            last = begun[-1] if begun else first + done
            wrong.append(f"{kind} {last}: ended with status {ran.returncode}\n{ran.stderr[-3000:]}")
            done = last - first + 1
    return done, wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Random cases, none of which may fail.")
    parser.add_argument("--cases", type=int, default=10_000, help="how many, over all kinds")
    parser.add_argument("--first", type=int, default=0, help="the number of the first of each kind")
    parser.add_argument("--kind", action="append", help="of this kind alone; may be given again")
    parser.add_argument("--here", action="store_true", help="in this process and folder, unwatched")
    options = parser.parse_args()
    if options.here:
        run_here(options.kind[0], options.first, options.cases)
        return 0
    from .cases import KINDS

    kinds = options.kind or list(KINDS)
    each = -(-options.cases // len(kinds))
    done = failed = 0
    began = time.monotonic()
    for first in count(options.first, PORTION):
        if first >= options.first + each:
            break
        for kind in kinds:
            ran, wrong = run_apart(kind, first, min(PORTION, options.first + each - first))
            done, failed = done + ran, failed + len(wrong)
            for one in wrong:
                print(f"WRONG {one.split(chr(10) + 'CASE ')[0]}\n", flush=True)
        print(f"{done:,} cases, {failed} wrong, {time.monotonic() - began:,.0f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
