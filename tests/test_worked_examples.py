"""Networks that were worked out by hand: every number of their first update, and where training takes them."""

from typing import Any

import numpy as np
import pytest

from backprop_tui.core.report import explain_json

FIRST_STEPS = {
    "forward": [
        {
            "W": [[0.15, 0.25], [0.2, 0.3]],
            "b": [0.35, 0.35],
            "Z": [[0.625], [0.69]],
            "A": [[0.6513548646660542], [0.6659669267518202]],
        },
        {"W": [[0.4, 0.5]], "b": [0.6], "Z": [[1.1935254092423317]], "A": [[0.7673709878530279]]},
    ],
    "loss": 0.02705812864623804,
    "backward": [
        {
            "dA": [[-0.23262901214697207]],
            "dZ": [[-0.041527245817436]],
            "dW": [[-0.02704897357936999, -0.02765577227350523]],
            "db": [-0.041527245817436],
        },
        {
            "dA": [[-0.0166108983269744], [-0.020763622908718]],
            "dZ": [[-0.00377219722168951], [-0.004618971302785376]],
            "dW": [[-0.001886098610844755, -0.0030177577773516082], [-0.002309485651392688, -0.003695177042228301]],
            "db": [-0.00377219722168951, -0.004618971302785376],
        },
    ],
    "gradient_norm": 0.057342981366671764,
    "update": [
        {
            "W": [[0.15094304930542238, 0.2515088788886758], [0.20115474282569634, 0.30184758852111415]],
            "b": [0.35188609861084474, 0.35230948565139264],
        },
        {"W": [[0.413524486789685, 0.5138278861367526]], "b": [0.620763622908718]},
    ],
    "after": {"loss": 0.025454960097992977, "predictions": [[0.7743677323697119]]},
}

LINEAR_NEURON = {
    "forward": [{"W": [[1.0]], "b": [0.0], "Z": [[2.1]], "A": [[2.1]]}],
    "loss": 3.61,
    "backward": [{"dA": [[-3.8]], "dZ": [[-3.8]], "dW": [[-7.98]], "db": [-3.8]}],
    "gradient_norm": (7.98**2 + 3.8**2) ** 0.5,
    "update": [{"W": [[1.0798]], "b": [0.038]}],
    "after": {"loss": 2.8710591364, "predictions": [[2.30558]]},
}

BY_HAND = {
    "forward": [
        {
            "W": [[1, -1, 1], [1, 1, 0], [0, 1, 1], [1, 0, 1]],
            "b": [-5, 0, 1, -2],
            "Z": [[-1], [3], [5], [3]],
            "A": [[0], [3], [5], [3]],
        },
        {"W": [[1, -1, 1, 0], [0, 1, -1, 1]], "b": [0, 3], "Z": [[2], [4]], "A": [[2], [4]]},
        {
            "W": [[2, 0], [0, 2], [1, 1]],
            "b": [-1, -5, -7],
            "Z": [[3], [3], [-1]],
            "A": [[0.4954626425778431], [0.4954626425778431], [0.009074714844313747]],
        },
    ],
    "loss": 0.7022633214390952,
    "backward": [
        {
            "dA": None,
            "dZ": [[0.4954626425778431], [-0.5045373574221569], [0.009074714844313747]],
            "dW": [
                [0.9909252851556862, 1.9818505703113725],
                [-1.0090747148443138, -2.0181494296886275],
                [0.018149429688627493, 0.03629885937725499],
            ],
            "db": [0.4954626425778431, -0.5045373574221569, 0.009074714844313747],
        },
        {"dA": [[1], [-1]], "dZ": [[1], [-1]], "dW": [[0, 3, 5, 3], [0, -3, -5, -3]], "db": [1, -1]},
        {
            "dA": [[1], [-2], [2], [-1]],
            "dZ": [[0], [-2], [2], [-1]],
            "dW": [[0, 0, 0], [-4, -2, -6], [4, 2, 6], [-2, -1, -3]],
            "db": [0, -2, 2, -1],
        },
    ],
    "gradient_norm": None,
    "update": [
        {"W": [[1, -1, 1], [1.04, 1.02, 0.06], [-0.04, 0.98, 0.94], [1.02, 0.01, 1.03]], "b": [-5, 0.02, 0.98, -1.99]},
        {"W": [[1, -1.03, 0.95, -0.03], [0, 1.03, -0.95, 1.03]], "b": [-0.01, 3.01]},
        {
            "W": [
                [1.990090747148443, -0.019818505703113724],
                [0.010090747148443139, 2.020181494296886],
                [0.9998185057031137, 0.9996370114062274],
            ],
            "b": [-1.0049546264257785, -4.994954626425779, -7.000090747148443],
        },
    ],
    "after": {
        "loss": 0.010869507838750379,
        "predictions": [[0.009080377540902792], [0.9891893518100787], [0.0017302706490184474]],
    },
}
# The norm of all the gradients above it: squares of whole numbers, and of dZ⁽³⁾ times (1 + 2² + 4²).
SQUARES = 2 * (9 + 25 + 9) + 2 + (16 + 4 + 36) * 2 + (4 + 1 + 9) + 4 + 4 + 1
OUTPUT_SQUARES = 0.4954626425778431**2 + 0.5045373574221569**2 + 0.009074714844313747**2
BY_HAND["gradient_norm"] = (SQUARES + 21 * OUTPUT_SQUARES) ** 0.5


