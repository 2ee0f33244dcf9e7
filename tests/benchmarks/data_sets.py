"""Somebody's own data with one command, beside scikit-learn's network of that shape: `python data_sets.py [NAME …]`.

Each set is written to a file in the form in which it is published, and opened with `--data`, nothing else told but the
target where the set's own page names one. scikit-learn trains an MLP with the same hidden layer on the same examples,
its inputs, and targets that are numbers, standardized. Printed are the accuracy or R² of both on the same test part,
the mean over the splits of some seeds, and by how much each is better.

scikit-learn ships iris, wine, breast cancer, diabetes and digits. The others are made up here, with the columns, sizes
and scales of the published ones: they are look-alikes, and nothing is fetched.
"""

import gzip
import struct
import sys
import tempfile
import warnings
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from backprop_tui.core.session.run import Goal, train
from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.command_line.own_words import OwnWords

SEEDS = 3
ALLOWED = 0.03


@dataclass(frozen=True)
class Set:
    """A file, its targets where they are told, whether it is made up here, and whether its targets are numbers."""

    file: str
    made_up: bool = False
    targets: tuple[str, ...] = ()


def lines(path: str, rows: list[list[Any]], separator: str = ",", header: str | None = None) -> None:
    text = "".join(separator.join(map(str, row)) + "\n" for row in rows)
    Path(path).write_text(("" if header is None else header + "\n") + text, encoding="utf-8")


def iris(sets: Any) -> Set:
    """UCI's iris.data: no header, the species in words at the end."""
    data = sets.load_iris()
    names = [f"Iris-{name}" for name in data.target_names]
    lines("iris.data", [[*row, names[label]] for row, label in zip(data.data, data.target, strict=True)])
    return Set("iris.data")


def wine(sets: Any) -> Set:
    """UCI's wine.data: no header, the class, 1 to 3, in the first column."""
    data = sets.load_wine()
    lines("wine.data", [[label + 1, *row] for row, label in zip(data.data, data.target, strict=True)])
    return Set("wine.data", targets=("1",))


def breast_cancer(sets: Any) -> Set:
    """UCI's wdbc.data: no header, a number of the patient, the diagnosis M or B, then the measurements."""
    data = sets.load_breast_cancer()
    numbers = np.random.default_rng(1).permutation(900_000)[: len(data.data)] + 8_000
    rows = zip(numbers, data.target, data.data, strict=True)
    lines("wdbc.data", [[number, "MB"[label], *row] for number, label, row in rows])
    return Set("wdbc.data", targets=("2",))


def diabetes(sets: Any) -> Set:
    """Efron's diabetes.tab.txt: tabs, names of columns, Y at the end."""
    data = sets.load_diabetes(scaled=False)
    header = "AGE\tSEX\tBMI\tBP\tS1\tS2\tS3\tS4\tS5\tS6\tY"
    lines("diabetes.tab.txt", [[*row, int(y)] for row, y in zip(data.data, data.target, strict=True)], "\t", header)
    return Set("diabetes.tab.txt")


def kaggle_digits(sets: Any) -> Set:
    """Kaggle's train.csv: a label, then a column a pixel, from 0 to 255; of the 8 × 8 digits that scikit-learn has."""
    data = sets.load_digits()
    pixels = np.rint(data.data * 255 / 16).astype(int)
    header = ",".join(["label", *(f"pixel{number}" for number in range(pixels.shape[1]))])
    lines("train.csv", [[label, *row] for label, row in zip(data.target, pixels, strict=True)], header=header)
    return Set("train.csv")


