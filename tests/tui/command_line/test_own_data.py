"""`--data FILE` in place of a preset: in every command, from where the person stands; what was found out is told."""

import gzip
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.preset.own_data import are_classes
from backprop_tui.tui.cli import main
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.command_line.own_words import OwnWords, is_own, own_words

Captured = pytest.CaptureFixture[str]
RANDOM = np.random.default_rng(5)
FLOWERS = "length,width,kind\n" + "".join(
    f"{size + RANDOM.normal() / 9:.3f},{size / 2:.1f},{name}\n" for size, name in ((1, "small"), (3, "large")) * 30
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present folder, with a table of flowers in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flowers.csv").write_text(FLOWERS)
    return tmp_path


def said(captured: Captured, *words: str) -> tuple[int, str, str]:
    """Status, standard output and standard error of a command."""
    status = main(words)
    found = captured.readouterr()
    return status, found.out, found.err


@pytest.mark.parametrize(
    "command",
    [
        ("train", "--steps", "2"),
        ("explain",),
        ("check",),
        ("diagnose", "--steps", "2", "--no-measure"),
        ("compare", "--steps", "2"),
        ("estimate", "--budget", "3"),
        ("show",),
    ],
)
def test_every_command_takes_it(folder: Path, capsys: Captured, command: tuple[str, ...]) -> None:
    status, out, err = said(capsys, *command, "--data", "flowers.csv")
    assert (status, bool(out)) == (0, True)
    assert 'column 3, "kind", is taken for the target' in err


def test_what_is_shown_is_a_preset_of_the_same_run(folder: Path, capsys: Captured) -> None:
    _, out, err = said(capsys, "show", "--data", "flowers.csv", "--set", "layers.0.units=5", "--seed", "4")
    (folder / "mine.toml").write_text(out)
    shown, opened = load("mine.toml"), load("--data flowers.csv", settings=["layers.0.units=5"], seed=4)
    assert np.array_equal(shown[1].inputs, opened[1].inputs)
    assert (shown[0].layers, shown[0].optimizer, shown[0].training) == (
        opened[0].layers,
        opened[0].optimizer,
        opened[0].training,
    )
    data = tomllib.loads(out)["data"]
    assert data["classes"] == ["large", "small"]
    assert (data["kind"], data["targets"], data["header"], data["delimiter"]) == ("csv", ["kind"], True, ",")
    assert "saved in the present folder" in err


def test_targets_are_named_or_counted(folder: Path, capsys: Captured) -> None:
    (folder / "mixed.csv").write_text("a,b,c\n" + "".join(f"{i}.5,{i * i}.25,{i}.75\n" for i in range(20)))
    for target in ("b", "2", "-2"):
        assert load(OwnWords("mixed.csv", (target,)).argument)[1].feature_names == ("a", "c")
    assert load(OwnWords("mixed.csv", ("a", "-1")).argument)[1].targets.shape[0] == 2
    status, _, err = said(capsys, "train", "--data", "mixed.csv", "--target", "zz")
    assert (status, "the choice is a, b, c" in err) == (2, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("train", "xor", "--data", "flowers.csv"),
            "give the preset these data with --set data.path",
        ),
        (("compare", "xor", "--data", "flowers.csv"), 'leave out "xor"'),
        (("xor", "--target", "kind"), "say --data FILE too"),
        (("train", "flowers.csv"), "backprop-tui train --data flowers.csv opens it"),
        (("train", "--data", "none.csv"), "there is no such file"),
        (("train", "--data", "/dev/zero"), "expected a file, found a device"),
        (("train", "--data", "."), "expected a file, found a folder"),
        (("list", "--data", "flowers.csv"), "there is no option --data of list"),
    ],
)
def test_what_cannot_be_is_said(folder: Path, capsys: Captured, words: tuple[str, ...], message: str) -> None:
    status, out, err = said(capsys, *words)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert message in err


def test_paths_that_are_set_are_found_from_where_the_person_stands(folder: Path) -> None:
    (folder / "presets").mkdir()
    preset = (
        'title = "t"\n[data]\nkind = "csv"\npath = "there.csv"\ntargets = ["kind"]\n'
        '[[layers]]\nunits = 1\nactivation = "sigmoid"\n'
    )
    (folder / "presets/mine.toml").write_text(preset)
    dataset = load("presets/mine.toml", settings=["data.path=flowers.csv", "data.test=flowers.csv"])[1]
    assert (dataset.size, dataset.test_size) == (60, 60)


def test_a_packed_table_is_unpacked_unless_it_is_a_bomb_or_damaged(folder: Path, capsys: Captured) -> None:
    packed = gzip.compress(FLOWERS.encode())
    (folder / "flowers.csv.gz").write_bytes(packed)
    expected, found = load("--data flowers.csv")[1], load("--data flowers.csv.gz")[1]
    assert np.array_equal(expected.inputs, found.inputs)
    (folder / "flowers.csv.gz").write_bytes(packed[:-30])
    status, _, err = said(capsys, "train", "--data", "flowers.csv.gz")
    assert (status, "is damaged" in err) == (2, True)


