"""`predict`: what a trained network says of new rows, read as its training part was."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backprop_tui
from backprop_tui.core.session.session import Session
from backprop_tui.tui.cli import main
from backprop_tui.tui.command_line.loading import load

HOUSES = """size;district;rooms;price
{}
"""
NETWORK = """title = "Mine"
[data]
{data}
[[layers]]
units = 3
activation = "tanh"
[[layers]]
{output}
[training]
stop = {{ steps = 40 }}
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def said(capsys: pytest.CaptureFixture[str], *argv: object, status: int = 0) -> tuple[str, str]:
    capsys.readouterr()
    assert main([str(word) for word in argv]) == status
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return out, err


def preset(data: str, output: str) -> None:
    Path("mine.toml").write_text(NETWORK.format(data=data, output=output))


def trained(steps: int = 40) -> Session:
    session = Session(*load("mine.toml"))
    session.advance(session.timeline.finish_of(steps))
    return session


@pytest.fixture
def houses() -> list[tuple[float, str, int, float]]:
    """Sizes, districts, rooms and prices, which are larger than anything that a network says before it has learnt."""
    random = np.random.default_rng(4)
    rows = [(float(50 + 10 * i), ["north", "east", "west"][i % 3], i % 5, 1000.0 * i) for i in range(30)]
    order = random.permutation(len(rows))
    Path("houses.csv").write_text(HOUSES.format("\n".join(";".join(map(str, rows[place])) for place in order)))
    data = 'kind = "csv"\npath = "houses.csv"\ntargets = ["price"]\nnormalize = true\nnormalize_targets = true'
    preset(data, 'units = 1\nactivation = "identity"')
    return rows


def test_numbers_come_in_the_data_s_own_units(
    houses: list[tuple[float, str, int, float]], capsys: pytest.CaptureFixture[str]
) -> None:
    # Columns in another order, the target among them, and no header that says otherwise.
    lines = [f"{district},{size},{price},{rooms}" for size, district, rooms, price in houses[:4]]
    Path("new.csv").write_text("district,size,price,rooms\n" + "\n".join(lines))
    out, err = said(capsys, "predict", "mine.toml", "--inputs", "new.csv")
    assert "trained for 40 steps first" in err
    assert 'new.csv: not used: column 3 ("price")' in err
    session = trained()
    data = session.dataset
    # By hand: the words in their order (east, north, west), then what normalization makes of it, and back again.
    words = ["east", "north", "west"]
    raw = np.array([[size, *(district == word for word in words), rooms] for size, district, rooms, _ in houses[:4]])
    outputs = session.evaluator.answer((raw.T - data.mean) / data.std)
    wanted = (outputs * data.target_std + data.target_mean)[0]
    found = list(csv.reader(out.splitlines()))
    assert found[0] == ["price"] if data.class_names else ["y"]
    assert [float(row[0]) for row in found[1:]] == pytest.approx(wanted, rel=1e-12)


