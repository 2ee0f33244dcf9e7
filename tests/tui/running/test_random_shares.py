"""A preset, a command line and a URL that are made of a run open the same experiment, whatever was changed in it."""

from pathlib import Path

import pytest

from ... import random_shares
from ...share import share

RUNS = share(1, 20)
"""Runs of each of what they begin with."""
BEGUN = share(
    ("circle", "everything", "url 0", "url 2", "data"),
    tuple(random_shares.names()),
)


@pytest.mark.parametrize("name", BEGUN)
def test_each_way_to_share_a_run_opens_the_same(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = [random_shares.shares(name, seed) for seed in range(RUNS)]
    assert all(each.same > 1 for each in done)
    # The experiments of the Playground begin as what a URL can say.
    assert all(each.urls for each in done) or not name.startswith("url")
