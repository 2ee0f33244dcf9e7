"""Hostile and damaged NumPy archives: one line, and no memory for what is only declared."""

import io
import random
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.preset.array_archive import read_archive
from backprop_tui.core.preset.named_file import NamedFile
from backprop_tui.core.preset.schema import Place, PresetError

ARRAYS = {
    "W1": np.arange(6.0).reshape(2, 3),
    "fortran": np.asfortranarray(np.arange(6, dtype=np.int16).reshape(2, 3)),
    "scalar": np.array(3.5, dtype=np.float32),
    "none": np.zeros((0, 4)),
    "flags": np.array([True, False]),
    "words": np.array(["relu", "tanh"]),
    "big-endian": np.arange(4, dtype=">f8"),
}


def read(path: Path, *names: str) -> dict[str, np.ndarray]:
    return read_archive(NamedFile(path, Place("a.toml"), own=True), names or None)


def header(text: str, version: int = 1) -> bytes:
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text.encode()


def declaring(descr: str = "'<f8'", shape: str = "(2,)", order: str = "False", content: bytes = bytes(16)) -> bytes:
    return header(f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n") + content


def archive(path: Path, member: bytes, name: str = "W1.npy", packing: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", packing) as written:
        written.writestr(name, member)
    return path


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_what_numpy_saves_is_read(tmp_path: Path, save: Callable[..., None]) -> None:
    save(tmp_path / "a.npz", **ARRAYS)
    found = read(tmp_path / "a.npz")
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)
    assert list(read(tmp_path / "a.npz", "W1", "missing")) == ["W1"]


def test_headers_of_other_programs_are_read(tmp_path: Path) -> None:
    text = "{\"shape\": (2L, ),'fortran_order': False, 'descr': '<f8'}"
    path = archive(tmp_path / "a.npz", header(text, version=2) + np.array([1.0, 2.0]).tobytes())
    assert read(path)["W1"].tolist() == [1.0, 2.0]


MEMBERS = {
    "no array": b"hello",
    "empty": b"",
    "half a magic": b"\x93NU",
    "magic alone": b"\x93NUMPY",
    "unknown version": b"\x93NUMPY\x09\x00\x10\x00" + bytes(16),
    "no header": b"\x93NUMPY\x01\x00",
    "header that ends early": b"\x93NUMPY\x01\x00\xff\xff{",
    "header of 4 GB": b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + bytes(50),
    "header that is no literal": header("__import__('os').getcwd()"),
    "header with deep brackets": header("(" * 9000),
    "header that is a list": header("[1, 2]"),
    "shape of 10¹²": declaring(shape="(1000000000000,)"),
    "shape of 10³⁰": declaring(shape="(1000000000000000000000000000000,)"),
    "shape of many dimensions": declaring(shape="(" + "1," * 100 + ")"),
    "shape of truth values": declaring(shape="(True, True)"),
    "negative shape": declaring(shape="(-2,)"),
    "shape of a word": declaring(shape="'two'"),
    "shape that is a number": declaring(shape="2"),
    "too short": declaring(content=bytes(15)),
    "too long": declaring(content=bytes(17)),
    "huge entries": declaring(descr="'|V2000000000'"),
    "huge texts": declaring(descr="'<U2000000000'"),
    "objects": declaring(descr="'|O'"),
    "complex numbers": declaring(descr="'<c16'", shape="(1,)"),
    "dates": declaring(descr="'<M8[s]'"),
    "records": declaring(descr="[('a', '<f8')]"),
    "unknown type": declaring(descr="'<f3'", content=bytes(6)),
    "types of no bytes": declaring(descr="'<U0'", content=b""),
    "order that is a number": declaring(order="1"),
}


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_member_that_is_no_plain_array_is_refused(tmp_path: Path, member: str, packing: int) -> None:
    path = archive(tmp_path / "a.npz", MEMBERS[member], packing=packing)
    with pytest.raises(PresetError) as caught:
        read(path)
    assert str(caught.value).startswith(f"a.toml: {path}: ")


def test_a_member_of_numpys_own_objects_is_refused_without_being_made(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", W1=np.array([{"a": 1}], dtype=object))
    with pytest.raises(PresetError, match="another kind of array"):
        read(tmp_path / "a.npz")


def test_an_encrypted_or_oddly_packed_entry_is_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.npz", declaring(), packing=zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    path.write_bytes(content)
    with pytest.raises(PresetError, match='entry "W1" is encrypted'):
        read(path)
    with pytest.raises(PresetError, match="encrypted, or packed"):
        read(archive(tmp_path / "b.npz", declaring(), packing=zipfile.ZIP_LZMA))


def test_two_arrays_of_one_name_are_refused(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.npz", declaring())
    with zipfile.ZipFile(path, "a") as written:
        written.writestr("W1", declaring())
    with pytest.raises(PresetError, match="two called the same"):
        read(path)


def test_a_wrong_checksum_is_found(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.npz", declaring(content=bytes(range(16))), packing=zipfile.ZIP_STORED)
    content = path.read_bytes()
    path.write_bytes(content.replace(bytes(range(16)), bytes(range(1, 17))))
    with pytest.raises(PresetError, match="damaged"):
        read(path)


def test_arrays_of_more_than_a_gigabyte_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as written:
        for name in "abc":
            with written.open(f"{name}.npy", "w", force_zip64=True) as member:
                member.write(declaring(descr="'|u1'", shape="(200000000,)", content=b""))
                for _ in range(200):
                    member.write(bytes(10**6))
    tracemalloc.start()
    with pytest.raises(PresetError, match=r"its arrays would need 1\.2 GB, the limit is 1 GB"):
        read(path)
    assert tracemalloc.get_traced_memory()[1] < 10**7
    tracemalloc.stop()


def test_a_directory_of_endless_entries_is_refused_before_it_is_read(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as written:
        for number in range(100):
            written.writestr(f"{number}{'x' * 60_000}.npy", b"")
    (tmp_path / "a.npz").write_bytes(content.getvalue())
    tracemalloc.start()
    with pytest.raises(PresetError, match="NumPy archive"):
        read(tmp_path / "a.npz")
    assert tracemalloc.get_traced_memory()[1] < 10**7
    tracemalloc.stop()


def test_nothing_of_an_archive_elsewhere_is_quoted(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.npz", b"secret", name="secret.npy")
    with pytest.raises(PresetError, match="one of its entries is no array") as first:
        read_archive(NamedFile(path, Place("a.toml")))
    with zipfile.ZipFile(path, "a") as written:
        written.writestr("secret", b"secret")
    with pytest.raises(PresetError, match="two called the same") as second:
        read_archive(NamedFile(path, Place("a.toml")))
    assert "secret" not in str(first.value) + str(second.value)


@given(st.randoms(use_true_random=False), st.integers(1, 30))
def test_a_damaged_archive_is_read_or_refused(chance: random.Random, changes: int) -> None:
    content = io.BytesIO()
    np.savez_compressed(content, **ARRAYS)
    damaged = bytearray(content.getvalue())
    for _ in range(changes):
        damaged[chance.randrange(len(damaged))] = chance.randrange(256)
    del damaged[chance.randrange(len(damaged)) if chance.random() < 0.3 else len(damaged) :]
    try:
        found = read_archive(Memory(bytes(damaged)))  # type: ignore[arg-type]
    except PresetError:
        return
    assert all(isinstance(array, np.ndarray) for array in found.values())


class Memory(NamedFile):
    """A named file whose bytes are at hand, so that many can be tried."""

    def __init__(self, content: bytes) -> None:
        super().__init__(Path("a.npz"), Place("a.toml"), own=True)
        object.__setattr__(self, "content", content)

    def opened(self, largest: int = 0) -> io.BytesIO:  # type: ignore[override]
        return io.BytesIO(self.content)  # type: ignore[attr-defined]
