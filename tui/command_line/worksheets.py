"""`explain --worksheet` for a class: a folder with a sheet and a key for each student, all of them also in one file."""

import csv
import os
import shutil
from argparse import Namespace
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache
from io import StringIO
from pathlib import Path
from secrets import token_hex
from shlex import quote
from typing import TYPE_CHECKING
from unicodedata import combining, normalize

from .console import complain, in_ascii
from .leaving import FINISHED_FIRST
from .loading import is_recording, load
from .options import UsageError
from .progress import Progress
from .typesetting import can_typeset, typeset

if TYPE_CHECKING:
    from backprop_tui.core.preset.datasets import Dataset
    from backprop_tui.core.preset.tables import Preset
    from backprop_tui.core.worked.class_sheets import StudentSheet, Task
    from backprop_tui.core.worked.solution import Label

ENDINGS = {"text": "txt", "markdown": "md", "latex": "tex"}
FIRST_SEED = 1
"""Of the first sheet, where no seed is given."""


def check_worksheet(options: Namespace) -> None:
    """Raises UsageError where the options of a worksheet do not go together, whatever the preset is."""
    of_class = [name for name in ("students", "out") if getattr(options, name) is not None]
    for name in ("digits", *of_class):
        if getattr(options, name) is not None and not options.worksheet:
            raise UsageError(f"--{name} is of worksheets: add --worksheet")
    if options.worksheet and options.format == "json":
        raise UsageError("a worksheet is text, markdown or latex; leave out --worksheet or --format json")
    if options.out is not None and options.students is None:
        raise UsageError("--out is where the sheets of a class go: add --students N, or --students FILE with names")
    if options.digits is not None and options.step > 1:
        raise UsageError(
            f"--digits is of step 1, which starts from given numbers; step {options.step} starts from what the steps "
            "before it computed: leave out --step or --digits"
        )
    for name in ("digits", *of_class):
        if getattr(options, name) is not None and is_recording(options.preset):
            raise UsageError(f"--{name} takes a preset, and {options.preset} is a recording, which has its numbers")


def worksheets(options: Namespace) -> str:
    """Make the sheets and keys of a class, in a new folder, and say what is where."""
    from backprop_tui.core.worked.class_list import students
    from backprop_tui.core.worked.class_sheets import Task

    names = students(options.students)
    task = Task(options.step, options.weight, options.digits)
    seed = FIRST_SEED if options.seed is None else options.seed
    preset, _ = load(options.preset, settings=options.set, seed=seed, told=True)
    folder = Path(options.out or f"{preset.id or 'class'}-worksheets")
    check_new(folder)
    sheets = made(options, names, seed, task)
    files = files_of(sheets, options)
    printed = printed_documents(files, options)
    try:
        write_folder(folder, {**files, **{name: content for name, (content, _) in printed.items()}})
    except OSError as problem:
        raise UsageError(f"{folder} cannot be written: {problem.strerror or problem}") from None
    return said(folder, sheets, {name: pages for name, (_, pages) in printed.items()}, options)


def tell_length(document: str, options: Namespace) -> None:
    """Say of a worksheet with its answers that it is very long, and what would make it shorter."""
    from backprop_tui.core.worked.class_sheets import MOST_PAGES, Task
    from backprop_tui.core.worked.document import ANSWERS
    from backprop_tui.core.worked.page_count import pages_of
    from backprop_tui.core.worked.shorter_sheets import pages_text

    if options.format == "markdown":
        return
    pages = pages_of(document.partition(ANSWERS[options.format])[0], options.format)
    if pages > MOST_PAGES:
        advice = shorter(options, Task(options.step, options.weight, options.digits))
        complain(f"this sheet has {pages_text(pages)} without its answers; {advice}")


def check_new(folder: Path) -> None:
    """Raises UsageError where a folder cannot be made, since something is there, or nothing to make it in."""
    if os.path.lexists(folder):
        raise UsageError(f"{folder} is there already, and nothing is written over; --out FOLDER names another")
    if not folder.parent.is_dir():
        raise UsageError(f"--out makes the folder {folder.name} in {folder.parent}, which is no folder")


def made(options: Namespace, names: Sequence[str | None], seed: int, task: "Task") -> "list[StudentSheet]":
    """The sheets of all students; raises PresetError where they would be too long, with what makes them shorter."""
    from backprop_tui.core.worked.class_sheets import class_sheets
    from backprop_tui.core.worked.exercise import TooWideError

    @lru_cache(maxsize=2)
    def loaded(one: int) -> "tuple[Preset, Dataset]":
        return load(options.preset, settings=options.set, seed=one)

    sheets = []
    try:
        with Progress(len(names), "students") as progress:
            for sheet in class_sheets(loaded, names, seed, task, options.format):
                sheets.append(sheet)
                progress(sheet.number)
    except TooWideError as problem:
        raise problem.advised(shorter(options, task)) from None
    return sheets


def shorter(options: Namespace, task: "Task") -> str:
    """What would make a sheet short enough."""
    from backprop_tui.core.worked.shorter_sheets import shorter_sheets

    def changed(settings: Sequence[str]) -> "tuple[Preset, Dataset]":
        return load(options.preset, settings=[*options.set, *settings], seed=options.seed)

    return shorter_sheets(changed, task, options.format)


