"""Emitted layers in native Rust, many in one build: arrays in, arrays out."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from stylus_ai.plan.layout import BITS, Layout
from tests.codegen.test_native import cargo

Ints = npt.NDArray[np.int64]
KERNELS = Path(__file__).parents[2] / "crates/kernels"

MANIFEST = """\
[package]
name = "layers"
version = "0.1.0"
edition = "2024"

[workspace]

[dependencies]
stylus-kernels = {{ path = "{kernels}" }}

[lints.rust]
unsafe_code = "forbid"
missing_docs = "deny"

[lints.clippy]
float_arithmetic = "deny"
arithmetic_side_effects = "deny"
"""


@dataclass(frozen=True)
class Case:
    """A layer to run.

    Attributes:
        source: Its module.
        takes: Layout of its input.
        gives: Layout of its output.
        rows: Values of the input, int64[n, width].
    """

    source: str
    takes: Layout
    gives: Layout
    rows: Ints


def encode(layout: Layout, row: Ints) -> list[int]:
    """A value as the elements of its array, or its bytes."""
    elements = [layout.pad] * layout.length
    for value, position in zip(row.tolist(), layout.position, strict=True):
        elements[position] = value - layout.offset
    bits = BITS[layout.element]
    if bits >= 8:
        return elements
    text = "".join(f"{element:0{bits}b}" for element in elements).ljust(8 * layout.bytes, "0")
    return [int(text[at : at + 8], 2) for at in range(0, len(text), 8)]


def decode(layout: Layout, elements: Sequence[int]) -> list[int]:
    """Inverse of `encode`, for elements of at least 8 bits."""
    return [elements[position] + layout.offset for position in layout.position]


def run_layers(cases: Sequence[Case], folder: Path) -> list[Ints]:
    """Build the layers into one program, lint it, and run every row.

    Returns:
        For each case the values that its layer gives, int64[n, width].
    """
    (folder / "layers/src").mkdir(parents=True)
    crate = folder / "layers"
    (crate / "Cargo.toml").write_text(MANIFEST.format(kernels=KERNELS.as_posix()))
    arms, modules = [], []
    for number, case in enumerate(cases):
        (crate / f"src/case_{number}.rs").write_text(case.source)
        modules.append(f"mod case_{number};")
        kind = case.takes.element if case.takes.wide else "u8"
        arms.append(
            f"        {number} => show(&case_{number}::layer(&numbers::<{kind}, _>(&line))),"
        )
    (crate / "src/main.rs").write_text(MAIN.format("\n".join(modules), "\n".join(arms)))
    cargo(crate, "clippy", "-q", "--", "-D", "warnings")
    lines = [
        " ".join(map(str, [number, *encode(case.takes, row)]))
        for number, case in enumerate(cases)
        for row in case.rows
    ]
    printed = cargo(crate, "run", "-q", stdin="\n".join(lines) + "\n").splitlines()
    found, at = [], 0
    for case in cases:
        mine = printed[at : at + len(case.rows)]
        at += len(case.rows)
        found.append(
            np.array([decode(case.gives, [int(n) for n in line.split()]) for line in mine])
        )
    return found


def check_formatted(sources: Sequence[str], folder: Path) -> None:
    """Fail unless rustfmt would leave every source as it is."""
    for number, source in enumerate(sources):
        path = folder / f"formatted_{number}.rs"
        path.write_text(source)
    paths = [str(folder / f"formatted_{number}.rs") for number in range(len(sources))]
    command = ["rustfmt", "--edition", "2024", "--check", *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


MAIN = """\
//! Runs layers on arrays from standard input: the layer's number, then its elements.
{}

use std::{{fmt::Display, str::FromStr}};

fn numbers<T: FromStr + Default + Copy, const N: usize>(line: &[&str]) -> [T; N] {{
    let mut found = [T::default(); N];
    assert_eq!(line.len(), N);
    for (to, from) in found.iter_mut().zip(line) {{
        *to = from.parse().unwrap_or_else(|_| panic!("{{from}}"));
    }}
    found
}}

fn show<T: Display>(values: &[T]) {{
    let words: Vec<String> = values.iter().map(T::to_string).collect();
    println!("{{}}", words.join(" "));
}}

fn main() {{
    for line in std::io::stdin().lines() {{
        let line = line.unwrap_or_default();
        let mut words = line.split(' ');
        let case: usize = words.next().unwrap_or_default().parse().unwrap_or_default();
        let line: Vec<&str> = words.collect();
        match case {{
{}
            _ => panic!("no case {{case}}"),
        }}
    }}
}}
"""
