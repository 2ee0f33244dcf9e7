"""Every spike of a long run and both ends of what is shown, zoomed, moved, smoothed and on either axis at random."""

import random

import numpy as np
import pytest

from ...benchmarks.loss_plot import changed, example, missing, redraw

STEPS = 30_000
"""Of which the history knows eight as one."""


@pytest.mark.parametrize(("width", "height"), [(30, 9), (116, 30)])
def test_no_spike_and_no_end_is_lost(width: int, height: int) -> None:
    session, view, spikes = example(STEPS, np.random.default_rng(width))
    assert session.history.losses.width == 8
    dice = random.Random(width)
    for _ in range(60):
        changed(view, session, STEPS, dice)
        picture, plot = redraw(session, view, width, height)
        assert not missing(picture, plot, spikes, STEPS), (view.window, view.log, view.smoothing)
