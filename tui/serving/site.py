"""The server: its page, a socket for each visitor, and what they download.

What textual-serve has of this trusts whoever it talks to, addresses its own host by the name that it listens at, which
nobody else can open where that is 0.0.0.0, and fetches a font from another server.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from urllib.parse import quote, urlsplit

from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler
from textual_serve.server import Server, to_int

from backprop_tui.core.preset.control_characters import shown
from backprop_tui.tui.command_line.console import complain, emit

from .address import addresses, is_of_this_machine_alone, listening
from .own_name import is_called_by_name
from .visit import Visit, full

NAME = "backprop-tui"
LONGEST_MESSAGE = 2**20
"""Bytes that a browser may say at once: a pasted text, and far more than anybody types."""
HEARTBEAT = 15.0
"""Seconds between two questions whether a browser is still there."""
USUAL_FONT, FONTS = 16, range(6, 73)
"""Pixels."""
MOST_FONT_DIGITS = 3
LONGEST_NAME = 253
"""Characters of a name that is called; no host has a longer one."""


class Site(Server):
    """`words` are what each visitor's process is told, `presets` those that a link may ask for, `most` how many fit.

    `names` are those by which it may be called, beside addresses and the names of local networks.
    """

    def __init__(
        self, words: Sequence[str], presets: Mapping[str, Sequence[str]], most: int, names: Sequence[str] = ()
    ) -> None:
        super().__init__(NAME, title=NAME)
        self.words, self.presets, self.most, self.names = words, presets, most, names
        self.sockets: set[web.WebSocketResponse] = set()

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[plainly, self.by_name])
        app.add_routes(
            [
                web.get("/", self.page),
                web.get("/ws", self.handle_websocket),
                web.get("/ws/{preset}", self.handle_websocket),
                web.get("/download/{key}", self.handle_download),
                web.static("/static", self.statics_path),
            ]
        )
        app.on_shutdown.append(self.close_all)
        return app

    @web.middleware
    async def by_name(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer nobody who calls by a name that may be another's."""
        if is_called_by_name(request, self.names):
            return await handler(request)
        called = shown(request.headers["Host"][:LONGEST_NAME])
        text = f"This server is not known as {called}. Open it by its address, or by a name that --name gave it."
        raise web.HTTPMisdirectedRequest(text=text)

    @property
    def is_full(self) -> bool:
        return len(self.sockets) >= self.most

    async def page(self, request: web.Request) -> web.Response:
        """The page that begins a visit; `?fontsize=20` has larger letters, `?preset=xor` opens that one."""
        wanted = request.query.get("preset")
        if wanted is not None and wanted not in self.presets:
            raise web.HTTPNotFound(text=f"There is no preset {wanted!r} here. There are: {', '.join(self.presets)}.")
        if self.is_full:
            many = "1 visitor is" if self.most == 1 else f"{self.most:,} visitors are"
            raise web.HTTPServiceUnavailable(text=f"{many} here, and there is no room for more. Try again later.")
        typed = request.query.get("fontsize", "")[:MOST_FONT_DIGITS]
        font = min(max(to_int(typed, USUAL_FONT), FONTS[0]), FONTS[-1])
        text = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
        for name, value in (("title", self.title), ("font_size", str(font))):
            text = text.replace(f"{{{{{name}}}}}", escape(value))
        return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """A visit, from its beginning to its end."""
        if not is_own_page(request):
            raise web.HTTPForbidden(text="Another site's page cannot visit here.")
        wanted = request.match_info.get("preset")
        if self.is_full or (wanted is not None and wanted not in self.presets):
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LONGEST_MESSAGE)
        self.sockets.add(socket)
        visit = Visit(
            self.words if wanted is None else self.presets[wanted],
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=socket.close,
            downloads=self.download_manager,
        )
        try:
            await socket.prepare(request)
            await visit.start(to_int(request.query.get("width", ""), 80), to_int(request.query.get("height", ""), 24))
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    try:
                        said = message.json()
                    except (ValueError, RecursionError):
                        continue
                    await visit.take(said)
        except OSError as problem:
            full(problem)
            await socket.close()
        finally:
            self.sockets.discard(socket)
            await asyncio.shield(visit.stop())
        return socket

    async def handle_download(self, request: web.Request) -> web.StreamResponse:
        """What a visitor takes home, under a key that nobody else knows, once."""
        key = request.match_info["key"]
        try:
            found = await self.download_manager.get_download_metadata(key)
        except KeyError:
            raise web.HTTPNotFound(text="This was downloaded already, or the visit has ended.") from None
        response = web.StreamResponse()
        response.content_type = found.mime_type or "application/octet-stream"
        named = quote(found.file_name.encode("utf-8", "replace"), safe="")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{named}"
        response.headers["X-Content-Type-Options"] = "nosniff"
        await response.prepare(request)
        async for chunk in self.download_manager.download(key):
            await response.write(chunk)
        await response.write_eof()
        return response

    async def close_all(self, app: web.Application) -> None:
        """End every visit."""
        for socket in list(self.sockets):
            await socket.close()


def is_own_page(request: web.Request) -> bool:
    """Whether a socket is opened by this server's own page, also where it stands behind another server."""
    origin = request.headers.get("Origin")
    if origin is None:
        return True  # No browser's: those tell it.
    return urlsplit(origin).netloc in (request.host, request.headers.get("X-Forwarded-Host"))


@web.middleware
async def plainly(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say a fault of the server's own in one line, to whoever runs it, and none of it to who asked."""
    try:
        return await handler(request)
    except (web.HTTPException, ConnectionError):
        raise
    except Exception as fault:
        complain(f"a fault of the server's own at {request.path}: {type(fault).__name__}: {fault}")
        raise web.HTTPInternalServerError from None


class OneLine(logging.Handler):
    """What the libraries say of faults, each on one line of standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        why = f": {record.exc_info[1]}" if record.exc_info and record.exc_info[1] else ""
        complain(f"{record.getMessage()}{why}")


def serve(site: Site, host: str, port: int, what: str) -> int:
    """Serve until a signal ends it. Raises UsageError where `host` and `port` cannot be listened at."""
    sockets = listening(host, port)
    for name in ("aiohttp", "asyncio", "textual-serve"):
        log = logging.getLogger(name)
        log.handlers, log.propagate = [OneLine(logging.WARNING)], False
    emit("\n".join(addresses(host, sockets[0].getsockname()[1])))
    open_to = "" if is_of_this_machine_alone(sockets) else "; whoever reaches this machine can open it, unencrypted"
    complain(f"{what} served there until ctrl+c{open_to}")
    web.run_app(
        site._make_app(),
        sock=sockets,
        handle_signals=False,
        print=None,
        access_log=None,
        loop=asyncio.new_event_loop(),
    )
    return 0
