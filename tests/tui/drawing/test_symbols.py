"""No text of the mathematics loses a character in ASCII, whatever the network, its parts and its optimizer."""

from collections.abc import Callable
from typing import Any

import pytest

from backprop_tui import presets
from backprop_tui.core.inquiry.initial_weights import initial_weights
from backprop_tui.core.network.activations import ACTIVATIONS
from backprop_tui.core.network.initializers import INITIALIZERS
from backprop_tui.core.preset.tables import OPTIMIZERS
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.symbols import ascii_symbols


def texts(session: Session) -> set[str]:
    """Everything that a plan says of itself, and the expressions of its first entries in symbols."""
    session.forward("step")
    found: set[str] = set()
    for op in session.plan.ops:
        found |= {op.name, op.rule, op.why}
        for quantity in (*op.reads, *op.writes):
            index = (0,) * quantity.array.ndim
            found |= {quantity.name, quantity.entry(index), quantity.meaning}
        for quantity in op.writes:
            found.add(op.explain(quantity, (0,) * quantity.array.ndim).symbols())
    for layer in session.trainer.layers:
        scheme = initial_weights(session, layer.number).scheme
        if scheme is not None:
            found |= {scheme.sign, scheme.formula, scheme.numbers}
    return found


def lost(found: set[str]) -> list[tuple[str, str]]:
    """The texts in which a character has no reading."""
    read = ((text, ascii_symbols(text)) for text in sorted(found))
    return [(text, plain) for text, plain in read if plain.count("?") != text.count("?") or not plain.isascii()]


@pytest.mark.parametrize("name", presets.names())
def test_presets(session_of: Callable[..., Session], name: str) -> None:
    session = session_of(name)
    said = {session.preset.title, session.preset.summary, session.preset.lesson}
    assert lost(texts(session) | {line for text in said for line in text.splitlines()}) == []


@pytest.mark.parametrize("activation", list(ACTIVATIONS))
def test_activations_with_every_part(
    session_of: Callable[..., Session], network_table: Callable[..., dict[str, Any]], activation: str
) -> None:
    table = network_table(activation, "softmax", "cross_entropy", batch=3, batch_norm=True, residual=True, dropout=0.4)
    formulas = {ACTIVATIONS[activation].formula, ACTIVATIONS[activation].derivative}
    assert lost(texts(session_of(table)) | formulas) == []


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("more", [{}, {"l1": 0.1, "l2": 0.01, "clip_norm": 1.0}, {"clip_value": 0.1}, {"ema": True}])
def test_optimizers(
    session_of: Callable[..., Session],
    network_table: Callable[..., dict[str, Any]],
    kind: str,
    more: dict[str, Any],
) -> None:
    table = network_table(
        "tanh",
        "sigmoid",
        "binary_cross_entropy",
        batch_norm=True,
        optimizer={"kind": kind, "learning_rate": 0.1, **more},
    )
    if kind == "adamw":
        table["optimizer"]["weight_decay"] = 0.01
    if "ema" in more and kind != "momentum":
        del table["optimizer"]["ema"]
    assert lost(texts(session_of(table))) == []


@pytest.mark.parametrize(
    ("output", "loss"),
    [("identity", "half_squared_error"), ("tanh", "mean_squared_error"), ("sigmoid", "binary_cross_entropy")],
)
def test_losses(
    session_of: Callable[..., Session], network_table: Callable[..., dict[str, Any]], output: str, loss: str
) -> None:
    assert lost(texts(session_of(network_table("relu", output, loss)))) == []


@pytest.mark.parametrize("name", list(INITIALIZERS))
def test_initializers(name: str) -> None:
    distribution = INITIALIZERS[name].distribution
    assert lost({INITIALIZERS[name].formula, distribution.sign + "0.5", "sd 0.5"}) == []


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("σ′(Z⁽³⁾)", "sigmoid'(Z3)"),
        ("σ(z) = 1 / (1 + e^−z)", "sigmoid(z) = 1 / (1 + e^-z)"),
        ("σ⁽²⁾", "sigmoid2"),
        ("2→8 σ", "2->8 sigmoid"),
        ("sd = √(2 / n_in)", "sd = sqrt(2 / n_in)"),
        ("s⁽¹⁾ = √(σ²⁽¹⁾ + ε)", "s1 = sqrt(var1 + eps)"),
        ("σ²⁽²⁾₁", "var2[1]"),
        ("running σ²", "running var"),
        ("Ẑ⁽¹⁾ = (Z⁽¹⁾ − μ⁽¹⁾) / s⁽¹⁾", "Z_hat1 = (Z1 - mu1) / s1"),
        ("gelu(z) = z Φ(z)", "gelu(z) = z Phi(z)"),
        ("gelu′(z) = Φ(z) + z φ(z)", "gelu'(z) = Phi(z) + z phi(z)"),
        ("‖g‖", "||g||"),
        ("p = dW + λ₁ sign(W) + λ₂ W", "p = dW + lambda1 sign(W) + lambda2 W"),
        ("v₀(W)⁽¹⁾₁,₂", "v0(W)1[1,2]"),
        ("−η g", "-eta g"),
        ("dγ⁽¹⁾₃", "dgamma1[3]"),
        ("β₁ᵗ", "beta1^t"),
        ("m(W⁽²⁾)₁,₁", "m(W2)[1,1]"),
        ("σ′(Z⁽²⁾)₁,₁", "sigmoid'(Z2)[1,1]"),
        ("m(b⁽²⁾)₁", "m(b2)[1]"),
    ],
)
def test_readings(text: str, plain: str) -> None:
    assert ascii_symbols(text) == plain
