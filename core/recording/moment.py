"""The moment that it is, as recordings note it."""

from datetime import UTC, datetime


def now() -> str:
    """Now, in UTC and to the second: `2026-03-01T12:00:00+00:00`."""
    return datetime.now(UTC).isoformat(timespec="seconds")
