"""The picture of the app in the README is what the app draws."""

from pathlib import Path

import pytest

from .walk import opened, press, presses, rest

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
PICTURE = README.split("```")[1].strip("\n").splitlines()


async def test_the_picture_is_what_the_app_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(["first-steps"], monkeypatch)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        await rest(app)
        await press(pilot, presses("1 →×12"))
        drawn = [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]
    assert "update · layer 1 of 2" in "".join(PICTURE[:4])
    assert drawn[: len(PICTURE)] == [line.rstrip() for line in PICTURE], "\n".join(drawn[: len(PICTURE)])
