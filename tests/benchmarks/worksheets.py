"""Thirty worksheets with their keys by one command, whole, in seconds.

    python tests/benchmarks/worksheets.py [--preset by-hand] [--rounds 3] [--json]

The command is a whole program, timed from its start to its end, with LaTeX where there is one. Figures are the least of
all rounds, since whatever else runs meanwhile only adds to them: seconds that pass, and seconds of a processor, LaTeX's
among them. The exit status is 1 where more than 15 pass.
"""

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

THRESHOLD = 15.0
STUDENTS = 30


def timed(preset: str, form: str) -> tuple[float, float]:
    """The seconds that pass and those of a processor, for one folder of worksheets."""
    with TemporaryDirectory() as folder:
        words = ["explain", preset, "--worksheet", "--students", str(STUDENTS), "--digits", "2", "--format", form]
        command = [sys.executable, "-m", "backprop_tui", *words, "--out", str(Path(folder) / "class")]
        begin, used = perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        seconds, after = perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
        made = len(list((Path(folder) / "class").glob("*/*")))
    assert made == 3 * STUDENTS
    return seconds, after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--preset", default="by-hand")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = {}
    for form in ("text", "markdown", "latex"):
        rounds = [timed(options.preset, form) for _ in range(options.rounds)]
        figures[form] = {"seconds": min(each[0] for each in rounds), "processor": min(each[1] for each in rounds)}
    if options.json:
        print(json.dumps({"threshold": THRESHOLD, **figures}))
    else:
        for form, found in figures.items():
            seconds, processor = found["seconds"], found["processor"]
            print(f"{form:9} {seconds:5.1f} s, {processor:5.1f} s of a processor, at most {THRESHOLD:g} s")
    return int(any(found["seconds"] > THRESHOLD for found in figures.values()))


if __name__ == "__main__":
    sys.exit(main())
