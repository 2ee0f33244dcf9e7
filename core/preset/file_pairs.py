"""Which files stand beside one another: the labels of images, the targets of inputs, and the test part, by their names.

Only names are made here, likeliest first; whether there is such a file is for the reader to see.
"""

import re
from collections.abc import Iterator

from .array_names import INPUTS, TARGETS

PACKED = ".gz"
INPUT_WORD = re.compile(rf"(?<![A-Za-z])({'|'.join(INPUTS)})(?![A-Za-z])", re.IGNORECASE)
PARTNERS = {"x": "y", "xs": "ys", "images": "labels", "image": "label", "samples": "labels", "features": "labels"}
"""What the targets are mostly called beside inputs of these names."""
TRAINING_WORD = re.compile(r"(?<![A-Za-z])(training|train)(?![a-z])", re.IGNORECASE)
IDX_TEST = ("t10k", "test")
"""What the test part is called where the training part is called `train`."""


def labels_of(images: str) -> list[str]:
    """Names of the idx file with the labels of `images`; none where that is not named as MNIST's images are.

    `train-images-idx3-ubyte` has `train-labels-idx1-ubyte`; a dot for the hyphen, packed or not, and both spelled alike
    or not.
    """
    if "images" not in images:
        return []
    named = images.replace("images", "labels").replace("idx3", "idx1").replace("idx4", "idx1")
    return list(dict.fromkeys(other for spelled in _hyphenated(named) for other in _packed(spelled)))


def idx_tests_of(images: str) -> list[str]:
    """Names of the images of the test part beside those of the training part; none where it is called otherwise."""
    if "train" not in images:
        return []
    named = [images.replace("train", word) for word in IDX_TEST]
    return list(dict.fromkeys(other for name in named for spelled in _hyphenated(name) for other in _packed(spelled)))


def targets_of(inputs: str) -> list[str]:
    """Names of the `.npy` file with the targets of `inputs`, such as `y_train.npy` of `X_train.npy`."""
    stem, dot, ending = inputs.rpartition(".")
    found = INPUT_WORD.search(stem)
    if found is None:
        return []
    partner = PARTNERS.get(found[0].lower(), TARGETS[0])
    words = [spelled for word in dict.fromkeys((partner, *TARGETS)) for spelled in (word, word.capitalize())]
    return [stem[: found.start()] + word + stem[found.end() :] + dot + ending for word in words]


def held_out_of(inputs: str) -> list[str]:
    """Names of the `.npy` file with the test part's inputs beside the training part's, `X_test.npy`."""
    if not TRAINING_WORD.search(inputs):
        return []
    return [TRAINING_WORD.sub(word, inputs, count=1) for word in ("test", "Test", "testing")]


def _hyphenated(name: str) -> Iterator[str]:
    """The name as it is, and with the other of hyphen and dot before `idx`."""
    yield name
    yield name.replace("-idx", ".idx") if "-idx" in name else name.replace(".idx", "-idx")


def _packed(name: str) -> tuple[str, str]:
    """The name as it is, and packed or unpacked."""
    return (name, name.removesuffix(PACKED) if name.endswith(PACKED) else name + PACKED)
