"""The ladder: one model, made smaller and smaller, and what that costs in accuracy.

Every rung is a whole integer program. Rungs are judged on validation rows, which were taken from
the training rows and which no rung has learned from; the test rows are not needed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai.compress.chain import Precision
from stylus_ai.compress.prune_trees import CostPruning, merge_leaves, share_thresholds
from stylus_ai.compress.qat import MlpRecipe
from stylus_ai.compress.qat.fine_tune import dense_layers, fine_tune
from stylus_ai.compress.quantise import quantise
from stylus_ai.compress.quantise_network import quantise_network
from stylus_ai.frontends import FloatLinear, FloatModel, FloatNetwork, FloatTrees, evaluate
from stylus_ai.ir import Program, TreeSum, interpret

Ints = npt.NDArray[np.int64]
Answers = npt.NDArray[np.int64] | npt.NDArray[np.float64]

CALIBRATION_ROWS = 1_000
"""Rows at most on which a network's activations are measured."""

TUNING = MlpRecipe(epochs=20, rate=0.015, distil=0.5)
"""How a float network is trained further on a grid: enough to rank rungs."""

LANES = (2, 2)
"""Outputs and inputs that are pruned together: a packed word is saved when all its lanes are zero.
Of the shapes that were tried on digits this one keeps the accuracy of pruning weight by weight."""

FAR_RATE = 0.05
"""Rate where the grid is so coarse that the weights have a long way to go."""

SHARED = 0.01
"""Rows that may lie between thresholds that become one, as a share."""

PRUNED = (0.001, 0.003, 0.01, 0.02, 0.03, 0.05, 0.1)
"""Shares of `CostPruning` that a search tries."""

PLAIN = frozenset({"exact", "int8"})
"""Rungs that are what ``as_trained`` makes."""


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


def as_trained(
    model: FloatModel, q: Ints, *, name: str, cutoff: float, reference: tuple[int, ...]
) -> Program:
    """The model made integer and nothing else; networks in 8 bits.

    Args:
        model: Any model.
        q: Training rows, int64[n, features]; some of them calibrate a network.
        name: Name of the program.
        cutoff: Of a binary model.
        reference: Integer row that explanations compare with.
    """
    if isinstance(model.body, FloatNetwork):
        program = quantise_network(model, _calibrating(q), name=name, cutoff=cutoff)
        return replace(program, reference=reference)
    return quantise(model, name=name, cutoff=cutoff, reference=reference)


