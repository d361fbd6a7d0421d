"""The ladder: one model, made smaller and smaller, and what that costs in accuracy.

Every rung is a whole integer program. Rungs are judged on validation rows, which were taken from
the training rows and which no rung has learned from; the test rows are not needed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai.compress.chain import Precision
from stylus_ai.compress.prune_trees import merge_leaves, prune_by_cost, share_thresholds
from stylus_ai.compress.qat import MlpRecipe, train_mlp
from stylus_ai.compress.qat.grids import Weights
from stylus_ai.compress.quantise import quantise
from stylus_ai.compress.quantise_network import quantise_network
from stylus_ai.frontends import (
    Convolution,
    Dense,
    FloatLinear,
    FloatModel,
    FloatNetwork,
    FloatTrees,
    evaluate,
)
from stylus_ai.ir import Program, TreeSum, interpret

Ints = npt.NDArray[np.int64]
Answers = npt.NDArray[np.int64] | npt.NDArray[np.float64]

CALIBRATION_ROWS = 1_000
TRAINED_EPOCHS = 40
"""Epochs of a network that is trained again for a rung: enough to rank rungs."""

SHARED = 0.01
"""Rows that may lie between thresholds that become one, as a share."""


@dataclass(frozen=True, eq=False)
class Case:
    """What is compressed, and by which rows it is judged.

    Attributes:
        model: The trained model.
        name: Name of its programs.
        cutoff: Of a binary model: probability from which on the decision is yes.
        reference: Integer row that explanations compare with.
        q: Rows that a rung may learn from, int64[n, features].
        y: Their answers: class numbers int64[n], or values float64[n] or float64[n, targets].
        judged_q: Validation rows.
        judged_y: Their answers.
        library: What the float model answers on the validation rows, in the form of ``y``.
    """

    model: FloatModel
    name: str
    cutoff: float
    reference: tuple[int, ...]
    q: Ints
    y: Answers
    judged_q: Ints
    judged_y: Answers
    library: Answers


@dataclass(frozen=True)
class Rung:
    """One step of the ladder.

    Attributes:
        name: Short and stable, e.g. ``int4, trained``.
        program: The integer program.
        accuracy: On the validation rows: share of right answers, or R2 of a regression.
        agreement: The same with the float model's answers for the truth.
    """

    name: str
    program: Program
    accuracy: float
    agreement: float


@dataclass(frozen=True)
class Candidate:
    """A rung that has not been made yet, since making it may take a minute.

    Attributes:
        name: Of the rung.
        make: Makes its program, but for the reference row.
    """

    name: str
    make: Callable[[], Program]


def float_accuracy(case: Case) -> float:
    """Accuracy, or R2, of the float model on the validation rows."""
    return agreement(case.library, case.judged_y)


def build(case: Case, candidate: Candidate) -> Program:
    """Make a rung's program."""
    return replace(candidate.make(), reference=case.reference)


def judge(case: Case, candidate: Candidate) -> Rung:
    """Make a rung's program and measure it on the validation rows."""
    program = build(case, candidate)
    given = answers(program, case.judged_q)
    return Rung(
        candidate.name, program, agreement(given, case.judged_y), agreement(given, case.library)
    )


def answers(program: Program, q: Ints) -> Answers:
    """What a program says, as class numbers int64[n] or values float64[n] or [n, targets]."""
    out = interpret(program, q)
    match program.task:
        case "binary":
            return out["decision"]
        case "multiclass":
            return out["class"]
        case "regression":
            scale = program.divisor * 2.0**program.frac_bits
            return next(iter(out.values())) / scale
    assert_never(program.task)


def agreement(given: Answers, truth: Answers) -> float:
    """Share of equal answers; for values 1 - squared error / variance."""
    if truth.dtype.kind != "f":
        return float((given == truth).mean())
    spread = float(((truth - truth.mean(axis=0)) ** 2).sum())
    return 1 - float(((given - truth) ** 2).sum()) / spread if spread else 1.0


def candidates(case: Case, *, fine: bool = False) -> Iterator[Candidate]:
    """Rungs from the mildest to the strongest.

    Args:
        case: The model and its rows.
        fine: More steps of each kind, for a search.
    """
    match case.model.body:
        case FloatTrees() as body:
            yield from _of_trees(case, body, fine)
        case FloatLinear() as body:
            yield Candidate("exact", lambda: _rounded(case, None))
            largest = float(np.abs(body.weights / evaluate.units(case.model)).max())
            for bits in (16, 12, 8, 6, 4):
                yield _coarse(case, "weights", bits, largest)
        case FloatNetwork() as body:
            yield from _of_network(case, body, fine)
        case _:
            assert_never(case.model.body)


