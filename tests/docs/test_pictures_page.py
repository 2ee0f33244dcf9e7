"""What the page on pictures and tables says is so."""

import csv
import re
from io import StringIO
from pathlib import Path

import pytest

from backprop_tui import docs
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.tui.cli import main
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.panes.view import View
from backprop_tui.tui.running.pictures import loss_csv
from backprop_tui.tui.running.shares import SHARES, steps_done

PAGE = docs.text("pictures")


def test_what_it_lists_is_listed_in_the_app_with_these_endings() -> None:
    rows = re.findall(r"^\| ([a-z ]+) \| (`[^|]+) \|", PAGE, re.MULTILINE)
    known = {share.title: share.endings for share in SHARES}
    listed = {title: tuple(re.findall(r"`(\.\w+)`", endings)) for title, endings in rows if title != "file"}
    assert len(listed) == 5
    assert listed.items() <= known.items()


def test_the_tables_have_the_columns_that_it_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    session = Session(*load("spiral"))
    session.seek(session.timeline.finish_of(30))
    head = next(csv.reader(StringIO(loss_csv(session, View(Spotlight(1, 0, 0)))[0])))
    assert all(f"`{name.split()[0]}`" in PAGE for name in head)
    assert f"spiral{steps_done(session)}.csv".replace("30", "3000") in PAGE
    command = re.search(r"^    backprop-tui (train .*)$", PAGE, re.MULTILINE)
    assert command is not None
    words = command[1].replace("10000", "30").split()
    assert main(words) == 0
    head = next(csv.reader(StringIO(Path("losses.csv").read_text(encoding="utf-8"))))
    assert {"step", "loss", "test_loss", "test_accuracy", "norm_dW1", "ratio_W1"} <= set(head)
    assert all(f"`{name}`" in PAGE for name in head if not name.endswith(("2", "3")))
