"""What the app sends to its terminal: bytes and pictures a second.

    python tests/benchmarks/traffic.py [--only full,followed,cap,ssh,paused] [--seconds 3] [--json]

The app runs in a pseudo-terminal in truecolor, with all panes in view, and everything that it writes is counted.

    full      circle, vanishing, spiral and digits at full speed at `--fps 10`, from the first second of training on, in
              120 × 36 and 80 × 24 cells
    followed  circle, played step by step at two a second with the chain rule in focus, at `--fps 10`; for each step
    cap       pictures a second at `--fps 1`, `--fps 5` and `--fps 10`, at full speed
    ssh       pictures a second at full speed where SSH_CONNECTION is set and nothing else is said
    paused    bytes after the run was paused, with and without SSH_CONNECTION

A picture is counted by the mark of synchronized output with which each begins. What else runs on the machine does not
count, but that it leaves fewer pictures. The exit status is 1 where a figure misses its threshold.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import sleep

from app import FRAME, full_speed, pause
from figure import Figure, chosen, told
from terminal import Terminal

ROOMY, SMALL = (120, 36), (80, 24)
LIMITS = {ROOMY: 30.0, SMALL: 10.0}
"""kB/s."""
PRESETS = ("circle", "vanishing", "spiral", "digits")
SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}
FOLLOWED = 10.0
"""kB a step."""


@contextmanager
def opened(
    preset: str, fps: int | None, size: tuple[int, int] = ROOMY, variables: dict[str, str] | None = None
) -> Iterator[Terminal]:
    """The app, paused at the start of a run, without SSH unless that is set."""
    options = [] if fps is None else ["--fps", str(fps)]
    command = [sys.executable, "-m", "backprop_tui", preset, *options]
    with Terminal(command, {"SSH_CONNECTION": "", **(variables or {})}, size) as terminal:
        terminal.wait("? help")
        yield terminal


def counted(terminal: Terminal, seconds: float) -> tuple[float, int]:
    """kB a second, and pictures, that are written in so many seconds from now on."""
    mark = terminal.mark()
    sleep(seconds)
    sent = b"".join(chunk for _, chunk in terminal.chunks[mark:])
    return len(sent) / 1000 / seconds, sent.count(FRAME)


def at_full_speed(terminal: Terminal) -> None:
    full_speed(terminal)
    mark = terminal.mark()
    terminal.press(" ")
    terminal.wait("steps/s", mark)


def full_figures(seconds: float) -> Iterator[Figure]:
    """Bytes a second at full speed."""
    for preset in PRESETS:
        for size in (ROOMY, SMALL):
            with opened(preset, 10, size) as terminal:
                at_full_speed(terminal)
                size_text = f"{size[0]}x{size[1]}"
                sent, pictures = counted(terminal, seconds)
                note = f"{pictures / seconds:.1f} pictures a second"
                yield Figure(preset, f"sent at {size_text}", sent, "kB/s", most=LIMITS[size], note=note)


def followed_figures(seconds: float) -> Iterator[Figure]:
    """Bytes of a step, where two are shown a second."""
    with opened("circle", 10) as terminal:
        terminal.press("4 ")
        sleep(1)
        sent, _ = counted(terminal, 2 * seconds)
        yield Figure("followed", "sent for each step", sent / 2, "kB", most=FOLLOWED)


def cap_figures(seconds: float) -> Iterator[Figure]:
    """Pictures a second where so many were asked for: of n and one more the first begins no interval."""
    for fps in (1, 5, 10):
        with opened("circle", fps) as terminal:
            at_full_speed(terminal)
            sleep(1)
            _, pictures = counted(terminal, seconds)
            yield Figure("cap", f"pictures, --fps {fps}", (pictures - 1) / seconds, "/s", most=fps)


def ssh_figures(seconds: float) -> Iterator[Figure]:
    """Pictures a second by SSH."""
    with opened("circle", None, variables=SSH) as terminal:
        at_full_speed(terminal)
        sleep(1)
        sent, pictures = counted(terminal, seconds)
        yield Figure("ssh", "pictures", (pictures - 1) / seconds, "/s", most=10)
        yield Figure("ssh", "sent", sent, "kB/s", most=LIMITS[ROOMY])


def paused_figures(seconds: float) -> Iterator[Figure]:
    """Bytes while nothing happens."""
    for name, variables in (("near by", {}), ("by SSH", SSH)):
        with opened("circle", None, variables=variables) as terminal:
            at_full_speed(terminal)
            sleep(1)
            pause(terminal)
            sleep(2)
            sent, _ = counted(terminal, seconds)
            yield Figure("paused", f"sent, {name}", 1000 * sent, "B/s", most=0)


SUBJECTS: dict[str, Callable[[float], Iterator[Figure]]] = {
    "full": full_figures,
    "followed": followed_figures,
    "cap": cap_figures,
    "ssh": ssh_figures,
    "paused": paused_figures,
}


def figures(seconds: float = 3.0, only: tuple[str, ...] = tuple(SUBJECTS)) -> Iterator[Figure]:
    """All figures, as they come."""
    for subject in only:
        yield from SUBJECTS[subject](seconds)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default=",".join(SUBJECTS), help="what to measure, with commas between")
    parser.add_argument("--seconds", type=float, default=3.0, help="seconds in which is counted (3)")
    parser.add_argument("--json", action="store_true", help="one JSON document instead of the table")
    options = parser.parse_args(arguments)
    only = tuple(chosen(parser, options.only, tuple(SUBJECTS)))
    return told(figures(options.seconds, only), in_json=options.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
