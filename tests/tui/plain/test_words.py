"""Every word answers, every key of the screen is a word or says what there is instead, hidden words do not answer."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from backprop_tui import presets
from backprop_tui.core.lessons.action import actions
from backprop_tui.core.preset.preset import parse
from backprop_tui.tui.plain import check_answer
from backprop_tui.tui.plain.conversation import ALL_WORDS
from backprop_tui.tui.plain.lesson_answer import typed
from backprop_tui.tui.plain.vocabulary import BY_NAME, NOT_HERE, WORDS, word_in
from backprop_tui.tui.screen_keys import KEYS

from .talk import Talk

DRAWN = re.compile("[\u2500-\u259f\u2800-\u28ff⎡⎢⎣⎤⎥⎦\x1b▸‖](?<!‖)")
"""What draws lines, blocks and dots, brackets over several lines, and what moves a cursor."""
ASKED = {"W2[1,3]": "W2[1,1]", "set": "set optimizer.learning_rate = 0.3", "all": "all W1", "example": "example 1",
         "guess": "predict", "go": "go lowest"}  # fmt: skip
"""What is typed of words that say nothing alone."""
WRITING = ("export", "keep", "record", "redraw", "restart", "undo", "redo")


@pytest.fixture(scope="module")
def talk() -> Talk:
    """A run that has come somewhere."""
    talk = Talk("xor", ["layers.0.units=3"])
    talk("play 20", "right 3 ops")
    return talk


@pytest.mark.parametrize("word", [word.name for word in WORDS if word.name not in WRITING])
def test_every_word_answers_in_lines_of_text(word: str, talk: Talk) -> None:
    answer = talk.lines(ASKED.get(word, word))
    assert answer
    assert all(line.strip() for line in answer) or word == "source"
    assert not [line for line in answer if DRAWN.search(line)]
    assert not any("  " in line for line in answer if word != "source"), "nothing is aligned by spaces"
    assert "There is no word" not in answer[0]


def test_what_writes_files_writes_them_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    talk = Talk("xor")
    talk("play 3")
    assert talk("export mine.md") == f"Worked solution written: {tmp_path / 'mine.md'}"
    assert "## " in (tmp_path / "mine.md").read_text(encoding="utf-8")
    assert talk.lines("keep w.npz")[1] == "--set training.start=w.npz goes on from them."
    assert talk("preset own.toml").startswith(f"Preset written: {tmp_path / 'own.toml'}")
    assert talk("share losses l.csv").startswith("Losses written: ")
    assert len((tmp_path / "l.csv").read_text().splitlines()) == 4
    assert talk("share plot l.svg").startswith("Plot written: ")
    assert talk("share gradients g.csv").startswith("Norms written: ")
    assert talk("export mine.md") == "mine.md is there already; choose another name."
    assert talk("export mine.py") == f"The step in PyTorch written: {tmp_path / 'mine.py'}"
    assert talk("export mine.doc").startswith("Expected a file name that ends in .md")
    assert talk("record").startswith("Recording to runs")
    talk("right")
    assert talk("record").startswith("Recorded up to step ")
    assert talk("command") == "backprop-tui xor"
    assert 'title = "' in talk("preset")


@pytest.mark.parametrize("key", [key for keys, _, _ in KEYS for key in keys.split(",")])
def test_every_key_of_the_screen_is_answered(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if key == "q":
        assert any("q" in word.names for word in ALL_WORDS)
        return
    answer = Talk("first-steps")(key)
    assert answer
    assert "There is no word" not in answer


@pytest.mark.parametrize("name", presets.names())
def test_the_links_of_every_lesson_are_words(name: str) -> None:
    words = {key: word.name for key, word in BY_NAME.items()}
    own = {name for word in ALL_WORDS for name in word.names}
    for action in actions(parse(presets.text(name), name).get("lesson", ""), name):
        line = typed(action, words)
        found = word_in(line)
        assert found or line.split()[0] in own or "[" in line or line in NOT_HERE, (action.written, line)


def test_a_lesson_is_paragraphs_with_words_to_type() -> None:
    lines = Talk("vanishing").lines("lesson")
    text = "\n".join(lines)
    assert "(type: go 1/backward)" in text
    assert "(type: variant ReLU + He)" in text
    assert "](" not in text
    assert "**" not in text
    assert "…" not in text
    talk = Talk("vanishing")
    assert talk.lines("go 1/backward")[0].startswith("Step 1, epoch 1, op 22 of 60: backward, layer 10 of 10")
    assert talk.lines("variant relu")[0] == 'The run of "ReLU + He".'
    assert talk.session.preset.layers[0].activation == "relu"
    talk("variant")
    assert talk.session.preset.layers[0].activation == "sigmoid"


@pytest.mark.parametrize(
    ("hide", "words"),
    [
        ("diagnosis", ("diagnose", "d", "remedies")),
        ("chain_rule_views", ("paths", "decay", "what if W1[1,1] = 2")),
        ("settings", ("set optimizer.learning_rate = 3", "optimizer.learning_rate = 3", "settings")),
        ("values", ("W1[1,1] = 0.5", "set W1[1,1] = 0.5")),
        ("open", ("open xor", "presets")),
        ("lesson", ("lesson", "i")),
        ("share", ("share", "url", "command", "preset")),
        ("loss", ("loss", "l")),
        ("go_to", ("step 5", "go lowest")),
        ("play", ("play 3", "space")),
    ],
)
def test_what_is_hidden_is_no_word(hide: str, words: tuple[str, ...]) -> None:
    talk = Talk("first-steps", hide=[hide])
    before = talk.session.count, talk.session.preset
    for word in words:
        assert "hidden" in talk(word), word
    assert (talk.session.count, talk.session.preset) == before
    names = [line.partition(":")[0].split(" ")[0] for line in talk.lines("help")]
    assert not {word.split()[0] for word in words if word.isalpha()} & set(names)


def test_nothing_of_a_hidden_chain_rule_is_told() -> None:
    talk = Talk("first-steps", hide=["chain_rule"])
    assert talk("right") == "Step 1, epoch 1, op 1 of 13: forward, layer 1 of 2, Z."
    assert "hidden" in talk("here")
    assert "hidden" in talk("a1[2]")
    assert talk("Z1[1,1]") == "Z⁽¹⁾₁,₁ = 0.625"
    assert not any("Rule" in line for line in talk.greeting)


@pytest.mark.parametrize(
    ("typed_words", "near"),
    [
        ("rigth", "right"),
        ("statistic", "statistics"),
        ("diagnos", "diagnose"),
        ("mesures", "measures"),
        ("chek", "check"),
    ],
)
def test_a_slip_is_answered_with_the_nearest_word(typed_words: str, near: str) -> None:
    assert Talk("first-steps")(typed_words) == (
        f'There is no word "{typed_words}"; did you mean "{near}"? help lists all words.'
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("right 0", "Expected a number and a unit"),
        ("right many", "Expected a number and a unit"),
        ("right 99999999999", "Expected a number and a unit"),
        ("step -1", "Expected one of"),
        ("op 99", "Expected an op of this step from 1 to 13"),
        ("play 3 ops", "Play takes steps or epochs"),
        ("set", "Expected set NAME = VALUE"),
        ("set optimizer.lerning_rate = 3", "learning_rate"),
        ("set W9[1,1] = 3", "layers 1 to 2"),
        ("what if W1[1,1] = x", "Expected what if W2[1,3] = 0.5"),
        ("paths none", "Expected paths"),
        ("depth 0", "Expected a depth from 1"),
        ("loss 5 to 2", "Expected loss, or loss 1 to 20"),
        ("break 3", "Expected a breakpoint"),
        ("break loss_rises 3", "takes no number"),
        ("break gradient_below x", "Expected a number, found 'x'"),
        ("guess 3", "Nothing has been asked"),
        ("variant none", 'There is no variant called "none"'),
        ("compare x", "no variants"),
        ("until", "Playing stops at: "),
        ("until tomorrow", 'Expected "stop", "finding"'),
        ("help qwertz", "There is no word 'qwertz'"),
        ("open nothing", 'There is no preset "nothing"'),
        ("share all", "Expected one of solution"),
        ("= 3", "Expected"),
        ("\x1b[31m", "There is no word"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(line: str, said: str) -> None:
    answer = Talk("first-steps").lines(line)
    assert len(answer) == 1
    assert said in "\n".join(answer)


def test_a_guess_is_judged_and_the_run_goes_over_the_op() -> None:
    talk = Talk("first-steps")
    asked = talk.lines("predict")
    assert asked[2] == ("Z⁽¹⁾₁,₁ = W⁽¹⁾₁,₁ · X₁,₁ + W⁽¹⁾₁,₂ · X₂,₁ + b⁽¹⁾₁ = 0.15 · 0.5 + 0.25 · 0.8 + 0.35 = ?")
    assert "0.625" not in "\n".join(asked)
    answer = talk.lines("0.625")
    assert answer[0].startswith("Right")
    assert answer[-1] == "1 of 1 right."
    assert talk.session.position.events == 2
    talk("predict")
    assert talk.lines("-")[0].startswith("Wrong")
    # A number that nobody asked for is the unit of that key.
    assert talk("1") == "One right is one op from now on."


def test_a_change_is_undone_and_done_again() -> None:
    talk = Talk("first-steps")
    talk("step 2")
    assert talk.lines("W2[1,1] = 0.5")[-1] == "Before the first op of step 3, epoch 3."
    assert talk.session.plan["W", 2].value((0, 0)) == 0.5
    assert talk.lines("undo")[0].startswith("Undone: ")
    assert talk.session.plan["W", 2].value((0, 0)) != 0.5
    assert talk.lines("redo")[0].startswith("Done again: ")
    assert talk.session.plan["W", 2].value((0, 0)) == 0.5
    assert talk("redo") == "There is no change to do again."


def test_breakpoints_stop_right_and_play() -> None:
    talk = Talk("xor")
    talk("break gradient_below 0.2")
    answer = talk("play 500")
    assert "Stopped: " in answer
    assert 0 < talk.session.step < 500
    assert "gradient_below, set: gradient norm falls below 0.2" in talk("breakpoints")
    assert talk("break gradient_below off") == "No longer a breakpoint: gradient norm falls below."


def test_a_neuron_is_told_with_all_that_it_has_to_do_with() -> None:
    talk = Talk("first-steps")
    blank = talk.lines("a1[2]")
    assert blank[0] == "Neuron 2 of 2 in layer 1 of 2, sigmoid; δ is dZ."
    assert blank[1] == "W⁽¹⁾₂,₁ = 0.2 times X₁,₁ = 0.5, product 0.1; dW⁽¹⁾₂,₁ is not computed yet in this step"
    talk("op", "right 13")
    told = talk.lines("neuron")
    assert told[1] == "W⁽¹⁾₂,₁ = 0.2 times X₁,₁ = 0.5, product 0.1; dW⁽¹⁾₂,₁ = −0.00230949"
    assert told[6].startswith("back from dZ⁽²⁾₁,₁ = −0.0415272 times W⁽²⁾₁,₂ = 0.5, product −0.0207636")
    assert not any("not computed" in line for line in told)
    assert talk.lines("history")[1].startswith("step 1: b⁽¹⁾₂ began as 0.35, db⁽¹⁾₂ = ")


def test_a_word_that_fails_is_one_line_and_the_next_is_answered(
    monkeypatch: pytest.MonkeyPatch, reports: Callable[[], list[str]]
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("no luck")

    monkeypatch.setattr(check_answer, "check_entry", fail)
    talk = Talk("first-steps")
    answer = talk("check")
    assert answer.startswith("This could not be answered; other words can: ZeroDivisionError: no luck (report: ")
    assert "\n" not in answer
    assert "op 1 of 13" in talk("right")
    assert "during: the word check" in reports()[0]


def test_going_on_and_back_tells_the_very_same() -> None:
    talk = Talk("by-hand")
    told = [talk("right") for _ in range(12)]
    again = [talk("back") for _ in range(11)]
    assert again == told[-2::-1]


def test_the_losses_on_a_way_are_those_of_the_run_with_that_value() -> None:
    talk = Talk("first-steps")
    told = talk.lines("what if W2[1,1] from −1 to 1")
    assert [line.partition(":")[0] for line in told[1:12]] == [
        f"W2[1,1] = {value}".replace("-", "−") for value in (-1, -0.8, -0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8, 1)
    ]
    assert told[8] == "W2[1,1] = 0.4: ℒ = 0.0270581"
    assert told[-1] == f"The lowest of these: {told[11].rpartition(' ')[2]}, with W2[1,1] = 1."
    assert talk("what if W2[1,1] from 1 to 0") == "Expected from a smaller number to a larger one, found 1 and 0."
    assert talk.lines("what if from 0 to 1")[1].startswith("W2[1,1] = 0: ℒ = ")


def test_answers_are_brief_where_that_is_asked_for() -> None:
    talk = Talk("first-steps")
    talk("op", "right")
    whole = talk.lines("here")
    assert talk("brief") == "From now on the rule and its numbers; more tells the rest."
    assert talk.lines("here") == whole[:3]
    assert talk.lines("more") == whole
    assert len(talk.lines("step 1")) == 4
    talk("full", "step 0", "right")
    assert talk.lines("here") == whole


def test_what_is_found_is_told_once() -> None:
    talk = Talk("vanishing", settings=["view.unit=step"])
    told = [line for _ in range(6) for line in talk.lines("right") if line.startswith("Found: ")]
    assert told == ["Found: warning, vanishing gradient, layer 1, step 3. Type diagnose."]
    assert not any("Found" in line for line in Talk("vanishing", hide=["diagnosis"]).lines("play 10"))


def test_a_number_is_followed_to_its_op_and_back() -> None:
    talk = Talk("first-steps")
    talk("right 8")
    here = talk("here")
    assert talk.lines("op 4")[0] == "Step 1, epoch 1, op 4 of 13: forward, layer 2 of 2, A."
    assert talk("return") == here
    assert talk("return").startswith("There is nowhere to return to")


def test_playing_without_an_end_has_one() -> None:
    talk = Talk("first-steps", hide=["diagnosis"])
    answer = talk("play")
    assert talk.session.step == 1_000
    assert "Stopped at 1,000 steps more, as nothing else has ended it." in answer


def test_numbers_that_are_lost_are_told() -> None:
    talk = Talk("sine", ["optimizer.learning_rate=1e200"])
    answer = talk("play 50")
    assert "The numbers are lost: " in answer
    assert talk("predict") == "The numbers are lost: there is nothing to predict."
    for word in ("weights", "statistics", "gradients", "data", "check", "what if", "paths", "decay", "loss", "here"):
        assert talk.lines(word)
