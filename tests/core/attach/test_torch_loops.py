"""Loops of many kinds run bit for bit as without `watch`, and what is kept of them is right."""

import random
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

import backprop_tui

from .loops import LOOPS
from .recorded import Recorded, recorded

LEFT_OUT = {"compiled", "compiled_beside"}
"""Loops of which something is left out, which one warning says."""
NOT_SEEN = LEFT_OUT | {"checkpointed_again", "gradient_penalty", "not_finite"}
AFTER_THE_FIRST = {"lazy", "parts_called_one_by_one"}
"""Loops whose modules are known only when a step is done."""
EXACT = 1e-5


class Nothing:
    def step(self, *losses: Any, **given: Any) -> None:
        """Stands where a run does, in the loop without one."""


def ran(name: str, watch: Any) -> tuple[list[float], list[np.ndarray]]:
    torch.manual_seed(1)
    random.seed(1)
    np.random.seed(1)
    losses, parameters = LOOPS[name](watch)
    chance = torch.get_rng_state().numpy(), np.array(random.getrandbits(64)), np.random.get_state()[1]
    arrays = [parameter.detach().view(torch.uint8).numpy().copy() for parameter in parameters]
    return losses, [*arrays, *chance]


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_is_the_same_bit_for_bit_and_its_kept_steps_are_right(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    runs: list[Any] = []
    models: list[Any] = []

    def watch(model: Any, optimizer: Any, **more: Any) -> Any:
        runs.append(backprop_tui.watch(model, optimizer, path=tmp_path / "run.backprop", every=1, **more))
        models.append(model)
        return runs[0]

    bare_losses, bare = ran(name, lambda *model, **more: Nothing())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        losses, arrays = ran(name, watch)
    run = runs[0]
    run.close()
    ours = [str(one.message) for one in caught if "backprop-tui" in str(one.message)]
    assert len(ours) == (name in LEFT_OUT), ours
    assert not any("stopped" in text for text in run.warnings), run.warnings
    np.testing.assert_array_equal(losses, bare_losses)
    assert len(arrays) == len(bare)
    for array, expected in zip(arrays, bare, strict=True):
        np.testing.assert_array_equal(array, expected)
    for module in models[0].modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks
    assert capfd.readouterr() == ("", "")
    found = recorded(run.path)
    assert len(found.losses) >= 7
    assert found.steps[0] in (1, 2, 3, 4)
    assert len(found.steps) >= 4
    for step in found.steps:
        linear = check_step(found, step)
        assert linear or name in NOT_SEEN or (step == 1 and name in AFTER_THE_FIRST)
    assert not list(tmp_path.glob("*-wal"))


def check_step(recording: Recorded, step: int) -> int:
    """dZᵀA is the weight's gradient for every Linear that has one of its own; how many there are."""
    facts = recording.facts[step]
    shared = {found["name"] for found in recording.meta["parameters"] if found["shared_with"]}
    checked = 0
    for module in recording.meta["modules"]:
        weight = module["parameters"].get("weight")
        number = module["number"]
        if module["kind"] != "Linear" or weight is None or weight in shared or str(number) not in facts["modules"]:
            continue
        dZ, A, g = (recording.arrays[step].get(name) for name in (f"dZ/{number}", f"A/{number}", f"g/{weight}"))
        if dZ is None or g is None:
            continue
        if not np.isfinite(g).all():
            continue
        product = dZ.astype(np.float64).T @ A
        factor = facts.get("gradient_factor", 1.0)
        half = "bfloat16" in str(recording.meta["parameters"]) or recording.arrays[step].get(f"Z/{number}") is None
        close = 0.02 if half or facts.get("loss_scale") else EXACT
        if facts["modules"][str(number)].get("apart", 0) < 0.05:
            np.testing.assert_allclose(product * factor, g, atol=close * np.abs(g).max(), rtol=0)
            checked += 1
    for name, (before, gradient, change) in facts["norms"].items():
        for symbol, size in (("θ", before), ("g", gradient), ("Δ", change)):
            array = recording.arrays[step].get(f"{symbol}/{name}")
            if array is not None and isinstance(size, float) and np.isfinite(array).all():
                assert size == pytest.approx(np.linalg.norm(array.astype(np.float64)), rel=1e-3, abs=1e-12)
    return checked
