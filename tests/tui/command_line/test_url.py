"""`--url` and `--format url` on the command line."""

import json

import pytest

from backprop_tui.core.session.session import Session
from backprop_tui.tui.cli import main
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.command_line.own_words import url_argument
from backprop_tui.tui.running.run_state import command_line

from .said import said

URL = "https://playground.tensorflow.org/#dataset=gauss&seed=0.3&networkShape=2&batchSize=25"


def test_it_stands_in_place_of_a_preset(capsys: pytest.CaptureFixture[str]) -> None:
    whole = json.loads(said(capsys, "train", "--url", URL, "--steps", 30, "--json"))
    part = json.loads(said(capsys, "train", "--url", URL.partition("#")[2], "--steps", 30, "--json"))
    assert (whole["loss"], whole["preset"]) == (part["loss"], "playground")
    assert [
        row["name"] for row in json.loads(said(capsys, "compare", "--url", URL, "--steps", 2, "--json"))["runs"]
    ] == ["playground"]


def test_settings_change_it(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "show", "--url", URL, "--set", "optimizer.learning_rate=0.5")
    assert "learning_rate = 0.5" in text


def test_what_is_not_reproduced_is_told_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--url", f"{URL}7&hideText=true", "--steps", "1"]) == 0
    told = capsys.readouterr().err
    assert "hideText" in told
    assert "no whole number of batches of 257" in told or "never full" in told


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["show", "xor", "--url", URL], 'leave out "xor"'),
        (["train", "--data", "x.csv", "--url", URL], "leave out"),
        (["train", "--url", "nothing"], "expected the URL"),
        (["train", "--url", f"{URL}&learningRate=x"], "learningRate"),
        (["show", "digits", "--format", "url"], "TensorFlow Playground cannot have it"),
        (["verify", "step.npz", "--url", URL], "no option --url"),
    ],
)
def test_what_cannot_be_is_one_line(words: list[str], part: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert part in said(capsys, *words, status=2)


def test_its_url_comes_back(capsys: pytest.CaptureFixture[str]) -> None:
    url = said(capsys, "show", "--url", URL, "--format", "url").strip()
    assert said(capsys, "show", "--url", url, "--format", "url").strip() == url
    assert "dataset=gauss" in url


def test_a_run_of_it_is_one_command_line() -> None:
    preset, dataset = load(url_argument(URL))
    command, untold = command_line(Session(preset, dataset))
    assert untold == []
    assert command.startswith("backprop-tui --url 'batchSize=25&dataset=gauss&networkShape=2&seed=0.3'")
