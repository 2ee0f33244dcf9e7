"""A step as JSON: keys, shapes, and that its numbers are those of the run."""

import json
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.preset.json_number import nested, number
from backprop_tui.core.worked.step_json import explain_json


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
    assert session.count == session.timeline.finish_of(3) - 1
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
        assert set(entry) == {"layer", "activation", "W", "b", "Z", "A"}
        assert np.shape(entry["W"]) == (widths[n], widths[n - 1])
        assert np.shape(entry["b"]) == (widths[n],)
        assert np.shape(entry["Z"]) == np.shape(entry["A"]) == (widths[n], 1)
    assert set(document["loss"]) == {"kind", "value"}
    assert document["loss"]["kind"] == "binary_cross_entropy"
    assert [entry["layer"] for entry in document["backward"]] == [3, 2, 1]
    for entry in document["backward"]:
        n = entry["layer"]
        assert set(entry) == {"layer", "dA", "dZ", "dW", "db"}
        assert np.shape(entry["dW"]) == (widths[n], widths[n - 1])
        assert np.shape(entry["db"]) == (widths[n],)
        assert np.shape(entry["dZ"]) == (widths[n], 1)
        assert entry["dA"] is None if n == 3 else np.shape(entry["dA"]) == (widths[n], 1)
    assert [entry["layer"] for entry in document["update"]] == [1, 2, 3]
    for entry, gradient in zip(document["update"], reversed(document["backward"]), strict=True):
        assert entry["applied"] == {"W": gradient["dW"], "b": gradient["db"]}
        assert set(entry["moments"]) == {"m", "v"}
        for part in (entry, entry["delta"], entry["moments"]["m"], entry["moments"]["v"]):
            assert np.shape(part["W"]) == np.shape(gradient["dW"])
            assert np.shape(part["b"]) == np.shape(gradient["db"])
    assert set(document["after"]) == {"loss", "predictions"}
    assert np.shape(document["after"]["predictions"]) == (3, 1)
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_what_is_not_there_is_null(session_of: Any, network_table: Any) -> None:
    document = explain_json(session_of(network_table("tanh", "identity", "half_squared_error", bias=False)), 1)
    assert all(entry["b"] is None for entry in document["forward"])
    assert all(entry["db"] is None for entry in document["backward"])
    assert all(entry["b"] is None and entry["applied"]["b"] is None for entry in document["update"])
    assert np.shape(document["backward"][0]["dA"]) == (3, 7)
    assert all("moments" not in entry for entry in document["update"])


def test_batch_norm_and_dropout_have_keys_of_their_own(session_of: Any, network_table: Any) -> None:
    table = network_table("tanh", "identity", "half_squared_error", batch_norm=True, dropout=0.4, residual=True)
    document = explain_json(session_of(table), 2)
    first, last = document["forward"][0], document["forward"][2]
    normed = {"gamma", "beta", "mean", "variance", "Z_hat", "N", "running_mean", "running_variance"}
    assert set(first) == {"layer", "activation", "W", "b", "Z", "A", *normed, "F", "D", "mask"}
    assert set(last) == {"layer", "activation", "W", "b", "Z", "A"}
    Z, Z_hat, N, mask = (np.array(first[name]) for name in ("Z", "Z_hat", "N", "mask"))
    mean, variance = Z.mean(axis=1, keepdims=True), Z.var(axis=1, keepdims=True)
    assert Z_hat == pytest.approx((Z - mean) / np.sqrt(variance + 1e-5), abs=1e-12)
    assert np.array(first["mean"]) == pytest.approx(mean[:, 0], abs=1e-15)
    assert pytest.approx(np.array(first["gamma"])[:, None] * Z_hat + np.array(first["beta"])[:, None]) == N
    assert np.all((mask == 0) | (np.abs(mask - 1 / 0.6) < 1e-15))
    assert np.array(first["A"]) == pytest.approx(np.array(document["batch"]["inputs"]) + mask * np.tanh(N))
    back = document["backward"][2]
    assert set(back) == {"layer", "dA", "dZ", "dW", "db", "dN", "dF", "dgamma", "dbeta"}
    assert back["dbeta"] == pytest.approx(np.mean(back["dN"], axis=1))
    assert back["dgamma"] == pytest.approx(np.mean(np.array(back["dN"]) * Z_hat, axis=1))
    update = document["update"][0]
    assert set(update["applied"]) == {"W", "b", "gamma", "beta"}
    assert update["applied"]["gamma"] == back["dgamma"]
    assert update["gamma"] == pytest.approx(np.array(first["gamma"]) - 0.05 * np.array(back["dgamma"]))
    assert set(document["update"][2]["applied"]) == {"W", "b"}