def fashion(sets: Any) -> Set:
    """Fashion-MNIST's four packed idx files; its pictures are the 8 × 8 digits here."""
    data = sets.load_digits()
    pixels, labels = np.rint(data.images * 255 / 16).astype(np.uint8), data.target.astype(np.uint8)
    for part, chosen in (("train", slice(None, 1500)), ("t10k", slice(1500, None))):
        for name, array in (("images-idx3", pixels[chosen]), ("labels-idx1", labels[chosen])):
            head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
            Path(f"{part}-{name}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes()))
    return Set("train-images-idx3-ubyte.gz", made_up=True)


def winequality(sets: Any) -> Set:
    """UCI's winequality-red.csv: semicolons, names in quotes, a quality from 3 to 8, mostly 5 and 6."""
    random = np.random.default_rng(2)
    hidden = random.normal(size=(1599, 11))
    hidden[:, 6] = 0.7 * hidden[:, 5] + 0.7 * hidden[:, 6]
    score = 0.8 * hidden[:, 10] - 0.6 * hidden[:, 1] + 0.4 * hidden[:, 9] + random.normal(size=1599)
    quality = np.clip(np.rint(5.6 + 0.8 * score / score.std()), 3, 8).astype(int)
    middle = np.array([8.3, 0.53, 0.27, 2.5, 0.087, 16, 46, 0.9967, 3.31, 0.66, 10.4])
    spread = np.array([1.7, 0.18, 0.19, 1.4, 0.047, 10, 33, 0.0019, 0.15, 0.17, 1.07])
    names = (
        "fixed acidity,volatile acidity,citric acid,residual sugar,chlorides,free sulfur dioxide,total sulfur dioxide,"
        "density,pH,sulphates,alcohol,quality"
    )
    header = ";".join(f'"{name}"' for name in names.split(","))
    rows = np.round(middle + spread * hidden, 5)
    lines("winequality-red.csv", [[*row, q] for row, q in zip(rows, quality, strict=True)], ";", header)
    return Set("winequality-red.csv", made_up=True)


def banknote(sets: Any) -> Set:
    """UCI's data_banknote_authentication.txt: no header, four numbers, then 0 or 1."""
    random = np.random.default_rng(3)
    forged = (random.random(1372) < 0.445).astype(int)
    means = np.where(forged[:, None] == 1, [-1.87, -0.99, 2.15, -1.25], [2.28, 4.26, 0.8, -1.15])
    rows = means + random.normal(size=(1372, 4)) * [2.0, 5.4, 4.2, 2.1]
    rows[:, 2] -= 0.6 * rows[:, 1] * (1 - 2 * forged) * 0.5
    rows = np.round(rows, 4)
    lines("data_banknote_authentication.txt", [[*row, label] for row, label in zip(rows, forged, strict=True)])
    return Set("data_banknote_authentication.txt", made_up=True)


def housing(sets: Any) -> Set:
    """Boston's housing.data: blanks between columns of fixed width, no header, the price at the end."""
    random = np.random.default_rng(4)
    hidden = random.normal(size=(506, 13))
    price = 22.5 + 5 * hidden[:, 5] + 2.5 * hidden[:, 5] ** 2 - 4 * hidden[:, 12] - 1.5 * hidden[:, 10]
    price = np.clip(price + random.normal(size=506) * 2.5, 5, 50)
    rows = np.exp(0.5 * hidden) * [3.6, 11, 11, 1, 0.55, 6.3, 68, 3.8, 9.5, 408, 18.5, 356, 12.7]
    text = [" ".join(f"{value:9.4f}" for value in [*row, y]) for row, y in zip(rows, price, strict=True)]
    Path("housing.data").write_text("\n".join(f" {line}" for line in text) + "\n")
    return Set("housing.data", made_up=True)


PUBLISHED: dict[str, Callable[[Any], Set]] = {
    "iris": iris,
    "wine": wine,
    "winequality": winequality,
    "banknote": banknote,
    "breast cancer": breast_cancer,
    "diabetes": diabetes,
    "housing": housing,
    "Kaggle's digits": kaggle_digits,
    "Fashion-MNIST": fashion,
}


def trained(made: Set, seed: int) -> tuple[Session, float]:
    """A run of the file, to its end, and the seconds that it took."""
    begin = perf_counter()
    session = Session(*load(OwnWords(made.file, made.targets).argument, seed=seed))
    goal = Goal.of(session.preset.training.stop, session.trainer.steps_per_epoch, None, begun=0)
    train(session, goal, lambda step, loss: None)
    return session, perf_counter() - begin


def score(targets: Any, answers: Any, several: bool, kind: str) -> float:
    """Accuracy, or R² averaged over the outputs; targets and answers are (outputs, n)."""
    if kind != "real":
        right = targets.argmax(axis=0) == answers.argmax(axis=0) if several else (targets > 0.5) == (answers > 0.5)
        return float(np.mean(right))
    left = ((targets - answers) ** 2).sum(axis=1)
    return float(np.mean(1 - left / ((targets - targets.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)))


def theirs(session: Session, networks: Any, seed: int) -> float:
    """What scikit-learn's network of the same hidden layers makes of the same examples, on the test part."""
    data, widths = session.dataset, tuple(layer.units for layer in session.preset.layers[:-1])
    inputs, test = data.inputs.T, data.test_inputs.T
    if data.target_kind == "real":
        own = networks.MLPRegressor(hidden_layer_sizes=widths, random_state=seed, max_iter=400)
        answers = own.fit(inputs, data.targets.T.squeeze()).predict(test).reshape(len(test), -1).T
        return score(data.test_targets, answers, False, "real")
    one_hot = len(data.targets) > 1
    labels, known = (targets.argmax(axis=0) if one_hot else targets[0] for targets in (data.targets, data.test_targets))
    own = networks.MLPClassifier(hidden_layer_sizes=widths, random_state=seed, max_iter=400)
    return float(own.fit(inputs, labels).score(test, known))


def measured(name: str, make: Callable[[Any], Set], sets: Any, networks: Any) -> tuple[float, float, str]:
    """Our score and scikit-learn's, the mean of some seeds, and a line about both."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        made = make(sets)
        ours, their, seconds = [], [], 0.0
        for seed in range(SEEDS):
            session, seconds = trained(made, seed)
            data = session.dataset
            answers = session.evaluator.answer(data.test_inputs)
            ours.append(score(data.test_targets, answers, len(answers) > 1, data.target_kind))
            their.append(theirs(session, networks, seed))
    shape = "-".join(str(size) for size in (len(data.inputs), *(layer.units for layer in session.preset.layers)))
    what = "R²" if data.target_kind == "real" else "accuracy"
    one, other = float(np.mean(ours)), float(np.mean(their))
    note = " (a look-alike)" if made.made_up else ""
    scores = f"{what:10}{one:6.3f}  scikit-learn {other:6.3f}  {one - other:+.3f}"
    line = f"{name + note:32}{shape:14}{scores}  {seconds:4.1f} s"
    return one, other, line


def main(chosen: list[str]) -> int:
    try:
        from sklearn import datasets as sets
        from sklearn import neural_network as networks
    except ImportError:
        print("skipped: scikit-learn is not installed, which the networks are measured against")
        return 0
    # Whether scikit-learn's own training has come to its end is its affair.
    warnings.filterwarnings("ignore", module="sklearn")
    behind = []
    for name, make in PUBLISHED.items():
        if chosen and name not in chosen:
            continue
        one, other, line = measured(name, make, sets, networks)
        print(line, flush=True)
        if one < other - ALLOWED:
            behind.append(name)
    print(f"behind by more than {ALLOWED}: {', '.join(behind) or 'none'}")
    return 1 if behind else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
