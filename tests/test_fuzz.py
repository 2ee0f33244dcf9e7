"""A share of the random cases that `python -m tests.fuzz` has many of: bytes, tables, settings, data files, words."""

from pathlib import Path

import pytest

from backprop_tui.core.preset.preset import parse

from .fuzz.cases import KINDS, case
from .fuzz.trial import Case, wrong_with
from .share import share

CASES = share(8, 1000)


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_case_ends_in_a_traceback(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(CASES):
        made = case(kind, number)
        assert not (wrong := wrong_with(made)), f"python -m tests.fuzz --kind {kind} --first {number}: {made}\n{wrong}"


def test_the_cases_are_neither_all_right_nor_all_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Presets that are damaged so much that none is read would try nothing but the parser."""
    monkeypatch.chdir(tmp_path)
    read = 0
    for number in range(40):
        case("bytes", number)
        try:
            parse(Path("case.toml").read_bytes().decode(), "case.toml")
        except ValueError:
            continue
        read += 1
    assert 4 <= read <= 36


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (LookupError("put in by the test"), "LookupError: put in by the test"),
        (SystemExit(7), "exit status 7"),
        (SystemExit(2), "refused without a word"),
    ],
)
def test_what_is_wrong_is_seen(problem: BaseException, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise problem

    monkeypatch.setattr("tests.fuzz.trial.main", fail)
    assert words in wrong_with(Case(("train", "xor")))


def test_what_is_printed_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.trial.main", lambda argv: print("NaN \x1b[31m") or 0)
    wrong = wrong_with(Case(("train", "xor", "--json")))
    assert "a control character" in wrong
    assert "JSON" in wrong