def test_afterwards_the_batch_and_the_masks_are_the_same(session_of: Any, network_table: Any) -> None:
    """The loss after the update, worked out here from the new parameters: batch norm by the batch, the same masks."""
    table = network_table("tanh", "identity", "half_squared_error", batch=3, batch_norm=True, dropout=0.4)
    session = session_of(table)
    document = explain_json(session, 2)
    A = np.array(document["batch"]["inputs"])
    for before, after in zip(document["forward"], document["update"], strict=True):
        A = np.array(after["W"]) @ A + np.array(after["b"])[:, None]
        if "gamma" in after:
            A = (A - A.mean(axis=1, keepdims=True)) / np.sqrt(A.var(axis=1, keepdims=True) + 1e-5)
            A = np.array(after["gamma"])[:, None] * A + np.array(after["beta"])[:, None]
            A = np.array(before["mask"]) * np.tanh(A)
    assert np.array(document["after"]["predictions"]) == pytest.approx(A, abs=1e-12)
    errors = A - np.array(document["batch"]["targets"])
    assert document["after"]["loss"] == pytest.approx(np.mean(np.sum(errors**2, axis=0)) / 2, rel=1e-12)
    assert document["after"]["loss"] != document["loss"]["value"]


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


@pytest.mark.parametrize(("kind", "dtype"), [("sgd", "float64"), ("adam", "float64"), ("sgd", "float32")])
def test_the_update_of_one_step_is_the_start_of_the_next(
    session_of: Any, network_table: Any, kind: str, dtype: str
) -> None:
    table = network_table("tanh", "identity", "half_squared_error", optimizer=kind, batch_norm=True, dtype=dtype)
    session = session_of(table)
    first, second = explain_json(session, 1), explain_json(session, 2)
    for after, before in zip(first["update"], second["forward"], strict=True):
        for name in {"W", "b", "gamma", "beta"} & after.keys():
            assert after[name] == before[name]
    assert first["after"]["loss"] == second["loss"]["value"]
    assert first["after"]["predictions"] == second["forward"][-1]["A"]


def test_a_diverged_step_is_strict_json(session_of: Any) -> None:
    session = session_of("linear-neuron", changes={"optimizer.learning_rate": 1e6})
    document = explain_json(session, 60)
    read = json.loads(json.dumps(document, allow_nan=False))
    assert read["loss"]["value"] in ("nan", "inf")


def test_the_derivation_of_a_weight_is_one_more_key(session_of: Any) -> None:
    session = session_of("first-steps")
    whole, document = explain_json(session, 1), explain_json(session, 1, Spotlight(1, 0, 1))
    found = document.pop("weight")
    assert document == whole
    assert found["name"] == "W1[1,2]"
    by_name = {line["name"]: line for line in found["lines"]}
    assert by_name["dW⁽¹⁾₁,₂"]["value"] == document["backward"][1]["dW"][0][1]
    assert by_name["new W⁽¹⁾₁,₂"]["value"] == document["update"][0]["W"][0][1]
    assert by_name["X₂,₁"] == {
        "part": "Given", "op": "", "name": "X₂,₁", "symbols": None, "numbers": None, "value": 0.8
    }  # fmt: skip
