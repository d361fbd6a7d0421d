"""Quantisation-aware training of small CNNs with PyTorch.

As in ``network.py`` the forward pass is the integer program itself, computed with whole float32,
and every layer rescales by a power of two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stylus_ai.compress.qat.adam import pace
from stylus_ai.compress.qat.cnn_recipe import CnnRecipe, ConvLayer
from stylus_ai.compress.qat.extra import torch
from stylus_ai.compress.qat.grids import GRIDS, Grid
from stylus_ai.compress.qat.integer import IntegerNetwork
from stylus_ai.compress.qat.pruning import keep_largest, ramp
from stylus_ai.compress.qat.start import ACTIVATION_SPREAD, OUTPUT_SPREAD
from stylus_ai.compress.qat.teacher import Lessons
from stylus_ai.compress.qat.train import BIAS_RATE, CHOOSE_FROM, GAIN_RATE, Trained, digest_of
from stylus_ai.errors import ModelError
from stylus_ai.ir import Affine, Conv2d, MaxPool2d, Op, Requantise, SumPool2d, Windows, tensor

Ints = npt.NDArray[np.int64]

SAMPLE = 500
"""Rows that set the first shifts."""

BETAS = (0.9, 0.99)


@dataclass(eq=False)
class _Layer:
    """A layer in training: tensors of PyTorch, and what stays.

    ``pruned`` is the share of weights that were zero when it began.
    """

    grid: Grid
    latent: Any
    bias: Any
    keep: Any
    sparsity: float
    spread: float
    shift: int
    conv: ConvLayer | None
    pruned: float = 0.0

    def prune(self, done: float) -> None:
        """Drop the smallest weights, as many as are due when ``done`` of the training is."""
        due = ramp(done, self.sparsity)
        if due > self.pruned:
            latent = self.latent.detach().numpy()
            flat = latent.reshape(len(latent), -1)
            keep = keep_largest(flat, due)
            self.keep = torch().from_numpy(keep.reshape(latent.shape).astype(np.float32))

    def sums(self, x: Any) -> Any:
        """Integer sums, with gradients straight through the roundings."""
        edge = self.grid.limit + 0.5
        inside = self.latent.clamp(-edge, edge)
        if self.grid.has_zero:
            whole = self.latent.round().clamp(-self.grid.limit, self.grid.limit)
        else:
            whole = torch().where(self.latent >= 0, 1.0, -1.0)
        weights = _straight(inside, whole) * self.keep
        bias = _straight(self.bias, self.bias.round())
        functional = torch().nn.functional
        if self.conv is None:
            return functional.linear(x.flatten(1), weights, bias)
        return functional.conv2d(
            x, weights, bias, stride=self.conv.stride, padding=self.conv.kernel // 2
        )

    def activations(self, x: Any, high: int) -> Any:
        """Equation 6 with multiplier 1, and the pool."""
        scaled = self.sums(x) * 2.0**-self.shift
        whole = (scaled + 0.5).floor().clamp(0, high)
        activations = _straight(scaled.clamp(-0.5, high + 0.5), whole)
        if self.conv is not None and self.conv.pool == 2:
            return torch().nn.functional.max_pool2d(activations, 2)
        return activations


class _Network:
    """All layers in training, and the logarithm of the factor from the last sums to logits."""

    def __init__(self, recipe: CnnRecipe, rows: npt.NDArray[np.uint8]) -> None:
        self.recipe = recipe
        self.high = (1 << recipe.activation_bits) - 1
        self.layers: list[_Layer] = []
        generator = torch().Generator().manual_seed(recipe.seed)
        x = self._images(rows)
        inputs = recipe.shape[0]
        with torch().no_grad():
            for conv in recipe.layers:
                shape = (conv.channels, inputs, conv.kernel, conv.kernel)
                x = self._add(GRIDS[conv.weights], shape, conv, x, generator)
                inputs = conv.channels
            dense = (recipe.classes, recipe.dense_inputs)
            self._add(GRIDS[recipe.dense], dense, None, self._before_dense(x), generator)
            self.layers[-1].sparsity = recipe.dense_sparsity
        last = self.layers[-1]
        self.log_scale = torch().tensor(float(np.log(OUTPUT_SPREAD / last.spread)))
        self.log_scale.requires_grad_()

    def _add(
        self, grid: Grid, shape: tuple[int, ...], conv: ConvLayer | None, x: Any, generator: Any
    ) -> Any:
        latent = torch().randn(shape, generator=generator) * grid.spread
        sparsity = 0.0 if conv is None else conv.sparsity
        keep = torch().ones(shape)
        layer = _Layer(grid, latent, torch().zeros(shape[0]), keep, sparsity, 1.0, 0, conv)
        layer.spread = float(layer.sums(x).std()) or 1.0
        if conv is not None:
            wanted = np.log2(layer.spread / (ACTIVATION_SPREAD * self.high))
            layer.shift = max(0, round(float(wanted)))
            x = layer.activations(x, self.high)
        layer.latent.requires_grad_()
        layer.bias.requires_grad_()
        self.layers.append(layer)
        return x

    def _images(self, rows: npt.NDArray[Any]) -> Any:
        whole = np.ascontiguousarray(rows, dtype=np.float32)
        return torch().from_numpy(whole).reshape(len(rows), *self.recipe.shape)

    def logits(self, rows: npt.NDArray[Any]) -> Any:
        """Float outputs for integer rows."""
        x = self._images(rows)
        for layer in self.layers[:-1]:
            x = layer.activations(x, self.high)
        return self.layers[-1].sums(self._before_dense(x)) * self.log_scale.exp()

    def _before_dense(self, x: Any) -> Any:
        return x.sum((2, 3)) if self.recipe.mean else x

    def resume(self, start: IntegerNetwork) -> None:
        """Take over a network's integers; what was pruned in it stays so."""
        weighted = [op for op in start.ops if isinstance(op, Conv2d | Affine)]
        if [op.weights.shape for op in weighted] != [tuple(x.latent.shape) for x in self.layers]:
            raise ModelError("The network to go on with is of another recipe.")
        shifts = [op.shift for op in start.ops if isinstance(op, Requantise)]
        with torch().no_grad():
            for layer, op in zip(self.layers, weighted, strict=True):
                whole = torch().from_numpy(op.weights.array.astype(np.float32))
                layer.latent.copy_(whole)
                layer.bias.copy_(torch().from_numpy(op.bias.array.astype(np.float32)))
                layer.keep = (whole != 0).float()
                layer.pruned = float((op.weights.array == 0).mean())
            for layer, shift in zip(self.layers, shifts, strict=False):
                layer.shift = shift
            self.log_scale.fill_(float(np.log(start.scale[0])))

    def optimiser(self) -> Any:
        """Adam, each group with its highest rate under ``highest``."""
        groups = []
        rate = self.recipe.rate
        for layer in self.layers:
            groups.append({"params": [layer.latent], "highest": rate * layer.grid.spread})
            groups.append({"params": [layer.bias], "highest": rate * BIAS_RATE * layer.spread})
        groups.append({"params": [self.log_scale], "highest": rate * GAIN_RATE})
        return torch().optim.Adam(groups, lr=1.0, betas=BETAS, eps=1e-9)

    def integers(self) -> IntegerNetwork:
        """The network as it stands, in integers."""
        ops: list[Op] = []
        for layer, (windows, pool) in zip(self.layers, self.recipe.windows, strict=False):
            ops.append(Conv2d(len(ops), windows, *_whole(layer)))
            ops.append(Requantise(len(ops), (1,), layer.shift, low=0, high=self.high))
            if pool is not None:
                ops.append(MaxPool2d(len(ops), pool))
        if self.recipe.mean:
            channels, height, width = self.recipe.last
            everything = Windows(channels, height, width, (height, width))
            ops.append(SumPool2d(len(ops), everything))
        ops.append(Affine(len(ops), *_whole(self.layers[-1])))
        return IntegerNetwork(tuple(ops), np.exp([self.log_scale.item()]))


