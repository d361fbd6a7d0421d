"""What a price is made of: quantities that are known before anything is compiled."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from stylus_ai.codegen import Crate
from stylus_ai.cost.fitted import Terms
from stylus_ai.cost.stream import write_down
from stylus_ai.ir import Affine, Program
from stylus_ai.plan import Plan

CODE = ("src/input.rs", "src/sums.rs", "src/leaves.rs")
"""Modules that every contract around a model has, and `MORE` where the crate has them."""

MORE = ("src/layer_", "src/explain.rs")

PathInk = Callable[[Plan, npt.NDArray[np.int64]], float]


def kind_of(program: Program) -> str:
    """Models that share factors: trees, linear, mlp or cnn."""
    trees = {"tree", "forest", "boosting"}
    return "trees" if program.family in trees else program.family


def predict_terms(program: Program, chosen: Plan) -> Terms:
    """Of the model function's ink."""
    outputs = max(len(program.classes), 1)
    if chosen.layers:
        inks = sum(layer.ink for layer in chosen.layers)
        return {"layers": inks, "outputs": outputs, "one": 1}
    if program.family == "linear":
        weights = sum(int(np.count_nonzero(op.weights.array)) for op in _affine(program))
        return {"weights": weights, "outputs": outputs, "one": 1}
    return {"trees": chosen.ink, "outputs": outputs, "one": 1}


def _affine(program: Program) -> Sequence[Affine]:
    return [op for op in program.ops if isinstance(op, Affine)]


def unpack_terms(program: Program) -> Terms:
    """Of the ink from packed bytes to a checked row."""
    columns = list(program.features)
    return {"features": len(columns), "bytes": program.features.packed_length, "one": 1}


def size_terms(crate: Crate) -> dict[str, Terms]:
    """Of the compressed contract, its wasm, and its operators after instrumentation."""
    names = [
        name for name in crate.files if name in CODE or name.startswith(MORE)
    ]
    stream = write_down(crate.files[name] for name in sorted(names))
    return {
        "size": {"compressed": stream.compressed, "one": 1},
        "raw": {"data": len(stream.data), "one": 1},
        "operators": {"operators": stream.operators, "one": 1},
    }
