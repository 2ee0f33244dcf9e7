"""What one drawing of the Data pane costs while a network trains.

    python tests/benchmarks/redraw.py [--presets circle,spiral,multigauss,digits] [--sizes 120x36,200x50] [--draws 200]

The app runs without a terminal at each size, as at full speed, with its panes arranged as a person finds them.
Between two drawings the run goes a step on, so that every drawing is of another state. A drawing's time is what the
pane does until its lines are ready for the terminal: looking at what has changed, the forward pass over the grid, the
drawing itself, and each line in the pane's own colours. Times are those of the thread on its processor, in ms, so that
other programs count little, with one BLAS thread as in the app; the first drawings, which make what is kept, are not
counted. The garbage collector runs between the drawings, since what it collects is not theirs.

The exit status is 1 where the 99th percentile is beyond 5 ms. `--view` measures another view of the pane.
"""

import os

# Read by NumPy's libraries when they are loaded.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = "1"

import argparse
import asyncio
import gc
import sys
from statistics import median, quantiles
from time import thread_time

from backprop_tui import presets
from backprop_tui.core.preset.preset import load_preset, parse
from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.panes.data import DataPane
from backprop_tui.tui.panes.view import DATA_VIEWS
from backprop_tui.tui.training_screen import TrainingScreen

LIMIT = 5.0
"""ms."""
PRESETS = ("circle", "spiral", "multigauss", "digits")
SIZES = ("120x36", "200x50")
WARM_UP = 10
"""Drawings that are not counted."""


async def drawings(preset: str, size: tuple[int, int], view: str, draws: int) -> tuple[list[float], tuple[int, int]]:
    """How long each of so many drawings took, in ms, and the pane's cells."""
    session = Session(*load_preset(parse(presets.text(preset), preset), preset, presets.folder(), preset))
    app = BackpropApp(AppRequest(), session)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, TrainingScreen)
        pane = app.screen.query_one(DataPane)
        assert pane.display
        app.screen.view.data, app.screen.view.playing = view, True
        times = []
        for drawing in range(WARM_UP + draws):
            session.forward("step")
            # Every state is drawn: here no share of the time is kept.
            pane.rests_until = 0.0
            if drawing % 20 == 0:
                gc.collect()
            begin = thread_time()
            pane.update()
            for row in range(pane.content_size.height):
                pane.render_line(row)
            times.append(1000 * (thread_time() - begin))
        app.screen.view.playing = False
        return times[WARM_UP:], (pane.content_size.width, pane.content_size.height)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--presets", default=",".join(PRESETS), help="which to draw, with commas between")
    parser.add_argument("--sizes", default=",".join(SIZES), help="of the terminal, with commas between")
    parser.add_argument("--view", default=DATA_VIEWS[0], choices=DATA_VIEWS, help="of the pane")
    parser.add_argument("--draws", type=int, default=200, help="drawings that are counted (200)")
    options = parser.parse_args(arguments)
    passed = True
    for preset in options.presets.split(","):
        for size in options.sizes.split(","):
            columns, rows = map(int, size.split("x"))
            gc.disable()
            times, (width, height) = asyncio.run(drawings(preset, (columns, rows), options.view, options.draws))
            gc.enable()
            middle, most = median(times), quantiles(times, n=100)[98]
            holds = most <= LIMIT
            passed &= holds
            print(
                f"{'✓' if holds else '✗'} {preset:12} {size:>7}: {width} × {height} cells   "
                f"median {middle:5.2f} ms   99 % {most:5.2f} ms   (at most {LIMIT:g})",
                flush=True,
            )
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
