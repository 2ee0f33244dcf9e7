"""Keyed chance: equal keys give equal draws, different keys different ones."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.preset.chance import PURPOSES, generator

keys = st.tuples(st.integers(0, 2**63), st.sampled_from(sorted(PURPOSES)), st.lists(st.integers(0, 10**6), max_size=2))


def draw(seed: int, purpose: str, where: list[int]) -> list[float]:
    return generator(seed, purpose, *where).random(4).tolist()


@given(keys, keys)
def test_streams_are_equal_exactly_when_their_keys_are(one, other):
    assert (draw(*one) == draw(*other)) == (one == other)


def test_a_trailing_zero_and_a_seed_of_two_words_make_streams_of_their_own():
    named = [(0, "split", []), (0, "split", [0]), (0, "split", [0, 0]), (2**32, "data", []), (2**32, "split", [])]
    for one, other in combinations(named, 2):
        assert draw(*one) != draw(*other)


def test_streams_stay_what_they_are_from_version_to_version():
    # default_rng(SeedSequence(3, spawn_key=(2, 1))), the documented construction of NumPy's spawned streams.
    child = np.random.SeedSequence(3).spawn(3)[2].spawn(2)[1]
    assert draw(3, "initialization", [1]) == np.random.default_rng(child).random(4).tolist()


def test_an_unknown_purpose_is_an_error():
    with pytest.raises(KeyError):
        generator(0, "weights")
