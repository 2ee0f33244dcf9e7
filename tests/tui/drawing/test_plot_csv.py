"""A plot as a table: the numbers of its curves and no others, each to its last digit."""

import csv
from io import StringIO

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.tui.drawing.plot_csv import plot_csv
from backprop_tui.tui.drawing.series import Series


def series(name, steps, low, high=None, begins=None):
    arrays = [None if values is None else np.array(values, float) for values in (steps, low, high, begins)]
    return Series(name, *arrays[:3], "#000000", begins=arrays[3])


def test_a_row_a_step_and_an_empty_cell_where_a_curve_has_no_value():
    batch = series("batch", [1, 2, 3, 4], [0.1 + 0.2, np.inf, np.nan, 5e-324])
    table = plot_csv([batch, series("test", [0, 2, 4], [1, 0.5, -0.25])], first=1, last=4)
    assert table == "step,batch,test\n1,0.30000000000000004,\n2,inf,0.5\n3,nan,\n4,5e-324,-0.25\n"


def test_of_several_steps_the_first_the_least_and_the_greatest():
    batch = series("batch", [4, 8, 10], [1.0, 0.5, 0.25], [2.0, 0.75, 0.25], [1, 5, 9])
    head = "step,batch_from,batch_low,batch_high\n"
    assert plot_csv([batch], first=1, last=10) == f"{head}4,1,1.0,2.0\n8,5,0.5,0.75\n10,9,0.25,0.25\n"
    # Whatever is in view, if only in part.
    assert plot_csv([batch], first=4, last=5) == f"{head}4,1,1.0,2.0\n8,5,0.5,0.75\n"
    # Where each stands for one step, one column.
    assert plot_csv([series("batch", [1, 2], [1.0, 2.0], [1.0, 2.0])], first=1, last=2) == "step,batch\n1,1.0\n2,2.0\n"


def test_names_are_on_one_line_and_differ():
    names = ["step", "rate 0.1, wide", "rate 0.1, wide", 'a "b"\nc', "train"]
    table = plot_csv([series(name, [1], [place]) for place, name in enumerate(names)], first=1, last=1)
    head, row = csv.reader(StringIO(table))
    assert head == ["step", "step 2", "rate 0.1, wide", "rate 0.1, wide 2", 'a "b" c', "train"]
    assert row == ["1", "0.0", "1.0", "2.0", "3.0", "4.0"]


def test_of_nothing_there_is_the_line_of_names():
    assert plot_csv([], first=1, last=1) == "step\n"
    assert plot_csv([series("train", [], [])], first=1, last=5) == "step,train\n"


@given(st.lists(st.lists(st.floats(), max_size=30), max_size=5), st.integers(0, 20), st.integers(0, 40))
def test_every_number_comes_back(curves, first, length):
    last = first + length
    given = [series(f"run {place}", range(1, len(one) + 1), one) for place, one in enumerate(curves)]
    head, *rows = csv.reader(StringIO(plot_csv(given, first=first, last=last)))
    assert head == ["step", *(one.name for one in given)]
    steps = [int(row[0]) for row in rows]
    assert steps == sorted(set(steps))
    for place, values in enumerate(curves):
        found = {int(row[0]): float(row[1 + place]) for row in rows if row[1 + place]}
        wanted = {step: value for step, value in enumerate(values, 1) if first <= step <= last}
        assert found.keys() == wanted.keys()
        assert np.array_equal([found[step] for step in wanted], list(wanted.values()), equal_nan=True)
