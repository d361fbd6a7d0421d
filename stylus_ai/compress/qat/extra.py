"""PyTorch, which is an extra: imported where it is used, with a clear word where it is missing."""

from __future__ import annotations

import importlib
from typing import Any

from stylus_ai.errors import UsageError


def torch() -> Any:
    """The module ``torch``.

    Raises:
        UsageError: It is not installed.
    """
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        raise UsageError(
            f"Convolutional networks are trained with PyTorch, which cannot be imported: {error}.",
            'Run: pip install "stylus-ai[torch]" (the plain wheel with CUDA takes 5 GB), '
            "or train an MLP, which needs numpy alone.",
        ) from None
