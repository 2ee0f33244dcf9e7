"""Calls written out as one function: the same numbers as call by call, whatever their arrays share."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.ops.event import Call
from backprop_tui.core.ops.quantity import Array
from backprop_tui.core.training.straight_line import in_place, merged, straight_line

SIZE = 10
SPANS = (slice(0, 4), slice(4, 7), slice(7, 10), slice(0, 10), slice(2, 8))


class Memory:
    """Some numbers, of which arrays are views: three vectors of ten, one behind the other, and two numbers."""

    def __init__(self) -> None:
        self.whole = np.linspace(-1.5, 2.5, 3 * SIZE + 2, dtype=np.float32)
        self.vectors = self.whole[: 3 * SIZE].reshape(3, SIZE)
        self.numbers = [self.whole[3 * SIZE + number :].reshape(-1)[0:1].reshape(()) for number in range(2)]

    def array(self, place: tuple[int, int]) -> Array:
        """A number, or a part of a vector."""
        vector, part = place
        return self.numbers[vector - 3] if vector > 2 else self.vectors[vector][SPANS[part]]


Places = tuple[int, int]
Line = tuple[str, Places, Places, Places]
PLACES = st.tuples(st.integers(0, 4), st.integers(0, len(SPANS) - 1))
LINES = st.lists(
    st.tuples(st.sampled_from(["add", "multiply", "maximum", "opaque"]), PLACES, PLACES, PLACES), max_size=9
)


def calls_of(lines: Sequence[Line], memory: Memory) -> list[Call]:
    """The calls of the lines whose arrays fit each other."""
    found: list[Call] = []
    for name, first, second, target in lines:
        arrays = [memory.array(place) for place in (first, second, target)]
        if name == "opaque":
            found.append(partial(written_elsewhere, {"there": memory.array(target)}, [memory.array(first)]))
        elif np.broadcast_shapes(*{array.shape for array in arrays if array.ndim} or {()}) == arrays[2].shape:
            function = getattr(np, name)
            found.append(
                partial(function, *arrays) if name != "maximum" else partial(function, *arrays[:2], out=arrays[2])
            )
    return found


def written_elsewhere(into: dict[str, Array], read: list[Array]) -> None:
    """A call that is no NumPy function and is given its arrays in containers."""
    into["there"][...] = np.float32(0.75) * read[0].flat[0]


def fitting(lines: list[Line]) -> list[Line]:
    """The lines whose shapes fit: lengths are equal, or a number stands in for a vector."""
    memory = Memory()
    kept = []
    for line in lines:
        shapes = {memory.array(place).shape for place in line[1:]}
        target = memory.array(line[3]).shape
        if shapes <= {(), target}:
            kept.append(line)
    return kept


@given(LINES, st.integers(1, 12))
def test_the_function_does_what_the_calls_do(lines: list[Line], block: int) -> None:
    lines = fitting(lines)
    one_by_one, at_once = Memory(), Memory()
    with np.errstate(all="ignore"):
        for call in calls_of(lines, one_by_one):
            call()
        straight_line(calls_of(lines, at_once), block)()
    assert one_by_one.whole.tobytes() == at_once.whole.tobytes()


def momentum(v: Array, v_next: Array, g: Array, delta: Array) -> list[Call]:
    half = np.array(0.5, np.float32)
    return [
        partial(np.multiply, v, half, v_next),
        partial(np.add, v_next, g, v_next),
        partial(np.multiply, v_next, half, delta),
    ]


def test_what_is_written_goes_over_what_was_read() -> None:
    moments = np.arange(6, dtype=np.float32).reshape(2, 3)
    g, delta = np.ones(3, np.float32), np.zeros(3, np.float32)
    for home, away in ((moments[:1], moments[1:]), (moments[1:], moments[:1])):
        calls = in_place(momentum(moments[0], moments[1], g, delta), home, away)
        assert calls is not None
        before, untouched = home[0].copy(), away[0].copy()
        straight_line(calls)()
        np.testing.assert_array_equal(home[0], before / 2 + 1)
        np.testing.assert_array_equal(delta, (before / 2 + 1) / 2)
        np.testing.assert_array_equal(away[0], untouched)


def late_reader(v: Array, v_next: Array, g: Array, delta: Array) -> list[Call]:
    return [*momentum(v, v_next, g, delta), partial(np.add, delta, v, delta)]


def product(v: Array, v_next: Array, g: Array, delta: Array) -> list[Call]:
    return [*momentum(v, v_next, g, delta), partial(np.dot, v_next, g, np.zeros((), np.float32))]


def part_of_a_row(v: Array, v_next: Array, g: Array, delta: Array) -> list[Call]:
    return [*momentum(v, v_next, g, delta), partial(np.add, v_next[:2], g[:2], delta[:2])]


def test_a_call_that_is_given_nothing_stays_as_it_is() -> None:
    done: list[int] = []
    moments = np.zeros((2, 3), np.float32)
    calls = in_place([partial(done.append, 1), done.clear], moments[:1], moments[1:])
    assert calls is not None
    straight_line(calls[:1])()
    assert done == [1]
    straight_line(calls)()
    assert done == []


@pytest.mark.parametrize("rule", [late_reader, product, part_of_a_row])
def test_it_does_not_where_that_would_change_a_number(rule: Any) -> None:
    moments = np.arange(6, dtype=np.float32).reshape(2, 3)
    g, delta = np.ones(3, np.float32), np.zeros(3, np.float32)
    assert in_place(rule(moments[0], moments[1], g, delta), moments[:1], moments[1:]) is None


def test_neighbours_multiplied_by_the_same_number_are_one_call() -> None:
    gradient, Z = np.arange(9, dtype=np.float32), np.ones(4, np.float32)
    share, other = np.array(0.5, np.float32), np.array(0.5, np.float32)
    blocks = gradient[4:8].reshape(2, 2), gradient[:4].reshape(2, 2), gradient[8:]
    calls = [
        partial(np.multiply, blocks[0], share, blocks[0]),
        partial(np.square, Z, Z),
        partial(np.multiply, blocks[1], share, blocks[1]),
        partial(np.multiply, blocks[2], other, blocks[2]),
    ]
    assert [call.func for call in merged(calls) if isinstance(call, partial)] == [np.square, np.multiply, np.multiply]
    straight_line(calls)()
    np.testing.assert_array_equal(gradient, np.arange(9) / 2)


def test_a_vector_that_nobody_looks_at_takes_one_block() -> None:
    g, delta, theta = np.arange(8, dtype=np.float32), np.zeros(8, np.float32), np.zeros(8, np.float32)
    calls: list[Call] = [partial(np.square, g, delta), partial(np.add, theta, delta, theta)]
    straight_line(calls, 3, unseen=(delta,))()
    np.testing.assert_array_equal(theta, np.arange(8) ** 2)
    assert not delta[3:].any()
    seen = [partial(np.add, delta, g, delta), partial(np.add, theta, delta, theta)]
    straight_line(seen, 3, unseen=(delta,))()
    assert delta[3:].any(), "what is read before it is written is not written over"