def test_arrays_and_images_are_opened(folder: Path) -> None:
    images = RANDOM.integers(0, 256, (40, 4, 4), dtype=np.uint8)
    np.savez(folder / "a.npz", x_train=images, y_train=np.arange(40) % 4, x_test=images[:8], y_test=np.arange(8) % 4)
    preset, dataset = load("--data a.npz")
    assert (dataset.image_shape, dataset.test_size, preset.data.normalize) == ((4, 4), 8, False)
    assert [preset.layers[-1].units, preset.layers[-1].activation] == [4, "softmax"]
    assert dataset.inputs.max() <= 1
    np.save(folder / "table.npy", np.column_stack([RANDOM.normal(size=(30, 2)), 1e6 * RANDOM.normal(size=30)]))
    preset, dataset = load("--data table.npy")
    assert (preset.data.targets, preset.data.normalize_targets, dataset.target_kind) == ((-1,), True, "real")


words = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1)


@given(words, st.lists(words.filter(lambda word: not word.startswith("--")), max_size=3), st.none() | words)
def test_words_are_the_argument_that_they_are_typed_as(path: str, targets: list[str], test: str | None) -> None:
    given_words = OwnWords(path, tuple(targets), test)
    assert is_own(given_words.argument)
    assert own_words(given_words.argument) == given_words


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 1] * 3, True),
        ([1, 2] * 3, True),
        ([-1, 1, 1], True),
        ([0, 1, 2] * 10, True),
        ([3, 4, 5, 6, 7, 8] * 10, True),
        ([1, 2, 3, 5, 6, 7] * 10, True),
        (list(range(20)) * 10, True),
        (list(range(21)) * 10, False),
        ([0, 1, 2] * 2, False),
        ([0.5, 1] * 10, False),
        ([2001, 2002, 2003] * 10, False),
        ([0, 50, 100] * 10, False),
        ([7] * 10, False),
    ],
)
def test_which_numbers_are_classes(values: list[float], expected: bool) -> None:
    assert are_classes(np.array(values, dtype=float)) is expected


@pytest.mark.parametrize(("cell", "settings"), [("small", ()), ("true", ()), ("3", ("--set", "data.classes=true"))])
def test_a_single_class_is_refused_by_its_name(
    folder: Path, capsys: Captured, cell: str, settings: tuple[str, ...]
) -> None:
    (folder / "one.csv").write_text("length,kind\n" + "".join(f"{i / 7:.2f},{cell}\n" for i in range(9)))
    status, out, err = said(capsys, "train", "--data", "one.csv", *settings)
    assert (status, out) == (2, "")
    assert f'data.targets: expected two classes or more in the target, found "{cell}" in every row' in err
    assert err.count("\n") == 1


def test_show_refuses_what_could_not_be_opened(folder: Path, capsys: Captured) -> None:
    rows = "".join(f"P{number:04},{number % 7},{number % 2}\n" for number in range(250))
    (folder / "patients.csv").write_text(f"Patient,age,ill\n{rows}")
    status, out, err = said(capsys, "show", "--data", "patients.csv")
    assert (status, out) == (2, "")
    assert 'column 1 ("Patient") has 250 different words' in err
    # A single column need not stand in a list.
    status, out, _ = said(capsys, "show", "--data", "patients.csv", "--set", "data.drop=Patient")
    assert status == 0
    (folder / "mine.toml").write_text(out)
    assert load("mine.toml")[1].feature_names == ("age",)


def test_classes_that_differ_in_their_letters_alone_are_told(folder: Path, capsys: Captured) -> None:
    (folder / "fruit.csv").write_text("a,kind\n" + "1,apple\n2,Apple\n3,pear\n" * 10)
    assert "some of them differ in capital and small letters alone" in said(capsys, "show", "--data", "fruit.csv")[2]
    assert "letters alone" not in said(capsys, "show", "--data", "flowers.csv")[2]


def test_cells_of_new_rows_that_are_filled_in_are_told(folder: Path, capsys: Captured) -> None:
    (folder / "gaps.csv").write_text(FLOWERS.replace("kind\n", "kind\n,0.5,small\n"))
    (folder / "new.csv").write_text("width,length\n0.5,1\n1.5,\n")
    words = ("predict", "--data", "gaps.csv", "--set", "data.missing=median", "--inputs", "new.csv", "--steps", "2")
    status, out, err = said(capsys, *words)
    assert status == 0
    assert len(out.splitlines()) == 3
    assert 'new.csv: 1 missing cell(s) of column 2 ("length") are filled in by its median' in err
