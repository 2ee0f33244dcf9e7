"""Networks that are told from PyTorch's graph: all ops of their kept steps are computed here, to its gradients."""

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from torch import nn
from torch.nn import functional

import backprop_tui
from backprop_tui.core.recording.reader import Recording, open_recording
from backprop_tui.core.recording.rebuilt import RebuiltSession

from .loops import LOOPS

REBUILT = (
    *("plain", "dropout_and_norm", "double", "rewriting_in_place", "functions_between", "data_parallel"),
    *("evaluation_between", "checkpointed", "a_forward_that_fails", "several_updates_to_a_call", "loss_inside"),
)
NOT_EXPRESSED = {
    "transformer": "Transpose",
    "shared_parameters": "inner (Linear), which is called several times",
    "convolutional": "0 (Conv2d)",
    "normed_weights": "ParametrizedLinear",
    "losses_of_several_numbers": "reduction=none",
}


def recording_of(name: str, folder: Path) -> Recording:
    runs: list[Any] = []

    def watch(model: Any, optimizer: Any, **more: Any) -> Any:
        runs.append(backprop_tui.watch(model, optimizer, path=folder / "run.backprop", every=1, **more))
        return runs[0]

    torch.manual_seed(5)
    LOOPS[name](watch)
    runs[0].close()
    assert not runs[0].warnings
    return open_recording(runs[0].path)


@pytest.mark.parametrize("name", REBUILT)
def test_the_gradients_of_the_network_that_was_found_are_those_of_pytorch(name: str, tmp_path: Path) -> None:
    with recording_of(name, tmp_path) as recording:
        session = RebuiltSession(recording)
        assert len(session.kept) == 7
        found = [session.apart(step) for step in session.kept]
        assert all(one is not None and one.worst < 2e-5 for one in found), found


@pytest.mark.parametrize("name", NOT_EXPRESSED)
def test_what_cannot_be_expressed_is_named(name: str, tmp_path: Path) -> None:
    with recording_of(name, tmp_path) as recording:
        assert recording.meta["network"] is None
        assert NOT_EXPRESSED[name] in recording.meta["not_expressed"]


LOSSES: list[tuple[Any, Any]] = [
    (lambda out, y: functional.cross_entropy(out, y), "cross_entropy"),
    (lambda out, y: functional.nll_loss(functional.log_softmax(out, dim=1), y) / 3, None),
    (lambda out, y: functional.nll_loss(functional.log_softmax(out, dim=1), y), "cross_entropy"),
    (lambda out, y: functional.mse_loss(torch.tanh(out), functional.one_hot(y, 3).float()), None),
    (
        lambda out, y: functional.binary_cross_entropy_with_logits(out, functional.one_hot(y, 3).float()),
        "binary_cross_entropy",
    ),
    (lambda out, y: functional.cross_entropy(out, y) + out.square().sum(), None),
    (lambda out, y: functional.cross_entropy(out, y, reduction="sum"), None),
    (lambda out, y: functional.cross_entropy(2 * out, y), None),
]


@pytest.mark.parametrize(("function", "kind"), LOSSES)
@pytest.mark.parametrize("told", ["nothing", "function"])
def test_a_loss_that_is_a_function_is_known_by_its_graph_or_not_at_all(
    function: Any, kind: str | None, told: str, tmp_path: Path
) -> None:
    torch.manual_seed(2)
    model = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    given = function if told == "function" else None
    with backprop_tui.watch(model, optimizer, loss=given, path=tmp_path / "run.backprop", every=1) as run:
        for _ in range(3):
            optimizer.zero_grad()
            loss = function(model(torch.randn(9, 4)), torch.randint(0, 3, (9,)))
            loss.backward()
            optimizer.step()
            run.step(loss)
    with open_recording(tmp_path / "run.backprop") as recording:
        assert bool(recording.meta["network"]) == (kind is not None), recording.meta["not_expressed"]
        if kind is not None:
            assert recording.meta["loss"]["kind"] == kind
            session = RebuiltSession(recording)
            assert all(one is not None and one.worst < 2e-5 for one in map(session.apart, session.kept))


def test_outputs_and_targets_that_are_broadcast_are_told(tmp_path: Path) -> None:
    """The mistake of many a first network: targets (m,) against outputs (m, 1)."""
    model = nn.Linear(3, 1)
    function = nn.MSELoss()
    run = backprop_tui.watch(model, loss=function, path=tmp_path / "run.backprop")
    with pytest.warns(UserWarning, match="target size"):
        loss = function(model(torch.randn(5, 3)), torch.randn(5))
    loss.backward()
    with pytest.warns(UserWarning, match="each with every other"):
        run.step(loss)
    run.close()
