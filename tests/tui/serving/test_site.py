"""The server: its page, visits side by side, what hostile browsers say, and that nothing is left of who has gone."""

import asyncio
import json
import os
import re
import signal
import socket as sockets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

aiohttp = pytest.importorskip("aiohttp", reason="textual-serve is not installed")
pytest.importorskip("textual_serve", reason="textual-serve is not installed")

from textual.message import Message

from backprop_tui.tui.browser_driver import BrowserDriver
from backprop_tui.tui.cli import WITHOUT_SERVE, main

from ...share import share
from .served import Served, Visitor, served, started, visit

MINE = 'title = "Mine"\n[data]\nkind = "xor"\n[[layers]]\nunits = 1\nactivation = "tanh"\n'
CLASS = "school"
"""The folder of the preset that is served, which nobody is to see."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """It serves a built-in preset and one of a file, as somebody with a theme of her own and no colour."""
    folder = tmp_path_factory.mktemp("server")
    (folder / CLASS).mkdir()
    (folder / CLASS / "mine.toml").write_text(MINE)
    # Nothing of the folder in which the server is started is imported.
    (folder / "random.py").write_text("raise SystemExit('imported')\n")
    words = ("xor", f"{CLASS}/mine.toml", "--visitors", "2", "--hide", "diagnosis", "--name", "teacher.uni.example")
    about = {"NO_COLOR": "1", "TMUX": "/tmp/none,1,0", "SSH_CONNECTION": "a b c d", "PYTHONWARNINGS": "error"}
    with served(*words, folder=folder, **about) as found:
        yield found
        # Whatever came in all these tests, there was nothing to complain of.
        found.process.terminate()
        assert found.process.stderr is not None
        said = found.process.stderr.read()
        assert said == "backprop-tui: xor, mine are served there until ctrl+c\n"


@asynccontextmanager
async def browser() -> AsyncIterator["aiohttp.ClientSession"]:
    async with aiohttp.ClientSession() as session:
        yield session


async def gone(server: Served) -> None:
    """Wait until no visitor's process is left."""
    end = time.monotonic() + 30
    while server.children():
        assert time.monotonic() < end, server.children()
        await asyncio.sleep(0.05)


async def test_the_page_fetches_nothing_from_elsewhere(server: Served) -> None:
    async with browser() as session, session.get(server.url) as answer:
        page = await answer.text()
        assert answer.status == 200
    links = re.findall(r'(?:src|href)="([^"]+)"|url\("([^"]+)"\)', page)
    assert len(links) >= 4
    for link in map("".join, links):
        assert "//" not in link
        if link.startswith("static/"):
            async with browser() as session, session.get(server.url + link) as answer:
                assert answer.status == 200, link


@pytest.mark.parametrize(
    ("asked", "pixels"),
    [("20", 20), ("72", 72), ("1", 6), ("9999", 72), ("-5", 6), ("x", 16), ("", 16), ("9" * 5000, 72), ('1"><b>', 16)],
)
async def test_the_size_of_the_letters_is_asked_for(server: Served, asked: str, pixels: int) -> None:
    async with browser() as session, session.get(server.url, params={"fontsize": asked}) as answer:
        assert f'data-font-size="{pixels}"' in await answer.text()


async def test_a_preset_that_is_not_served_is_said_to_be_none(server: Served) -> None:
    async with browser() as session:
        for name in ("spiral", "../xor", f"{CLASS}/mine.toml"):
            async with session.get(server.url, params={"preset": name}) as answer:
                assert answer.status == 404
                assert "There are: xor, mine." in await answer.text()
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(f"{server.url}ws/{name.replace('/', '%2F')}")


async def test_files_of_the_server_are_no_pages(server: Served) -> None:
    async with browser() as session:
        for path in ("static/", "static/../server.py", "static/%2e%2e/server.py", "etc/passwd", "download/x"):
            async with session.get(server.url + path) as answer:
                assert answer.status in (403, 404), path


