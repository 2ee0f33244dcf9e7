"""How the app does in a terminal: training with the screen on, answering keys, idling, opening.

    python tests/benchmarks/app.py [--only xor,spiral,digits,paused,opening] [--seconds 1] [--rounds 15] [--json]

The app runs in a pseudo-terminal of 120 × 36 cells in truecolor, at full speed, with every pane visible. For each
preset

    throughput   steps a second, relative to the same session trained in the same slices without a screen: two
                 processes that take turns in every round, the one without a screen as far as the other has come. The
                 figure is the median over the rounds
    frames       screen updates a second, counted by the marks of synchronized output; the median over the rounds
    keys         seconds from writing a key to the arrival of the text that it changes: `l`, which draws the loss
                 again on the other axis, and `4` and `5`, which change the unit, 200 presses at random intervals

`paused` is the share of a core that the app takes with `digits` open, after it has played. `opening` is the time from
starting the process to the first whole picture of `first-steps`, relative to that of a bare Textual app, again in
turns; the bytecode of both is kept, as that of an installed program is. One BLAS thread throughout. The exit status is
1 where a figure misses its threshold.

Needs a system with pseudo-terminals and /proc. Anything else that runs on the machine makes all figures worse, the
99th percentile most of all.
"""

import argparse
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep

from figure import Figure, chosen, told
from terminal import Terminal, compiled, environment

PRESETS = ("xor", "spiral", "digits")
TITLES = ("Weights", "Chain rule", "Loss", "Gradients", "Data")
FIRST_PICTURE = (*TITLES, "? help", "Nothing has been computed yet")
PRESSES = 200
WARM_UP = 0.3
"""Seconds of playing that are not counted."""
PAUSED_SECONDS = 5.0
OPENINGS = 10
FRAME = b"\x1b[?2026h"
STEP = re.compile(r"step ([\d,]+)  ")
BARE = """
from textual.app import App
from textual.widgets import Static

class Bare(App):
    def compose(self):
        yield Static("the whole picture")

Bare().run()
"""
Sample = tuple[float, int]


def opened(preset: str) -> Terminal:
    """The app, showing the preset."""
    terminal = Terminal([sys.executable, "-m", "backprop_tui", preset])
    for title in TITLES:
        terminal.wait(title)
    terminal.wait("? help")
    return terminal


def full_speed(terminal: Terminal) -> None:
    """Choose the highest speed."""
    mark = terminal.mark()
    terminal.press("+" * 20)
    terminal.wait("- full speed", mark)


def play(terminal: Terminal) -> None:
    """Play at full speed, for a while that is not measured."""
    mark = terminal.mark()
    terminal.press(" ")
    terminal.wait("steps/s", mark)
    sleep(WARM_UP)


def pause(terminal: Terminal) -> None:
    mark = terminal.mark()
    terminal.press(" ")
    terminal.wait("paused", mark)


def shown_steps(terminal: Terminal, since: int, until: int) -> list[Sample]:
    """When the status line showed which step, between two marks."""
    found: list[Sample] = []
    for came, shown in terminal.pictures(since, until):
        steps = STEP.search(shown.row(0))
        step = int(steps[1].replace(",", "")) if steps else 0
        if step > (found[-1][1] if found else 0):
            found.append((came, step))
    return found


def app_rate(terminal: Terminal, seconds: float) -> tuple[float, int, float]:
    """Play for so long: steps a second, the last step, and frames a second."""
    play(terminal)
    mark = terminal.mark()
    sleep(seconds)
    end = terminal.mark()
    pause(terminal)
    samples = shown_steps(terminal, mark, end)
    (begin, first), (finish, last) = samples[0], samples[-1]
    frames = b"".join(chunk for _, chunk in terminal.chunks[mark:end]).count(FRAME)
    return (last - first) / (finish - begin), last, frames / seconds