def test_weights_that_were_kept_are_not_trained(
    houses: list[tuple[float, str, int, float]], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("new.csv").write_text("size,district,rooms\n70,east,3\n")
    said(capsys, "train", "mine.toml", "--save", "kept.npz")
    at_once, err = said(capsys, "predict", "mine.toml", "--inputs", "new.csv", "--start", "kept.npz")
    assert "trained" not in err
    assert at_once == said(capsys, "predict", "mine.toml", "--inputs", "new.csv")[0]
    further = said(capsys, "predict", "mine.toml", "--inputs", "new.csv", "--start", "kept.npz", "--steps", 5)[0]
    assert further == said(capsys, "predict", "mine.toml", "--inputs", "new.csv", "--steps", 45)[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size,district,rooms\n70,south,3\n", 'expected one of "east", "north", "west", found "south"'),
        ("size,rooms\n70,3\n", "district"),
        ("size,district,rooms\n,east,3\n", "line 2, column 1"),
        ("size,district,rooms\n", "has no examples"),
        ("", "new.csv"),
    ],
)
def test_rows_that_the_training_part_does_not_know_are_one_line(
    houses: list[tuple[float, str, int, float]], capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    Path("new.csv").write_text(text)
    out, err = said(capsys, "predict", "mine.toml", "--inputs", "new.csv", status=2)
    assert (out, err.count("\n")) == ("", 1)
    assert message in err


def answers(capsys: pytest.CaptureFixture[str], *argv: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(said(capsys, "predict", *argv, "--json")[0])["answers"]
    return found


def test_classes_have_their_names_and_probabilities(capsys: pytest.CaptureFixture[str]) -> None:
    points = np.random.default_rng(2).normal(size=(30, 2))
    names = np.array(["oak", "ash", "elm"])[(points > 0).sum(axis=1)]
    Path("trees.csv").write_text(
        "\n".join(["a,b,tree", *(f"{a},{b},{name}" for (a, b), name in zip(points, names, strict=True))])
    )
    preset('kind = "csv"\npath = "trees.csv"\ntargets = ["tree"]', 'units = 3\nactivation = "softmax"')
    Path("new.csv").write_text("\n".join(["a,b", *(f"{a},{b}" for a, b in points[:5])]))
    found = answers(capsys, "mine.toml", "--inputs", "new.csv")
    outputs = trained().evaluator.answer(points[:5].T)
    for answer, column in zip(found, outputs.T, strict=True):
        assert list(answer["probabilities"]) == ["ash", "elm", "oak"]
        assert list(answer["probabilities"].values()) == pytest.approx(column)
        assert answer["class"] == ["ash", "elm", "oak"][int(column.argmax())]
    header, *rows = csv.reader(said(capsys, "predict", "mine.toml", "--inputs", "new.csv")[0].splitlines())
    assert header == ["class", "ash", "elm", "oak"]
    assert [[row[0], *map(float, row[1:])] for row in rows] == [
        [answer["class"], *answer["probabilities"].values()] for answer in found
    ]


@pytest.mark.parametrize("form", ["named", "in order", "without names", "npz", "npy"])
def test_sets_without_a_file_are_asked_by_x1_and_x2(capsys: pytest.CaptureFixture[str], form: str) -> None:
    points = np.array([[0.5, -1.0], [2.0, 1.5], [-3.0, 0.25]])
    rows = [",".join(map(str, row)) for row in points.tolist()]
    path = Path("points.csv")
    if form == "named":
        path.write_text("\n".join(["x2,x1,colour", *(f"{x2},{x1},red" for x1, x2 in points)]))
    elif form == "in order":
        path.write_text("\n".join(["width,height", *rows]))
    elif form == "without names":
        path.write_text("\n".join(rows))
    elif form == "npz":
        path = Path("points.npz")
        np.savez(path, X=points, y=[0, 1, 0])
    else:
        path = Path("points.npy")
        np.save(path, points.astype(np.float32))
    found = answers(capsys, "xor", "--inputs", path, "--steps", 30)
    session = Session(*load("xor"))
    session.advance(session.timeline.finish_of(30))
    wanted = session.evaluator.predict(points.T)[0]
    (key,) = {key for answer in found for key in answer} - {"class"}
    assert [list(answer[key].values())[-1] for answer in found] == pytest.approx(wanted)


def test_pixels_are_divided_as_those_of_the_set_are(capsys: pytest.CaptureFixture[str]) -> None:
    random = np.random.default_rng(1)
    images = random.integers(0, 256, size=(4, 28, 28)).astype(np.uint8)
    np.savez("new.npz", images=images)
    np.save("floats.npy", images.reshape(4, 784) / 255)
    start = ("--steps", 1, "--set", "training.batch_size=100")
    assert answers(capsys, "digits", "--inputs", "new.npz", *start) == answers(
        capsys, "digits", "--inputs", "floats.npy", *start
    )


def test_a_recording_is_asked_as_it_is_at_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    Path("points.csv").write_text("x1,x2\n1,2\n")
    said(capsys, "train", "xor", "--steps", 25, "--record", "xor.backprop")
    of_run = said(capsys, "predict", "xor.backprop", "--inputs", "points.csv")
    assert of_run[0] == said(capsys, "predict", "xor", "--inputs", "points.csv", "--steps", 25)[0]
    assert "trained" not in of_run[1]
    assert (
        "leave out --start"
        in said(capsys, "predict", "xor.backprop", "--inputs", "points.csv", "--start", "w.npz", status=2)[1]
    )


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"X": np.ones((3, 3))}, "expected 2 inputs a row, as this network has, found 3"),
        (
            {"X": np.ones((3, 2)), "x_test": np.ones((3, 2))},
            "expected one array of inputs, called X or inputs, found X, x_test",
        ),
        ({"X": np.array([[1.0, np.nan]])}, "row 1, input 2: expected a finite number, found nan"),
        ({"X": np.array(["a", "b"])}, "expected"),
        ({"X": np.ones(2)}, "expected one row an example"),
    ],
)
def test_arrays_that_are_no_rows_are_one_line(
    capsys: pytest.CaptureFixture[str], arrays: dict[str, np.ndarray], message: str
) -> None:
    np.savez("new.npz", **arrays)
    out, err = said(capsys, "predict", "xor", "--inputs", "new.npz", status=2)
    assert (out, err.count("\n")) == ("", 1)
    assert message in err


def test_of_somebodys_own_training_the_last_kept_step_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    layers = torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1), torch.nn.Sigmoid()
    model = torch.nn.Sequential(*layers).double()
    optimizer, loss_of = torch.optim.SGD(model.parameters(), lr=0.5), torch.nn.BCELoss()
    points = torch.tensor([[1.0, 2.0], [-1.0, 0.5], [0.25, -2.0]], dtype=torch.float64)
    run = backprop_tui.watch(model, optimizer, loss=loss_of, path="torch.backprop", every=1)
    for _ in range(4):
        optimizer.zero_grad()
        loss = loss_of(model(points), torch.tensor([[1.0], [0.0], [1.0]], dtype=torch.float64))
        loss.backward()
        optimizer.step()
        run.step(loss)
    run.close()
    np.save("points.npy", points.numpy())
    found = answers(capsys, "torch.backprop", "--inputs", "points.npy")
    with torch.no_grad():
        wanted = model(points).ravel().tolist()
    assert [answer["probabilities"]["1"] for answer in found] == pytest.approx(wanted, rel=1e-9)
