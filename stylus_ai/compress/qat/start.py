"""Where training begins: at random, or at a float network's weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from stylus_ai.compress.qat.goals import Goal
from stylus_ai.compress.qat.grids import GRIDS
from stylus_ai.compress.qat.network import Layer, Network, forward_layer
from stylus_ai.compress.qat.recipe import MlpRecipe
from stylus_ai.errors import ModelError

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

FloatLayer = tuple[Doubles, Doubles]
"""Weights float64[outputs, inputs] and bias float64[outputs]."""

ACTIVATION_SPREAD = 0.25
"""Standard deviation of a hidden sum at the start, as a share of the activations' range."""

OUTPUT_SPREAD = 1.2
"""Standard deviation of the float outputs at the start."""

REACH = 99.9
"""Percentile of a float activation that the integers' range holds at the start."""

LARGEST_RATIO = 64
"""Between the reach of most units and what counts as that of the smallest."""


def random_network(
    recipe: MlpRecipe, goal: Goal, rows: Floats, random: np.random.Generator
) -> Network:
    """Random latents; ``rows`` float32[n, features] are a sample that sets the gains."""
    network = Network([])
    widths = [rows.shape[1], *recipe.hidden, goal.answers.shape[1]]
    for i, name in enumerate(recipe.grids):
        grid, shape = GRIDS[name], (widths[i + 1], widths[i])
        latent = random.standard_normal(shape, dtype=np.float32) * np.float32(grid.spread)
        spread = float((rows @ grid.integers(latent).T).std()) or 1.0
        last = i == len(recipe.hidden)
        if last:
            gain, several = np.log2(OUTPUT_SPREAD / spread), goal.task == "regression"
        else:
            gain = np.log2(ACTIVATION_SPREAD * recipe.activation_high / spread)
            several = recipe.rescale == "multiplier"
            gain = gain if several else np.rint(gain)
        layer = Layer(
            grid=grid,
            latent=latent,
            bias=np.zeros(shape[0], dtype=np.float32),
            log_gain=np.full(shape[0] if several else 1, gain, dtype=np.float32),
            high=None if last else recipe.activation_high,
            spread=spread,
            keep=np.ones(shape, dtype=np.bool_),
        )
        network.layers.append(layer)
        rows = forward_layer(layer, rows).outputs
    return network


def float_start(
    recipe: MlpRecipe, goal: Goal, rows: Floats, start: Sequence[FloatLayer]
) -> Network:
    """The latents of a float network with ReLU between its layers, which reads integer rows.

    A hidden unit may be of any size, since the next layer's weights make up for it. So each has the
    step that suits its own weights, unless its activations would leave their range.

    Raises:
        ModelError: The widths are not the recipe's.
    """
    shapes = [weights.shape[0] for weights, _ in start]
    if shapes != [*recipe.hidden, goal.answers.shape[1]] or start[0][0].shape[1] != rows.shape[1]:
        raise ModelError(f"A start of widths {shapes} does not fit hidden={recipe.hidden}.")
    network = Network([])
    step_of_inputs = np.ones(rows.shape[1])
    for i, (name, (floats, bias)) in enumerate(zip(recipe.grids, start, strict=True)):
        grid, weights = GRIDS[name], floats * step_of_inputs
        last = i == len(recipe.hidden)
        one_step = last and goal.task != "regression"
        steps = grid.steps(weights.reshape(1, -1) if one_step else weights)
        if last:
            log_gain = np.log2(steps)
            steps = np.broadcast_to(steps, len(bias))
        else:
            values = rows @ weights.T + bias
            reach = np.percentile(values.clip(0, None), REACH, axis=0) / recipe.activation_high
            # A unit that is never on would get a gain beside which the others' vanish.
            reach = np.maximum(reach, (float(np.median(reach)) or 1.0) / LARGEST_RATIO)
            log_gain = np.log2(steps / reach)
            if recipe.rescale == "shift":
                log_gain = np.rint(np.median(log_gain, keepdims=True))
                steps = np.maximum(steps, reach * np.exp2(log_gain))
            step_of_inputs = steps / np.exp2(log_gain)
        latent = (weights / steps[:, np.newaxis]).astype(np.float32)
        layer = Layer(
            grid=grid,
            latent=latent,
            bias=(bias / steps).astype(np.float32),
            log_gain=log_gain.astype(np.float32),
            high=None if last else recipe.activation_high,
            spread=float((rows @ grid.integers(latent).T).std()) or 1.0,
            keep=np.ones(latent.shape, dtype=np.bool_),
        )
        network.layers.append(layer)
        rows = forward_layer(layer, rows).outputs
    return network
