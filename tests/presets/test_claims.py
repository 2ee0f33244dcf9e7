"""What lessons claim by comparison is so, from any start: every mark in their text is measured over seeds 0 to 4."""

from collections.abc import Iterator

import numpy as np
import pytest

from backprop_tui import presets
from backprop_tui.core.lessons.lesson import CLAIM, Lesson, filled, placeholders, without_claims
from backprop_tui.core.preset.preset import load_preset, parse
from backprop_tui.core.session.session import Session

from ..share import share
from . import claims

NAMES = [name for name in presets.names() if claims.claims(name)]
SEEDS = {name: share((1,) if number % 6 == 0 else (), range(5)) for number, name in enumerate(NAMES)}
"""Beside the preset's own: by default one more for every sixth of them."""


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """The runs of one lesson need not stay for the next."""
    yield
    claims.value.cache_clear()
    claims.run.cache_clear()


@pytest.mark.parametrize("name", NAMES)
def test_what_a_lesson_claims_is_measured(name: str) -> None:
    found, own = claims.claims(name), claims.own_seed(name)
    for seed in {own, *SEEDS[name]}:
        claims.measure([claim for claim in found if claim.scope != "here" or seed == own], seed)
    for claim in found:
        # A claim about one start stands or falls with it.
        seeds = {own} if claim.scope == "here" else {own, *SEEDS[name]}
        wrong = [seed for seed in seeds if not claims.holds(claim, seed)]
        allowed = len(seeds) // 2 if claim.scope == "mostly" else 0
        assert len(wrong) <= allowed, "; ".join(claims.told(claim, seed) for seed in wrong)


class Rounded(Lesson):
    """A lesson whose runs start from weights of which some are another number in their last bit."""

    def session(self, variant: str) -> Session:
        session = super().session(variant)
        parameters = session.trainer.state.parameters
        chance = np.random.default_rng(0)
        parameters *= 1 + np.finfo(parameters.dtype).eps * chance.integers(-1, 2, parameters.shape)
        return session


FILLED = [name for name in presets.names() if placeholders(parse(presets.text(name), name)["lesson"])]


@pytest.mark.parametrize("name", share(["gauss", "learning-rate", "optimizers"], FILLED))
def test_no_number_of_a_lesson_rests_on_rounding(name: str) -> None:
    loaded = load_preset(parse(presets.text(name), name), name, presets.folder(), name)
    lesson, rounded = Lesson(*loaded), Rounded(*loaded)
    for one in (lesson, rounded):
        while not one.advance(1.0):
            pass
    assert rounded.values == lesson.values


@pytest.mark.parametrize("name", presets.names())
def test_a_claim_is_not_shown(name: str) -> None:
    lesson = parse(presets.text(name), name)["lesson"]
    read = without_claims(lesson)
    assert "claim" not in read
    assert lesson.count("{claim") == len(CLAIM.findall(lesson))


def test_a_claim_that_is_wrong_is_found_and_told() -> None:
    wrong = claims.claim_of("xor", "train_loss@0 < 0.5 * train_loss@10 < 1")
    assert not claims.holds(wrong, 0)
    assert "0.5 * train_loss@10 is" in claims.told(wrong, 0)
    assert claims.holds(claims.claim_of("xor", "1 > train_loss@0 > train_loss@10"), 0)
    assert not claims.holds(claims.claim_of("xor", "train_loss@0 < train_loss@0"), 0)


def test_a_claim_may_change_one_more_setting() -> None:
    slower = "train_loss@20 with optimizer.learning_rate=0.01 > train_loss@20"
    assert claims.holds(claims.claim_of("xor", slower), 1)


def test_no_number_is_higher_than_any() -> None:
    assert claims.holds(claims.claim_of("clipping", "train_loss@9 > 1e300"), 0)


def test_what_compares_nothing_is_no_claim() -> None:
    with pytest.raises(AssertionError, match="nothing is compared"):
        claims.claim_of("xor", "train_loss@0")


def test_marks_are_left_out_of_the_filled_lesson() -> None:
    table = parse(presets.text("xor"), "xor") | {"lesson": "It falls. {claim loss@1 > loss@2}\n\nFrom {loss@1:3}."}
    assert filled(*load_preset(table, "xor", presets.folder(), "xor")).startswith("It falls.\n\nFrom 0.")
