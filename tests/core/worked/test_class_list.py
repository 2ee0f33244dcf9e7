"""Who is in a class: a number, a list of names, or a table of one."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.worked.class_list import MOST_STUDENTS, students

from ...share import share


def listed(folder: Path, content: str | bytes, name: str = "names.txt") -> list[str | None]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return students(str(path))


def test_a_number_is_so_many_without_names() -> None:
    assert students("3") == [None, None, None]
    assert len(students(str(MOST_STUDENTS))) == MOST_STUDENTS


@pytest.mark.parametrize("text", ["0", "000", "501", "9" * 5000])
def test_a_number_that_is_no_class(text: str) -> None:
    with pytest.raises(PresetError, match=r"^--students: expected a class of 1 to 500, found "):
        students(text)


def test_names_are_one_a_line(tmp_path: Path) -> None:
    assert listed(tmp_path, "Ada Lovelace\r\n\r\n  Łukasz   Nowak \nO'Neil, Anne") == [
        "Ada Lovelace",
        "Łukasz Nowak",
        "O'Neil, Anne",
    ]
    assert listed(tmp_path, b"\xff\xfeA\x00d\x00a\x00\n\x00") == ["Ada"]
    assert listed(tmp_path, "José\nZoë".encode("cp1252")) == ["José", "Zoë"]
    assert listed(tmp_path, "\nNames:\n\nAda\nBob") == ["Ada", "Bob"]
    assert listed(tmp_path, "Name\n") == ["Name"]
    assert listed(tmp_path, "Ada\nName\n") == ["Ada", "Name"]
    assert listed(tmp_path, "Ada\x1b[31m\nBob") == ["Ada\\x1b[31m", "Bob"]


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("name\nAda\nBob\n", ["Ada", "Bob"]),
        ("Id,Name,Group\n7,Ada,A\n8,Bob,B\n", ["Ada", "Bob"]),
        ("Surname;First name;Email\nLovelace;Ada;a@b\nNoether;Emmy;e@n\n", ["Ada Lovelace", "Emmy Noether"]),
        ('Student\n"Lovelace, Ada"\n', ["Lovelace, Ada"]),
        ("Ada\nBob\n", ["Ada", "Bob"]),
        ("Full_Name\tmark\nAda\t\n\t\nBob\n", ["Ada", "Bob"]),
    ],
)
def test_a_table_has_a_column_of_names(tmp_path: Path, content: str, names: list[str]) -> None:
    assert listed(tmp_path, content, "class.csv") == names


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("", "names.txt", "expected names, one a line, found none"),
        ("\n \n", "names.txt", "expected names, one a line, found none"),
        ("a,b\n1,2\n", "class.csv", "expected a column called name, or first name and last name, found a, b"),
        ("Ada\n" + "x" * 101, "names.txt", "line 2: expected a name of at most 100 characters, found 101"),
        ("Ada\n" * 501, "names.txt", "expected a class of at most 500, found 501 names"),
        ('name\n"Ada', "class.csv", "line 2: expected a table: unexpected end of data"),
        ("x" * 1_000_001, "names.txt", "expected a file of at most 1 MB"),
        ("PK\x03\x04", "names.txt", "found a workbook or a zip archive"),
    ],
)
def test_what_is_no_list_is_said_in_a_line(tmp_path: Path, content: str, name: str, said: str) -> None:
    with pytest.raises(PresetError) as problem:
        listed(tmp_path, content, name)
    assert said in str(problem.value)
    assert str(problem.value).startswith(f"--students: {tmp_path / name}: ")


def test_a_list_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PresetError, match="there is no such file; expected a number of students, or a list of names"):
        students(str(tmp_path / "thirty"))
    with pytest.raises(PresetError, match="expected a file, found a folder"):
        students(str(tmp_path))


@settings(max_examples=share(16, 50), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60), ending=st.sampled_from([".txt", ".csv"]))
def test_anything_is_names_or_an_error_in_a_line(tmp_path: Path, content: bytes, ending: str) -> None:
    try:
        names = listed(tmp_path, content, f"class{ending}")
    except PresetError:
        return
    assert names
    assert all(name and name == " ".join(name.split()) for name in names)


@pytest.mark.parametrize("row", ["8,,B", "8, ,B", "8", "8,\u00a0"])
def test_a_row_without_a_name_is_told(tmp_path: Path, row: str) -> None:
    with pytest.raises(PresetError, match=r"class\.csv: line 4: expected a name, found none; write it there, or take"):
        listed(tmp_path, f"Id,Name,Group\n7,Ada,A\n\n{row}\n9,Bob,A\n", "class.csv")
