"""Quantisation-aware training of an MLP, with numpy alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from stylus_ai.compress.qat.adam import Adam
from stylus_ai.compress.qat.goals import Goal
from stylus_ai.compress.qat.integer import IntegerNetwork
from stylus_ai.compress.qat.network import Network
from stylus_ai.compress.qat.pruning import keep_largest, ramp
from stylus_ai.compress.qat.recipe import MlpRecipe
from stylus_ai.compress.qat.start import FloatLayer, float_start, random_network
from stylus_ai.errors import ModelError
from stylus_ai.ir import Task

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.int64] | npt.NDArray[np.uint8]
"""Integer rows; many rows of small integers are better held in bytes."""
Teacher = Callable[[Floats], Floats]
"""From integer rows float32[n, features] to logits, log-odds or values float32[n, outputs]."""

BIAS_RATE = 0.2
"""Rate of a bias, against that of weights, in standard deviations of the sums."""
GAIN_RATE = 0.3
"""Rate of a gain's logarithm, against that of weights."""
CHOOSE_FROM = 0.75
"""Validation chooses among the epochs of the last quarter."""
DRAW_AT_ONCE = 1024
"""Rows that a source is asked for at a time: many, since drawing is a few large operations."""
SAMPLE = 1000
"""Rows that set the first gains."""


class RowSource(Protocol):
    """Where training rows come from: as they are, or changed a little each time."""

    def __len__(self) -> int:
        """Number of rows."""
        ...

    def draw(self, rows: Ints, random: np.random.Generator) -> Floats:
        """Rows of integers by number, float32[len(rows), features]."""
        ...


@dataclass(frozen=True, eq=False)
class PlainRows:
    """Rows as they are: int[n, features]."""

    q: Rows

    def __len__(self) -> int:
        return len(self.q)

    def draw(self, rows: Ints, random: np.random.Generator) -> Floats:
        """See ``RowSource``."""
        del random
        return self.q[rows].astype(np.float32)


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training run gives.

    Attributes:
        network: The integers.
        quality: On the validation rows: accuracy, or 1 - mean squared error / variance. NaN
            without validation rows.
        epoch: Epoch that was chosen, counted from 1.
        digest: SHA-256 of the recipe and of what it was trained on, 64 hex digits.
    """

    network: IntegerNetwork
    quality: float
    epoch: int
    digest: str


def digest_of(recipe: object, *arrays: npt.NDArray[Any]) -> str:
    """What names a training run: its recipe and the contents of its arrays."""
    state = hashlib.sha256(repr(recipe).encode())
    for array in arrays:
        little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        state.update(f"{little.dtype.str} {little.shape};".encode())
        state.update(little.tobytes())
    return state.hexdigest()


def train_mlp(
    recipe: MlpRecipe,
    q: Rows,
    targets: npt.ArrayLike,
    task: Task,
    *,
    source: RowSource | None = None,
    teacher: Teacher | Floats | None = None,
    held: Ints | None = None,
    start: Sequence[FloatLayer] | None = None,
) -> Trained:
    """Train on integer rows; give the network whose integers answer best on validation rows.

    Args:
        recipe: Shape, grids and training.
        q: Integer rows, int[n, features].
        targets: Class numbers int[n] from 0; 0 or 1; or values float[n] or float[n, outputs].
        task: What the targets are.
        source: The same rows, changed each time they are drawn; by default ``q`` itself.
        teacher: Whose answers ``recipe.distil`` mixes into the loss: a function, or its answer to
            each row, float32[n, outputs].
        held: Numbers of the rows that validate; by default ``recipe.validation`` of them, drawn.
        start: Float layers to begin with, which read ``q``; by default random ones.

    Raises:
        ModelError: Rows and targets do not fit, or the recipe asks for a teacher.
    """
    goal = Goal.of(task, targets)
    source = PlainRows(q) if source is None else source
    if not len(q) == len(goal.answers) == len(source):
        raise ModelError(
            f"{len(q)} rows, {len(goal.answers)} targets and {len(source)} rows to draw."
        )
    if recipe.distil and teacher is None:
        raise ModelError("The recipe distils, but there is no teacher.", "Give one, or distil=0.")
    random = np.random.default_rng(recipe.seed)
    order = random.permutation(len(q))
    if held is None:
        held = order[: int(recipe.validation * len(q))]
    run = _Run(recipe, goal, source, teacher, order[~np.isin(order, held)], random)
    if not len(run.rows):
        raise ModelError(f"No rows are left to train on: all {len(q)} validate.")
    sample = q[run.rows[:SAMPLE]].astype(np.float32)
    if start is None:
        network = random_network(recipe, goal, sample, random)
    else:
        network = float_start(recipe, goal, sample, goal.freed(start))
    # The layers are small: threads wait for each other longer than they work, and would make the
    # result depend on the number of cores, since floats add up in another order.
    with threadpool_limits(1):
        best = _choose(run, network, q[held], held)
    begun = [array for layer in start or () for array in layer]
    named = digest_of(recipe, q, np.asarray(targets), *begun)
    return replace(best, network=best.network.moved(goal.offset, goal.unit), digest=named)


@dataclass(frozen=True, eq=False)
class _Run:
    """What stays the same during a run."""

    recipe: MlpRecipe
    goal: Goal
    source: RowSource
    teacher: Teacher | Floats | None
    rows: Ints
    random: np.random.Generator

    @property
    def steps(self) -> int:
        """Steps of one epoch; rows that fill no batch wait for the next shuffle."""
        return max(1, len(self.rows) // self.recipe.batch)

    def batches(self) -> Iterator[tuple[Ints, Floats]]:
        """The rows in new order: their numbers, and what the source makes of them."""
        batch = self.recipe.batch
        order = self.random.permutation(self.rows)[: self.steps * batch]
        at_once = batch * max(1, DRAW_AT_ONCE // batch)
        for start in range(0, len(order), at_once):
            numbers = order[start : start + at_once]
            drawn = self.source.draw(numbers, self.random)
            for i in range(0, len(numbers), batch):
                yield numbers[i : i + batch], drawn[i : i + batch]

    def slope(self, outputs: Floats, numbers: Ints, drawn: Floats) -> Floats:
        """Derivative of the loss, the teacher's share in it."""
        own = self.goal.slope(outputs, numbers)
        if self.teacher is None or not self.recipe.distil:
            return own
        share = np.float32(self.recipe.distil)
        said = self.teacher(drawn) if callable(self.teacher) else self.teacher[numbers]
        taught = self.goal.teachers_slope(outputs, said, self.recipe.softness)
        return (1 - share) * own + share * taught


