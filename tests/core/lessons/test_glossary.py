"""The glossary: it has every symbol that an op writes, its formulas are the program's own, and it can be searched."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from backprop_tui import presets
from backprop_tui.core.diagnosis.rules import RULES
from backprop_tui.core.lessons.glossary import GLOSSARY, entry, names, of_ops, of_symbol, search
from backprop_tui.core.network.activations import ACTIVATIONS
from backprop_tui.core.network.initializers import INITIALIZERS
from backprop_tui.core.network.losses import LOSSES
from backprop_tui.core.network.optimizers import OPTIMIZERS
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import OptimizerPreset
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.lesson.glossary_lines import entries_lines

OUTPUTS = (
    ("softmax", "cross_entropy"),
    ("sigmoid", "binary_cross_entropy"),
    ("identity", "mean_squared_error"),
    ("softmax", "half_squared_error"),
)
PENALTIES = {"kind": "adamw", "weight_decay": 0.1, "clip_norm": 1.0, "clip_value": 0.5, "l1": 0.1, "l2": 0.1}


def without_an_entry(session: Session) -> set[str]:
    return {one.symbol for one in session.plan.quantities.values() if of_symbol(one.symbol) is None}


@pytest.mark.parametrize("name", presets.names())
def test_every_symbol_of_every_preset_has_an_entry(session_of: Callable[..., Session], name: str) -> None:
    assert not without_an_entry(session_of(name))


@pytest.mark.parametrize(
    ("activation", "optimizer"), list(zip(ACTIVATIONS, [*OPTIMIZERS, PENALTIES, *OPTIMIZERS], strict=False))
)
def test_every_symbol_of_every_part_has_an_entry(
    session_of: Callable[..., Session], network_table: Callable[..., Any], activation: str, optimizer: Any
) -> None:
    for (output, loss), parts in product(OUTPUTS, (False, True)):
        table = network_table(
            activation, output, loss, optimizer=optimizer, batch_norm=parts, residual=parts, dropout=0.2 * parts
        )
        assert not without_an_entry(session_of(table))


def test_symbols_that_look_alike_are_told_apart() -> None:
    said = {
        symbol: found.name
        for symbol in ("s", "s(W)", "s₀(b)", "m", "m(γ)", "β", "Δβ", "σ²", "σ", "σ′(Z)")
        if (found := of_symbol(symbol))
    }
    assert said == {
        "s": "batch deviation",
        "s(W)": "moment s",
        "s₀(b)": "moment s",
        "m": "batch size",
        "m(γ)": "moment m",
        "β": "shift of batch norm",
        "Δβ": "change of a parameter",
        "σ²": "batch variance",
        "σ": "sigmoid",
        "σ′(Z)": "sigmoid",
    }  # fmt: skip


def test_names_are_unique_and_what_entries_point_to_is_there() -> None:
    called = [one.name for one in GLOSSARY]
    assert len(set(called)) == len(called)
    assert {other for one in GLOSSARY for other in one.see} <= set(called)
    assert all(one.text.endswith(".") for one in GLOSSARY)


def test_every_symbol_and_everything_to_choose_from_has_a_formula() -> None:
    chosen = {*ACTIVATIONS, *OPTIMIZERS, *INITIALIZERS, "softmax", *(loss.title for loss in LOSSES.values())}
    assert all(one.formulas for one in GLOSSARY if one.symbol or one.name in chosen)


def test_formulas_are_those_of_the_program() -> None:
    for name, activation in ACTIVATIONS.items():
        assert entry(name).formulas == (activation.formula, activation.derivative)
    for name, loss in LOSSES.items():
        assert entry(name).formulas == (loss.formula,)
    for name, initializer in INITIALIZERS.items():
        assert initializer.formula in entry(name).formulas[0]
    for name, rule in RULES.items():
        assert rule.definition in entry(name).formulas[0]
    assert entry("momentum").formulas == OPTIMIZERS["momentum"](OptimizerPreset(learning_rate=0.1)).rule("g", "θ")
    assert "λ θ" in entry("adamw").formulas[-1]
    assert entry("he_normal").formulas == ("W normal with sd = √(2 / n_in)",)
    assert entry("xavier_uniform").formulas == ("W evenly between −√(6 / (n_in + n_out)) and √(6 / (n_in + n_out))",)


def test_numbers_that_the_file_leaves_to_the_program_are_filled_in() -> None:
    assert entry("running statistics").formulas == ("running ← 0.9 · running + 0.1 · batch",)
    assert "1e-05 in batch norm" in entry("ε").text
    assert not any("{" in text for one in GLOSSARY for text in (one.text, *one.formulas))


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("dZ", "gradient at the preactivations"),
        ("eta", "learning rate"),
        ("lr", "learning rate"),
        ("vanishing", "vanishing gradient"),
        ("relu", "relu"),
        ("HE_NORMAL", "he_normal"),
        ("chain r", "chain rule"),
        ("mean squared", "mean squared error"),
    ],
)
def test_what_is_typed_finds_what_is_called_so_first(typed: str, first: str) -> None:
    assert search(typed)[0].name == first


def test_every_entry_is_found_by_each_of_its_names_and_longer_words_find_no_more() -> None:
    for one in GLOSSARY:
        for name in names(one):
            found = search(name)
            assert one in found
            assert set(map(id, found)) <= set(map(id, search(name[:-1])))
    assert list(search("")) == list(GLOSSARY)
    assert search("no such thing at all") == []


def test_a_term_that_is_not_there_is_named_with_the_nearest() -> None:
    with pytest.raises(PresetError, match='the glossary has no "soft max"; did you mean "softmax"'):
        entry("soft max")


def test_an_op_has_its_results_first(session_of: Callable[..., Session]) -> None:
    session = session_of("first-steps")
    op = session.plan.writer(session.plan["dW", 2])
    assert op is not None
    assert [one.symbol for one in of_ops([op])] == ["dW", "db", "dZ", "A"]


@pytest.mark.parametrize("width", [20, 44, 76])
def test_lines_fit_and_ascii_has_a_reading_for_everything(width: int) -> None:
    lines = entries_lines(GLOSSARY, width, Look(glyphs=ASCII))
    assert all(strip.cell_length <= width for strip in lines)
    text = "\n".join(strip.text for strip in lines)
    assert text.isascii()
    assert "?" not in text


def test_an_entry_in_lines() -> None:
    shown = [strip.text for strip in entries_lines([entry("dW")], 40, Look())]
    assert shown == [
        "dW  gradient of the weights",
        "    dW⁽ˡ⁾ = (1/m) dZ⁽ˡ⁾ (A⁽ˡ⁻¹⁾)ᵀ",
        "    ∂ℒ/∂W: what arrives at the neuron",
        "    times what the weight was given to",
        "    multiply. Same shape as W.",
        "    see chain rule",
        "",
    ]