def _rounded(case: Case, frac_bits: int | None) -> Program:
    return quantise(case.model, name=case.name, cutoff=case.cutoff, frac_bits=frac_bits)


def _coarse(case: Case, what: str, bits: int, largest: float) -> Candidate:
    """Numbers of so many bits, the sign included."""
    frac_bits = max(0, math.floor(math.log2((2 ** (bits - 1) - 1) / largest))) if largest else 0
    return Candidate(f"{what} of {bits} bits", partial(_merged, case, frac_bits))


def _merged(case: Case, frac_bits: int | None) -> Program:
    program = _rounded(case, frac_bits)
    return merge_leaves(program) if program.trees else program


def _of_trees(case: Case, body: FloatTrees, fine: bool) -> Iterator[Candidate]:
    """Rounded leaves, shared thresholds, pruned splits, and fewer trees where they are a sum."""
    exact = _merged(case, None)
    yield Candidate("exact", lambda: exact)
    largest = max(float(np.abs(tree.values[tree.left < 0]).max()) for tree in body.trees)
    for bits in (8, 6, 4):
        yield _coarse(case, "leaves", bits, largest)
    shared = share_thresholds(exact, case.q, SHARED)
    yield Candidate("thresholds shared", lambda: merge_leaves(shared))
    shares = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3) if fine else (0.01, 0.1)
    for share in shares:
        yield Candidate(f"pruned at {share:g}", partial(_pruned, case, shared, share))
    if case.model.family != "boosting":
        return
    kept = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1) if fine else (0.5, 0.25)
    for part in kept:
        for share in shares if fine else (0.01,):
            yield Candidate(
                f"first {part:.0%} of the trees, pruned at {share:g}",
                partial(_pruned, case, _first(shared, part), share),
            )


def _pruned(case: Case, program: Program, share: float) -> Program:
    return merge_leaves(prune_by_cost(program, case.q, share))


def _first(program: Program, part: float) -> Program:
    """The first rounds of boosting alone: each round corrects those before it."""

    def cut(op: TreeSum) -> TreeSum:
        rounds = len(op.trees) // len(op.base)
        return replace(op, trees=op.trees[: max(1, round(part * rounds)) * len(op.base)])

    ops = tuple(cut(op) if isinstance(op, TreeSum) else op for op in program.ops)
    return replace(program, ops=ops, rounding_bound=None)


def _of_network(case: Case, body: FloatNetwork, fine: bool) -> Iterator[Candidate]:
    """Rounded after training; and, of an MLP, trained again in few bits by the float model."""
    grids: tuple[Weights, ...] = ("int8", "int4")
    for grid in grids:
        bits = 8 if grid == "int8" else 4
        make = partial(
            quantise_network,
            case.model,
            case.q[:CALIBRATION_ROWS],
            name=case.name,
            precision=Precision(weights=grid, activation_bits=bits),
            cutoff=case.cutoff,
        )
        yield Candidate(grid, make)
    if any(isinstance(layer, Convolution) for layer in body.layers):
        return
    widths = tuple(len(layer.bias) for layer in body.layers if isinstance(layer, Dense))[:-1]
    plain = MlpRecipe(hidden=widths, epochs=TRAINED_EPOCHS, distil=0.5)
    yield _trained(case, "int4, trained", plain)
    sparsities = (0.25, 0.5, 0.625, 0.75, 0.875) if fine else (0.5, 0.75)
    for sparsity in sparsities:
        recipe = replace(plain, sparsity=sparsity)
        yield _trained(case, f"int4, trained, {sparsity:.1%} pruned", recipe)
    yield _trained(case, "ternary, trained", replace(plain, weights="ternary"))
    yield _trained(case, "binary, trained", replace(plain, weights="binary"))
    if fine:
        for part in (0.75, 0.5, 0.25):
            hidden = tuple(max(1, round(part * width)) for width in widths)
            recipe = replace(plain, hidden=hidden)
            yield _trained(case, f"int4, trained, {part:.0%} as wide", recipe)


def _trained(case: Case, name: str, recipe: MlpRecipe) -> Candidate:
    """A network of the same kind, taught by the float network's answers and the labels."""
    model = case.model

    def teacher(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        natural = model.features.dequantise(np.rint(rows).astype(np.int64))
        return evaluate.raw(model, natural).astype(np.float32)

    def make() -> Program:
        trained = train_mlp(recipe, case.q, case.y, model.task, teacher=teacher)
        return trained.network.program(
            name=case.name,
            features=model.features,
            task=model.task,
            classes=model.classes,
            source=f"{model.source}, trained again: {name}",
            parent=model.digest,
            cutoff=case.cutoff,
        )

    return Candidate(name, make)
