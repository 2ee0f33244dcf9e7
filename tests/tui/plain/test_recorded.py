"""Recordings in plain mode: a run of ours, somebody's own with a network of ours, and one by its kept steps alone."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from tests.core.recording.array_trainings import moons, starting, trained
from tests.core.recording.linear_networks import LinearNetwork, twelve_steps

from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.recorded_session import RecordedSession, opened
from backprop_tui.core.recording.recorder import Recorder
from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.plain.recorded import RecordedConversation

from .talk import Listener, Talk


class Typing(Listener):
    """Types lines, one after the other."""

    def __init__(self, lines: Iterable[str]) -> None:
        super().__init__()
        self.lines = iter(lines)

    def ask(self) -> str | None:
        return next(self.lines, None)


def test_a_run_of_ours_is_gone_back_in(tmp_path: Path) -> None:
    path = tmp_path / "own.backprop"
    session = Session(*load("first-steps"))
    with Recorder(session, path):
        session.seek(session.timeline.finish_of(5))
    found = opened(open_recording(path))
    assert isinstance(found, RecordedSession)
    talk = Talk(session=found.session)
    assert any(line == "Step 5, epoch 5 is finished: all parameters have their new values." for line in talk.greeting)
    assert talk("step 1").splitlines()[2] == "ℒ before 0.027058129, after 0.025454960: −5.9 %, saved 0.001603169"


def test_a_training_of_a_network_of_ours_is_told_op_by_op(tmp_path: Path) -> None:
    X, Y = moons()
    path = tmp_path / "theirs.backprop"
    trained(path, starting([2, 5, 1]), "tanh", X, Y, steps=6)
    found = opened(open_recording(path))
    assert isinstance(found, RecordedSession)
    talk = Talk(session=found.session)
    talk("home", "op")
    for word in ("right", "right 5", "paths", "weights", "data", "statistics", "check", "diagnose", "source"):
        assert talk.lines(word)
    assert "recording" in talk("W1[1,1] = 3").lower()
    talk("end")
    assert talk("right") == "Here the recording ends: back goes back."
    assert talk("play") == "Here the recording ends: back goes back."
    assert talk("predict") == "Here the recording ends: there is no next number."


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Twelve steps of a network that is none of ours, of which 1 to 4 and the last were kept."""
    return twelve_steps(tmp_path / "kept.backprop")


def test_the_end_of_a_recording_is_where_it_ends_by_now(tmp_path: Path) -> None:
    path = tmp_path / "own.backprop"
    session = Session(*load("first-steps"))
    with Recorder(session, path) as recorder:
        session.seek(session.timeline.finish_of(5))
        recorder.take()
        found = opened(open_recording(path))
        assert isinstance(found, RecordedSession)
        talk = Talk(session=found.session)
        talk.conversation.recorded = found
        session.seek(session.timeline.finish_of(9))
    assert talk("end").startswith("Before the first op of step 10, epoch 10.")


def answers(path: Path, *lines: str) -> list[list[str]]:
    """What a conversation says, the greeting first."""
    voice = Typing(lines)
    assert RecordedConversation(open_recording(path), voice).hold() == 0  # type: ignore[arg-type]
    return voice.answers


def test_kept_steps_are_gone_through(kept: Path) -> None:
    greeting, back, home, right, step, end = answers(kept, "back", "home", "right 2", "step 9", "end")
    assert greeting[0] == "softsign by hand: somebody's own training, of which 5 steps were kept."
    assert greeting[1].startswith("Step 12, kept step 5 of 5: loss ")
    assert [said[0].partition(":")[0] for said in (back, home, right, step, end)] == [
        "Step 4, kept step 4 of 5",
        "Step 1, kept step 1 of 5",
        "Step 3, kept step 3 of 5",
        "Step 12, kept step 5 of 5",
        "Step 12, kept step 5 of 5",
    ]
    assert [line.partition(":")[0] for line in home[1:]] == [
        "module 3, net.2 Linear",
        "module 2, net.1 Softsign",
        "module 1, net.0 Linear",
    ]


def test_the_chain_rule_has_the_recorded_numbers(kept: Path) -> None:
    recording = open_recording(kept)
    gradient, loss = recording.array(12, "g/net.2.weight"), recording.loss(12)
    assert gradient is not None
    _, module, other, losses = answers(kept, "module 3 1,3", "module 2", "loss")
    assert module[0] == "net.2, Linear."
    told = next(line for line in module if line.startswith("recorded dW₁,₃ = "))
    assert float(told.rpartition(" ")[2].replace("−", "-")) == pytest.approx(float(gradient[0, 2]), rel=1e-5)
    assert other[-1] == "It is no linear module whose input and gradient were kept: its chain rule cannot be told."
    assert losses[0] == "12 losses."
    assert float(losses[-1].rpartition(" ")[2]) == pytest.approx(loss, rel=1e-6)
    assert len(losses) == 3 + 10


def test_other_words_are_answered_or_told_to_be_none(kept: Path) -> None:
    _, found, near, *wrong = answers(
        kept, "diagnose", "gradeints", "module 9", "module 3 7,1", "right x", "step x", "q"
    )
    assert found
    assert near == ['There is no word "gradeints"; did you mean "gradients"? help lists all words.']
    assert all(line[-1].startswith("Expected ") for line in wrong)
    assert len(wrong) == 4


def test_nothing_kept_yet_is_told(tmp_path: Path) -> None:
    path = tmp_path / "young.backprop"
    network = LinearNetwork(path)
    network.writer.close()
    _, *told = answers(path, "right", "end", "loss", "gradients", "module 1", "diagnose", "help")
    assert told[0] == ["No step has been kept yet."]
    assert told[2] == ["No loss has been recorded yet."]
