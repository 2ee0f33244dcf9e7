"""README's tour in plain mode: what each paragraph says can be seen is told; the first is walked through a pipe."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from backprop_tui.tui import cli

Walk = list[tuple[str, ...]]
PARAGRAPHS: dict[str, tuple[str, Walk]] = {
    "1. One update": ("first-steps", [
        ("op", "One right is one op"),
        ("right", "Rule: Z⁽¹⁾ = W⁽¹⁾ X + b⁽¹⁾.", "= 0.15 · 0.5 + 0.25 · 0.8 + 0.35 = 0.625"),
        ("right 4", "op 5 of 13: loss, ℒ.", "ℒ = "),
        ("right", "backward, layer 2 of 2, dA."),
        ("right 7", "op 13 of 13: update, layer 2 of 2, ΔW Δb."),
        ("right", "ℒ before 0.027058129, after 0.025454960: −5.9 %, saved 0.001603169",
         "answer A⁽²⁾₁,₁ before 0.767370988, after 0.774367732, target 1"),
        ("back", "op 13 of 13: update"),
    ]),
    "2. Where a number came from": ("first-steps", [
        ("op 11", "dW⁽¹⁾₁,₁ = dZ⁽¹⁾₁,₁ · X₁,₁ = −0.00377220 · 0.5 = −0.00188610",
         "dZ⁽¹⁾₁,₁ = −0.00377220, from backward, layer 1 of 2, dZ (op 10)"),
        ("op 10", "op 10 of 13: backward, layer 1 of 2, dZ."),
        ("return", "op 11 of 13"),
        ("spotlight right", "In the spotlight: W⁽¹⁾₁,₂", "W⁽¹⁾₁,₂ = 0.25"),
        ("W1[1,2] = 0.3", "0.25 → 0.3"),
        ("neuron", "Neuron 1 of 2 in layer 1 of 2, sigmoid", "Local information suffices"),
        ("nested", "A⁽²⁾ = σ(W⁽²⁾ σ(W⁽¹⁾ X + b⁽¹⁾) + b⁽²⁾)"),
    ]),
    "3. Larger strides": ("first-steps", [
        ("epoch", "One right is one epoch"),
        ("right", "Step 1, epoch 1 is finished"),
        ("play 20", "20 steps trained. Step 21, epoch 21 is finished"),
        ("until", "Playing stops at: "),
        ("home", "Before the first op of step 1"),
        ("end", "Step 21, epoch 21 is finished"),
        ("step 7", "Step 7, epoch 7 is finished"),
    ]),
    "4. See a gradient die": ("vanishing", [
        ("layer", "One right is one layer"),
        ("step 0", "Before the first op"),
        ("right 21", "backward, layer 1 of 10, dW db."),
        ("gradients", "layer 10: ‖dW⁽¹⁰⁾‖ = ", "layer 1: ‖dW⁽¹⁾‖ = "),
        ("step 1", "Step 1, epoch 1 is finished"),
        ("gradients", ": moderate", ": small"),
        ("lesson", "(type: variant ReLU + He)"),
    ]),
    "5. Real digits": ("digits", [
        ("weights", "101,770 parameters"),
        ("play 32", "32 steps trained", "The whole test part"),
        ("data", "2,000 examples of the training part, 500 of the test part", 'answer 10 "9"'),
        ("sensitivity", "gradient dW"),
        ("measures", "8: recall ", " taken for "),
        ("most wrong", "Of the test part, after step 32:", "example "),
    ]),
    "6. Why, and what helps": ("vanishing", [
        ("play 3 steps", "vanishing gradient, layer 1"),
        ("paths", "∂ℒ/∂W⁽¹⁾₁,₁ = "),
        ("decay", "What pulled most that way: slopes of sigmoid", "layer 10: activation "),
        ("depth 10", "at best 0.25"),
        ("diagnose", "warning: vanishing gradient, layer 1, step 3", "found: ‖dZ⁽¹⁾‖ is ", "cause: "),
        ("compare 3", "ReLU + He: first loss "),
        ("variant ReLU + He", "The run of \"ReLU + He\"."),
    ]),
    "7. What if": ("first-steps", [
        ("settings rate", "optimizer.learning_rate = 0.5"),
        ("play 4", "4 steps trained"),
        ("step 2", "is finished"),
        ("set optimizer.learning_rate = 0.3", "0.5 → 0.3", "the one before stays as a branch"),
        ("undo", "Undone: learning rate 0.5 → 0.3."),
        ("redo", "Done again"),
        ("runs", "run 1: as opened; at step 2, 4 steps known", "run 2, in view: after step 2: optimizer.learning_rate"),
        ("what if W1[1,1] = 0.5", "With W1[1,1] = 0.5 the loss is ℒ = ", "curvature makes up"),
        ("check", "Gradient check: passed."),
        ("predict", "= ?"),
        ("-", " of 1 right."),
        ("breakpoints", "loss_rises, not set."),
        ("source", "In core/network/"),
        ("export mine.md", "Worked solution written: "),
        ("keep mine.npz", "Weights written: "),
        ("preset mine.toml", "Preset written: "),
        ("share", "losses FILE.csv"),
        ("lesson", "(type: "),
        ("open xor", "XOR: why a network needs a hidden layer." ),
        ("help dW", "gradient of the weights"),
        ("quit",),
    ]),
}  # fmt: skip
README = Path(__file__).parents[2] / "README.md"


def test_these_are_the_paragraphs_of_the_tour() -> None:
    text = README.read_text(encoding="utf-8")
    begin = text.index("## Five minutes")
    tour = text[begin : text.index("## Presets", begin)]
    assert [line.split("**")[1].rstrip(".").partition(",")[0] for line in tour.splitlines() if line[:3] in STARTS] == [
        name.partition(",")[0] for name in PARAGRAPHS
    ]


STARTS = tuple(f"**{number}" for number in range(1, 8))


def words_of(walk: Walk) -> bytes:
    return "".join(f"{word[0]}\n" for word in walk).encode()


def test_the_first_paragraph_can_be_walked_through_a_pipe(tmp_path: Path) -> None:
    preset, walk = PARAGRAPHS["1. One update"]
    command = [sys.executable, "-m", "backprop_tui", preset, "--plain"]
    done = subprocess.run(command, input=words_of(walk), capture_output=True, cwd=tmp_path, check=False)
    assert done.returncode == 0
    answered(walk, done.stdout.decode(), done.stderr.decode())


@pytest.mark.parametrize("name", list(PARAGRAPHS)[1:])
def test_the_others_can_be_walked(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    preset, walk = PARAGRAPHS[name]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(words_of(walk))))
    assert cli.main([preset, "--plain"]) == 0
    answered(walk, *capsys.readouterr())


def answered(walk: Walk, told: str, complaints: str) -> None:
    """Each word has its answer, in which stands what is said of it; a slow machine may be told to be on the way."""
    assert all("still on the way" in line for line in complaints.splitlines())
    _, *answers, end = told.split("\n\n")
    assert end == ""
    assert len(answers) == len([word for word in walk if word != ("quit",)])
    for (word, *said), answer in zip(walk, answers, strict=False):
        absent = [text for text in said if text not in answer]
        assert not absent, f"{word}: {absent} not in\n{answer}"
