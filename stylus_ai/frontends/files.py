"""Saved model files: opened with limits, and never unpickled."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType

from stylus_ai.errors import ModelError

MAX_BYTES = 128 * 1024 * 1024
"""A model that fits a chain is far smaller."""

HEAD = 4096

_PICKLES = frozenset({".pkl", ".pickle", ".joblib", ".sav"})
_PICKLE_HEADS = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


@dataclass(frozen=True)
class SavedModel:
    """A file that holds a trained model.

    Attributes:
        path: Where it lies.
    """

    path: Path

    @property
    def suffix(self) -> str:
        """Ending of the name in lower case, with the dot."""
        return self.path.suffix.lower()

    @cached_property
    def head(self) -> bytes:
        """The first bytes, by which a format is recognised.

        Raises:
            ModelError: The file cannot be read.
        """
        try:
            with self.path.open("rb") as stream:
                return stream.read(HEAD)
        except OSError as error:
            raise self._unreadable(error) from None

    @property
    def is_pickle(self) -> bool:
        """Whether reading it would mean to run code that it holds."""
        return self.suffix in _PICKLES or self.head.startswith(_PICKLE_HEADS)

    def data(self) -> bytes:
        """The whole file.

        Raises:
            ModelError: It cannot be read, or is larger than ``MAX_BYTES``.
        """
        try:
            with self.path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise self._unreadable(error) from None
        if len(data) > MAX_BYTES:
            raise ModelError(f"{self.path} is larger than {MAX_BYTES} bytes.")
        return data

    def text(self) -> str:
        """The whole file as text.

        Raises:
            ModelError: It cannot be read, is too large, or no UTF-8.
        """
        try:
            return self.data().decode("utf-8")
        except UnicodeDecodeError:
            raise ModelError(f"{self.path} is no text.") from None

    def _unreadable(self, error: OSError) -> ModelError:
        return ModelError(
            f"{self.path} cannot be read: {error.strerror}.", "Give the path of a saved model."
        )


def refuse_pickle(path: Path) -> ModelError:
    """Why a pickle is not read, and what is safe instead."""
    return ModelError(
        f"{path} is a pickle: whoever made it decides what code runs when it is opened.",
        "Train in the same script and pass the model itself to stylus_ai.export, or save it as "
        'data: booster.save_model("model.json") with XGBoost, booster.save_model("model.txt") '
        "with LightGBM, torch.onnx.export with PyTorch.",
    )


def library(name: str) -> ModuleType:
    """An optional library.

    Args:
        name: Of its module, which is that of the extra too.

    Raises:
        ModelError: It is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        raise ModelError(
            f"The library {name} is not installed.", f"pip install 'stylus-ai[{name}]'"
        ) from None
