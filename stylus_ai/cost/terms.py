"""What a price is made of: quantities that are known before anything is compiled."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stylus_ai.codegen import Crate
from stylus_ai.cost.fitted import Terms
from stylus_ai.cost.paths import masks_and_branches
from stylus_ai.cost.stream import write_down
from stylus_ai.ir import Affine, Program, Sigmoid
from stylus_ai.plan import ForestPart, Plan, TablePart
from stylus_ai.plan.blob import BlobLayer, reading_ink
from stylus_ai.plan.network import is_network

CODE = ("src/input.rs", "src/sums.rs", "src/leaves.rs")
"""Modules of every crate that leave code in a contract; a network has one more for each layer."""

LAYER = "src/layer_"

EXPLANATION = "src/explain.rs"

Ints = npt.NDArray[np.int64]


def kind_of(program: Program) -> str:
    """Models that share factors: trees, linear or mlp, which stands for all networks."""
    if program.trees:
        return "trees"
    return "mlp" if is_network(program) else "linear"


def predict_terms(program: Program, chosen: Plan, rows: Ints) -> Terms:
    """Of the model function's ink, mean over rows int64[n, features]."""
    head = {
        "outputs": len(program.classes),
        "sigmoid": sum(isinstance(op, Sigmoid) for op in program.ops),
        "one": 1,
    }
    if chosen.layers:
        far = sum(layer.size for layer in chosen.layers if isinstance(layer, BlobLayer))
        layers = sum(layer.ink for layer in chosen.layers) + reading_ink(far)
        return {"layers": layers, **head}
    masks = branches = shared = 0.0
    for part in chosen.parts:
        if isinstance(part, TablePart):
            masks += part.ink
            continue
        ink, ways = masks_and_branches(part, program.trees, chosen.words, rows)
        masks += ink
        branches += ways
        shared += len(part.shared)
    affine = [op.weights.array for op in program.ops if isinstance(op, Affine)]
    return {
        "masks": masks,
        "branches": branches,
        "shared": shared,
        "parts": len(chosen.parts),
        "features": _features(program),
        "weights": sum(int(np.count_nonzero(weights)) for weights in affine),
        **head,
    }


def _features(program: Program) -> int:
    """Features that are looked at."""
    used = {feature for tree in program.trees for feature in tree.feature}
    for op in program.ops:
        if isinstance(op, Affine):
            used |= set(np.flatnonzero(op.weights.array.any(axis=0)).tolist())
    return len(used)


def unpack_terms(program: Program) -> Terms:
    """Of the ink from packed bytes to a checked row."""
    columns = list(program.features)
    return {"features": len(columns), "bytes": program.features.packed_length, "one": 1}


def size_terms(chosen: Plan, crate: Crate, *, explained: bool) -> dict[str, Terms]:
    """Of the compressed contract, of its wasm, and of its operators after instrumentation.

    Args:
        chosen: The plan; branches compress better than the masks that stand beside them.
        crate: The generated crate.
        explained: Whether the contract offers explanations.
    """
    names = [
        name
        for name in sorted(crate.files)
        if name in CODE or name.startswith(LAYER) or (explained and name == EXPLANATION)
    ]
    stream = write_down(crate.files[name] for name in names)
    forests = [part.forest for part in chosen.parts if isinstance(part, ForestPart)]
    tests = {
        "operators": stream.operators,
        "branches": sum(1 for forest in forests for _ in forest.branching()),
        "one": 1,
    }
    if not chosen.parts:
        tests = {"one": 1}
    return {
        "size": {"compressed": stream.compressed, **tests},
        "raw": {"data": len(stream.data), **tests},
        "operators": {"operators": stream.operators, **tests},
    }
