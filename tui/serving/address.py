"""Where the app is served: the sockets that listen, and the addresses that people open."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from errno import EADDRINUSE, EADDRNOTAVAIL

from backprop_tui.core.preset.schema import described
from backprop_tui.tui.command_line.options import UsageError

EVERYWHERE = ("0.0.0.0", "::")
"""The hosts that mean every address of this machine."""
ELSEWHERE = ("192.0.2.1", 9)
"""An address that nobody has, to which nothing is sent: by the way there this machine's own is found."""
WAITING = 128
"""Connections that may wait to be answered."""


def listening(host: str, port: int) -> list[socket.socket]:
    """Sockets that listen at every address of the host, at one port; port 0 is one that is free.

    Raises UsageError where there is no such host, or none of them can be listened at.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise UsageError(f"--host: there is no host {described(host)}; 127.0.0.1 is this machine alone") from None
    sockets: list[socket.socket] = []
    problems: list[OSError] = []
    for family, _, _, _, address in dict.fromkeys(found):
        if port == 0 and sockets:
            address = (address[0], sockets[0].getsockname()[1], *address[2:])
        try:
            sockets.append(listener(family, address))
        except OSError as problem:
            problems.append(problem)
    taken = any(problem.errno == EADDRINUSE for problem in problems)
    if not sockets or taken:
        for each in sockets:
            each.close()
        raise UsageError(why_not(host, port, problems, taken=taken))
    return sockets


def listener(family: int, address: tuple[object, ...]) -> socket.socket:
    """A socket that listens at an address. Raises OSError."""
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen(WAITING)
    except OSError:
        made.close()
        raise
    return made


def why_not(host: str, port: int, problems: list[OSError], *, taken: bool) -> str:
    """What is said of a place that cannot be listened at."""
    if taken:
        return f"--port: port {port} of {host} is taken by another program; give another one, or 0 for one that is free"
    if any(problem.errno == EADDRNOTAVAIL for problem in problems):
        return f"--host: {host} is no address of this machine; 127.0.0.1 is this machine alone, 0.0.0.0 all that it has"
    return f"--port: port {port} of {host} cannot be listened at: {problems[0].strerror or problems[0]}"


def addresses(host: str, port: int) -> Iterator[str]:
    """What is typed into a browser; of a server at every address, for this machine and for others."""
    if host not in EVERYWHERE:
        yield address_of(host, port)
        return
    yield address_of("127.0.0.1" if host == EVERYWHERE[0] else "::1", port)
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.connect(ELSEWHERE)
        yield address_of(way.getsockname()[0], port)


def address_of(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def is_of_this_machine_alone(sockets: list[socket.socket]) -> bool:
    """Whether nobody else can reach these."""
    return all(each.getsockname()[0].startswith(("127.", "::1")) for each in sockets)
