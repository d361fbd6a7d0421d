"""A network as Rust: one module for each layer, and ``sums.rs``, which runs them in turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from stylus_ai.codegen import dense, pointwise
from stylus_ai.codegen.text import Source
from stylus_ai.ir import Program
from stylus_ai.plan.dense import DenseLayer
from stylus_ai.plan.network import Layer
from stylus_ai.plan.pointwise import PointwiseLayer


def module_names(layers: Sequence[Layer]) -> list[str]:
    """Names of the layers' modules."""
    return [f"layer_{number}" for number in range(len(layers))]


def sources(program: Program, layers: Sequence[Layer]) -> dict[str, str]:
    """The layers' modules and ``sums.rs``, by path in the crate."""
    files = {
        f"src/{name}.rs": layer_source(layer, number)
        for number, (name, layer) in enumerate(zip(module_names(layers), layers, strict=True))
    }
    files["src/sums.rs"] = _sums(program, layers)
    return files


def layer_source(layer: Layer, number: int) -> str:
    """A layer's module, which has ``layer``; ``number`` counts from 0."""
    match layer:
        case DenseLayer():
            return dense.layer_source(layer, number)
        case PointwiseLayer():
            return pointwise.layer_source(layer, number)
        case _:
            assert_never(layer)


def _sums(program: Program, layers: Sequence[Layer]) -> str:
    names = module_names(layers)
    out = Source()
    out.line(f"//! The sums of `{program.name}`, layer by layer.")
    out.line()
    out.line(f"use crate::{{Row, {', '.join(names)}}};")
    out.line()
    out.line("/// The last layer's sums for `row`.")
    with out.block(f"pub(crate) fn accumulate(row: &Row) -> {layers[-1].gives.rust}"):
        for number, name in enumerate(names):
            taken = f"&x{number}" if number else "row"
            if number == len(names) - 1:
                out.line(f"{name}::layer({taken})")
            else:
                out.line(f"let x{number + 1} = {name}::layer({taken});")
    return out.text()
