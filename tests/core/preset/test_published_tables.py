"""Tables as they are published and exported, rebuilt small: what is read, what is told, what is refused and where."""

from pathlib import Path

import numpy as np
import pytest

from backprop_tui.core.preset.data_table import DataPreset
from backprop_tui.core.preset.datasets import Dataset, load
from backprop_tui.core.preset.named_file import NamedFile
from backprop_tui.core.preset.schema import Place, PresetError

IRIS = "5.4,3.9,1.7,0.4,Iris-setosa\n6.4,3.2,4.5,1.5,Iris-versicolor\n6.3,2.9,5.6,1.8,Iris-virginica\n" * 3
WINE = "1,14.1,2.4,1050\n1,13.7,2.6,1185\n2,12.2,2.3,510\n3,12.9,2.1,620\n2,11.8,2.2,495\n"
AUTO_MPG = """21.0   6   200.0      ?          2875.      17.0   74  1\t"ford maverick"
18.0   8   307.0      130.0      3504.      12.0   70  1\t"chevrolet chevelle malibu"
24.0   4   113.0      95.00      2372.      15.0   70  3\t"toyota corona"
"""
HOUSING = " 0.00632  18.00   2.310  0  24.00\n 0.02731   0.00   7.070  0  21.60\n 0.03237   0.00   2.180  1  33.40\n"
CANCER = "1000025,5,1,1,2\n1002945,5,4,10,2\n1057013,8,4,?,4\n1096800,6,6,?,2\n1017122,8,10,10,4\n"
PASSENGERS = "PassengerId,Survived,Pclass,Name,Sex,Age,Cabin\n" + "".join(
    f'{row},{row % 2},{1 + row % 3},"Doe, Mr. {row}",{"fe" * (row % 2)}male,'
    f"{'' if row % 4 == 0 else 20 + row},{'C85' * (row == 7)}\n"
    for row in range(1, 25)
)
GERMAN = "Fläche;Preis;verkauft\r\n1.234,5;12,00;ja\r\n900,25;3,5;nein\r\n17;4;ja\r\n;;\r\n"


