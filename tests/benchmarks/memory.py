"""How much memory the app takes: at full speed, in each preset, from one preset to the next, after a million steps.

    python tests/benchmarks/memory.py [--only history,steps,presets,openings] [--long] [--json]

All of it is resident memory, read from /proc, in MB. The app runs in a pseudo-terminal of 120 × 36 cells.

    history    a run without a screen: what a million steps hold more than the first thousand
    steps      the app at full speed on `--preset` (spiral): the most that it held, and by how much the least of the
               last third of the steps was above that of the second. In the first third caches fill that are bounded
    presets    the app at full speed on each preset, the most that it held; without `digits`, whose data take their
               room. For those whose states are small a few seconds are as good as hours
    openings   presets chosen from the gallery, a few steps made in each: growth by the least of each third, as above

Usually 500,000 steps, the presets of the largest states, and 24 openings: some two minutes. `--long` takes ten million
steps, every preset and 200 openings: an hour. How far a run has come is counted in steps, since machines differ. The
exit status is 1 where a figure misses its limit.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from time import perf_counter, sleep

from app import STEP, full_speed, opened, play
from figure import Figure, chosen, told
from terminal import Terminal, environment

from backprop_tui.presets import names

LIMIT, GROWTH, HISTORY = 120.0, 2.0, 5.0
"""MB: of the app at any time, from the second third to the last, and of a million steps beside a thousand."""
LARGEST = ("three-or-eight", "exploding", "overfitting", "residual", "spiral")
"""The presets that hold most, of those with a limit."""
WITHOUT_LIMIT = "digits"
RUN = 1_000_000
FEW = 1_000
ROWS = 30
SHOWN = 90
"""Presets of the gallery, opened in turn."""
OPENING = 0.6
"""Seconds in which a preset is opened and a few steps are made."""
SECONDS = 6.0
"""That a preset is played for."""
SESSION = """
import sys
from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.loading import load
session = Session(*load("xor"))
for line in sys.stdin:
    while session.step < int(line):
        session.play(0.05)
    print(session.step, flush=True)
"""


def resident(pid: int) -> float:
    """MB of a process in memory."""
    with open(f"/proc/{pid}/statm") as numbers:
        return int(numbers.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def growth(sizes: list[float]) -> float:
    """By how much the least of the last third is above that of the second."""
    third = max(len(sizes) // 3, 1)
    return min(sizes[2 * third :]) - min(sizes[third : 2 * third])


def history() -> Iterator[Figure]:
    """What the curves, states and statistics of a long run hold more than those of a short one."""
    command = [sys.executable, "-c", SESSION]
    process = subprocess.Popen(command, env=environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    sizes = []
    with process:
        for steps in (FEW, RUN):
            process.stdin.write(f"{steps}\n")
            process.stdin.flush()
            process.stdout.readline()
            sizes.append(resident(process.pid))
        process.stdin.close()
    note = f"{sizes[0]:.1f} MB after {FEW:,} steps, {sizes[1]:.1f} after {RUN:,}"
    yield Figure("history", "a million steps", sizes[1] - sizes[0], "MB", most=HISTORY, note=note)


def last_step(terminal: Terminal) -> int:
    """The step that the status line shows. Raises ChildProcessError where the app has ended."""
    if terminal.process.poll() is not None:
        raise ChildProcessError(f"the app has ended, and showed\n{terminal.shown.text}")
    forget(terminal)
    found = STEP.search(terminal.shown.row(0))
    return int(found[1].replace(",", "")) if found else 0


def forget(terminal: Terminal) -> None:
    """Take in the output and drop it, so that this program does not grow itself."""
    for _ in terminal.pictures(terminal.seen):
        pass
    del terminal.chunks[: terminal.seen]
    terminal.seen = 0


def of_steps(preset: str, steps: int) -> Iterator[Figure]:
    """The memory at full speed, through so many steps."""
    sizes: list[float] = []
    with opened(preset) as terminal:
        full_speed(terminal)
        play(terminal)
        step = 0
        while step < steps:
            sleep(0.1)
            step = max(step, last_step(terminal))
            if step >= steps * (len(sizes) + 1) / ROWS:
                sizes.append(resident(terminal.process.pid))
    yield Figure(preset, "most at full speed", max(sizes), "MB", most=LIMIT, note=f"{steps:,} steps")
    yield Figure(preset, "growth", growth(sizes), "MB", most=GROWTH, note=f"first {sizes[0]:.1f}, last {sizes[-1]:.1f}")


def of_presets(chosen: tuple[str, ...]) -> Iterator[Figure]:
    """The most that each preset holds in a few seconds at full speed."""
    for preset in chosen:
        most = 0.0
        with opened(preset) as terminal:
            full_speed(terminal)
            terminal.press(" ")  # Some stop by themselves before there is a speed to wait for.
            begin = perf_counter()
            while perf_counter() < begin + SECONDS:
                sleep(0.2)
                most = max(most, resident(terminal.process.pid))
                forget(terminal)
        yield Figure(preset, "most", most, "MB", most=LIMIT)


def of_openings(openings: int) -> Iterator[Figure]:
    """The memory with presets opened one after another."""
    sizes: list[float] = []
    with opened("first-steps") as terminal:
        for number in range(1, openings + 1):
            terminal.press("o")
            sleep(OPENING / 2)
            terminal.press("\x1b[B" * (number % SHOWN) + "\r")
            sleep(OPENING)
            terminal.press("\x1b[C" * 3)
            sleep(OPENING / 2)
            forget(terminal)
            sizes.append(resident(terminal.process.pid))
    note = f"{openings} presets opened; first {sizes[0]:.1f}, last {sizes[-1]:.1f}"
    yield Figure("openings", "growth", growth(sizes), "MB", most=10, note=note)


def main(arguments: list[str]) -> int:
    subjects = ("history", "steps", "presets", "openings")
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default=",".join(subjects), help="what to measure, with commas between")
    parser.add_argument("--long", action="store_true", help="ten million steps, every preset, 200 openings")
    parser.add_argument("--steps", type=int, help="steps at full speed (500000)")
    parser.add_argument("--preset", default="spiral", help="the preset that they are of (spiral)")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    options = parser.parse_args(arguments)
    only = chosen(parser, options.only, subjects)
    steps = options.steps or (10_000_000 if options.long else 500_000)
    presets = tuple(name for name in names() if name != WITHOUT_LIMIT) if options.long else LARGEST
    measures: dict[str, Callable[[], Iterator[Figure]]] = {
        "history": history,
        "steps": lambda: of_steps(options.preset, steps),
        "presets": lambda: of_presets(presets),
        "openings": lambda: of_openings(200 if options.long else 24),
    }
    return told((figure for name in only for figure in measures[name]()), in_json=options.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
