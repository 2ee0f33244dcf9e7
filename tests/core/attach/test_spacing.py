"""When steps are kept: what was measured stays a small share, and a long run keeps a bounded number."""

from itertools import pairwise

import pytest

from backprop_tui.core.attach.spacing import DENSEST, GRANTED, SHARE, SHARE_OF_LARGE, Spacing


def kept(spacing: Spacing, steps: int, step_time: float, cost: dict[str, float]) -> tuple[dict[str, list[int]], float]:
    """The steps that are kept by kind, and the time that all takes, of a training that is as fast as told."""
    found: dict[str, list[int]] = {"light": [], "whole": []}
    now = 0.0
    for done in range(steps):
        kind = spacing.choice(done, now)
        now += step_time
        if kind:
            now += cost[kind]
            found[kind].append(done + 1)
            spacing.kept(done + 1, kind, cost[kind])
    return found, now


@pytest.mark.parametrize(("step_time", "cost"), [(0.0003, 0.004), (0.003, 0.02), (0.2, 0.01)])
def test_the_cost_stays_below_its_share(step_time: float, cost: float) -> None:
    steps = 20_000
    found, time = kept(Spacing(), steps, step_time, {"whole": cost})
    assert found["whole"][0] == 1
    assert not found["light"]
    spent = cost * (len(found["whole"]) - 1)
    assert spent <= SHARE * time + GRANTED
    densest = DENSEST * 6
    assert spent >= 0.8 * SHARE * time - 2 * cost or len(found["whole"]) > densest / 2


def test_a_short_training_has_a_beginning_a_middle_and_an_end() -> None:
    found, _ = kept(Spacing(), 200, 0.001, {"whole": 0.004})
    assert found["whole"] == [1, 2, 4, 8, 16, 32, 64, 128]
    found, _ = kept(Spacing(), 200, 0.001, {"whole": 0.015})
    assert found["whole"] == [1, 2, 4]
    # The steps that may be granted are looked at.
    spacing = Spacing()
    assert [spacing.wanted(done) for done in (1, 2, 3, 4, 7, 100)] == [3, 3, 7, 7, 15, 127]


def test_a_large_network_keeps_light_steps_between_whole_ones() -> None:
    found, time = kept(Spacing(large=40_000_000), 40_000, 0.03, {"light": 0.01, "whole": 0.15})
    assert found["light"][0] == 1
    assert len(found["light"]) > 3 * len(found["whole"]) > 3
    assert 0.15 * len(found["whole"]) <= SHARE_OF_LARGE * time
    # By its bytes alone a whole step is expected to take 0.4 s, before one has been measured.
    assert found["whole"][0] * 0.03 >= 0.95 * 0.4 / SHARE_OF_LARGE


def test_a_long_run_of_slow_steps_keeps_a_bounded_number() -> None:
    found, _ = kept(Spacing(), 100_000, 10.0, {"whole": 0.001})
    steps = found["whole"]
    assert steps[:5] == [1, 2, 3, 4, 5]
    assert len(steps) < 2 * DENSEST + DENSEST * 6
    assert all(later - earlier <= 1 + earlier // DENSEST for earlier, later in pairwise(steps))


def test_one_long_pause_of_the_disk_is_made_up_for() -> None:
    spacing = Spacing()
    spacing.kept(1, "whole", 0.004)
    spacing.kept(2, "whole", 2.0)
    assert spacing.choice(2, 2.0 / SHARE) is None
    assert spacing.choice(2, 3.01 / SHARE) == "whole"


@pytest.mark.parametrize("every", [1, 2, 3, 10])
def test_every_so_many_steps_are_kept_where_somebody_wants_it(every: int) -> None:
    found, _ = kept(Spacing(every), 31, 0.001, {"whole": 1.0})
    assert found["whole"] == sorted({1, *range(every, 32, every)})
    spacing = Spacing(every)
    # The step after `wanted` steps is the next that is kept.
    assert all(spacing.choice(spacing.wanted(done), 0.0) == "whole" for done in range(1, 25))
    assert all(
        spacing.choice(between, 0.0) is None
        for done in range(1, 25)
        for between in range(done + 1, spacing.wanted(done))
    )
