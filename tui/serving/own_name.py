"""By which names a server may be called: its own, and not that of a page elsewhere.

Whoever has a domain can have its name lead to an address of somebody else's machine or room: a browser there takes his
page for this server's. It tells which name it has called; an address, or a name that nobody can have on the Internet,
cannot be such a one.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web

LOCAL = ("localhost", "local", "lan", "home", "home.arpa", "internal", "intranet", "corp", "localdomain", "private")
"""What the names of local networks end in: set aside for them or given to nobody (RFC 6761, 6762, 8375; ICANN)."""


def is_called_by_name(request: web.Request, told: Iterable[str]) -> bool:
    """Whether the name by which the browser has called is this server's, of which `told` are some.

    A server that stands before this one and says by which name it was called has settled that: of a socket no page can
    write that header.
    """
    called = request.headers.get("Host")
    return called is None or "X-Forwarded-Host" in request.headers or is_own(called, told)


def is_own(called: str, told: Iterable[str]) -> bool:
    """Whether `called`, a name or address with its port or without, is this server's."""
    name = host_name(called)
    return name is not None and (is_address(name) or is_local(name) or name in map(host_name, told))


def host_name(called: str) -> str | None:
    """`Lab-PC.local:8000` without its port, in small letters; None for what is no name."""
    try:
        found = urlsplit(f"//{called}").hostname
    except ValueError:
        return None
    return found.rstrip(".") if found else None


def is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def is_local(name: str) -> bool:
    """Whether nobody can have this name on the Internet."""
    return "." not in name or name.endswith(tuple(f".{end}" for end in LOCAL))
