"""Which steps the plot of the losses shows, zoomed and moved at random."""

from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.tui.panes.loss_window import LEAST, Window, moved_by, showing, whole, zoomed

STEPS = st.integers(1, 10**7)
ACTS = st.lists(st.tuples(st.integers(-4, 6), st.floats(-0.5, 1.5), st.floats(-2, 2)), max_size=12)


def test_zooming_halves_what_is_shown_about_a_step_that_stays() -> None:
    window = zoomed(None, 1001, 1, 501)
    assert window == Window(251, 751)
    window = zoomed(window, 1001, 1, 251)
    assert window == Window(251, 501)
    assert zoomed(window, 1001, -1, 251) == Window(251, 751)
    assert zoomed(window, 1001, -2, 300) is None
    assert zoomed(None, 1001, -1, 300) is None


def test_the_smallest_window_has_three_steps_and_a_run_of_fewer_none() -> None:
    window = zoomed(None, 1001, 60, 400)
    assert window is not None
    assert window.last - window.first == LEAST
    assert window.first <= 400 <= window.last
    assert all(zoomed(None, steps, 9, 1) is None for steps in (1, 2, 3))
    assert zoomed(None, 4, 9, 1) == Window(1, 3)


def test_moving_stops_at_the_ends_and_the_last_one_goes_along_with_the_run() -> None:
    window = Window(251, 351)
    assert moved_by(window, 1001, 50) == Window(301, 401)
    assert moved_by(window, 1001, -9999) == Window(1, 101)
    last = moved_by(window, 1001, 9999)
    assert last == Window(901, 1001, following=True)
    assert last.of(2000) == Window(1900, 2000, following=True)
    assert window.of(2000) == window
    assert moved_by(None, 1001, 50) is None
    # Another run is shorter.
    assert window.of(300) == Window(200, 300)
    assert window.of(50) == Window(1, 50)


def test_a_chosen_step_is_shown_with_no_more_movement_than_it_takes() -> None:
    window = Window(251, 351)
    assert showing(window, 1001, 300) == window
    assert showing(window, 1001, 360) == Window(260, 360)
    assert showing(window, 1001, 250) == Window(250, 350)
    assert showing(None, 1001, 250) is None


@given(STEPS, ACTS)
def test_whatever_is_done_it_lies_in_the_run_and_keeps_its_size(
    steps: int, acts: list[tuple[int, float, float]]
) -> None:
    window: Window | None = None
    for places, about, by in acts:
        window = zoomed(window, steps, places, about * steps)
        if window is not None:
            assert 1 <= window.first < window.last <= steps
            assert window.last - window.first >= LEAST
            assert window.following == (window.last == steps)
            moved = moved_by(window, steps, by * steps)
            assert moved is not None
            assert moved.last - moved.first == window.last - window.first
            assert moved.first >= 1
            assert moved.last <= steps
            window = moved
    now = (window or whole(steps)).of(steps)
    assert 1 <= now.first <= now.last <= steps