async def test_pages_of_other_sites_cannot_visit(server: Served) -> None:
    async with browser() as session:
        for origin in ("http://elsewhere.example", "null", "http://127.0.0.1:1"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect(f"{server.url}ws", headers={"Origin": origin})
            assert refused.value.status == 403
        # Its own, also where another server stands before it.
        own = {"Origin": server.url.rstrip("/")}
        behind = {"Origin": "https://school.example", "X-Forwarded-Host": "school.example"}
        for headers in (own, behind):
            visitor = await visit(session, server.url, headers=headers)
            await visitor.socket.close()
    await gone(server)


async def test_a_page_whose_name_leads_here_cannot_visit(server: Served) -> None:
    port = server.url.rstrip("/").rpartition(":")[2]
    rebound = {"Host": f"elsewhere.example:{port}", "Origin": f"http://elsewhere.example:{port}"}
    async with browser() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{server.url}ws", headers=rebound)
        assert refused.value.status == 421
        async with session.get(server.url, headers={"Host": rebound["Host"]}) as answer:
            assert answer.status == 421
            assert "is not known as elsewhere.example" in await answer.text()
            assert answer.content_type == "text/plain"
        # By the name of a classroom's machine, by one that it was told, and from a server before it.
        for called in (f"lab-pc.local:{port}", f"teacher.uni.example:{port}"):
            visitor = await visit(session, server.url, headers={"Host": called, "Origin": f"http://{called}"})
            await visitor.socket.close()
    await gone(server)


async def test_visitors_have_runs_of_their_own_and_leave_nothing(server: Served) -> None:
    async with browser() as session:
        first, second = await visit(session, server.url), await visit(session, server.url, 80, 24, "ws/mine")
        await first.sees("2 presets")
        assert CLASS not in first.text
        await first.type("xor\r")
        await first.sees("XOR: why a network needs a hidden layer")
        await second.sees("Mine")
        assert len(server.children()) == 2
        # From a link, too, the others can be opened.
        await second.type("o")
        await second.sees("2 presets")
        await second.type("\x1b")
        await second.sees("before the first op")
        await second.type("4\x1b[C")
        await second.sees("after step 1")
        assert "after step 1" not in first.text
        # The window becomes another.
        second.screen.resize(40, 132)
        await second.say("resize", {"width": 132, "height": 40})
        await second.until(lambda: any(len(line.rstrip()) > 120 for line in second.screen.display))
        # The one trains at full speed and goes without a word, the other quits.
        await first.type(" " + "+" * 12)
        await asyncio.sleep(0.5)
        first.socket._response.connection.transport.abort()  # type: ignore[union-attr]
        await second.type("q")
        await second.until(lambda: second.socket.closed)
    await gone(server)


async def test_a_download_is_handed_over_once_and_under_its_name(server: Served) -> None:
    async with browser() as session:
        visitor = await visit(session, server.url, way="ws/mine")
        await visitor.sees("Mine")
        await visitor.type("X")
        await visitor.sees("mine-as-it-is.toml")
        await visitor.type("\x15")
        await visitor.until(lambda: "mine-as-it-is.toml" not in visitor.text)
        await visitor.type('шаг "1"; a=b.toml\r')
        await visitor.until(lambda: visitor.told)
        assert visitor.told[0][0] == "deliver_file_start"
        where = f"{server.url}download/{visitor.told[0][1]}"
        async with session.get(where) as answer:
            assert answer.status == 200
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.content_disposition is not None
            assert answer.content_disposition.type == "attachment"
            assert answer.content_disposition.filename == 'шаг "1"; a=b.toml'
            text = await answer.text()
        assert 'title = "Mine"' in text
        assert CLASS not in text
        async with session.get(where) as answer:
            assert answer.status == 404
        await visitor.sees("handed to the browser")
        await visitor.socket.close()
    await gone(server)


async def test_whatever_a_browser_says_the_app_goes_on_or_ends(server: Served) -> None:
    async with browser() as session:
        visitor = await visit(session, server.url, way="ws/mine")
        await visitor.sees("Mine")
        said = [
            "", "x", "null", "{}", "[]", "[1]", '["stdin"]', '["stdin", 5]', '["resize"]', '["resize", [1, 2]]',
            '["resize", {"width": "x", "height": null}]', '["resize", {"width": 1e9}]', '["ping", {}]', '["quit"]',
            '["exit", {}]', '["deliver_chunk_request", {}]', '["stdin", "\\ud800\\udfff\\ud800"]', "[" * 5000,
            json.dumps(["stdin", "\x1b[<999999999;99999999;9999M\x1b[999999999999~\x1b[1;99999Z\x1b]52;c;?\a\x1bP"]),
        ]  # fmt: skip
        for text in said:
            await visitor.socket.send_str(text)
        await visitor.socket.send_bytes(b"D\x00\x00\x00\x01q")
        await visitor.say("resize", {"width": -5, "height": 0})
        await visitor.say("resize", {"width": 10**12, "height": 10**12})
        await visitor.say("resize", {"width": 120, "height": 36})
        await visitor.type("\x1b\\")
        # ctrl+z stops a program in a terminal, with all of its job: here that would be the server.
        await visitor.type("\x1a")
        await visitor.type("4\x1b[C")
        await visitor.sees("after step 1")
        await visitor.socket.close()
        await gone(server)
        # Sizes that nobody has are no sizes.
        sizes = ("width=999999999&height=-1", "width=-1&height=x", "width=" + "9" * 5000)
        for size in sizes[:: share(2, 1)]:
            socket = await session.ws_connect(f"{server.url}ws/mine?{size}")
            other = Visitor(socket, 80, 24)
            await other.until(lambda other=other: other.text.strip())
            await socket.close()
    await gone(server)


async def test_there_is_room_for_so_many(server: Served) -> None:
    async with browser() as session:
        visitors = [await visit(session, server.url, way="ws/mine") for _ in range(2)]
        async with session.get(server.url) as answer:
            assert answer.status == 503
            assert await answer.text() == "2 visitors are here, and there is no room for more. Try again later."
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{server.url}ws")
        await visitors[0].socket.close()
        async with session.get(server.url) as answer:
            assert answer.status == 200
        for visitor in visitors:
            await visitor.socket.close()
    await gone(server)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL), *share([], [(signal.SIGTERM, 143)])],
)
async def test_however_the_server_ends_all_visits_end(number: int, status: int, tmp_path: Path) -> None:
    with served("xor", folder=tmp_path) as server:
        async with browser() as session:
            visitor = await visit(session, server.url)
            await visitor.sees("XOR")
            visits = server.children()
            assert len(visits) == 1
            # To the server alone: a terminal's ctrl+c would end the others too.
            os.kill(server.process.pid, number)
            await visitor.until(lambda: server.process.poll() is not None)
            assert server.process.returncode == status
            await visitor.until(lambda: not alive(visits[0]))
            await visitor.until(lambda: visitor.socket.closed)


