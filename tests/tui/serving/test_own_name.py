"""By which names a server may be called, and by which another's page would call it."""

import pytest

pytest.importorskip("aiohttp", reason="textual-serve is not installed")

from backprop_tui.tui.serving.own_name import is_own


@pytest.mark.parametrize(
    "called",
    [
        "127.0.0.1:8000", "192.168.1.5:8000", "[::1]:8000", "[fe80::1]", "0.0.0.0:80", "localhost:8000", "LOCALHOST",
        "app.localhost:1", "lab-pc:8000", "Lab-PC.local:8000", "lab-pc.local.", "lab-pc.lan", "nas.home.arpa",
        "school.example", "School.Example:443", "teacher.uni.example:8000",
    ],
)  # fmt: skip
def test_addresses_local_names_and_those_that_it_was_told_are_its_own(called: str) -> None:
    assert is_own(called, ["teacher.uni.example", "school.example"])


@pytest.mark.parametrize(
    "called",
    [
        "elsewhere.example:8000", "school.example.elsewhere.example", "notschool.example",
        "127.0.0.1.elsewhere.example",
        "localhost.elsewhere.example", "evillocal.example", "", ":8000", "[::1", "[x]:80",
    ],
)  # fmt: skip
def test_a_name_that_somebody_can_have_on_the_internet_is_not(called: str) -> None:
    assert not is_own(called, ["school.example"])
