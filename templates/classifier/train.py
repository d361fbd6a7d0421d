"""Train a digit classifier for the chain: edit what you like, then run ``stylus-ai train``."""

import argparse
from pathlib import Path

import numpy as np
import stylus_ai as sa
from stylus_ai.compress.qat import MlpRecipe, Trained, WarpedImages, train_mlp
from stylus_ai.compress.qat.cnn import train_cnn
from stylus_ai.compress.qat.cnn_recipe import CnnRecipe, ConvLayer
from stylus_ai.compress.qat.teacher import Lessons

import digits
import pictures
from digits import LEVELS, POOL, Digits

# 1. What the contract is told: 14 x 14 pixels of 4 bits, row by row, 0 for paper and 15 for ink.
#    Two pixels share a byte, so that a drawing is 98 bytes of calldata.
SIDE = 14
FEATURES = sa.Features(tuple(sa.Feature(f"p{i}", 0, LEVELS) for i in range(SIDE * SIDE)), bits=4)
CLASSES = "0123456789"

# 2. The model. Both are trained as the small integers that the contract computes with, so nothing
#    is lost afterwards. "cnn" sees more, costs more gas, and needs PyTorch to be trained.
MODEL = "mlp"
MLP = MlpRecipe(
    hidden=(64,),  # 196 pixels -> 64 -> 10
    weights="int4",  # also int8, ternary, binary
    epochs=10,
    decay=0.0005,  # small weights cost less gas
    seed=0,
)
CNN = CnnRecipe(
    shape=(1, SIDE, SIDE),
    layers=(
        ConvLayer(8),
        ConvLayer(16, stride=2, sparsity=0.4),
        ConvLayer(24, pool=2, sparsity=0.6),
    ),
    dense_sparsity=0.6,
    epochs=20,
    seed=0,
)

# 3. What is learned from: each digit many times, turned, moved and bent a little each time.
DRAWINGS = 192_000
VALIDATION = 1_000  # digits that choose the best epoch, and nothing else

ABOUT = sa.About(
    purpose="Names the digit in a drawing of 14 x 14 pixels. A kit to learn from and to build on.",
    data="MNIST: digits that American pupils and clerks wrote on paper, scanned, centred and "
    "scaled. data/README.md says which of them, and where they come from.",
    licence="commonly given as CC BY-SA 3.0 (LeCun, Cortes and Burges)",
    limits=(
        "It names a digit whatever is drawn: a letter, a face, nothing at all.",
        "Drawings that are not centred and scaled as MNIST's are named worse.",
        "Drawings made to fool it are easy to make, since everybody can read its weights. Let "
        "nothing of value depend on it alone.",
    ),
)


def train(model: str, known: Digits) -> Trained:
    """Train a model on digits, most of them bent; the others choose the epoch."""
    random = np.random.default_rng(MLP.seed)
    order = random.permutation(len(known.labels))
    held = Digits(known.images[order[:VALIDATION]], known.labels[order[:VALIDATION]])
    rest = Digits(known.images[order[VALIDATION:]], known.labels[order[VALIDATION:]])
    copies = max(1, DRAWINGS // len(known.labels))
    bent = WarpedImages(rest.images, POOL, LEVELS).copies(copies, random)
    labels = np.tile(rest.labels, copies)
    if model == "cnn":
        return train_cnn(CNN, Lessons(bent, labels), (held.rows, held.labels))
    rows = np.concatenate([held.rows.astype(np.uint8), bent])
    named = np.concatenate([held.labels, labels])
    return train_mlp(MLP, rows, named, "multiclass", held=np.arange(len(held.labels)))


def draw(counts: np.ndarray, trained: Trained, test: Digits, folder: Path) -> None:
    """Write the confusion matrix and the worst mistakes on the test digits."""
    folder.mkdir(exist_ok=True)
    (folder / "confusion.svg").write_text(pictures.confusion(counts, CLASSES), encoding="utf-8")
    worst = pictures.mistakes(test.rows, test.labels, trained.network.sums(test.rows))
    (folder / "mistakes.svg").write_text(worst, encoding="utf-8")


def main() -> None:
    """Train, export, measure once on the test digits."""
    options = argparse.ArgumentParser(prog="stylus-ai train --", description=__doc__)
    options.add_argument("--model", choices=["mlp", "cnn"], default=MODEL)
    options.add_argument("--full", action="store_true", help="train on MNIST's 60,000 digits")
    options.add_argument("--source", default=digits.SOURCE, help="where to fetch those from")
    chosen = options.parse_args()
    known, test = digits.load(full=chosen.full, source=chosen.source)
    trained = train(chosen.model, known)
    print(f"validation: {trained.quality:.2%} at epoch {trained.epoch}")
    report = sa.export(
        trained,
        features=FEATURES,
        train=(known.rows.astype(float), known.labels),
        test=(test.rows.astype(float), test.labels),
        classes=CLASSES,
        about=ABOUT,
    )
    draw(np.array(report.confusion), trained, test, Path(__file__).parent / "artifacts")


if __name__ == "__main__":
    main()
