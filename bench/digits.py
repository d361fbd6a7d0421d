"""Digit classifiers: trained here, kept in bench/trained, judged by digits that no choice has seen.

    python -m bench.digits mlp            # numpy alone, minutes
    python -m bench.digits cnn            # needs PyTorch, an hour or more on one core

Each trains seeds 0, 1 and 2 and writes a Program for each. Recipes were chosen on validation rows,
a part of the 8,000 training digits. ``test_accuracy`` is the only reader of the 1,000 others.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stylus_ai.compress.qat import Distortion, MlpRecipe, Trained, WarpedImages, pooled, train_mlp
from stylus_ai.compress.qat.cnn import CnnRecipe, ConvLayer, train_cnn
from stylus_ai.compress.qat.teacher import Lessons, TeacherRecipe, lessons, train_teacher
from stylus_ai.ir import Feature, Features, Program, interpret

HERE = Path(__file__).parent
DIGITS = HERE / "data" / "mnist-9k.npz"
TRAINED = HERE / "trained"

Ints = npt.NDArray[np.int64]

POOL, LEVELS = 2, 15
"""28 x 28 pixels of 8 bits become 14 x 14 of 4 bits: 98 bytes of calldata."""

FEATURES = Features(tuple(Feature(f"p{i}", 0, LEVELS) for i in range(196)), bits=4)
SEEDS = (0, 1, 2)
NUMPY = "stylus-ai MlpRecipe"
TORCH = "stylus-ai CnnRecipe"

QUICK = MlpRecipe(hidden=(64,), epochs=60)
"""What the base install trains in about a minute on one core."""

MLP = MlpRecipe(hidden=(64,), epochs=250, decay=0.001)
"""Longer, and with small weights: those need fewer bits in a packed sum."""

CNN = CnnRecipe(
    shape=(1, 14, 14),
    layers=(
        ConvLayer(16),
        ConvLayer(32, stride=2, sparsity=0.5),
        ConvLayer(48, sparsity=0.6),
    ),
    mean=True,
    epochs=60,
)
"""About 8,500 weights that are not zero: what one contract of 24,576 bytes holds."""

BENT_FOR_TEACHING = Distortion(rotate=15, scale=0.15, shear=0.2, shift=1.5, elastic=0.8)
TEACHER = TeacherRecipe((1, 14, 14), LEVELS)
COPIES = 24
"""Times that the teacher sees each digit, each time bent in another way."""

VALIDATION = 1000
"""Training digits that choose the epoch of a CNN."""


def training_images() -> tuple[npt.NDArray[np.uint8], Ints]:
    """The 8,000 training digits, uint8[8000, 28, 28], and their labels."""
    with np.load(DIGITS) as found:
        mine = ~found["is_test"]
        return found["images"][mine], found["labels"][mine].astype(np.int64)


def test_accuracy(programs: list[Program]) -> list[float]:
    """Share of the 1,000 test digits that each program names rightly."""
    with np.load(DIGITS) as found:
        q = pooled(found["images"][found["is_test"]], POOL, LEVELS)
        labels = found["labels"][found["is_test"]]
    return [float((interpret(p, q)["class"] == labels).mean()) for p in programs]


def train_digits_mlp(recipe: MlpRecipe) -> Trained:
    """A dense network from bent digits, with numpy alone."""
    images, labels = training_images()
    source = WarpedImages(images, POOL, LEVELS)
    return train_mlp(recipe, pooled(images, POOL, LEVELS), labels, "multiclass", source=source)


def digit_lessons(seed: int = 0) -> tuple[Lessons, tuple[Ints, Ints]]:
    """A teacher's answers to bent digits, and the validation rows that it has not seen."""
    images, labels = training_images()
    order = np.random.default_rng(seed).permutation(len(labels))
    held, rest = order[:VALIDATION], order[VALIDATION:]
    source = WarpedImages(images[rest], POOL, LEVELS, BENT_FOR_TEACHING)
    teacher = train_teacher(TEACHER, source, labels[rest])
    taught = lessons(source, labels[rest], teacher, copies=COPIES, seed=seed)
    return taught, (pooled(images[held], POOL, LEVELS), labels[held])


def digits_program(trained: Trained, name: str, source: str) -> Program:
    """The whole program of a trained network."""
    return trained.network.program(
        name=name,
        features=FEATURES,
        task="multiclass",
        classes=tuple("0123456789"),
        source=source,
        parent=trained.digest,
    )


def kept(kind: str) -> list[Program]:
    """The programs of all seeds, as committed in bench/trained."""
    return [
        Program.from_json((TRAINED / f"{kind}-seed{seed}.json").read_text(encoding="ascii"))
        for seed in SEEDS
    ]


def _train_all(kind: str, train: Callable[[int], Trained], source: str) -> None:
    TRAINED.mkdir(exist_ok=True)
    for seed in SEEDS:
        started = time.perf_counter()
        found = train(seed)
        program = digits_program(found, f"digits-{kind}", source)
        (TRAINED / f"{kind}-seed{seed}.json").write_text(program.to_json(), encoding="ascii")
        seconds = time.perf_counter() - started
        sys.stderr.write(
            f"{kind}, seed {seed}: validation {found.quality:.4f} at epoch {found.epoch}, "
            f"{seconds:.0f} s\n"
        )


def main() -> None:
    """Train one kind of network for all seeds."""
    parser = argparse.ArgumentParser(prog="python -m bench.digits", description=__doc__)
    parser.add_argument("kind", choices=("mlp", "cnn"))
    if parser.parse_args().kind == "mlp":
        _train_all("mlp", lambda seed: train_digits_mlp(replace(MLP, seed=seed)), NUMPY)
        return
    taught, validation = digit_lessons()
    _train_all("cnn", lambda seed: train_cnn(replace(CNN, seed=seed), taught, validation), TORCH)


if __name__ == "__main__":
    main()