def files_of(sheets: "Sequence[StudentSheet]", options: Namespace) -> dict[str, bytes]:
    """All files of the folder by their names in it, but for what LaTeX makes of them."""
    from backprop_tui.core.preset.toml_text import toml_text
    from backprop_tui.core.worked.document import bound, sheet_body
    from backprop_tui.core.worked.sheet_preset import sheet_table

    form, ending = options.format, ENDINGS[options.format]
    width = max(2, len(str(len(sheets))))
    bodies: dict[str, list[str]] = {"sheets": [], "keys": []}
    files: dict[str, bytes] = {}
    with Progress(len(sheets), "sheets") as progress:
        for sheet in sheets:
            name = f"{sheet.number:0{width}}"
            for kind, solution in (("sheets", sheet.sheet), ("keys", sheet.key)):
                labelled = replace(solution, labels=tuple(typed(label, options) for label in solution.labels))
                body = plain(sheet_body(labelled, form), options)
                bodies[kind].append(body)
                files[f"{kind}/{name}.{ending}"] = "".join(bound([body], form)).encode()
            files[f"presets/{name}.toml"] = toml_text(sheet_table(sheet.preset)).encode()
            progress(sheet.number)
    for kind, each in bodies.items():
        files[f"{kind}.{ending}"] = "".join(bound(each, form)).encode()
    files["roster.csv"] = roster(sheets, width, ending)
    return files


def typed(label: "Label", options: Namespace) -> "Label":
    """The label; in ASCII a name without its accents, or a line to write it on where it has other letters."""
    if not options.ascii or label.value is None:
        return label
    letters = "".join(letter for letter in normalize("NFKD", label.value) if not combining(letter))
    return label._replace(value=letters if letters.isascii() else None)


def plain(text: str, options: Namespace) -> str:
    """The text in ASCII, if that was asked for."""
    return in_ascii(text) if options.ascii else text


def roster(sheets: "Sequence[StudentSheet]", width: int, ending: str) -> bytes:
    """Who has which sheet, as a table; the name is empty where it is to be written."""
    table = StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("number", "name", "seed", "sheet", "key", "preset"))
    for sheet in sheets:
        name = f"{sheet.number:0{width}}"
        files = (f"sheets/{name}.{ending}", f"keys/{name}.{ending}", f"presets/{name}.toml")
        writer.writerow((sheet.number, sheet.name or "", sheet.seed, *files))
    return table.getvalue().encode()


def printed_documents(files: Mapping[str, bytes], options: Namespace) -> dict[str, tuple[bytes, int]]:
    """All sheets and all keys as PDFs with their pages, where they are LaTeX and there is one."""
    printed: dict[str, tuple[bytes, int]] = {}
    if options.format != "latex" or not can_typeset():
        return printed
    with Progress(2, "documents") as progress, ThreadPoolExecutor(2) as together:
        # LaTeX is a process of its own.
        begun = {kind: together.submit(typeset, files[f"{kind}.tex"].decode()) for kind in ("sheets", "keys")}
        for number, (kind, result) in enumerate(begun.items(), 1):
            try:
                printed[f"{kind}.pdf"] = result.result()
            except (OSError, ValueError) as problem:
                complain(f"{kind}.tex is written, but LaTeX made no PDF of it: {problem}")
            progress(number)
    return printed


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write all files into a new folder, which gets its name when it is whole. Raises OSError where it cannot be."""
    part = folder.with_name(f".backprop-tui-{token_hex(4)}.part")
    with FINISHED_FIRST:
        try:
            for name, content in files.items():
                path = part / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            check_new(folder)
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def said(folder: Path, sheets: "Sequence[StudentSheet]", pages: Mapping[str, int], options: Namespace) -> str:
    """What was made, and where it stands."""
    from backprop_tui.core.worked.page_count import page_count
    from backprop_tui.core.worked.shorter_sheets import pages_text

    ending, count = ENDINGS[options.format], len(sheets)
    first = {"sheets": sheets[0].sheet, "keys": sheets[0].key}
    # Where they are typeset it is known how many pages they have, blank backs among them.
    lengths = (
        round(pages[pdf] / count) if (pdf := f"{kind}.pdf") in pages else page_count(text, options.format)
        for kind, text in first.items()
    )
    sheet, key = (pages_text(length) for length in lengths)
    number = "{} sheet and {} key" if count == 1 else "{} sheets and {} keys"
    rows = []
    for kind in ("sheets", "keys"):
        pdf = f"{kind}.pdf"
        names = f"{kind}.{ending}" + (f", {pdf}" if pdf in pages else "")
        printed = f", {pages[pdf]:,} pages" if pdf in pages else ""
        rows.append((names, f"all {kind} behind each other, for the printer{printed}"))
    example = str(folder / "presets" / f"{1:0{max(2, len(str(count)))}}.toml")
    if example.startswith("-"):
        # It would be taken for an option.
        example = os.path.join(os.curdir, example)
    rows += [
        ("sheets/, keys/", "one file a student"),
        ("presets/", f"what each is of: backprop-tui {quote(example)} opens the first"),
        ("roster.csv", "who has which sheet: number, name, seed, files"),
    ]
    column = max(len(names) for names, _ in rows) + 2
    head = f"{' '.join(str(folder).split())}: {number.format(count, count)}, a sheet of {sheet}, a key of {key}"
    return "\n".join([head, *(f"  {names:{column}}{words}" for names, words in rows)])
