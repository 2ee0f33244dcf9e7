"""The random numbers of TensorFlow Playground."""

from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.core.preset.seedrandom import SeedRandom, mixed

from ...share import share


def test_the_numbers_of_its_own_documentation() -> None:
    chance = SeedRandom("hello.")
    assert [chance.random(), chance.random()] == [0.9282578795792454, 0.3752569768646784]


@settings(max_examples=share(10, 100))
@given(st.text(max_size=600))
def test_any_text_is_a_seed(seed: str) -> None:
    chance = SeedRandom(seed)
    numbers = [chance.random() for _ in range(5)]
    assert all(0 <= number < 1 for number in numbers)
    assert numbers == [again.random() for again in [SeedRandom(seed)] for _ in range(5)]
    assert len(mixed(seed)) == min(len(seed.encode("utf-16-le")) // 2, 256)


def test_what_is_beyond_the_first_256_characters_matters() -> None:
    assert SeedRandom("a" * 256 + "b").random() != SeedRandom("a" * 256 + "c").random()


def test_shuffling_keeps_all_values() -> None:
    values = list(range(100))
    SeedRandom("1").shuffle(values)
    assert sorted(values) == list(range(100)) != values


def test_normal_numbers_have_their_mean_and_variance() -> None:
    chance = SeedRandom("7")
    numbers = [chance.normal(3, 4) for _ in range(4000)]
    mean = sum(numbers) / len(numbers)
    variance = sum((number - mean) ** 2 for number in numbers) / len(numbers)
    assert abs(mean - 3) < 0.1
    assert abs(variance - 4) < 0.3