async def test_a_visitors_process_that_is_killed_ends_the_visit(server: Served) -> None:
    async with browser() as session:
        visitor = await visit(session, server.url)
        await visitor.sees("2 presets")
        for pid in server.children():
            os.kill(pid, signal.SIGKILL)
        await visitor.until(lambda: visitor.socket.closed)
    await gone(server)


async def test_a_preset_that_has_gone_meanwhile_is_told_to_who_serves_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    with served("mine.toml", folder=tmp_path) as server:
        path.unlink()
        async with browser() as session:
            visitor = await visit(session, server.url)
            await visitor.until(lambda: visitor.socket.closed)
            assert not visitor.text.strip()
        server.process.terminate()
        assert server.process.stderr is not None
        _, said = server.process.stderr.read().splitlines()
        assert said == "backprop-tui: mine.toml: there is no such file"


def test_what_is_said_after_the_app_has_ended_is_left() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    driver, told = BrowserDriver.__new__(BrowserDriver), []
    driver._loop, driver._app = loop, SimpleNamespace(_post_message=told.append)  # type: ignore[assignment]
    driver.send_message(Message())
    assert not told


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with sockets.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["serve", "xor", "--port", port]) == 2
    assert capsys.readouterr().err == (
        f"backprop-tui: --port: port {port} of 127.0.0.1 is taken by another program; give another one, or 0 for one "
        "that is free\n"
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["xor", "--host", "no such host"], '--host: there is no host "no such host"; 127.0.0.1 is this machine alone'),
        (["xor", "--host", "192.0.2.7"], "--host: 192.0.2.7 is no address of this machine; 127.0.0.1 is this"),
        (["xor", "--host", "a" * 300], "--host: there is no host"),
        (["xor", "--port", "99999"], "expected a whole number from 0 to 65535, found"),
        (["xor", "--visitors", "0"], "expected a whole number from 1 to 10000, found"),
        (["xor", "--name", "https://school.example/"], "expected a name alone, such as school.example, found"),
        (["no-such-preset"], "there is no preset"),
        (["xor", "nowhere.toml"], "nowhere.toml: there is no such file"),
        (["xor", "nowhere.backprop"], "nowhere.backprop: there is no such file"),
        (["xor", "--set", "layers.0.units=0"], "layers.0.units"),
        (["--set", "x"], "expected KEY=VALUE"),
        (["one/mine.toml", "two/mine.toml"], 'two of these would be called "mine"'),
        (["xor", "--data", "x.csv"], '--data stands in place of a preset: leave out "xor"'),
    ],
)
def test_what_cannot_be_served_is_told_before_it_begins(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.toml").write_text(MINE)
    assert main(["serve", *words, *([] if "--port" in words else ["--port", "0"])]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert err.count("\n") == 1


def test_without_textual_serve_it_is_told_what_brings_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["serve"]) == 2
    assert capsys.readouterr().err == f"backprop-tui: {WITHOUT_SERVE}\n"


def test_the_word_of_a_visit_is_no_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["visit", "--", "xor"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "what", "open_to"),
    [
        ([], "the gallery is", ""),
        (["--host", "0.0.0.0"], "the gallery is", "; whoever reaches this machine can open it, unencrypted"),
        (["xor", "spiral", "--host", "localhost"], "xor, spiral are", ""),
    ],
)
def test_where_it_is_served_is_said(words: list[str], what: str, open_to: str, tmp_path: Path) -> None:
    process = started(*words, "--port", "0", folder=tmp_path)
    assert process.stderr is not None
    assert process.stdout is not None
    assert process.stderr.readline() == f"backprop-tui: {what} served there until ctrl+c{open_to}\n"
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate()
    assert process.returncode == 143
    assert err == ""
    assert re.fullmatch(r"(http://[\w.]+:[1-9][0-9]+/\n)+", out)
    assert ("0.0.0.0" in out) is False
