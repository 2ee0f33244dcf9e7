"""A few of the faults that `python -m tests.faults` puts into the program, one in each part of it."""

import asyncio

import pytest

from .faults import cases, functions, named, put_into, ready

CHOSEN = {
    "time": ("Session.approach", "op_page", "Walk.batches"),
    "play": ("Pace.look",),
    "settings": ("SettingsPane.draw",),
    "diagnosis": ("Trials.run",),
    "statistics": ("statistics_table",),
    "lesson": ("LessonPane.page_of",),
}
"""Names of functions, by a way through the app that comes to them."""


@pytest.fixture(autouse=True)
def unpainted() -> None:
    """Each frame is painted here: that may fail as well."""


def test_a_fault_anywhere_leaves_the_run() -> None:
    with ready():
        ways = {
            way: {code for code, one in functions().items() if any(named(one).endswith(f" {name}") for name in names)}
            for way, names in CHOSEN.items()
        }
        chosen = cases(ways)
        assert len(chosen) == 8, [named(one) for _, one in chosen]
        found = asyncio.run(put_into(chosen, "xor", print))
    assert found.done == len(chosen)
    assert not found.wrong
