"""What a price is made of: quantities that are known before anything is compiled."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stylus_ai.cost.code import Code
from stylus_ai.cost.fitted import Terms
from stylus_ai.cost.paths import ink_of_rows
from stylus_ai.cost.shell import MOVED
from stylus_ai.ir import Affine, Encode, Program, Sigmoid
from stylus_ai.ir.interpreter import all_values
from stylus_ai.plan import Plan
from stylus_ai.plan.blob import BlobLayer, reading_ink
from stylus_ai.plan.network import is_network, reads_packed

Ints = npt.NDArray[np.int64]


def kind_of(program: Program, chosen: Plan) -> str:
    """Models that share factors."""
    if program.trees:
        return "trees"
    if any(isinstance(layer, BlobLayer) for layer in chosen.layers):
        return "blobs"
    return program.family if is_network(program) else "linear"


def predict_terms(program: Program, chosen: Plan, code: Code, rows: Ints) -> Terms:
    """Of the model function's ink, mean over rows int64[n, features]."""
    head = {
        "outputs": len(program.classes),
        "sigmoid": sum(isinstance(op, Sigmoid) for op in program.ops),
        "one": 1,
    }
    if chosen.layers:
        far = sum(layer.size for layer in chosen.layers if isinstance(layer, BlobLayer))
        layers = {"layers": sum(layer.ink for layer in chosen.layers) + reading_ink(far)}
        # What is beside the layers of a CNN is lost in what is not known of them.
        return layers if program.family == "cnn" else {**layers, **head}
    if code.sums:
        seen = all_values(program, rows)[1] if isinstance(program.ops[0], Encode) else rows
        ink = float(ink_of_rows(code.sums, seen).mean())
        return {"functions": ink, "parts": len(chosen.parts), **head}
    affine = [op.weights.array for op in program.ops if isinstance(op, Affine)]
    return {
        "features": sum(int(weights.any(axis=0).sum()) for weights in affine),
        "weights": sum(int(np.count_nonzero(weights)) for weights in affine),
        **head,
    }


def unpack_terms(program: Program) -> Terms:
    """Of the ink from packed bytes to a checked row."""
    if reads_packed(program):
        bits = len(program.features) * (program.features.bits or 8)
        return {"rest": bits % 8 > 0, "one": 1}
    widths = [feature.width for feature in program.features]
    return {
        "features": len(widths),
        "pairs": sum(width == 2 for width in widths),
        "longer": sum(width > 2 for width in widths),
        "copied": len(widths) * (len(widths) >= MOVED),
        "one": 1,
    }


def size_terms(program: Program, code: Code) -> dict[str, Terms]:
    """Of the compressed contract, of its wasm, and of its operators after instrumentation."""
    features = 0 if reads_packed(program) else len(program.features)
    affine = [op.weights.array for op in program.ops if isinstance(op, Affine)]
    weights = 0 if program.trees else sum(int(np.count_nonzero(each)) for each in affine)
    head = {
        "sigmoid": sum(isinstance(op, Sigmoid) for op in program.ops),
        "classes": len(program.classes) * (program.task == "multiclass"),
        "one": 1,
    }
    return {
        "size": {
            "compressed": code.compressed,
            "apart" if program.trees else "data": code.apart if program.trees else len(code.data),
            **head,
        },
        "raw": {"data": len(code.data), **head},
        "operators": {
            "operators": code.operators,
            "weights": weights,
            "features": features,
            **head,
        },
    }