def read(
    folder: Path,
    content: str | bytes,
    targets: tuple[str | int, ...],
    outputs: int = 1,
    output: str = "identity",
    **data,
) -> Dataset:
    """The data set of a table for a network with such an output, all of it training part unless `data` say other."""
    (folder / "a.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    preset = DataPreset(kind="csv", path="a.csv", targets=targets, **{"train_ratio": 1.0, **data})
    return load(preset, seed=0, outputs=outputs, output_activation=output, base=folder)


def refusal(folder: Path, content: str, targets: tuple[str | int, ...] = ("y",), *network, **data) -> str:
    """What is said of the file instead."""
    with pytest.raises(PresetError) as caught:
        read(folder, content, targets, *network, **data)
    return str(caught.value).partition("a.csv: ")[2] or str(caught.value)


def test_iris_without_a_line_of_names(tmp_path):
    for targets in (("species",), (-1,), (5,)):
        dataset = read(tmp_path, IRIS, targets, 3, "softmax")
        assert dataset.class_names == ("Iris-setosa", "Iris-versicolor", "Iris-virginica")
        assert dataset.inputs[:, 0].tolist() == [5.4, 3.9, 1.7, 0.4]
        assert dataset.size == 9
        assert dataset.feature_names == ("x1", "x2", "x3", "x4")
    assert any("no names" in note for note in dataset.notes)
    assert any("column 5" in note for note in read(tmp_path, IRIS, ("species",), 3, "softmax").notes)


def test_wine_has_its_class_first(tmp_path):
    dataset = read(tmp_path, WINE, (1,), 3, "softmax")
    assert (dataset.class_names, dataset.targets.argmax(axis=0).tolist()) == (("1", "2", "3"), [0, 0, 1, 2, 1])
    assert "column 4 has numbers such as 1050" in refusal(
        tmp_path, WINE.replace("1050", "1050.5"), ("class",), 3, "softmax"
    )


def test_class_numbers_of_one_and_two_and_of_ten_where_eight_are_seen(tmp_path):
    two = read(tmp_path, "a,k\n0.5,1\n0.6,2\n0.7,1\n", ("k",), 1, "sigmoid")
    assert (two.targets.tolist(), two.class_names, two.target_kind) == ([[0, 1, 0]], ("1", "2"), "binary")
    signed = read(tmp_path, "a,k\n0.5,1\n0.6,2\n0.7,1\n", ("k",), 1, "tanh")
    assert (signed.targets.tolist(), signed.target_kind) == ([[-1, 1, -1]], "signed")
    ten = read(tmp_path, "k,a\n7,0.5\n0,0.6\n9,0.25\n", ("k",), 10, "softmax")
    assert (ten.targets.argmax(axis=0).tolist(), ten.class_names) == ([7, 0, 9], tuple("0123456789"))


def test_whole_numbers_are_numbers_for_one_identity_unit_and_where_it_is_said(tmp_path):
    table = "a;quality\n7.4;5\n7.8;6\n11.2;5\n"
    assert read(tmp_path, table, ("quality",)).targets.tolist() == [[5, 6, 5]]
    zeros = "a;q\n7.4;0\n7.8;1\n"
    assert read(tmp_path, zeros, ("q",), 1, "sigmoid").class_names == ("0", "1")
    plain = read(tmp_path, zeros, ("q",), 1, "sigmoid", classes=False)
    assert (plain.class_names, plain.target_kind) == ((), "real")


def test_the_classes_may_be_listed(tmp_path):
    table = "a,size\n1,large\n2,small\n3,small\n"
    dataset = read(tmp_path, table, ("size",), 3, "softmax", classes=("small", "medium", "large"))
    assert dataset.targets.argmax(axis=0).tolist() == [2, 0, 0]
    message = refusal(tmp_path, table, ("size",), 2, "softmax", classes=("smal", "large"))
    assert 'found "small"; did you mean "smal"' in message


def test_auto_mpg_between_blanks_with_quoted_names(tmp_path):
    assert refusal(tmp_path, AUTO_MPG, (1,), drop=(-1,)).startswith("line 1, column 4: the cell has no value")
    filled = read(tmp_path, AUTO_MPG, (1,), drop=(9,), missing="median")
    assert filled.inputs[2].tolist() == [112.5, 130, 95]
    assert filled.targets.tolist() == [[21, 18, 24]]
    dropped = read(tmp_path, AUTO_MPG, (1,), drop=(-1,), missing="drop")
    assert dropped.inputs[0].tolist() == [8, 4]
    assert any("1 of 3 rows" in note for note in dropped.notes)


def test_housing_between_blanks_that_stand_first_too(tmp_path):
    dataset = read(tmp_path, HOUSING, (-1,))
    assert dataset.inputs.T.tolist() == [[0.00632, 18, 2.31, 0], [0.02731, 0, 7.07, 0], [0.03237, 0, 2.18, 1]]
    assert dataset.targets.tolist() == [[24, 21.6, 33.4]]


def test_question_marks_of_the_cancer_data(tmp_path):
    message = refusal(tmp_path, CANCER, (-1,), 1, "sigmoid")
    assert message.startswith("line 3, column 4: the cell has no value (and 1 more of the table)")
    assert 'missing = "drop"' in message
    assert 'missing = "median"' in message
    dataset = read(tmp_path, CANCER, (-1,), 1, "sigmoid", missing="drop", drop=(1,))
    assert (dataset.targets.tolist(), dataset.class_names) == ([[0, 0, 1]], ("2", "4"))


@pytest.mark.parametrize("mark", ["", "NA", "N/A", "nan", "NaN", "null", "?", "-", " "])
def test_every_mark_of_a_missing_cell(tmp_path, mark):
    table = f"a,b,y\n1,2,3\n4,{mark},6\n5,6,7\n"
    assert refusal(tmp_path, table).startswith('line 3, column 2 ("b"): the cell has no value;')
    assert read(tmp_path, table, ("y",), missing="median").inputs[1].tolist() == [2, 4, 6]


def test_gaps_are_filled_by_the_training_part_alone(tmp_path):
    rows = [
        f"{'' if row in (3, 11) else row * row},{'' if row == 5 else 'ab'[row % 3 == 0]},{row}" for row in range(20)
    ]
    dataset = read(tmp_path, "x,kind,y\n" + "\n".join(rows) + "\n", ("y",), missing="median", train_ratio=0.5)
    known = {int(y): x for x, y in zip(dataset.inputs[0], dataset.targets[0], strict=True)}
    held_out = {int(y): x for x, y in zip(dataset.test_inputs[0], dataset.test_targets[0], strict=True)}
    median = np.median([row * row for row in known if row not in (3, 11)])
    for row, value in {**known, **held_out}.items():
        assert value == (median if row in (3, 11) else row * row)
    assert dataset.feature_names == ("x", "kind=a", "kind=b")
    words = [row for row in known if row != 5]
    frequent = sum(row % 3 == 0 for row in words) > len(words) / 2
    column = next(
        values
        for values, y in zip(
            [*dataset.inputs.T, *dataset.test_inputs.T], [*dataset.targets[0], *dataset.test_targets[0]], strict=True
        )
        if y == 5
    )
    assert column[1:].tolist() == ([0, 1] if frequent else [1, 0])


def test_a_column_of_names_that_counts_from_any_number_is_left_out(tmp_path):
    rows = [(f"{340 + i},7,{i % 3},{i % 2}") for i in (3, 1, 0, 2)]
    dataset = read(tmp_path, "\n".join(["PatientID,clinic,dose,y", *rows]), ("y",), 1, "sigmoid")
    assert dataset.feature_names == ("clinic", "dose")
    assert 'column 1 ("PatientID") counts the rows and is left out' in dataset.notes
    assert 'column 2 ("clinic") is the same in every row: it tells nothing' in dataset.notes
    # With a gap it does not count; and what is no name counts whatever it likes.
    gap = read(tmp_path, "\n".join(["PatientID,dose,y", "343,1,0", "341,2,1", "340,3,0"]), ("y",), 1, "sigmoid")
    assert gap.feature_names == ("PatientID", "dose")
    years = read(tmp_path, "\n".join(["year,dose,y", "1901,1,0", "1902,2,1", "1903,2,0"]), ("y",), 1, "sigmoid")
    assert years.feature_names == ("year", "dose")


def test_columns_that_are_always_the_same_are_told_in_one_line(tmp_path):
    same = read(tmp_path, "a,site,b,y\n1,A,3,0\n1,A,4,1\n1,A,3,1\n", ("y",), 1, "sigmoid")
    assert '2 columns, column 1 ("a") and others, are the same in every row: they tell nothing' in same.notes
    one = read(tmp_path, "a,b,y\n1,3,0\n", ("y",))
    assert not any("the same" in note for note in one.notes)


def test_a_passenger_list(tmp_path):
    message = refusal(tmp_path, PASSENGERS, ("Survived",), 1, "sigmoid", missing="median")
    assert 'column 4 ("Name") has 24 different words' in message
    assert 'drop = ["Name"]' in message
    dataset = read(tmp_path, PASSENGERS, ("Survived",), 1, "sigmoid", missing="median", drop=("Name", "Cabin"))
    assert dataset.feature_names == ("Pclass", "Sex=female", "Sex=male", "Age")
    assert any('column 1 ("PassengerId") counts the rows' in note for note in dataset.notes)
    assert any('column 5 ("Sex") is words' in note and '"female", "male"' in note for note in dataset.notes)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_a_german_export(tmp_path, encoding):
    dataset = read(tmp_path, GERMAN.encode(encoding), ("verkauft",), 1, "sigmoid")
    assert dataset.inputs.T.tolist() == [[1234.5, 12], [900.25, 3.5], [17, 4]]
    assert dataset.feature_names == ("Fläche", "Preis")
    assert (dataset.class_names, dataset.targets.tolist()) == (("ja", "nein"), [[0, 1, 0]])
    assert "numbers have a decimal comma" in dataset.notes
    assert any("1 row(s) without any value" in note for note in dataset.notes)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a;y\n1,234;2\n5,678;3\n", 'line 2, column 1 ("a"): expected numbers whose decimal mark is clear'),
        ("a;y\n1.234;2\n5.678;3\n", 'line 2, column 1 ("a"): expected numbers whose decimal mark is clear'),
        ('a,y\n"1,234",2\n"5,678",3\n', 'line 2, column 1 ("a"): expected numbers whose decimal mark is clear'),
        ("a;y\n1.5;2\n5,5;3\n", 'line 3, column 1 ("a"): expected a number with a decimal point'),
        ("a;y\n1,5;2\n5.5;3\n", 'line 3, column 1 ("a"): expected a number with a decimal comma'),
        ("day,y\n2021-02-03,2\n2021-02-04,3\n", 'line 2, column 1 ("day"): expected a number or a word, not a date'),
        ("day,y\n03.02.2021,2\n04.02.2021,3\n", 'drop = ["day"]'),
        ("a,y\n$1,2\n$3,4\n", "without a sign of percent or money"),
        ("a,b,y\n1,2,3\n1,2\n4,5,6\n", "line 3: expected 3 fields, found 2"),
        ("Measurements\n\na;y\n1;2\n3;4\n", "line 1: expected 2 fields, as the lines below have, found 1"),
        ("a;y\n(cm);(kg)\n" + "1;2\n3;4\n" * 5, 'line 2, column 1 ("a"): expected a number, found "(cm)"'),
        ('a,y\n"1,2\n3,4\n', "line 2: expected fields in lines; a quote does not end"),
        ("tag,y\n#a,2\nb,3\n#c,4\nb,5\n", "line 2, column 1: begins with #"),
        ("0,1,2\n5.5,3.5,1.5\n4.5,3.25,1.5\n", "line 1: may be names of columns or an example"),
        ("country,2001,2002\nA,1.5,2\nB,3,5\n", "line 1: may be names of columns or an example"),
        ("a b,c;d\n1 2,3;4\n", "say which by delimiter"),
        ("PK\x03\x04rest", "found a workbook"),
        ("<!DOCTYPE html><html></html>", "found a web page"),
        ("a,y\n1,2\n3,_4\n5,6\n", 'line 3, column 2 ("y"): expected a number, found "_4"'),
    ],
)
def test_what_cannot_be_read_surely_is_refused_with_its_place(tmp_path, content, message):
    assert message in refusal(tmp_path, content, (-1,))


