"""Which frontend reads a model: those of this package, then those of other packages.

A frontend is a module (or any object) with two functions:

    matches(model) -> bool
    read(model, features, *, positive=None, classes=(), targets=()) -> FloatModel

``model`` is what was given to ``stylus_ai.export``, or a ``SavedModel`` where that was a path. A
third function is optional: ``leaves(model, x)``, the library's own node numbers of the leaves that
rows reach, int[n, trees], by which ``export`` checks what it made.

Another package adds one by an entry point of the group ``stylus_ai.frontends``:

    [project.entry-points."stylus_ai.frontends"]
    mylib = "my_package.frontend"
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module, metadata
from os import PathLike
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.frontends.files import SavedModel, refuse_pickle
from stylus_ai.frontends.model import FloatModel
from stylus_ai.ir import Features

GROUP = "stylus_ai.frontends"
"""Entry points of other packages."""

BUILT_IN = ("xgboost", "lightgbm", "onnx", "torch", "sklearn")
"""Modules of this package, in the order in which they are asked."""


class Frontend(Protocol):
    """What reads the models of one library."""

    def matches(self, model: object) -> bool:
        """Whether ``read`` knows the library that this model is of; must not raise."""

    def read(
        self,
        model: object,
        features: Features,
        *,
        positive: object = None,
        classes: Sequence[object] = (),
        targets: Sequence[str] = (),
    ) -> FloatModel:
        """Freeze a model; the arguments are those of ``registry.read``.

        Raises:
            ModelError: It cannot become an integer program; names what is supported instead.
        """


def find(model: object) -> Frontend:
    """The frontend of a model.

    Args:
        model: A trained model, or a ``SavedModel``.

    Raises:
        ModelError: No frontend knows it, or one of another package cannot be loaded.
    """
    if isinstance(model, SavedModel) and model.is_pickle:
        raise refuse_pickle(model.path)
    for frontend in _frontends():
        if frontend.matches(model):
            return frontend
    if isinstance(model, SavedModel):
        raise ModelError(
            f"{model.path} is no model file that is known here.",
            "Known are XGBoost's JSON, LightGBM's text and ONNX files (docs/models.md).",
        )
    kind = type(model)
    raise ModelError(
        f"{kind.__module__}.{kind.__qualname__} has no integer form here: no frontend reads it.",
        "docs/models.md lists what is supported, and how a package adds a frontend.",
    )


def read(
    model: object,
    features: Features | Sequence[Any],
    *,
    positive: object = None,
    classes: Sequence[object] = (),
    targets: Sequence[str] = (),
) -> FloatModel:
    """Freeze a trained model of any library that has a frontend.

    Args:
        model: A trained model, or the path of a saved one.
        features: One feature per column, in the order of training.
        positive: Of two classes, the one whose probability is the score; by default the last.
        classes: Labels in the library's order, of a model that knows numbers only (a Booster, a
            file, a network).
        targets: Names of a regression's targets; what makes a network a regression.

    Raises:
        ModelError: No frontend knows it, or it is not supported; names the nearest that is.
    """
    features = features if isinstance(features, Features) else Features(tuple(features))
    given = opened(model)
    return find(given).read(given, features, positive=positive, classes=classes, targets=targets)


def leaves(model: object, x: npt.NDArray[np.float64]) -> npt.NDArray[Any] | None:
    """The library's own numbers of the leaves that rows reach.

    Args:
        model: As given to ``read``.
        x: Rows in natural units, float64[n, features].

    Returns:
        int[n, trees]; None for a file, or where the library does not tell.
    """
    given = opened(model)
    own = getattr(find(given), "leaves", None)
    return None if own is None else cast("npt.NDArray[Any] | None", own(given, x))


def opened(model: object) -> object:
    """``model``, or the file where it is a path."""
    if isinstance(model, str | PathLike):
        return SavedModel(Path(model))
    return model


def _frontends() -> Iterator[Frontend]:
    for name in BUILT_IN:
        yield cast("Frontend", import_module(f"stylus_ai.frontends.{name}"))
    for entry in metadata.entry_points(group=GROUP):
        try:
            loaded = entry.load()
        except Exception as error:
            raise ModelError(
                f"The frontend {entry.name} ({entry.value}) of another package cannot be loaded: "
                f"{error!r}.",
                "Mend or uninstall that package.",
            ) from error
        yield cast("Frontend", loaded)