def train_cnn(
    recipe: CnnRecipe,
    lessons: Lessons,
    validation: tuple[Ints, Ints] | None = None,
    start: IntegerNetwork | None = None,
) -> Trained:
    """Train on lessons; give the network whose integers answer best on validation rows.

    Args:
        recipe: Shape, grids and training.
        lessons: Rows, their classes, and a teacher's logits for them.
        validation: Integer rows int64[n, features] and their classes; they choose the epoch.
            Without them it is the last one.
        start: A network of this shape to go on with; its zeros stay, and more are added if the
            recipe asks for more. A third of the rate is enough then.

    Raises:
        ModelError: The lessons do not fit the recipe.
        UsageError: PyTorch is not installed.
    """
    width = int(np.prod(recipe.shape))
    if lessons.rows.shape[1] != width:
        raise ModelError(
            f"The lessons have {lessons.rows.shape[1]} values, the network takes {width}."
        )
    taught = lessons.taught
    if recipe.distil and (taught is None or taught.shape[1] != recipe.classes):
        raise ModelError(
            f"The recipe distils, but no teacher has said anything on {recipe.classes} classes.",
            "Give lessons of a teacher, or distil=0.",
        )
    random = np.random.default_rng(recipe.seed)
    network = _Network(recipe, lessons.rows[:SAMPLE])
    if start is not None:
        network.resume(start)
    optimiser = network.optimiser()
    batches = max(1, recipe.images // recipe.batch)
    named = named_run(recipe, lessons, start)
    best = Trained(network.integers(), float("nan"), 0, named)
    left = np.empty(0, dtype=np.int64)
    for step in range(batches * recipe.epochs):
        if len(left) < recipe.batch:
            left = random.permutation(len(lessons.rows))
        rows, left = left[: recipe.batch], left[recipe.batch :]
        if step % batches == 0:
            for layer in network.layers:
                layer.prune((step // batches + 1) / recipe.epochs)
        share = pace(step, batches * recipe.epochs)
        _step(network, optimiser, lessons, rows, share)
        epoch, rest = divmod(step + 1, batches)
        if rest or (epoch < recipe.epochs and (validation is None or epoch < _first(recipe))):
            continue
        quality = _accuracy(network, validation)
        if not quality < best.quality:
            best = Trained(network.integers(), quality, epoch, named)
    return best


def named_run(recipe: CnnRecipe, lessons: Lessons, start: IntegerNetwork | None) -> str:
    """Digest of a training run, 64 hex digits: recipe, lessons, and the weights it begins with."""
    weighted = [op for op in start.ops if isinstance(op, Conv2d | Affine)] if start else []
    begun = [values.array for op in weighted for values in (op.weights, op.bias)]
    said = [] if lessons.taught is None else [lessons.taught]
    return digest_of(recipe, lessons.rows, lessons.labels, *said, *begun)


def _first(recipe: CnnRecipe) -> float:
    return CHOOSE_FROM * recipe.epochs


def _step(network: _Network, optimiser: Any, lessons: Lessons, rows: Ints, share: float) -> None:
    recipe = network.recipe
    loss = _loss(recipe, network.logits(lessons.rows[rows]), lessons, rows)
    for group in optimiser.param_groups:
        group["lr"] = group["highest"] * share
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    if recipe.decay:
        with torch().no_grad():
            for layer in network.layers:
                layer.latent.mul_(1 - recipe.decay * share)
    optimiser.step()


def _loss(recipe: CnnRecipe, logits: Any, lessons: Lessons, rows: Ints) -> Any:
    """Equation 22."""
    functional = torch().nn.functional
    own = functional.cross_entropy(logits, torch().from_numpy(lessons.labels[rows]))
    if lessons.taught is None or not recipe.distil:
        return own
    taught = torch().from_numpy(lessons.taught[rows])
    distance = functional.kl_div(
        functional.log_softmax(logits / recipe.softness, 1),
        functional.log_softmax(taught / recipe.softness, 1),
        log_target=True,
        reduction="batchmean",
    )
    return (1 - recipe.distil) * own + recipe.distil * recipe.softness**2 * distance


def _accuracy(network: _Network, validation: tuple[Ints, Ints] | None) -> float:
    """Of the integer program, by its own float32 form, which ``tests`` hold equal to it."""
    if validation is None:
        return float("nan")
    q, labels = validation
    with torch().no_grad():
        answers = network.logits(q).argmax(1).numpy()
    return float((answers == labels).mean())


def _straight(slope: Any, value: Any) -> Any:
    """Exactly ``value`` on the way forward, ``slope``'s derivative on the way back."""
    return value.detach() + (slope - slope.detach())


def _whole(layer: _Layer) -> tuple[Any, Any]:
    """Weights and bias as integer tensors."""
    weights = layer.grid.integers(layer.latent.detach().numpy()) * layer.keep.numpy()
    bias = layer.bias.detach().round().numpy()
    return tensor(weights.astype(np.int64)), tensor(bias.astype(np.int64))
