"""What takes long says how far it has got, on standard error, and changes nothing of the answer."""

from itertools import count

import pytest

from backprop_tui.tui.plain import moving, run, wait

from .talk import Talk


@pytest.mark.parametrize(
    ("words", "goal"), [("step 3", " of 3"), ("right 4 steps", " of 4"), ("play 5 steps", " of 5"), ("play", "")]
)
def test_a_word_that_takes_long_says_how_far_it_is_and_how_it_is_ended(
    words: str, goal: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = Talk("xor")(words)
    assert capsys.readouterr().err == ""
    # One step at a time, each of which lasts a minute.
    monkeypatch.setattr(run, "SLICE", 0.0)
    monkeypatch.setattr(moving, "SLICE", 0.0)
    minutes = count(step=60.0)
    monkeypatch.setattr(wait, "perf_counter", lambda: next(minutes))
    slow = Talk("xor")
    slow.session.chunk = 1
    assert slow(words) == answer
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("backprop-tui: still on the way, after step ")
    assert lines[0].endswith(f"{goal}; ctrl+c ends the program")
    assert all(line.endswith(f"{goal}; ctrl+c ends the program") for line in lines)


def test_it_is_said_ever_more_rarely(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    seconds = count()
    monkeypatch.setattr(wait, "perf_counter", lambda: float(next(seconds)))
    waiting = wait.Wait(Talk("xor").session, None)
    said = []
    for second in range(1, 1000):
        waiting.go_on()
        if capsys.readouterr().err:
            said.append(second)
    # 5 seconds after its begin, then 10, 20, 40, 80, 160, and every 300.
    assert said == [5, 15, 35, 75, 155, 315, 615, 915]
