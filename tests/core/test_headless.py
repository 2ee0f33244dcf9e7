"""The core needs no terminal: no part of it imports what draws on one, and none prints."""

import ast
import subprocess
import sys
from pathlib import Path

import backprop_tui.core

IMPORT_ALL = """
import importlib, pkgutil, sys
import backprop_tui.core
names = [module.name for module in pkgutil.walk_packages(backprop_tui.core.__path__, "backprop_tui.core.")]
for name in names:
    importlib.import_module(name)
found = {name.split(".")[0] for name in sys.modules} & {"textual", "rich"}
assert len(names) > 100, names
assert not found, found
"""


def test_the_core_imports_nothing_that_draws_and_prints_nothing() -> None:
    result = subprocess.run([sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_the_core_has_no_print() -> None:
    for folder in backprop_tui.core.__path__:
        for file in Path(folder).rglob("*.py"):
            called = [node.func for node in ast.walk(ast.parse(file.read_bytes())) if isinstance(node, ast.Call)]
            assert not any(isinstance(name, ast.Name) and name.id == "print" for name in called), file.name
