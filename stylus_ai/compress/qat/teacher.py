"""A float network that teaches: trained with PyTorch, asked once about many rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stylus_ai.compress.qat.extra import torch
from stylus_ai.compress.qat.train import RowSource

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

WEIGHT_DECAY = 0.01
DROPOUT = 0.3


@dataclass(frozen=True)
class TeacherRecipe:
    """A float CNN with batch normalisation: two convolutions, a pool, two more, a pool, dense.

    Attributes:
        shape: Channels, rows and columns of an image.
        levels: Value of white: rows are divided by it.
        channels: Of the first, the second, and of the last two convolutions.
        classes: Outputs.
        epochs: Times that each row is seen.
        batch: Rows per step.
        rate: Highest learning rate.
        seed: Decides everything that is drawn.
    """

    shape: tuple[int, int, int]
    levels: int
    channels: tuple[int, int, int] = (32, 64, 96)
    classes: int = 10
    epochs: int = 40
    batch: int = 128
    rate: float = 2e-3
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Lessons:
    """Rows to learn from, and what a teacher says to each.

    Attributes:
        rows: Integer rows, uint8[n, features].
        labels: Their classes, int64[n].
        taught: The teacher's logits, float32[n, classes]; None without a teacher.
    """

    rows: npt.NDArray[np.uint8]
    labels: Ints
    taught: Floats | None = None


def train_teacher(
    recipe: TeacherRecipe, source: RowSource, labels: Ints
) -> Callable[[Floats], Floats]:
    """Train a float CNN; gives a function from rows float32[n, features] to logits."""
    nn = torch().nn
    torch().manual_seed(recipe.seed)
    random = np.random.default_rng(recipe.seed)
    network = _network(recipe)
    batches = max(1, len(source) // recipe.batch)
    optimiser = torch().optim.AdamW(network.parameters(), recipe.rate, weight_decay=WEIGHT_DECAY)
    pace = torch().optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.rate, batches * recipe.epochs, pct_start=0.1
    )
    # No label smoothing: it takes away what the wrong answers' sizes teach (Mueller et al. 2019).
    loss_of = nn.CrossEntropyLoss()
    network.train()
    for _ in range(recipe.epochs):
        order = random.permutation(len(source))[: batches * recipe.batch]
        for rows in order.reshape(batches, -1):
            images = _images(recipe, source.draw(rows, random))
            loss = loss_of(network(images), torch().from_numpy(labels[rows]))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            pace.step()
    network.eval()

    def answer(rows: Floats) -> Floats:
        with torch().inference_mode():
            logits: Floats = network(_images(recipe, rows)).numpy()
        return logits

    return answer


def lessons(
    teacher: Callable[[Floats], Floats],
    rows: npt.NDArray[np.uint8],
    labels: Ints,
    at_once: int = 500,
) -> Lessons:
    """Ask the teacher about all rows beforehand: it is much slower than its pupils."""
    parts = np.array_split(rows, 1 + len(rows) // at_once)
    taught = np.concatenate([teacher(part.astype(np.float32)) for part in parts])
    return Lessons(rows, labels, taught)


def _images(recipe: TeacherRecipe, rows: Floats) -> Any:
    images = torch().from_numpy(rows).reshape(len(rows), *recipe.shape)
    return images / recipe.levels


def _network(recipe: TeacherRecipe) -> Any:
    nn = torch().nn
    channels, height, width = recipe.shape
    first, second, third = recipe.channels

    def block(inputs: int, outputs: int) -> list[Any]:
        convolution = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        return [convolution, nn.BatchNorm2d(outputs), nn.ReLU()]

    return nn.Sequential(
        *block(channels, first),
        *block(first, second),
        nn.MaxPool2d(2),
        *block(second, third),
        *block(third, third),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Dropout(DROPOUT),
        nn.Linear(third * (height // 4) * (width // 4), recipe.classes),
    )
