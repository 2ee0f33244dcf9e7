"""Random edits: whatever a person changes, undoes and redoes, every number is that of a fresh run."""

import pytest

from ... import random_edits
from ...share import share

EDITS = share(10 * len(random_edits.names()), 2000)


@pytest.mark.parametrize("name", random_edits.names()[:: share(2, 1)])
def test_random_edits_never_show_a_number_that_differs_from_a_fresh_run(name: str) -> None:
    done = [random_edits.edits(name, seed) for edited, seed in random_edits.runs(EDITS) if edited == name]
    assert sum(each.refused for each in done) < EDITS
    assert all(each.told for each in done)


def test_the_check_would_see_a_stale_number() -> None:
    done = random_edits.edits("xor", 1, 3)
    done.session.trainer.state.parameters[0] += 1e-12
    with pytest.raises(AssertionError, match="a fresh run shows other numbers"):
        done.check()