def _choose(run: _Run, network: Network, q: Rows, validation: Ints) -> Trained:
    """Train; of the last epochs take the best on the validation rows ``q``, the later of equals."""
    recipe = run.recipe
    optimiser = Adam(network.parameters, _rates(recipe, network), run.steps * recipe.epochs)
    best = Trained(network.integers(), float("nan"), 0, "")
    for epoch in range(1, recipe.epochs + 1):
        _prune(recipe, network, epoch / recipe.epochs)
        for numbers, drawn in run.batches():
            passes = network.forward(drawn)
            slope = run.slope(passes[-1].outputs, numbers, drawn)
            gradients = network.backward(passes, slope)
            if recipe.decay:
                network.shrink(recipe.decay * optimiser.pace)
            optimiser.step(gradients)
        if epoch < recipe.epochs and (not len(q) or epoch < CHOOSE_FROM * recipe.epochs):
            continue
        found = network.integers()
        quality = run.goal.quality(found.floats(q), validation) if len(q) else float("nan")
        if not quality < best.quality:
            best = Trained(found, quality, epoch, "")
    return best


def _rates(recipe: MlpRecipe, network: Network) -> list[float]:
    """Highest steps, in the order of ``Network.parameters``."""
    rates = []
    for layer in network.layers:
        shifts = layer.high is not None and recipe.rescale == "shift"
        rates += [
            recipe.rate * layer.grid.spread,
            recipe.rate * BIAS_RATE * layer.spread,
            0.0 if shifts else recipe.rate * GAIN_RATE,
        ]
    return rates


def _prune(recipe: MlpRecipe, network: Network, done: float) -> None:
    for layer, sparsity in zip(network.layers, recipe.sparsities, strict=True):
        if sparsity:
            layer.keep = keep_largest(layer.latent, ramp(done, sparsity), recipe.group)
