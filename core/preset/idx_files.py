"""Reading MNIST's idx files: images, their labels beside them, and the test part beside both, packed by gzip or not."""

import struct
from importlib.resources import files
from math import prod
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from .array_entries import CHUNK, Tell, untold
from .array_files import layout
from .examples import BYTE, Examples, refuse_large
from .file_pairs import idx_tests_of, labels_of
from .named_file import NamedFile, beside_file
from .packed_file import unpacked

SHIPPED = "digits-8x8-images-idx3-ubyte.gz"
"""Images that come with the program, with their labels, so that a copy of the preset that reads them works anywhere."""
TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
"""NumPy's names of the types of entries, by the number in the header."""
MOST_DIMENSIONS = 4


def read_idx(file: NamedFile, test: NamedFile | None = None, itemsize: int = 8, tell: Tell = untold) -> Examples:
    """Images, (n, pixels), with their labels, (n,), which stand beside `file`; PresetError for what is not right.

    `file` is named as MNIST's are, `train-images-idx3-ubyte`; the test part is `test`, or that which stands beside it.
    SHIPPED, where there is no such file, are those that come with the program. `itemsize`: of the run's numbers.
    """
    path: Any = file.path
    if path.name == SHIPPED and not path.is_file():
        file = NamedFile(files(__package__) / SHIPPED, file.place)
    if test is None:
        test = beside_file(file, idx_tests_of(path.name))
    inputs, targets = _pair(file, itemsize, tell)
    order, shape, said = layout(inputs.shape[1:])
    notes = (said,) if said else ()
    examples = Examples(
        _flat(inputs, order), targets, divisor=BYTE if inputs.dtype == np.uint8 else 1.0, image_shape=shape, notes=notes
    )
    if test is None:
        return examples
    test_inputs, test_targets = _pair(test, itemsize, untold)
    if test_inputs.shape[1:] != inputs.shape[1:] or test_inputs.dtype != inputs.dtype:
        raise test.error(
            f"expected images of {inputs.shape[1:]}, as the training part has, found {test_inputs.shape[1:]}"
        )
    return Examples(
        examples.inputs,
        targets,
        _flat(test_inputs, order),
        test_targets,
        divisor=examples.divisor,
        image_shape=shape,
        notes=(*notes, f"the test part is {test.path.name}"),
    )


def read_images(file: NamedFile) -> NDArray[Any]:
    """The images of one file alone, (n, …), without labels; PresetError for what is none."""
    images = _idx(file, 8, untold)
    if images.ndim < 2:
        raise file.error("expected images of two or more dimensions, found numbers, such as labels are")
    return images


def _pair(images: NamedFile, itemsize: int, tell: Tell) -> tuple[NDArray[Any], NDArray[Any]]:
    """The images and the labels of one part."""
    name = images.path.name
    names = labels_of(name)
    if not names:
        raise images.place.error(f"expected an images file such as train-images-idx3-ubyte, found {name}")
    inputs = _idx(images, itemsize, tell)
    labels = beside_file(images, names) or NamedFile(images.path.parent / names[0], images.place)  # type: ignore[attr-defined]
    targets = _idx(labels, 0, untold)
    if inputs.ndim < 2 or targets.ndim != 1:
        raise images.error("expected images of two or more dimensions, and labels of one")
    if len(inputs) != len(targets):
        raise images.place.error(f"{name} has {len(inputs)} images, but {labels.path.name} has {len(targets)} labels")
    return inputs, targets


def _flat(images: NDArray[Any], order: tuple[int, ...]) -> NDArray[Any]:
    return images.transpose(0, *(1 + axis for axis in order)).reshape(len(images), -1)


def _idx(file: NamedFile, itemsize: int, tell: Tell) -> NDArray[Any]:
    """One idx file: two zeros, the type, the number of dimensions, these, the entries; all big-endian.

    `itemsize`: bytes of the numbers that its entries are to become, beside them.
    """
    with unpacked(file) as stream:
        header = stream.read(4)
        kind, dimensions = (header[2], header[3]) if len(header) == 4 else (0, 0)
        sizes = stream.read(4 * dimensions) if dimensions <= MOST_DIMENSIONS else b""
        if header[:2] != bytes(2) or kind not in TYPES or not sizes or len(sizes) < 4 * dimensions:
            raise file.error("expected an idx file: two zero bytes, type, number of dimensions, their sizes")
        shape = struct.unpack(f">{dimensions}I", sizes)
        dtype = np.dtype(TYPES[kind])
        size = prod(shape) * dtype.itemsize
        if not size:
            raise file.error("holds no examples")
        refuse_large(shape[0], prod(shape[1:]), file.place, itemsize, held=size)
        return _bytes(stream, size, file, tell).view(dtype).reshape(shape)


def _bytes(stream: IO[bytes], size: int, file: NamedFile, tell: Tell) -> NDArray[np.uint8]:
    """So many bytes, which are the rest of the stream; read in portions, so that they take no room before they come."""
    content, done = np.empty(size, np.uint8), 0
    while portion := stream.read(CHUNK):
        if done + len(portion) > size:
            raise file.error(f"expected {size:,} bytes of data, found more")
        content[done : done + len(portion)] = np.frombuffer(portion, np.uint8)
        done += len(portion)
        tell(done / size)
    if done < size:
        raise file.error(f"breaks off: expected {size:,} bytes of data, found {done:,}")
    return content
