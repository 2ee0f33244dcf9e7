"""How a watched PyTorch loop may end, and loops in several processes."""

import contextlib
from pathlib import Path
from typing import Any

import pytest

import backprop_tui

from .recording import Recording
from .torch_loops import batches, hooks_of, mlp, update
from .torch_networks import F, torch


class StoppedError(Exception):
    """Raised by the loop itself."""


PLACES = ["before forward", "before backward", "before the step", "before run.step", "at the end"]


@pytest.mark.parametrize("every", [None, 1])
@pytest.mark.parametrize("place", PLACES)
def test_an_exception_in_the_loop_is_the_loops_own(place: str, every: int | None, tmp_path: Path):
    """It comes out as it is, the file is whole, the model is free; and the training goes on with another run."""
    model = mlp(2, 4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    losses: list[float] = []

    def train(run: Any, stop: int) -> None:
        for number, (x, y) in enumerate(batches(8)):
            raising = iter(PLACES) if number == stop else iter(())

            def perhaps(raising: Any = raising) -> None:
                if next(raising, None) == place:
                    raise StoppedError

            perhaps()
            output = model(x)
            perhaps()
            optimizer.zero_grad()
            loss = F.mse_loss(output, y)
            loss.backward()
            perhaps()
            optimizer.step()
            perhaps()
            run.step(loss)
            losses.append(loss.item())
            perhaps()

    with (
        pytest.raises(StoppedError),
        backprop_tui.watch(model, optimizer, loss=F.mse_loss, path=tmp_path / "a.backprop", every=every) as run,
    ):
        train(run, 5)
    assert hooks_of(model) == []
    assert list(Recording(tmp_path / "a.backprop").losses().values()) == losses
    losses.clear()
    with backprop_tui.watch(model, optimizer, loss=F.mse_loss, path=tmp_path / "b.backprop", every=every) as run:
        train(run, 99)
    assert list(Recording(tmp_path / "b.backprop").losses().values()) == losses


def test_an_exception_that_the_loop_catches(tmp_path: Path):
    """A batch that does not fit is passed over, as loops do: the run goes on, with every step that was made."""
    model = mlp(2, 4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    with backprop_tui.watch(model, optimizer, path=tmp_path / "a.backprop", every=1) as run:
        for number, (x, y) in enumerate(batches(10)):
            with contextlib.suppress(RuntimeError):
                losses.append(update(model, optimizer, run, torch.ones(3, 7) if number % 3 == 1 else x, y))
    assert list(Recording(tmp_path / "a.backprop").losses().values()) == losses
    assert len(losses) == 7
    assert hooks_of(model) == []


def test_a_watch_that_is_forgotten_frees_the_model_at_the_end(tmp_path: Path):
    """A notebook runs the cell again and again: each run has its own losses."""
    model = mlp(2, 4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    seen = []
    for number in range(3):
        run = backprop_tui.watch(model, optimizer, path=tmp_path / f"{number}.backprop", every=2)
        seen.append([update(model, optimizer, run, x, y) for x, y in batches(7)])
    run.close()
    del run
    for number, losses in enumerate(seen):
        assert list(Recording(tmp_path / f"{number}.backprop").losses().values()) == losses
