"""What is varied: values as they are typed, and every combination of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.toml_text import inline
from backprop_tui.core.sweep.grid import MOST_RUNS, combinations, read_axis


@pytest.mark.parametrize(
    ("text", "keys", "values"),
    [
        ("optimizer.learning_rate=0.03,0.1", ("optimizer.learning_rate",), ("0.03", "0.1")),
        ("layers.0.activation = tanh , relu", ("layers.0.activation",), ("tanh", "relu")),
        ("layers.0.weights=[[1, 2]],[[3,4]]", ("layers.0.weights",), ("[[1, 2]]", "[[3,4]]")),
        (
            "training.stop={steps=5, epochs=1},{ steps = 6 }",
            ("training.stop",),
            ("{steps=5, epochs=1}", "{ steps = 6 }"),
        ),
        (r"""title="a, \"b\"",'c, "d'""", ("title",), (r'"a, \"b\""', """'c, "d'""")),
        ("layers.0.units,layers.1.units=4,8", ("layers.0.units", "layers.1.units"), ("4", "8")),
        ("view.spotlight=W1[1,1],b1[2]", ("view.spotlight",), ("W1[1,1]", "b1[2]")),
        ("seed=7", ("seed",), ("7",)),
    ],
)
def test_an_axis_is_read_as_it_is_typed(text, keys, values):
    axis = read_axis(text)
    assert (axis.keys, axis.values) == (keys, values)


# No two of them are one number written in two ways.
SINGLE = st.one_of(
    st.booleans(),
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda value: value != int(value)),
    st.text("ab,[]{}\"' \\"),
)


@given(st.lists(SINGLE | st.lists(st.text("a,[")), min_size=1, max_size=5, unique_by=repr))
def test_values_of_any_kind_are_told_apart(values):
    typed = [inline(value) for value in values]
    assert read_axis("key=" + ",".join(typed)).values == tuple(typed)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("optimizer.learning_rate", "expected KEY=VALUE,VALUE,…"),
        ("optimizer.learning_rate=", "expected KEY=VALUE,VALUE,…"),
        ("=1,2", "expected KEY=VALUE,VALUE,…"),
        ("seed=1,,2", "a value before and behind each comma"),
        ("seed=1,", "a value before and behind each comma"),
        ("seed,=1", "a key before and behind each comma"),
        ("seed=1,1", "1 stands there twice"),
        ("optimizer.learning_rate=0.1,1e-1", "1e-1 stands there twice"),
        ("layers.0.weights=[[1,2]", "expected a TOML value"),
        ("seed=\ud800", "expected text in UTF-8"),
    ],
)
def test_what_is_no_axis_is_told_in_one_line(text, said):
    with pytest.raises(PresetError) as caught:
        read_axis(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_combination_is_there_once_and_the_last_axis_changes_fastest():
    axes = [read_axis("a=1,2"), read_axis("b,c=x,y,z")]
    found = combinations(axes, 1)
    assert found[:4] == [
        ("a=1", "b=x", "c=x"),
        ("a=1", "b=y", "c=y"),
        ("a=1", "b=z", "c=z"),
        ("a=2", "b=x", "c=x"),
    ]
    assert len(found) == len(set(found)) == 6


def test_no_axis_is_the_preset_itself():
    assert combinations([], 3) == [()]


def test_a_key_is_varied_once():
    with pytest.raises(PresetError, match='"a" is varied twice'):
        combinations([read_axis("a=1,2"), read_axis("b,a=3")], 1)


def test_there_is_a_limit_to_what_is_asked_for():
    axes = [read_axis("a=" + ",".join(map(str, range(100)))), read_axis("b=" + ",".join(map(str, range(100))))]
    assert len(combinations(axes, 1)) == MOST_RUNS
    with pytest.raises(PresetError, match=r"at most 10,000 runs, found 20,000 \(10,000 settings × 2 seeds\)"):
        combinations(axes, 2)