def _calibrating(q: Ints) -> Ints:
    return q[:: max(1, len(q) // CALIBRATION_ROWS)]


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
            return next(iter(out.values())) / program.scale
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
            yield Candidate("exact", partial(_plain, case))
            largest = float(np.abs(body.weights / evaluate.units(case.model)).max())
            for bits in (16, 12, 8, 6, 4):
                yield _coarse(case, "weights", bits, largest)
        case FloatNetwork() as body:
            yield from _of_network(case, body, fine)
        case _:
            assert_never(case.model.body)


def _plain(case: Case) -> Program:
    return as_trained(
        case.model, case.q, name=case.name, cutoff=case.cutoff, reference=case.reference
    )


def _coarse(case: Case, what: str, bits: int, largest: float) -> Candidate:
    """Numbers of so many bits, the sign included."""
    frac_bits = max(0, math.floor(math.log2((2 ** (bits - 1) - 1) / largest))) if largest else 0

    def make() -> Program:
        program = quantise(case.model, name=case.name, cutoff=case.cutoff, frac_bits=frac_bits)
        return merge_leaves(program) if program.trees else program

    return Candidate(f"{what} of {bits} bits", make)


def _of_trees(case: Case, body: FloatTrees, fine: bool) -> Iterator[Candidate]:
    """Merged and rounded leaves, shared thresholds, pruned splits; fewer trees of a boosting."""
    yield Candidate("exact", partial(_plain, case))
    yield Candidate("leaves merged", lambda: merge_leaves(_plain(case)))
    largest = max(float(np.abs(tree.values[tree.left < 0]).max()) for tree in body.trees)
    rounded = {bits: _coarse(case, "leaves", bits, largest) for bits in (8, 6, 4)}
    yield from rounded.values()
    kept: tuple[float, ...] = (1.0,)
    if case.model.family == "boosting":
        kept = (1.0, 0.75, 0.5, 0.35, 0.25, 0.15) if fine else (1.0, 0.5, 0.25)
    yield from _pruned(case, "", partial(_plain, case), kept, fine)
    if fine:
        yield from _pruned(case, "leaves of 6 bits, ", rounded[6].make, kept, fine)


def _pruned(
    case: Case, start: str, make: Callable[[], Program], kept: tuple[float, ...], fine: bool
) -> Iterator[Candidate]:
    """Shared thresholds, and on top of that pruned splits and fewer trees."""

    @cache
    def shared() -> Program:
        return share_thresholds(merge_leaves(make()), case.q, SHARED)

    @cache
    def pruning() -> CostPruning:
        return CostPruning.of(shared(), case.q)

    def pruned(share: float, part: float) -> Program:
        return merge_leaves(_first(pruning().at(share), part))

    yield Candidate(f"{start}thresholds shared", lambda: merge_leaves(shared()))
    for part in kept:
        trees = "" if part == 1 else f"trees {part:.0%}, "
        for share in PRUNED if fine else (0.01, 0.1) if part == 1 else (0.01,):
            name = f"{start}{trees}pruned {share:g}"
            yield Candidate(name, partial(pruned, share, part))


def _first(program: Program, part: float) -> Program:
    """The first rounds of boosting alone: each round corrects those before it."""
    if part == 1:
        return program

    def cut(op: TreeSum) -> TreeSum:
        rounds = len(op.trees) // len(op.base)
        return replace(op, trees=op.trees[: max(1, round(part * rounds)) * len(op.base)])

    ops = tuple(cut(op) if isinstance(op, TreeSum) else op for op in program.ops)
    return replace(program, ops=ops, rounding_bound=None)


def _of_network(case: Case, body: FloatNetwork, fine: bool) -> Iterator[Candidate]:
    """Rounded after training; and, of an MLP, trained further in few bits."""
    yield Candidate("int8", partial(_plain, case))
    yield Candidate("int4", partial(_in_four_bits, case))
    if not dense_layers(body):
        return
    yield _tuned(case, "int4, trained", TUNING)
    sparsities = (0.25, 0.5, 0.625, 0.75, 0.875) if fine else (0.5, 0.75)
    for sparsity in sparsities:
        recipe = replace(TUNING, sparsity=sparsity)
        yield _tuned(case, f"int4, pruned {sparsity:.1%}", recipe)
        recipe = replace(recipe, group=LANES)
        yield _tuned(case, f"int4, lanes pruned {sparsity:.1%}", recipe)
    for part in (0.75, 0.5, 0.25) if fine else (0.5,):
        yield _tuned(case, f"int4, width {part:.0%}", TUNING, part)
    yield _tuned(case, "ternary", replace(TUNING, weights="ternary", rate=FAR_RATE))
    yield _tuned(case, "binary", replace(TUNING, weights="binary", rate=FAR_RATE))


def _in_four_bits(case: Case) -> Program:
    precision = Precision(weights="int4", activation_bits=4)
    return quantise_network(
        case.model,
        _calibrating(case.q),
        name=case.name,
        precision=precision,
        cutoff=case.cutoff,
    )


def _tuned(case: Case, name: str, recipe: MlpRecipe, part: float = 1.0) -> Candidate:
    """The network trained further, taught by its own float answers and the labels."""
    model = case.model

    def make() -> Program:
        trained = fine_tune(model, case.q, case.y, recipe, part=part)
        return trained.network.program(
            name=case.name,
            features=model.features,
            task=model.task,
            classes=model.classes,
            source=f"{model.source}, trained further: {name}",
            parent=model.digest,
            cutoff=case.cutoff,
        )

    return Candidate(name, make)
