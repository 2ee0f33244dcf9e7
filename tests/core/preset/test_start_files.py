"""Whatever stands in a start file, it is taken or refused with one line."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.share import share

from backprop_tui.core.preset.preset import PresetError, load_preset
from backprop_tui.core.preset.start_file import PLACES
from backprop_tui.core.session.session import Session

RIGHT: dict[str, Any] = {
    "W1": np.ones((2, 1)),
    "b1": np.ones(2),
    "W2": np.ones((1, 2)),
    "b2": np.ones(1),
    "gamma1": np.ones(2),
    "beta1": np.ones(2),
    "running_mean1": np.ones(2),
    "running_variance1": np.ones(2),
    "optimizer": np.array("adam"),
    "step": np.array(3),
    "optimizer_step": np.array(3),
    "seed": np.array(0),
}
THEIRS = [
    "0.weight",
    "0.bias",
    "1.weight",
    "1.bias",
    "1.running_mean",
    "1.running_var",
    "1.num_batches_tracked",
    "weight",
]
NAMES = [*RIGHT, *PLACES, *THEIRS, "m_W1", "v_b1", "s_gamma1", "m_", "W3", "γ1", "", "a.b.weight"]
ARRAYS: list[Any] = [
    np.ones((2, 1)),
    np.ones(2),
    np.ones((1, 2), np.float16),
    np.array(7),
    np.array(-1),
    np.array("adam"),
    np.array(["sgd"]),
    np.array(b"adam"),
    np.full(2, np.nan),
    np.full((2, 1), -3e300),
    np.zeros(0),
    np.zeros((0, 3)),
    np.array([True, False]),
    np.ones((1,) * 9),
    np.ones(2, np.complex128),
    np.array(2**63, np.uint64),
]


@settings(max_examples=share(60, 3000))
@given(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(ARRAYS), max_size=5),
    st.sets(st.sampled_from(list(RIGHT)), max_size=3),
    st.sampled_from(["refuse", "afresh"]),
    st.sampled_from(["float32", "float64"]),
)
def test_any_file_is_taken_or_refused_with_one_line(
    tmp_path_factory: pytest.TempPathFactory, changed: dict[str, Any], left_out: set[str], missing: str, dtype: str
) -> None:
    folder: Path = tmp_path_factory.mktemp("start")
    arrays = {name: array for name, array in RIGHT.items() if name not in left_out}
    np.savez(folder / "w.npz", **(arrays | changed))
    table = {
        "title": "small",
        "data": {"kind": "inline", "inputs": [[1.0], [2.0], [0.5]], "targets": [[1.0], [0.0], [1.0]]},
        "layers": [
            {"units": 2, "activation": "tanh", "batch_norm": True},
            {"units": 1, "activation": "sigmoid"},
        ],
        "optimizer": {"kind": "adam", "learning_rate": 0.1},
        "training": {"start": "w.npz", "start_missing": missing, "dtype": dtype, "batch_size": 2},
    }
    with suppress(PresetError):
        session = Session(*load_preset(table, "small.toml", folder))
        session.advance(session.timeline.finish_of(2))
        assert session.step == 2
