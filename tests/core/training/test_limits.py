"""What a run needs, said before it is taken: never less than what is taken then, and refused above 1 GB."""

import gzip
import struct
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.compare.comparison import Comparison
from backprop_tui.core.compare.report import compare, comparison_of
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.proof.contest import Contest
from backprop_tui.core.session.run import Goal, train
from backprop_tui.core.session.session import Session
from backprop_tui.core.training import limits
from backprop_tui.core.training.evaluation import Evaluator
from backprop_tui.core.training.limits import check_printed
from backprop_tui.core.training.living_units import LivingUnits
from backprop_tui.core.training.trainer import Trainer
from backprop_tui.core.worked.document import solution_document

from ...share import share

Table = dict[str, Any]
MUCH = 3 * 10**7
"""Bytes; what is refused may take less."""


def network(*units: int, data: Table | None = None, **more: Any) -> Table:
    hidden = [{"units": width, "activation": "tanh"} for width in units]
    return {
        "title": "Large",
        "data": data or {"kind": "inline", "inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]},
        "layers": [*hidden, {"units": 1, "activation": "sigmoid"}],
        **more,
    }


@contextmanager
def little_memory(limit: int = MUCH) -> Iterator[None]:
    """Asserts that no more than `limit` bytes are taken at any time in it."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < limit
    finally:
        tracemalloc.stop()


def trained(table: Table) -> None:
    session = Session(*load_preset(table, "large.toml"))
    train(session, Goal(3, "steps"))


def explained(table: Table) -> None:
    solution_document(Session(*load_preset(table, "large.toml")), 1)


def contested(table: Table) -> None:
    preset, dataset = load_preset(table, "large.toml")
    Contest(Trainer(preset, dataset, 0), dataset, 4).advance(1e9)


def compared(table: Table) -> None:
    compare(comparison_of([load_preset(table, "large.toml")]), 2)


NETWORKS = {
    "many parameters": network(600, 600),
    "many moments": network(500, 500, optimizer={"kind": "adam", "learning_rate": 0.01}),
    "penalties": network(500, 500, optimizer={"learning_rate": 0.1, "l2": 0.1, "clip_norm": 1.0, "weight_decay": 0.1}),
    "many units": network(2000),
    "many examples": network(20, 20, data={"kind": "gauss", "samples": 2000}),
    "small batches": network(20, data={"kind": "gauss", "samples": 50_000}, training={"batch_size": 7}),
    "many features": network(data={"kind": "digits"}) | {"layers": [{"units": 10, "activation": "softmax"}]},
    "numbers of half the size": network(600, 600, training={"dtype": "float32"}),
    "many layers": network(*[3] * 40),
}


@pytest.mark.parametrize("use", [trained, explained, contested])
@pytest.mark.parametrize("name", share([*NETWORKS][::3], [*NETWORKS]))
def test_a_run_takes_no_more_than_what_it_is_said_to_need(
    monkeypatch: pytest.MonkeyPatch, name: str, use: Callable[[Table], None]
) -> None:
    # What is imported, and kept of the digits, is no part of it.
    use(NETWORKS["many features"] if name == "many features" else network(2))
    said = []
    monkeypatch.setattr(limits, "refuse", lambda count, what, advice: said.append(count))
    tracemalloc.start()
    try:
        use(NETWORKS[name])
        assert tracemalloc.get_traced_memory()[1] < max(said)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("use", [trained, explained, contested, compared])
@pytest.mark.parametrize(
    "table",
    [
        network(3_000_000),
        network(100_000, 100_000),
        network(2**62),
        network(2**62, 2**62),
        network(1000, data={"kind": "gauss", "samples": 10**6}),
        network(2000, 2000, optimizer={"kind": "adam", "learning_rate": 0.1}, data={"kind": "gauss", "samples": 10**5}),
        network(data={"kind": "spiral", "samples": 30_000_000}),
        network(data={"kind": "spiral", "samples": 2**62}),
    ],
)
def test_more_than_a_gigabyte_is_refused_with_its_size(table: Table, use: Callable[[Table], None]) -> None:
    with (
        little_memory(4 * 10**8),
        pytest.raises(PresetError, match=r"^large\.toml.* would need .*GB.* limit is 1 GB"),
    ):
        use(table)


def test_layers_without_end_are_refused_before_they_are_made() -> None:
    layer = {"units": 1, "activation": "tanh", "repeat": 1000}
    for tables, message in ((11, "10,000 layers, found 11,000, which would need 825 MB"), (10_000, "750 GB")):
        table = network() | {"layers": [layer] * tables}
        with little_memory(), pytest.raises(PresetError, match=message):
            load_preset(table, "large.toml")


def test_a_document_of_too_many_numbers_is_refused() -> None:
    preset, _ = load_preset(network(3), "large.toml")
    check_printed(preset, 10**6)
    with pytest.raises(PresetError, match=r"the 20,000,000 numbers of the JSON would need 2\.2 GB"):
        check_printed(preset, 20_000_000)


def test_runs_beside_each_other_have_to_fit_together() -> None:
    table = network(1600, 1600)
    variants = [{"name": str(seed), "set": {"seed": seed}} for seed in range(1, 6)]
    with little_memory(10**9), pytest.raises(PresetError, match=r"[45] runs beside each other would need"):
        comparison_of([load_preset(table | {"variants": variants}, "large.toml")])
    loaded = load_preset(table, "large.toml")
    with little_memory(), pytest.raises(PresetError, match=r"7 runs beside each other would need"):
        comparison_of([loaded] * 7)
    assert len(Comparison([("one", Session(*loaded))]).runs) == 1


def test_what_a_file_declares_is_not_taken_before_it_is_there(tmp_path: Path) -> None:
    header = bytes([0, 0, 8, 3]) + struct.pack(">3I", 150_000, 28, 28)
    (tmp_path / "a-images-idx3.gz").write_bytes(gzip.compress(header))
    (tmp_path / "a-labels-idx1.gz").write_bytes(gzip.compress(bytes([0, 0, 8, 1]) + struct.pack(">I", 150_000)))
    table = network(data={"kind": "idx", "path": "a-images-idx3.gz"})
    with little_memory(), pytest.raises(PresetError, match=r"150,000 examples × 784 numbers would need 1\.06 GB"):
        load_preset(table, "large.toml", tmp_path)
    header = bytes([0, 0, 8, 3]) + struct.pack(">3I", 60_000, 28, 28)
    (tmp_path / "a-images-idx3.gz").write_bytes(gzip.compress(header + bytes(100)))
    with little_memory(5 * 10**7), pytest.raises(PresetError, match=r"breaks off: expected 47,040,000 bytes"):
        load_preset(table, "large.toml", tmp_path)


def test_an_archive_that_unpacks_to_too_many_examples_is_refused(tmp_path: Path) -> None:
    np.savez_compressed(
        tmp_path / "a.npz", inputs=np.zeros((13_000_000, 10), np.uint8), targets=np.zeros(13_000_000, "u1")
    )
    with (
        little_memory(2 * 10**8),
        pytest.raises(PresetError, match=r"13,000,000 examples × 10 numbers would need 1\.04 GB"),
    ):
        load_preset(network(data={"kind": "npz", "path": "a.npz"}), "large.toml", tmp_path)


def test_one_hot_targets_take_no_more_than_they_are(tmp_path: Path) -> None:
    (tmp_path / "a-images-idx3").write_bytes(bytes([0, 0, 8, 3]) + struct.pack(">3I", 2, 1, 1) + bytes(2))
    (tmp_path / "a-labels-idx1").write_bytes(bytes([0, 0, 8, 1]) + struct.pack(">I", 2) + bytes([0, 1]))
    table = network(data={"kind": "idx", "path": "a-images-idx3"}) | {
        "layers": [{"units": 10**5, "activation": "softmax"}]
    }
    with little_memory():
        load_preset(table, "large.toml", tmp_path)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_portions_come_to_the_same_as_the_whole(monkeypatch: pytest.MonkeyPatch, activation: str) -> None:
    table = network(data={"kind": "gauss", "samples": 300})
    table["layers"] = [{"units": 9, "activation": activation, "init": "normal", "init_scale": 3.0}, table["layers"][-1]]
    preset, dataset = load_preset(table, "large.toml")
    evaluator = Evaluator(Trainer(preset, dataset, 3), dataset)
    whole, living = evaluator.training(), LivingUnits()
    found, witnesses = living.find(evaluator), living.witnesses
    monkeypatch.setattr(limits, "PORTION", 11)
    portions, again = evaluator.training(), LivingUnits()
    assert portions.loss == pytest.approx(whole.loss, rel=1e-12)
    assert portions.accuracy == pytest.approx(whole.accuracy)
    assert again.find(evaluator) == found
    assert np.array_equal(again.witnesses, witnesses)