def test_a_line_of_too_many_cells_is_no_example(tmp_path):
    found = refusal(tmp_path, ",".join("1" * 100_001) + "\n", (-1,))
    assert "expected at most 100,000 columns, found 100,001 cells in a line" in found


def test_keys_decide_what_is_open(tmp_path):
    table = "a;y\n1,234;2\n5,678;3\n"
    assert read(tmp_path, table, ("y",), decimal=",").inputs.tolist() == [[1.234, 5.678]]
    assert read(tmp_path, table, ("y",), decimal=".").inputs.tolist() == [[1234, 5678]]
    counted = "0,1,2\n5.5,3.5,1.5\n4.5,3.25,1.5\n"
    assert read(tmp_path, counted, (-1,), header=True).feature_names == ("0", "1")
    assert read(tmp_path, counted, (-1,), header=False).inputs.tolist() == [[0, 5.5, 4.5], [1, 3.5, 3.25]]
    # With blanks between cells the first of them is 1,5.
    assert read(tmp_path, "1,5 200\n2,5 300\n", (-1,), delimiter=" ").inputs.tolist() == [[1.5, 2.5]]


def test_numbers_alone_lose_no_example(tmp_path):
    assert read(tmp_path, "1.5,2\n3,4\n5,6\n", (-1,)).size == 3
    # With nothing but words below and above, the first line is one of names where it says nothing that they say.
    weather = "outlook,windy,play\nsunny,FALSE,no\nsunny,TRUE,no\nrain,FALSE,yes\n"
    dataset = read(tmp_path, weather, ("play",), 1, "sigmoid")
    assert (dataset.size, dataset.feature_names) == (3, ("outlook=rain", "outlook=sunny", "windy"))
    assert dataset.inputs[2].tolist() == [0, 1, 0]
    mushrooms = "p,x,s\ne,x,s\ne,b,s\np,x,y\n"
    assert read(tmp_path, mushrooms, (1,), 1, "sigmoid").size == 4


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ('"","a","y"\n"1",5.1,2\n"2",4.9,3\n', ("a",)),
        ('"a" "y"\n"1" 5.1 2\n"2" 4.9 3\n', ("a",)),
        ('"mpg" "y"\n"Mazda RX4" 5.1 2\n"Datsun 710" 4.9 3\n', ("mpg",)),
        (",a,y\n0,5.1,2\n1,4.9,3\n", ("a",)),
        ("Unnamed: 0,a,y\n0,5.1,2\n1,4.9,3\n", ("a",)),
        ("id,a,y\n2,5.1,2\n1,4.9,3\n", ("a",)),
        ("a,y,\n5.1,2,\n4.9,3,\n", ("a",)),
        ("a,y\n5.1,2,\n4.9,3,\n", ("a",)),
        ("sep=;\na;y\n5,1;2\n4,9;3\n", ("a",)),
        ("# made in May\na,y\n5.1,2\n4.9,3\n% end\n", ("a",)),
        ("# a y\n5.1 2\n4.9 3\n", ("a",)),
        ("a|y\r5.1|2\r4.9|3\r", ("a",)),
        (' a , "y"\n 5.1 , 2\n4.9, 3\n', ("a",)),
    ],
)
def test_exports_of_other_programs(tmp_path, content, names):
    dataset = read(tmp_path, content, ("y",))
    assert dataset.feature_names == names
    assert dataset.inputs.tolist() == [[5.1, 4.9]]
    assert dataset.targets.tolist() == [[2, 3]]