def same(found: Any, expected: Any) -> None:
    if expected is None:
        assert found is None
    else:
        np.testing.assert_allclose(np.array(found), np.array(expected), rtol=1e-12, atol=1e-14, strict=False)
        assert np.shape(found) == np.shape(expected)


@pytest.mark.parametrize(
    ("preset", "expected"), [("first-steps", FIRST_STEPS), ("linear-neuron", LINEAR_NEURON), ("by-hand", BY_HAND)]
)
def test_every_number_of_the_first_update(session_of: Any, preset: str, expected: dict[str, Any]) -> None:
    document = explain_json(session_of(preset), 1)
    for part in ("forward", "backward", "update"):
        assert len(document[part]) == len(expected[part])
        for found, wanted in zip(document[part], expected[part], strict=True):
            for name, value in wanted.items():
                same(found[name], value)
    layers = len(expected["forward"])
    assert [entry["layer"] for entry in document["backward"]] == list(range(layers, 0, -1))
    same(document["loss"]["value"], expected["loss"])
    same(document["gradient_norm"], expected["gradient_norm"])
    for name in ("loss", "predictions"):
        same(document["after"][name], expected["after"][name])


def test_the_slopes_of_first_steps(session_of: Any) -> None:
    session = session_of("first-steps")
    session.seek(session.timeline.finish_of(1) - 1)
    same(session.plan["σ′(Z)", 2].array, [[0.178512754854496]])
    same(session.plan["σ′(Z)", 1].array, [[0.2270917049419204], [0.22245497922455593]])


@pytest.mark.parametrize(
    ("steps", "prediction", "loss"),
    [
        (1, 0.7743677323697119, 0.025454960097992977),
        (2, 0.7808862502968251, 0.024005417654492784),
        (10, 0.8203810228548549, 0.016131488475334074),
        (100, 0.9253118467857909, 0.0027891601152745847),
        (1000, 0.9781203600550782, 0.0002393593220597091),
    ],
)
def test_where_first_steps_goes(session_of: Any, steps: int, prediction: float, loss: float) -> None:
    session = session_of("first-steps")
    session.seek(session.timeline.finish_of(steps))
    assert session.evaluate().training.loss == pytest.approx(loss, rel=1e-11)
    assert session.predict(np.array([[0.5], [0.8]]))[0, 0] == pytest.approx(prediction, rel=1e-12)


def test_the_linear_neuron_multiplies_its_loss_by_the_same_factor_every_step(session_of: Any) -> None:
    session = session_of("linear-neuron")
    for step in range(1, 37):
        session.forward("step")
        assert session.evaluate().training.loss == pytest.approx(3.61 * 0.79530724**step, rel=1e-10)
        assert (session.evaluate().training.loss < 0.001) == (step == 36)
    session.seek(session.timeline.finish_of(2000))
    assert session.plan["W", 1].value((0, 0)) == pytest.approx(1.7375231053604434, abs=1e-12)
    assert session.plan["b", 1].value((0,)) == pytest.approx(0.35120147874306834, abs=1e-12)
