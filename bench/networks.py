"""Figures of dense networks; ``python -m bench.networks`` prints them."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from bench.digits import FEATURES, POOL, accuracy_on_test_digits, kept, training_images
from bench.figure import Figure
from bench.layers import KERNELS, Measured, measure_layer, measure_network
from bench.sdk import measure_sdk, some_digits
from stylus_ai.chain import Client, Node
from stylus_ai.compress.qat import MlpRecipe, pooled, train_mlp
from stylus_ai.ir import Feature, Features, Program

INT8 = MlpRecipe(hidden=(48,), weights="int8", activation_bits=8, epochs=12, decay=0.001)
"""As many outputs as one contract holds; trained for its weights' sizes, not for accuracy."""


def int8_program() -> Program:
    """A digit classifier with bytes for pixels and int8 weights, trained for some seconds."""
    images, labels = training_images()
    features = Features(tuple(Feature(column.name, 0, 255) for column in FEATURES))
    trained = train_mlp(INT8, pooled(images, POOL, 255), labels, "multiclass")
    return trained.network.program(
        name="digits-int8",
        features=features,
        task="multiclass",
        classes=tuple("0123456789"),
        source="bench",
        parent=trained.digest,
    )


def network_figures(folder: Path) -> list[Figure]:
    """The whole classifier, bare and by stylus-sdk, and dense layers by themselves."""
    programs = kept("mlp")
    with Node(port=0) as node:
        client = Client.connect(node.network)
        rows = some_digits(100)
        whole = [measure_network(p, rows, client, folder / "network") for p in programs]
        accuracy = np.mean(accuracy_on_test_digits(programs))
        figures = [
            Figure(
                "MNIST, 196-64-10 of 4 bits, bare contract: wasm",
                f"{np.mean([m.ink for m in whole]) / 1e4:.1f} gas, {accuracy:.2%} right",
                "<= 100 gas, >= 97.0 %",
                "entry to return of `user_entrypoint`, host calls included; mean of 3 seeds, 1,000 "
                f"test digits; {max(m.size for m in whole):,} bytes",
            ),
            _layer("4 bits, trained, 196 to 64", programs[0], "<= 58", client, folder),
            _layer("int8, trained, 196 to 48", int8_program(), "<= 110", client, folder),
        ]
        for name, make in KERNELS.items():
            goal = "<= 25" if "ternary" in name else ""
            figures.append(_layer(f"{name}, random", make(), goal, client, folder))
    sdk = measure_sdk(programs[0], some_digits(100), folder / "sdk")
    figures.append(
        Figure(
            "the same classifier by stylus-sdk: a transaction that predicts, cached",
            f"{sdk.mean:,} gas",
            "<= 24,000 gas",
            f"mean of 100 digits, {sdk.most:,} at most; {sdk.size:,} bytes",
        )
    )
    return figures


def _layer(name: str, program: Program, goal: str, client: Client, folder: Path) -> Figure:
    sums = measure_layer(program, client, folder / "layer", sums=True)
    whole = measure_layer(program, client, folder / "layer")
    return Figure(
        f"dense layer, {name}: ink per multiply-accumulate",
        f"{_each(sums):.1f}; {_each(whole):.1f} with requantisation",
        goal,
        f"reading of inputs included; {whole.kernel} bits; the plan predicted "
        f"{whole.predicted / whole.macs:.1f}; {whole.size:,} bytes",
    )


def _each(found: Measured) -> float:
    return found.ink / found.macs


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(prefix="stylus-ai-bench-") as temporary:
        for figure in network_figures(Path(temporary)):
            sys.stdout.write(f"{figure.what}: {figure.value} ({figure.goal}) {figure.how}\n")


if __name__ == "__main__":
    main()