def test_a_column_that_counts_is_kept_where_it_is_the_only_input(tmp_path):
    dataset = read(tmp_path, "id,y\n1,5\n2,7\n3,9\n", ("y",))
    assert dataset.inputs.tolist() == [[1, 2, 3]]


def test_words_among_few_numbers_make_categories_and_a_slip_does_not(tmp_path):
    children = "n,y\n" + "".join(f"{n},{row}\n" for row, n in enumerate(["0", "1", "2", "3+", "0", "1", "3+", "2"]))
    assert read(tmp_path, children, ("y",)).feature_names == ("n=0", "n=1", "n=2", "n=3+")
    slip = "n,y\n" + "".join(f"{row}.5,{row}\n" for row in range(30)) + "x7,3\n"
    assert refusal(tmp_path, slip).startswith('line 32, column 1 ("n"): expected a number, found "x7"')


def test_a_late_word_or_decimal_comma_has_the_file_read_again(tmp_path):
    rows = "".join(f"{row % 3};{row}\n" for row in range(3000))
    dataset = read(tmp_path, f"n;y\n{rows}many;1\nmany;2\n", ("y",))
    assert dataset.feature_names == ("n=0", "n=1", "n=2", "n=many")
    dataset = read(tmp_path, f"n;y\n{rows}1.500,5;1\n", ("y",))
    assert (dataset.inputs[0, -1], dataset.size) == (1500.5, 3001)


