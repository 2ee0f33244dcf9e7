"""A small share of the storms of keys, mouse, pasted text and resizes that `python tests/storms.py` has many of."""

import pytest

from . import storms
from .share import share


@pytest.fixture(autouse=True)
def unpainted() -> None:
    """Each frame of a storm is painted."""


@pytest.mark.parametrize("number", range(0, share(4, 60), 2))
async def test_a_storm_without_a_terminal(number: int) -> None:
    with storms.somewhere():
        assert not await storms.storm(number)


@pytest.mark.filterwarnings("ignore:.*forkpty:DeprecationWarning")
@pytest.mark.parametrize("number", share([149], [1, 149, 55]))
def test_a_storm_in_a_terminal(number: int) -> None:
    if not hasattr(pytest.importorskip("pexpect"), "spawn"):
        pytest.skip("there are no pseudo-terminals here")
    with storms.somewhere() as folder:
        assert not storms.storm_in_terminal(number, folder)
