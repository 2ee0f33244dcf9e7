"""The form of a recording: its tables, its version, and the bounds that writer and reader keep to."""

from collections.abc import Mapping

APPLICATION_ID = 0x62707475
"""`bptu`, in the header of the file: what tells a recording from any other SQLite file."""
VERSION = 1
"""Of the tables. A program reads what is of its own version or of an earlier one."""
ORIGINS = ("preset", "torch", "arrays")
"""What was recorded: a run of ours, a PyTorch training, or arrays that somebody handed in."""
TABLES: Mapping[str, str] = {
    "meta": "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT)",
    "losses": "CREATE TABLE losses (first INTEGER PRIMARY KEY, width INTEGER, low BLOB, high BLOB)",
    "steps": "CREATE TABLE steps (step INTEGER PRIMARY KEY, seconds REAL, facts TEXT)",
    "arrays": "CREATE TABLE arrays (step INTEGER, name TEXT, data BLOB, PRIMARY KEY (step, name))",
    "files": "CREATE TABLE files (name TEXT PRIMARY KEY, data BLOB)",
}
"""By name, as they stand in the file, letter by letter. A file with anything more is none of ours."""

LIMIT = 256 * 2**20
"""Bytes that a recording takes, unless told otherwise."""
LEAST_LIMIT = 2**20
MOST_LOSSES = 2**20
"""Entries of the losses; beyond it two become one, with their minimum and maximum."""
BLOCK = 1024
"""Entries that stand in a row of the table together."""
MOST_STEPS = 4096
"""Kept steps."""
LARGEST_ARRAY = 128 * 2**20
"""Bytes of one array, unpacked."""
LARGEST_FILE = 128 * 2**20
"""Bytes of one of the files beside a preset, unpacked."""
LARGEST_META = 4 * 2**20
"""Bytes of all values of `meta` together."""
LARGEST_FACTS = 2**20
"""Bytes of the facts of one step."""
LONGEST_NAME = 1000
MOST_NAMES = 20_000
"""Arrays of one step; values of `meta`; files."""
LARGEST_STEP = 2**53
"""A step's number, which every reader of JSON can hold."""
