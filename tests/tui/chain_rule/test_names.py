"""What the data call things stands beside their indices: in the op, the neuron's page and the diagram."""

from collections.abc import Callable
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest

from backprop_tui.core.chain_rule.entry_names import EntryName, entry_names
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.session.session import Session
from backprop_tui.tui.chain_rule.neuron_lines import neuron_page
from backprop_tui.tui.chain_rule.op_lines import op_page
from backprop_tui.tui.panes.majority import majority_note
from backprop_tui.tui.panes.view import View
from backprop_tui.tui.panes.weights import weights_picture

Named = Callable[..., Session]


@pytest.fixture
def flowers(session_of: Callable[..., Session]) -> Session:
    table = {
        "title": "Flowers",
        "data": {
            "kind": "inline",
            "inputs": [[1.0, 10.0], [2.0, 20.0], [6.0, 30.0]],
            "targets": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            "normalize": True,
        },
        "layers": [{"units": 2, "activation": "tanh"}, {"units": 3, "activation": "softmax"}],
    }
    made = session_of(table)
    names = {"feature_names": ("petal length", "petal\x1bwidth"), "class_names": ("setosa", "versicolor", "virginica")}
    return Session(made.preset, replace(made.dataset, **names))


def text(session: Session, view: View, width: int = 100) -> str:
    page = op_page(session, view, width)
    return "\n".join(strip.text.rstrip() for strip in [*page.head, *page.rows])


def test_every_quantity_names_its_inputs_and_outputs(flowers: Session) -> None:
    plan, data = flowers.plan, flowers.dataset
    petal, virginica = EntryName("input", 1, "petal length"), EntryName("output", 3, "virginica")
    named = {
        ("X", None): ((0, 1), [petal]),
        ("Y", None): ((2, 0), [virginica]),
        ("W", 1): ((1, 0), [petal]),
        ("dW", 1): ((1, 0), [petal]),
        ("dZ", 1): ((1, 0), []),
        ("A", 1): ((0, 0), []),
        ("W", 2): ((2, 1), [virginica]),
        ("db", 2): ((2,), [virginica]),
        ("dZ", 2): ((2, 0), [virginica]),
        ("A", 2): ((2, 0), [virginica]),
        ("ℒ", None): ((), []),
    }
    for key, (index, expected) in named.items():
        assert entry_names(plan[key], index, data, 2) == expected, key


def test_names_that_the_index_tells_are_none(session_of: Callable[..., Session]) -> None:
    for name in ("xor", "mazur", "spiral"):
        session = session_of(name)
        for quantity in session.plan.quantities.values():
            index = tuple(0 for _ in quantity.array.shape)
            assert entry_names(quantity, index, session.dataset, len(session.trainer.layers)) == []


def test_an_op_says_whose_numbers_they_are_and_what_the_data_have(flowers: Session) -> None:
    view = View(Spotlight(1, 1, 0, 2))
    flowers.seek(2)
    said = " ".join(text(flowers, view).split())
    assert 'input 1 is "petal length"' in said
    assert "\x1b" not in said
    assert "X₁,₃ = 6, X₂,₃ = 30" in said
    while flowers.op is None or flowers.op.name != "dZ" or flowers.op.layer != 2:
        flowers.forward("op")
    assert 'output 3 is "virginica"' in text(flowers, View(Spotlight(2, 2, 0, 2)))


def test_the_neuron_and_the_diagram_have_the_names_too(flowers: Session) -> None:
    flowers.forward("step")
    rows = [strip.text for strip in neuron_page(flowers, View(Spotlight(1, 1, 0)), 110).rows]
    assert any("X₁,₁ petal length " in row for row in rows)
    out = " ".join(strip.text for strip in neuron_page(flowers, View(Spotlight(2, 2, 0)), 110).rows)
    assert 'output 3 is "virginica"' in out
    drawn = "\n".join(strip.text for strip in weights_picture(flowers, View(Spotlight(1, 1, 0)), 100, 20).lines)
    for name in ("petal length", "setosa", "versicolor", "virginica"):
        assert name in drawn
    narrow = "\n".join(strip.text for strip in weights_picture(flowers, View(Spotlight(1, 1, 0)), 40, 20).lines)
    assert "setosa" in narrow
    assert "vers" in narrow


def test_answers_and_targets_of_normalized_targets_are_told_in_the_data_s_own_units(
    session_of: Callable[..., Session],
) -> None:
    # Targets 100, 200 and 600: mean 300, deviation √(140000/3); the network answers 0.5 deviations above the mean.
    table = {
        "title": "Prices",
        "data": {
            "kind": "inline",
            "inputs": [[1.0], [2.0], [3.0]],
            "targets": [[100.0], [200.0], [600.0]],
            "normalize_targets": True,
        },
        "layers": [{"units": 1, "activation": "identity", "weights": [[0.0]], "biases": [0.5]}],
    }
    session, view = session_of(table), View(Spotlight(1, 0, 0, 2))
    while session.op is None or session.op.phase != "loss":
        session.forward("op")
    said = text(session, view)
    assert "in the data's own units" in said
    assert f"A⁽¹⁾₁,₃ = {300 + sqrt(140000 / 3) / 2:.3f}" in said
    assert "Y₁,₃ = 600" in said


def test_that_one_answer_for_all_would_do_as_well_is_said(session_of: Callable[..., Session]) -> None:
    table = {
        "title": "Rare",
        "data": {"kind": "inline", "inputs": [[0.0], [1.0], [2.0], [3.0]], "targets": [[0.0], [0.0], [1.0], [0.0]]},
        "layers": [{"units": 1, "activation": "sigmoid", "weights": [[0.0]], "biases": [-2.0]}],
        "optimizer": {"learning_rate": 1e-9},
    }
    session = session_of(table)
    assert majority_note(session) == ""
    session.forward("step")
    assert majority_note(session) == "accuracy 0.75: the most frequent class alone gives 0.75"
    assert majority_note(session, 0.8) == ""
    table["layers"][0]["biases"] = [2.0]  # type: ignore[index]
    worse = session_of(table)
    worse.forward("step")
    assert majority_note(worse) == "accuracy 0.25: the most frequent class alone gives 0.75"
    table["layers"][0] |= {"weights": [[0.0]], "biases": [-2.0]}  # type: ignore[index]
    table["data"] = {"kind": "inline", "inputs": [[0.0], [1.0]], "targets": [[0.0], [0.0]]}
    alike = session_of(table)
    alike.forward("step")
    assert majority_note(alike) == ""


def test_own_units_are_those_that_were_read() -> None:
    values = np.array([[1.0, 4.0, 7.0]])
    mean, std = np.array([[4.0]]), np.array([[3.0]])
    data = Dataset(
        "inline", (values - mean) / std, values, values[:, :0], values[:, :0], "real", ("x1",), mean=mean, std=std
    )
    assert data.inputs_in_own_units(data.inputs).tolist() == values.tolist()
    assert data.in_own_units(values).tolist() == values.tolist()
