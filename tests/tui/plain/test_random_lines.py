"""Random lines, words among them, never bring plain mode down: each is answered, in lines of text."""

from pathlib import Path
from random import Random

import pytest

from backprop_tui.core.preset.hyper_parameters import hyper_parameters
from backprop_tui.tui.plain.vocabulary import BY_NAME, NOT_HERE

from .talk import Talk

PRESETS = ("first-steps", "xor", "moons", "linear-neuron", "by-hand", "sine", "schedule")
SLOW = ("remedies", "try", "estimate", "compare", "c", "lesson", "i")
WORDS = sorted((set(BY_NAME) | set(NOT_HERE)) - set(SLOW))
BEHIND = ("", "", "3", "1", "0", "-1", "2 steps", "5 ops", "W1[1,1]", "b1[1]", "W2[1,1] = 0.5", "= 3", "W1[1,1] = nan",
          "1/dW1", "1/loss", "example", "lowest", "loss_rises", "gradient_below 0.1", "off", "dW1", "x", "é\x1b[3m",
          "99999", "1 to 3", "rate", "right", "none", "dZ1[1,1]", "= " * 40)  # fmt: skip
VALUES = ("0.1", "true", "3", "[1]", "none", "1e300", "relu", '"x"', "-1")


def line(random: Random, talk: Talk) -> str:
    """A word with something behind it, a setting, or the name of a number."""
    kind = random.random()
    if kind < 0.2:
        setting = random.choice(hyper_parameters(talk.session.preset))
        return f"set {setting.path} = {random.choice((*setting.choices, *VALUES))}"
    if kind < 0.3:
        quantity = random.choice(list(talk.session.plan.quantities.values()))
        return quantity.typed() + random.choice(("", "[1]", "[1,1]", "[2,1]", "[9,9,9]"))
    return f"{random.choice(WORDS)} {random.choice(BEHIND)}".strip()


@pytest.mark.parametrize("seed", range(12))
def test_every_line_is_answered(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    random = Random(seed)
    talk = Talk(random.choice(PRESETS))
    for _ in range(25):
        typed = line(random, talk)
        answer = talk(typed)
        assert answer.strip(), typed
        assert "could not be answered" not in answer, typed
    if talk.conversation.run is not None:
        talk.conversation.run.recorder.stop()
