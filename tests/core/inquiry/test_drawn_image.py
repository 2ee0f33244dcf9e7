"""Drawn images: strokes, moves and comparisons by hand, and the training images themselves as drawings."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.inquiry.drawn_image import (
    Usual,
    blank,
    box,
    centre_of,
    centred,
    differences,
    drawn_line,
    ink_centre,
    ink_of,
    network_input,
    usual,
)
from backprop_tui.core.preset.datasets import Dataset, of_arrays

SIDE = 20
PLAIN = Usual((SIDE, SIDE), 0.0, 1.0, 0.0, "ink", np.array([9.5, 9.5]), np.array([0.2, 0.2]), (4.0, 8.0), (0.02, 0.2))
DARK = replace(PLAIN, ground=1.0)


def images(pixels) -> Dataset:
    """A data set of images (n, rows, columns), all of one class."""
    flat = np.asarray(pixels, dtype=float)
    made = of_arrays(flat.reshape(len(flat), -1).T, np.ones((1, len(flat))), signed=False, source="a")
    return replace(made, image_shape=flat.shape[1:])


def square(top: int, left: int, size: int, like: Usual = PLAIN):
    ink = np.zeros(like.shape)
    ink[top : top + size, left : left + size] = 1
    return np.abs(like.ground - ink)


def test_centres_and_boxes_by_hand() -> None:
    ink = np.zeros((4, 5))
    ink[1, 1], ink[3, 4] = 1, 3
    assert ink_centre(ink).tolist() == [2.5, 3.25]
    assert box(ink) == (1, 1, 3, 4)


def test_what_is_usual_is_measured_in_the_training_images() -> None:
    pictures = [255 * square(8 + step % 2, 8, 4) for step in range(40)]
    found = usual(images(pictures))
    assert (found.low, found.high, found.ground, found.by) == (0, 255, 0, "ink")
    # Rows 8 to 11 or 9 to 12, columns 8 to 11: the middles are 9.5 or 10.5, and 9.5.
    assert found.centre == pytest.approx([10, 9.5])
    assert found.spread == pytest.approx([0.5, 0])
    assert found.sizes == (4, 4)
    assert found.inks == pytest.approx((16 / 400, 16 / 400))


def test_images_here_and_there_are_not_centred_and_few_say_nothing() -> None:
    corners = [square(step % 17, 3 * step % 17, 3) for step in range(60)]
    assert usual(images(corners)).by is None
    few = usual(images(corners[:1] * 5))
    assert (few.by, few.sizes) == (None, (-np.inf, np.inf))
    assert differences(square(0, 0, 1), few) == ()


def test_dark_ink_on_a_light_ground_is_known() -> None:
    dark = usual(images([square(8, 8, 4, DARK)] * 30))
    assert dark.ground == 1
    assert blank(dark).min() == 1
    assert drawn_line(blank(dark), (5, 5), (5, 5), dark)[5, 5] == 0


@pytest.mark.parametrize("like", [PLAIN, DARK])
def test_a_stroke_inks_what_it_goes_through_and_nothing_far_away(like) -> None:
    ink = ink_of(drawn_line(blank(like), (3, 4), (12, 4), like), like)
    assert (ink[3:13, 4] == 1).all()
    assert ink[:, 7:].max() == ink[15:].max() == 0
    # One pixel beside the middle: half a width of 1 and a half, less 1.
    assert ink[8, 5] == pytest.approx(0.5)


def test_what_was_drawn_can_be_erased() -> None:
    drawn = drawn_line(blank(PLAIN), (3, 4), (12, 9), PLAIN)
    assert not ink_of(drawn_line(drawn, (3, 4), (12, 9), PLAIN, erase=True), PLAIN)[drawn == 1].any()


@given(top=st.integers(0, SIDE - 5), left=st.integers(0, SIDE - 5), size=st.integers(1, 5), dark=st.booleans())
def test_centring_moves_whole_pixels_and_loses_none(top, left, size, dark) -> None:
    like = DARK if dark else PLAIN
    moved = centred(square(top, left, size, like), like)
    ink = ink_of(moved, like)
    assert ink.sum() == size * size
    assert np.abs(ink_centre(ink) - like.centre).max() <= 0.5
    assert not any("not centred" in told for told in differences(moved, like))


def test_a_drawing_too_large_to_be_moved_stays_within_the_image() -> None:
    pixels = np.zeros(PLAIN.shape)
    pixels[:, 0], pixels[:, 3:] = 1, 1
    assert np.array_equal(centred(pixels, PLAIN), pixels)


@pytest.mark.parametrize(
    ("pixels", "wanted"),
    [
        (blank(PLAIN), ()),
        (square(7, 7, 6), ()),
        (square(3, 12, 6), ("not centred: 4.0 px too far up, 5.0 px too far right",)),
        (square(9, 9, 2), ("too small: 2 px, theirs are 4 to 8", "too little ink: 1.0%, theirs is 2.0% to 20.0%")),
        (square(5, 5, 10), ("too large: 10 px, theirs are 4 to 8", "too much ink: 25.0%, theirs is 2.0% to 20.0%")),
    ],
)
def test_what_is_unusual_is_told(pixels, wanted) -> None:
    assert differences(pixels, PLAIN) == wanted


def test_where_boxes_are_centred_the_box_is_moved() -> None:
    like = replace(PLAIN, by="box", centre=np.array([3.0, 3.0]))
    pixels = np.zeros(PLAIN.shape)
    pixels[10, 10], pixels[14, 12] = 1, 0.5
    assert centre_of(pixels, like).tolist() == [12, 11]
    assert np.argwhere(centred(pixels, like)).tolist() == [[1, 2], [5, 4]]


def test_a_training_image_drawn_again_is_what_the_network_reads() -> None:
    """With normalization, and pixels that are no shares of 1."""
    chance = np.random.default_rng(3)
    data = images(chance.integers(3, 17, (50, 4, 4)))
    mean, std = data.inputs.mean(axis=1, keepdims=True), data.inputs.std(axis=1, keepdims=True)
    normal = replace(data, inputs=(data.inputs - mean) / std, mean=mean, std=std)
    like = usual(normal)
    assert (like.low, like.high) == pytest.approx((3, 16))
    pixels = ((data.inputs[:, 7] - 3) / 13).reshape(4, 4)
    assert network_input(pixels, like, normal)[:, 0] == pytest.approx(normal.inputs[:, 7])


def test_without_images_there_is_nothing_to_draw() -> None:
    plane = of_arrays(np.zeros((2, 3)), np.ones((1, 3)), signed=False, source="a")
    with pytest.raises(ValueError, match="no images"):
        usual(plane)
