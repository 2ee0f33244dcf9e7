"""What is handed out: a wheel and a source distribution, and what a package index is told of them."""

import re
import tarfile
import tomllib
import zipfile
from email.message import EmailMessage
from email.parser import Parser
from email.policy import default
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from backprop_tui import __version__

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built as `pip install .` builds it."""
    builders = pytest.importorskip("hatchling.builders.wheel")
    folder = tmp_path_factory.mktemp("dist")
    (path,) = builders.WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return zipfile.ZipFile(path)


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> EmailMessage:
    text = wheel.read(f"backprop_tui-{__version__}.dist-info/METADATA").decode()
    found = Parser(policy=default).parsestr(text)
    assert isinstance(found, EmailMessage)
    return found


def test_every_licence_of_what_is_inside_is_told_and_is_there(wheel: zipfile.ZipFile, metadata: EmailMessage) -> None:
    assert metadata["License-Expression"] == "MIT AND CC-BY-SA-3.0 AND CC-BY-4.0"
    texts = {
        name: wheel.read(f"backprop_tui-{__version__}.dist-info/licenses/{name}").decode()
        for name in metadata.get_all("License-File")
    }
    assert texts["LICENSE"].startswith("MIT License")
    assert "creativecommons.org/licenses/by-sa/3.0/" in texts["core/preset/digits.md"]
    assert "creativecommons.org/licenses/by/4.0/" in texts["core/preset/digits-8x8.md"]
    # Every file of data that is not text has a page that says whose it is, or was made with this program.
    data = {Path(name) for name in wheel.namelist() if name.endswith((".npz", ".gz"))}
    of_others = {path.name for path in data if path.parent.name == "preset"}
    assert of_others == {
        "digits.npz",
        *re.findall(r"digits-8x8-\w+-idx\d-ubyte\.gz", texts["core/preset/digits-8x8.md"]),
    }


def test_the_index_is_told_where_the_project_is_at_home(metadata: EmailMessage) -> None:
    urls = dict(line.split(", ") for line in metadata.get_all("Project-URL"))
    assert urls == PROJECT["urls"]
    assert {"Homepage", "Documentation", "Source", "Issues", "Changelog"} == set(urls)
    assert all(url.startswith(urls["Source"]) for url in urls.values())
    for url in (urls["Documentation"], urls["Changelog"]):
        assert (ROOT / url.removeprefix(f"{urls['Source']}/blob/main/")).is_file()


def test_classifiers_are_known_and_name_every_python_that_it_runs_on(metadata: EmailMessage) -> None:
    known = pytest.importorskip("trove_classifiers").classifiers
    given = metadata.get_all("Classifier")
    assert set(given) <= known
    oldest = int(PROJECT["requires-python"].removeprefix(">=3."))
    minors = [int(match[1]) for one in given if (match := re.fullmatch(r"Programming .* :: 3\.(\d+)", one))]
    assert minors == list(range(oldest, oldest + len(minors)))
    assert len(minors) > 2


def test_links_of_the_readme_lead_somewhere_here_and_on_the_index(metadata: EmailMessage) -> None:
    here, there = ((ROOT / "README.md").read_text(encoding="utf-8"), str(metadata.get_payload()))
    base = PROJECT["urls"]["Source"]
    files = [link for link in LINK.findall(here) if not link.startswith(("https:", "#"))]
    assert len(files) > 10
    assert [file for file in files if not (ROOT / file).exists()] == []
    links = LINK.findall(there)
    assert [link for link in links if not link.startswith(("https:", "#"))] == []
    assert {re.sub(rf"^{re.escape(base)}/(blob|raw)/main/", "", link) for link in links} == set(LINK.findall(here))
    assert LINK.sub("", there).strip() == LINK.sub("", here).strip()


def test_a_source_distribution_builds_the_same_wheel(
    tmp_path: Path, wheel: zipfile.ZipFile, metadata: EmailMessage
) -> None:
    sdist, wheels = (pytest.importorskip(f"hatchling.builders.{name}") for name in ("sdist", "wheel"))
    (path,) = sdist.SdistBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with tarfile.open(path) as archive:
        # A distribution of our own; before 3.11.4 there was no filter to be named.
        archive.extractall(tmp_path, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))  # type: ignore[arg-type]
    unpacked = tmp_path / f"backprop_tui-{__version__}"
    (path,) = wheels.WheelBuilder(str(unpacked)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(path) as again:
        assert sorted(again.namelist()) == sorted(wheel.namelist())
        told = again.read(f"backprop_tui-{__version__}.dist-info/METADATA")
    assert told == wheel.read(f"backprop_tui-{__version__}.dist-info/METADATA")


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("[a](docs/a.md)", "[a](P/blob/main/docs/a.md)"),
        ("[a](./docs/a.md#part)", "[a](P/blob/main/docs/a.md#part)"),
        ("![a](docs/a.svg)", "![a](P/raw/main/docs/a.svg)"),
        ("[![a](docs/a.svg)](docs/a.md)", "[![a](P/raw/main/docs/a.svg)](P/blob/main/docs/a.md)"),
        ("[a](https://b.org/c) [d](#e) [f](mailto:g@h.org)", "[a](https://b.org/c) [d](#e) [f](mailto:g@h.org)"),
        ("`W2[1,3]` and dZ1[1, 0] (of [view] hide)", "`W2[1,3]` and dZ1[1, 0] (of [view] hide)"),
    ],
)
def test_a_link_to_a_file_becomes_one_that_leads_to_the_project(here: str, there: str) -> None:
    pytest.importorskip("hatchling")
    path = ROOT / ".ci" / "index_readme.py"
    specification = spec_from_file_location("index_readme", path)
    assert specification is not None
    assert specification.loader is not None
    hook = module_from_spec(specification)
    specification.loader.exec_module(hook)
    assert hook.index_readme(here, "P") == there
