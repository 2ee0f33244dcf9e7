"""A breath between two slices of work: whatever has come up is answered, and where nothing has, it is a short one."""

import asyncio
from types import SimpleNamespace

import pytest

from backprop_tui.tui.panes import breath
from backprop_tui.tui.panes.breath import FEWEST, TURNS, breathe


@pytest.fixture(autouse=True)
def nothing_pressed() -> None:
    """No key waits from another test."""
    breath.unanswered.clear()


async def taken(monkeypatch: pytest.MonkeyPatch) -> int:
    """The turns of one breath."""
    turns, real = 0, asyncio.sleep

    async def counted(seconds: float) -> None:
        nonlocal turns
        turns += 1
        await real(seconds)

    with monkeypatch.context() as patched:
        patched.setattr(breath.asyncio, "sleep", counted)
        await breathe()
    return turns


def chain(loop: asyncio.AbstractEventLoop, links: int, done: list[int]) -> None:
    """Something that leads to the next thing, so many times, each in a turn of its own, as a key does."""
    done.append(links)
    if links:
        loop.call_soon(chain, loop, links - 1, done)


@pytest.mark.parametrize("links", [1, 4, TURNS - 2])
def test_what_has_come_up_is_followed_to_its_end(links: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        done: list[int] = []
        loop = asyncio.get_running_loop()
        loop.call_soon(chain, loop, links, done)
        turns = await taken(monkeypatch)
        assert done == list(range(links, -1, -1))
        assert max(FEWEST, links) <= turns <= TURNS

    asyncio.run(main())


def test_where_nothing_waits_it_is_short_and_what_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        assert await taken(monkeypatch) == FEWEST
        done: list[int] = []
        loop = asyncio.get_running_loop()
        loop.call_soon(chain, loop, 10 * TURNS, done)
        assert await taken(monkeypatch) == TURNS

    asyncio.run(main())


def test_a_loop_that_does_not_show_what_waits_is_given_all_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        monkeypatch.setattr(breath.asyncio, "get_running_loop", SimpleNamespace)
        assert await taken(monkeypatch) == TURNS

    asyncio.run(main())


def test_what_another_thread_says_meanwhile_is_heard() -> None:
    async def main() -> None:
        loop, heard = asyncio.get_running_loop(), asyncio.Event()
        await asyncio.to_thread(lambda: loop.call_soon_threadsafe(heard.set))
        await breathe()
        assert heard.is_set()

    asyncio.run(main())


def test_a_breath_lasts_until_what_a_key_changed_is_painted() -> None:
    async def main() -> None:
        loop, painted = asyncio.get_running_loop(), []

        def paint() -> None:
            painted.append(True)
            breath.unanswered.clear()

        breath.unanswered.set()
        loop.call_later(breath.MOMENT, paint)
        await breathe()
        assert painted

    asyncio.run(main())


def test_a_key_that_changes_nothing_is_not_waited_for_again() -> None:
    async def main() -> None:
        breath.unanswered.set()
        await breathe()
        assert not breath.unanswered.is_set()

    asyncio.run(main())
