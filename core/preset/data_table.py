"""The table `[data]` of a preset file: where the examples come from, and how files of them are read."""

from typing import Any

from backprop_tui.core.value_class import dataclass

from .readers import Column, Matrix, Names, added, classes, columns, mark, removed, targets
from .schema import (
    Place,
    at_least,
    described,
    filled_text,
    flag,
    key,
    list_of,
    matrix,
    nearest,
    number,
    one_of,
    read,
)

TWO_CLASS_SETS = ("xor", "circle", "gauss", "spiral", "moons")
REGRESSION_SETS = ("plane", "multigauss", "sine")
GENERATED_SETS = TWO_CLASS_SETS + REGRESSION_SETS
PLAYGROUND_SETS = ("circle", "xor", "gauss", "spiral", "plane", "multigauss")
"""Those of TensorFlow Playground."""
LARGEST_NOISE = 0.8
"""What its URLs may ask for; its own control ends at 0.5."""
FILE_SETS = ("csv", "npz", "idx")
DATA_KINDS = ("inline", *GENERATED_SETS, "digits", *FILE_SETS)
DELIMITERS = (",", ";", "\t", "|", " ")
DECIMALS = (".", ",")
MISSING = ("refuse", "drop", "median")
FEATURES = ("x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPreset:
    """`[data]`. `train_ratio` None means the default of the kind; other keys that are None are found out."""

    kind: str = key(
        one_of(DATA_KINDS),
        meaning="where the examples come from: the preset (inline), a file, the program (digits), or chance",
        example="spiral",
    )
    inputs: Matrix | None = key(matrix, None, "of `inline`: one row an example", [[0.5, 0.8], [0.1, 0.4]])
    targets: Matrix | tuple[Column | float, ...] | None = key(
        targets,
        None,
        "of `inline`: one row, class or number an example; of csv: the columns that are to be predicted",
        [[1.0], [0.0]],
    )
    path: str | None = key(filled_text, None, "the file of csv, npz or idx, beside the preset", "points.csv")
    test: str | None = key(
        filled_text,
        None,
        "a file of the same form that is the test part",
        "points-test.csv",
        unset="a share of the examples, see `train_ratio`",
    )
    header: bool | None = key(
        flag, None, "of csv: whether the first line has the names of the columns", True, unset="found out"
    )
    delimiter: str | None = key(
        mark(DELIMITERS, '"," ";" "\\t" "|" or " " (one or more blanks)'),
        None,
        "of csv: what stands between two cells",
        ";",
        unset="found out",
    )
    decimal: str | None = key(
        mark(DECIMALS, '"." or ","'), None, "of csv: the mark of decimals", ",", unset="found out"
    )
    drop: tuple[Column, ...] = key(columns, (), "of csv: columns that are left out", ["id"])
    classes: bool | Names | None = key(
        classes,
        None,
        "whether the targets are classes, or their names in the order of the outputs",
        ["no", "yes"],
        unset="found out",
    )
    missing: str = key(
        one_of(MISSING),
        "refuse",
        "of csv: what becomes of rows with missing cells; the median is that of the training part",
        "median",
    )
    rows: tuple[int, ...] | None = key(
        list_of(at_least(1)),
        None,
        "these examples only, counted from 1, all of them training part",
        [1, 2],
        unset="all",
    )
    added: tuple[tuple[Column | float, ...], ...] = key(
        added,
        (),
        "points put into the training part of a set of two inputs: the inputs, then the class, as `targets` has it (of "
        "sets that are drawn 0 or 1), or as many numbers as there are outputs",
        [[0.5, -1.2, 1], [2.0, 3.1, 0]],
    )
    removed: tuple[int, ...] = key(
        removed,
        (),
        "examples that are taken out of the set, by their numbers in it, from 1, as it was drawn or read",
        [2],
    )
    samples: int = key(at_least(1), 500, "the examples of a set that is drawn", 200)
    noise: float = key(
        number("from 0 to 0.5", lambda value: 0 <= value <= LARGEST_NOISE),
        0.0,
        "how far the points of a set that is drawn are off",
        0.1,
    )
    playground_seed: str | None = key(
        filled_text,
        None,
        f"of {', '.join(PLAYGROUND_SETS)}: a seed of TensorFlow Playground, whose very points these are then, in its "
        "order; their noise may be up to 0.8",
        "0.76033",
        unset="drawn from `seed`",
    )
    train_ratio: float | None = key(
        number("above 0 and up to 1", lambda value: 0 < value <= 1),
        None,
        "the share of the examples that is the training part",
        0.8,
        unset="1.0 for `inline`, 0.5 for sets that are drawn, 0.8 for files; digits bring a test part of their own",
    )
    features: Names = key(
        list_of(one_of(FEATURES)),
        ("x1", "x2"),
        "what a network is given of a set of points in the plane",
        ["x1", "x2", "x1*x2"],
    )
    normalize: bool = key(flag, False, "each input to mean 0 and standard deviation 1, of the training part", True)
    normalize_targets: bool = key(flag, False, "the same for targets that are numbers", True)


def data_table(value: Any, place: Place) -> DataPreset:
    """Reads `[data]`; a kind that there is not, where it has a path or is like one of a file, was to be of these."""
    kind = value.get("kind", "csv") if isinstance(value, dict) else "csv"
    near = nearest(kind, DATA_KINDS)
    if kind not in DATA_KINDS and ("path" in value or near in FILE_SETS):
        hint = f'; did you mean "{near}"?' if near in FILE_SETS else "; csv is any table of text"
        raise (place / "kind").error(
            f"expected, for a file, one of {', '.join(FILE_SETS)}, found {described(kind)}{hint}"
        )
    return read(DataPreset, value, place)
