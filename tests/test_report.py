"""Documents of a step: the keys and shapes of the JSON, and the text."""

import json
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.report import explain_json, explain_text, nested, number
from backprop_tui.core.spotlight import Spotlight


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.5, 1.5), (None, None), (float("nan"), "nan"), (float("inf"), "inf"), (-float("inf"), "-inf")],
)
def test_numbers_that_json_has_not_are_words(value: float | None, expected: Any) -> None:
    assert number(value) == expected
    if value is not None:
        assert nested(np.array([[value, 2.0]])) == [[expected, 2.0]]
        assert nested(np.array(value)) == expected


def test_keys_and_shapes(session_of: Any, network_table: Any) -> None:
    session = session_of(network_table("relu", "sigmoid", "binary_cross_entropy", batch=3, optimizer="adam"))
    document = explain_json(session, 3)
    assert session.count == session.timeline.finish_of(3)
    assert set(document) == {
        *("preset", "title", "step", "epoch", "batch", "forward", "loss", "backward", "update"),
        *("gradient_norm", "after"),
    }
    assert (document["preset"], document["title"], document["step"], document["epoch"]) == ("test", "Small", 3, 1)
    assert document["batch"]["size"] == 1
    assert np.shape(document["batch"]["inputs"]) == (2, 1)
    assert np.shape(document["batch"]["targets"]) == (3, 1)
    widths = [2, 3, 4, 3]
    assert [entry["layer"] for entry in document["forward"]] == [1, 2, 3]
    assert [entry["activation"] for entry in document["forward"]] == ["relu", "relu", "sigmoid"]
    for n, entry in enumerate(document["forward"], 1):
        assert np.shape(entry["W"]) == (widths[n], widths[n - 1])
        assert np.shape(entry["b"]) == (widths[n],)
        assert np.shape(entry["Z"]) == np.shape(entry["A"]) == (widths[n], 1)
    assert set(document["loss"]) == {"kind", "value"}
    assert document["loss"]["kind"] == "binary_cross_entropy"
    assert [entry["layer"] for entry in document["backward"]] == [3, 2, 1]
    for entry in document["backward"]:
        n = entry["layer"]
        assert np.shape(entry["dW"]) == (widths[n], widths[n - 1])
        assert np.shape(entry["db"]) == (widths[n],)
        assert np.shape(entry["dZ"]) == (widths[n], 1)
        assert entry["dA"] is None if n == 3 else np.shape(entry["dA"]) == (widths[n], 1)
    assert [entry["layer"] for entry in document["update"]] == [1, 2, 3]
    for entry, gradient in zip(document["update"], reversed(document["backward"]), strict=True):
        assert entry["applied"] == {"W": gradient["dW"], "b": gradient["db"]}
        assert np.shape(entry["W"]) == np.shape(gradient["dW"])
    assert set(document["after"]) == {"loss", "predictions"}
    assert np.shape(document["after"]["predictions"]) == (3, 1)
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_what_is_not_there_is_null(session_of: Any, network_table: Any) -> None:
    document = explain_json(session_of(network_table("tanh", "identity", "half_squared_error", bias=False)), 1)
    assert all(entry["b"] is None for entry in document["forward"])
    assert all(entry["db"] is None for entry in document["backward"])
    assert all(entry["b"] is None and entry["applied"]["b"] is None for entry in document["update"])
    assert np.shape(document["backward"][0]["dA"]) == (3, 7)


def test_untrained_biases_receive_nothing(session_of: Any, network_table: Any) -> None:
    document = explain_json(
        session_of(network_table("tanh", "identity", "half_squared_error", optimizer="frozen biases")), 1
    )
    for entry, before in zip(document["update"], document["forward"], strict=True):
        assert entry["applied"]["b"] == [0.0] * len(entry["b"])
        assert entry["b"] == before["b"]
    squares = [np.sum(np.square(entry["dW"])) for entry in document["backward"]]
    assert document["gradient_norm"] == pytest.approx(np.sqrt(sum(squares)), rel=1e-12)


def test_the_same_step_is_the_same_document_from_wherever(session_of: Any) -> None:
    session = session_of("xor")
    document = explain_json(session, 5)
    session.seek(session.timeline.finish_of(40) + 3)
    assert explain_json(session, 5) == document


def test_the_update_of_one_step_is_the_start_of_the_next(session_of: Any) -> None:
    session = session_of("first-steps")
    first, second = explain_json(session, 1), explain_json(session, 2)
    for after, before in zip(first["update"], second["forward"], strict=True):
        assert (after["W"], after["b"]) == (before["W"], before["b"])
    assert first["after"]["loss"] == second["loss"]["value"]


def test_a_diverged_step_is_strict_json(session_of: Any) -> None:
    session = session_of("linear-neuron", changes={"optimizer.learning_rate": 1e6})
    document = explain_json(session, 60)
    read = json.loads(json.dumps(document, allow_nan=False))
    assert read["loss"]["value"] in ("nan", "inf")


def test_the_text_has_the_numbers_of_the_step(session_of: Any) -> None:
    text = explain_text(session_of("first-steps"), 1, Spotlight(1, 0, 0))
    for line in (
        "dW⁽²⁾₁,₁ = dZ⁽²⁾₁,₁ · A⁽¹⁾₁,₁ = −0.0415272458 · 0.651354865 = −0.0270489736",
        "Z⁽¹⁾₁,₁ = W⁽¹⁾₁,₁ · X₁,₁ + W⁽¹⁾₁,₂ · X₂,₁ + b⁽¹⁾₁ = 0.15 · 0.5 + 0.25 · 0.8 + 0.35 = 0.625",
        "new W⁽¹⁾₁,₁ = W⁽¹⁾₁,₁ + ΔW⁽¹⁾₁,₁ = 0.15 + 0.000943049305 = 0.150943049",
        "ℒ = 0.0254549601   (before: 0.0270581286)",
        "A⁽²⁾₁,₁ = 0.774367732",
    ):
        assert line in text
    session = session_of("first-steps")
    for op in session.plan.ops:
        assert op.rule in text
        assert op.why in text


def test_the_text_of_a_large_network_sums_up_and_shows_the_spotlight(session_of: Any) -> None:
    table = {
        "title": "Wide",
        "data": {"kind": "spiral", "samples": 60},
        "layers": [{"units": 30, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
    }
    text = explain_text(session_of(table), 2, Spotlight(1, 4, 1, example=20))
    assert "dW⁽¹⁾: 30×2, from " in text
    assert "dW⁽¹⁾₅,₂ = 1/m · (" in text
    assert "dZ⁽¹⁾₅,₂₁ · X₂,₂₁" in text
    assert "[26 more]" in text
    assert len(text.splitlines()) < 200