def test_categories_are_those_of_the_training_part(tmp_path):
    rows = [f"{'rare' if row == 4 else 'ab'[row % 2]},{row}" for row in range(10)]
    seeds = [
        load(
            DataPreset(kind="csv", path="a.csv", targets=("y",), train_ratio=0.5),
            seed=seed,
            outputs=1,
            output_activation="identity",
            base=tmp_path,
        )
        for seed in range(8)
        if (tmp_path / "a.csv").write_text("w,y\n" + "\n".join(rows) + "\n")
    ]
    held_out = [dataset for dataset in seeds if 4 in dataset.test_targets]
    assert held_out
    assert len(held_out) < len(seeds)
    for dataset in held_out:
        assert dataset.feature_names == ("w=a", "w=b")
        assert dataset.test_inputs[:, dataset.test_targets[0] == 4].tolist() == [[0], [0]]
        assert any('"rare" is not in the training part' in note for note in dataset.notes)


def test_a_test_part_in_a_file_of_its_own(tmp_path):
    (tmp_path / "held.csv").write_text("y,colour,x\nb,red,1\na,green,2.5\n")
    train = "x,y,colour\n1,a,red\n2,b,blue\n3,a,red\n"
    dataset = read(tmp_path, train, ("y",), 1, "sigmoid", test="held.csv", normalize=True)
    assert (dataset.size, dataset.test_size) == (3, 2)
    # Of x the mean is 2; of three rows two are red.
    assert dataset.feature_names == ("x", "colour=blue", "colour=red")
    assert dataset.test_inputs[0] == pytest.approx([-(1.5**0.5), 0.5 * 1.5**0.5])
    assert dataset.test_inputs[2] == pytest.approx([0.5**0.5, -(2**0.5)])
    assert dataset.test_targets.tolist() == [[1, 0]]
    (tmp_path / "held.csv").write_text("y,colour,x\nc,red,1\n")
    assert 'found "c"' in refusal(tmp_path, train, ("y",), 1, "sigmoid", test="held.csv")


def test_further_rows_are_read_as_the_training_part_was(tmp_path):
    train = "id;x;y;colour\n1;1,5;4;red\n2;;5;blue\n3;2,5;6;red\n"
    dataset = read(tmp_path, train, ("y",), missing="median")
    assert dataset.reader is not None

    def rows(content: str) -> list[list[float]]:
        (tmp_path / "new.csv").write_text(content)
        return dataset.reader.read(NamedFile(tmp_path / "new.csv", Place("new"), own=True))[0].T.tolist()

    # By name, in whatever order, dialect and company; gaps by the training part's median.
    assert rows("colour,x\nblue,7.25\nred,?\n") == [[7.25, 1, 0], [2, 0, 1]]
    assert rows("when;colour;x\n2021-01-01;red;1,5\n") == [[1.5, 0, 1]]
    # 1.500 is what it is in the training part's file.
    assert rows("colour;x\nred;1.500\n") == [[1500, 0, 1]]
    assert rows("9;7,25;0;red\n") == [[7.25, 0, 1]]
    for content, message in (
        ("colour,x\ngreen,1\n", 'line 2, column 1 ("colour"): expected one of "blue", "red", found "green"'),
        ("x\n1\n2\n", 'has no column "colour"'),
        ("1,2,3\n4,5,6\n", "expected 2 columns, one an input, or all 4, found 3"),
        ("colour,x\nred,many\nred,1\nblue,2\n", 'line 2, column 2 ("x"): expected a number'),
    ):
        with pytest.raises(PresetError) as caught:
            rows(content)
        assert message in str(caught.value)