def headless_rate(process: subprocess.Popen[str], step: int) -> float:
    """Steps a second without a screen, on to the same step."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{step}\n")
    process.stdin.flush()
    steps, seconds = process.stdout.readline().split()
    return int(steps) / float(seconds)


def rates(preset: str, seconds: float, rounds: int) -> list[tuple[float, float, float]]:
    """For each round steps a second with and without a screen, and frames a second."""
    command = [sys.executable, str(Path(__file__).with_name("headless.py")), preset]
    alone = subprocess.Popen(
        command, env=environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    found = []
    with alone, opened(preset) as terminal:
        full_speed(terminal)
        for _ in range(rounds):
            rate, last, frames = app_rate(terminal, seconds)
            found.append((rate, headless_rate(alone, last), frames))
    return found


def key_seconds(preset: str) -> list[float]:
    """How long each press takes to show, while playing at full speed."""
    chance = random.Random(0)
    found = []
    with opened(preset) as terminal:
        full_speed(terminal)
        play(terminal)
        # Without the mean, whose name grows with the run, the scale has room in the legend to the end.
        terminal.press("M")
        sleep(1)
        scales, units = ["log", "linear"], ["step", "epoch"]
        if terminal.shows(scale_text("log")):
            scales.reverse()
        terminal.press("4")
        mark = terminal.mark()
        terminal.press("5")
        terminal.wait("← → epoch", mark)
        for number in range(PRESSES):
            sleep(chance.uniform(0.03, 0.08))
            if number % 2:
                key, text = "l", scale_text(scales[0])
                scales.reverse()
            else:
                key, text = ("4" if units[0] == "step" else "5"), re.compile(f"← → {units[0]}")
                units.reverse()
            if terminal.shows(text):
                raise RuntimeError(
                    f"expected {text.pattern!r} to come with the key {key}, found it on the screen before"
                )
            mark = terminal.mark()
            pressed = terminal.press(key)
            found.append(terminal.wait(text, mark) - pressed)
    return found


def scale_text(scale: str) -> re.Pattern[str]:
    """The legend of the losses' plot ends with the scale of its axis, at the pane's frame."""
    return re.compile(rf" {scale} +│")


def training_figures(preset: str, seconds: float, rounds: int) -> list[Figure]:
    """Throughput, frames and keys of a preset."""
    found = rates(preset, seconds, rounds)
    ratios = [rate / alone for rate, alone, _ in found]
    keys = [1000 * taken for taken in key_seconds(preset)]
    spread = f"{min(ratios):.2f} … {max(ratios):.2f}, {median(rate for rate, _, _ in found):,.0f} steps/s"
    return [
        Figure(preset, "throughput ÷ headless", median(ratios), least=0.93, note=spread),
        Figure(preset, "frames", median(frames for _, _, frames in found), "/s", least=10),
        Figure(preset, "key, median", median(keys), "ms", most=8, note=by_key(keys)),
        Figure(preset, "key, 99th of 200", quantiles(keys, n=100)[98], "ms", most=25, note=f"longest {max(keys):.0f}"),
    ]


def by_key(keys: list[float]) -> str:
    return f"unit {median(keys[0::2]):.1f}, l {median(keys[1::2]):.1f}"


def paused_figures() -> list[Figure]:
    """The share of a core while paused."""
    with opened("digits") as terminal:
        full_speed(terminal)
        play(terminal)
        pause(terminal)
        sleep(1)
        begin, used = perf_counter(), terminal.seconds_used()
        sleep(PAUSED_SECONDS)
        share = (terminal.seconds_used() - used) / (perf_counter() - begin)
    return [Figure("paused", "of a core", 100 * share, "%", most=1)]


def opening_figures() -> list[Figure]:
    """The time to the first whole picture, relative to a bare app; the first, which compiles, is not counted."""
    own: list[float] = []
    bare: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "bare.py")
        script.write_text(BARE)
        for _ in range(OPENINGS + 1):
            with Terminal([sys.executable, str(script)], compiled(folder)) as terminal:
                bare.append(terminal.wait("the whole picture") - terminal.begin)
            with Terminal([sys.executable, "-m", "backprop_tui", "first-steps"], compiled(folder)) as terminal:
                own.append(max(terminal.wait(text) for text in FIRST_PICTURE) - terminal.begin)
    ratio = median(ours / theirs for ours, theirs in zip(own[1:], bare[1:], strict=True))
    note = f"{1000 * median(own[1:]):.0f} ms, bare {1000 * median(bare[1:]):.0f} ms"
    return [Figure("opening", "first paint ÷ bare", ratio, most=1.5, note=note)]


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    subjects = (*PRESETS, "paused", "opening")
    parser.add_argument("--only", default=",".join(subjects), help="what to measure, with commas between")
    parser.add_argument("--seconds", type=float, default=1.0, help="seconds that the app plays in each round (1)")
    parser.add_argument("--rounds", type=int, default=15, help="rounds of app and headless for each preset (15)")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    options = parser.parse_args(arguments)
    options.only = chosen(parser, options.only, subjects)
    return options


def figures(options: argparse.Namespace) -> Iterator[Figure]:
    """The figures of everything that was asked for."""
    others: dict[str, Callable[[], list[Figure]]] = {"paused": paused_figures, "opening": opening_figures}
    for subject in options.only:
        training = partial(training_figures, subject, options.seconds, options.rounds)
        yield from others.get(subject, training)()


def main(arguments: list[str]) -> int:
    options = parsed(arguments)
    return told(figures(options), in_json=options.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
