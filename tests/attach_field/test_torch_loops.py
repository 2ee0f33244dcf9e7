"""`watch` in many PyTorch loops: nothing of the training changes, every loss is in the file, nothing is left behind."""

import random
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backprop_tui

from ..share import share
from .recording import Recording
from .torch_loops import LOOPS, Seen, hooks_of, mlp, points, torch

WARNS = {"network lazy_layers", "compiled, of it", "compiled, inner"}
"""Where something may be left out, which is said once. All other loops hear nothing."""


class NoRun:
    """What a loop is given where it is not watched."""

    def step(self, *_: Any, **__: Any) -> None: ...

    def close(self) -> None: ...


def seeded() -> None:
    torch.manual_seed(3)
    np.random.seed(3)
    random.seed(3)


def state_of_chance() -> list[Any]:
    name, keys, *rest = np.random.get_state()
    return [torch.get_rng_state().tolist(), name, keys.tolist(), rest, random.getstate()]


def parts_of(seen: Seen) -> list[tuple[str, str, Any]]:
    """Everything that a training leaves: parameters, gradients and buffers, as bytes."""
    parts = []
    for number, model in enumerate(seen.models):
        tensors = {**model.state_dict(), **{f"{n}.grad": p.grad for n, p in model.named_parameters()}}
        for name, tensor in tensors.items():
            flat = None if tensor is None else tensor.detach().to_dense().reshape(-1).view(torch.uint8).tolist()
            parts.append((f"{number} {name}", str(tensor is not None and tensor.dtype), flat))
    return parts


def watched(path: Path, every: int | None) -> Any:
    numbers = iter(range(9))
    return lambda model, optimizer=None, **loss: backprop_tui.watch(
        model, optimizer, **loss, path=path / f"{next(numbers)}.backprop", every=every
    )


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Sums in more than one thread need not come out the same twice."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("every", share([1], [None, 1, 2, 5]))
@pytest.mark.parametrize("name", LOOPS)
def test_a_watched_loop_is_the_same_loop(
    name: str, every: int | None, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    seeded()
    # The second time a loop may find what the first one has set up: both begin from the same.
    alone = LOOPS[name](lambda *_, **__: NoRun())
    chance_alone = state_of_chance()
    capfd.readouterr()
    threads = threading.active_count()
    seeded()
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        seen = LOOPS[name](watched(tmp_path, every))
    assert np.array_equal(seen.losses, alone.losses, equal_nan=True)
    assert parts_of(seen) == parts_of(alone)
    assert state_of_chance() == chance_alone
    assert capfd.readouterr() == ("", "")
    assert len(heard) <= (1 if name in WARNS else 0), [str(warning.message) for warning in heard]
    assert [hook for model in seen.models for hook in hooks_of(model)] == []
    assert threading.active_count() <= threads
    for number, losses in enumerate(seen.losses):
        recorded = Recording(tmp_path / f"{number}.backprop").losses()
        assert list(recorded) == list(range(1, len(losses) + 1))
        assert np.array_equal(list(recorded.values()), losses, equal_nan=True)
    assert len(list(tmp_path.iterdir())) == len(seen.losses), "a whole file each, and nothing beside it"


def test_hooks_are_there_for_kept_steps_alone(tmp_path: Path):
    model = mlp(2, 4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    attributes = {name: set(vars(module)) for name, module in model.named_modules()}
    run = backprop_tui.watch(model, optimizer, path=tmp_path / "a.backprop", every=10)
    hooked = []
    for _ in range(40):
        optimizer.zero_grad()
        loss = model(points(2)).square().mean()
        loss.backward()
        hooked.append(bool(hooks_of(model)))
        optimizer.step()
        run.step(loss)
    run.close()
    assert sum(hooked) <= 5
    assert {name: set(vars(module)) for name, module in model.named_modules()} == attributes
    assert len(Recording(tmp_path / "a.backprop").kept()) >= 4


def test_hooks_of_somebody_else_stay(tmp_path: Path):
    model, calls = mlp(2, 4, 1), []
    model[0].register_forward_hook(lambda *_: calls.append("forward"))
    model[2].weight.register_hook(lambda _: calls.append("gradient"))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    optimizer.register_step_post_hook(lambda *_: calls.append("step"))
    with backprop_tui.watch(model, optimizer, path=tmp_path / "a.backprop", every=1) as run:
        for _ in range(3):
            loss = model(points(2)).square().mean()
            loss.backward()
            optimizer.step()
            run.step(loss)
    model(points(2)).sum().backward()
    optimizer.step()
    assert calls == ["forward", "gradient", "step"] * 4


def test_a_run_keeps_no_graph_between_steps(tmp_path: Path):
    """What a step allocated is given back with it; a loss that is recorded holds no graph."""
    import weakref

    model = mlp(2, 4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run = backprop_tui.watch(model, optimizer, path=tmp_path / "a.backprop", every=4)
    graphs = []
    for _ in range(12):
        optimizer.zero_grad()
        output = model(points(2))
        loss = output.square().mean()
        loss.backward()
        optimizer.step()
        run.step(loss)
        graphs.append(weakref.ref(output))
        del output, loss
    alive = sum(graph() is not None for graph in graphs)
    run.close()
    assert alive <= 1
