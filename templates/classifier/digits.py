"""Where the digits come from: those in data/, or on request MNIST's own 60,000."""

import gzip
import hashlib
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from stylus_ai.compress.qat import pooled
from stylus_ai.errors import UsageError

POOL, LEVELS = 2, 15
"""2 x 2 pixels of 8 bits become one of 4 bits: 28 x 28 bytes become 14 x 14 halves of a byte."""

DATA = Path(__file__).parent / "data"

SOURCE = "https://storage.googleapis.com/cvdf-datasets/mnist/"
"""Where the 60,000 are fetched from; what comes is checked, so that any mirror will do."""

IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
SHA256 = {
    IMAGES: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    LABELS: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
}

LARGEST = 16 * 1024 * 1024
"""Bytes of a file at most: a server that sends more is not the one that was meant."""


@dataclass(frozen=True)
class Digits:
    """Pictures of digits, and what they show.

    Attributes:
        images: uint8[n, 28, 28], 0 for paper.
        labels: int64[n].
    """

    images: np.ndarray
    labels: np.ndarray

    @property
    def rows(self) -> np.ndarray:
        """The pictures as the model sees them, int64[n, 196] of 0..15."""
        return pooled(self.images, POOL, LEVELS)


def load(*, full: bool = False, source: str = SOURCE) -> tuple[Digits, Digits]:
    """Digits to train on, and digits to test on once.

    Args:
        full: Train on MNIST's 60,000, which are fetched the first time.
        source: Where from.
    """
    with np.load(DATA / "mnist-9k.npz") as found:
        images, labels = found["images"], found["labels"].astype(np.int64)
        is_test = found["is_test"]
    test = Digits(images[is_test], labels[is_test])
    train = fetch(source) if full else Digits(images[~is_test], labels[~is_test])
    return without(train, test), test


def without(train: Digits, test: Digits) -> Digits:
    """The training digits that look like none of the test digits to the model."""
    known = {row.tobytes() for row in test.rows}
    new = np.array([row.tobytes() not in known for row in train.rows])
    return Digits(train.images[new], train.labels[new])


def fetch(source: str = SOURCE) -> Digits:
    """MNIST's training digits, from data/full/ or else from ``source``."""
    images, labels = _file(IMAGES, source), _file(LABELS, source)
    pixels = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28)
    return Digits(pixels, np.frombuffer(labels, np.uint8, offset=8).astype(np.int64))


def _file(name: str, source: str) -> bytes:
    """Contents of one of the files, which is kept for the next time."""
    path = DATA / "full" / name
    if not path.is_file():
        packed = _download(source + name)
        if hashlib.sha256(packed).hexdigest() != SHA256[name]:
            raise UsageError(
                f"{source}{name} is not the file that was meant: its SHA-256 is another.",
                "Choose another mirror: stylus-ai train -- --full --source URL",
            )
        path.parent.mkdir(exist_ok=True)
        path.with_suffix(".part").write_bytes(packed)
        path.with_suffix(".part").replace(path)
    return gzip.decompress(path.read_bytes())


def _download(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.read(LARGEST)
    except (urllib.error.URLError, TimeoutError, ValueError) as error:
        raise UsageError(
            f"{url} cannot be fetched: {error}.",
            "Connect this machine, choose another mirror by --source URL, or train without --full.",
        ) from None
