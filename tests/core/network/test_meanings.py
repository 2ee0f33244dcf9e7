"""What each setting means: every one has words, and the formula is that of what is chosen."""

import pytest

from backprop_tui.core.network.meanings import NOISES, SETS, meaning
from backprop_tui.core.preset.data_table import GENERATED_SETS
from backprop_tui.core.preset.hyper_parameters import hyper_parameters
from backprop_tui.core.preset.preset import from_table

from ...random_walks import loaded, names


@pytest.mark.parametrize("name", names())
def test_every_setting_has_words_and_nearly_every_one_a_formula(name: str) -> None:
    preset, _ = loaded(name)
    for parameter in hyper_parameters(preset):
        found = meaning(preset, parameter.path)
        assert found.words, parameter.path
        without = parameter.name in ("repeat", "seed", "kind", "noise", "features", "samples")
        assert found.formula or without, parameter.path


@pytest.mark.parametrize(
    ("path", "formula"),
    [
        ("optimizer.kind", "v = β v₀ + g   Δθ = −ηₖ v"),
        ("optimizer.learning_rate", "v = β v₀ + g   Δθ = −ηₖ v"),
        ("optimizer.schedule.gamma", "ηₖ = η · γ^(k − 1)"),
        ("optimizer.weight_decay", "g = ∂ℒ/∂θ + λ θ"),
        ("loss.kind", "ℓ = ½ Σ (ŷ − y)²   ℒ = (1/m) Σ ℓ"),
        ("layers.0.activation", "leaky_relu(z) = z for z > 0, else 0.2 z"),
        ("layers.0.init", "W: sd = √(2 / n_in)"),
        ("layers.1.activation", "tanh(z) = (e^z − e^−z) / (e^z + e^−z)"),
        ("layers.1.bias", "Z = W A"),
        ("data.kind", "y = (x1 + x2) / 10"),
        ("data.noise", NOISES["plane"]),
    ],
)
def test_formulas_are_those_of_what_is_chosen(path: str, formula: str) -> None:
    preset = from_table(
        {
            "title": "Told",
            "data": {"kind": "plane"},
            "layers": [
                {"units": 2, "activation": "leaky_relu", "slope": 0.2},
                {"units": 1, "activation": "tanh", "bias": False},
            ],
            "loss": {"kind": "half_squared_error"},
            "optimizer": {"kind": "momentum", "learning_rate": 0.1, "schedule": {"kind": "exponential"}},
        },
        "test",
    )
    assert meaning(preset, path).formula == formula


def test_every_set_that_is_drawn_is_told() -> None:
    assert set(GENERATED_SETS) <= set(SETS)
    assert set(GENERATED_SETS) == set(NOISES)


def test_no_setting_has_no_meaning() -> None:
    preset, _ = loaded("xor")
    assert str(meaning(preset, "optimizer.nothing")) == str(meaning(preset, "layers.9.x")) == ""
