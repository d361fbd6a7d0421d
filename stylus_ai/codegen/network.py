"""A network as Rust: one module for each layer, and ``sums.rs``, which runs them in turn."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import assert_never

from stylus_ai.codegen import blobs, conv, dense, loops, pointwise, pool
from stylus_ai.codegen.text import Source, array
from stylus_ai.ir import Program
from stylus_ai.plan.blob import BlobLayer
from stylus_ai.plan.conv import ConvLayer, LoopLayer, MaxLayer
from stylus_ai.plan.dense import DenseLayer
from stylus_ai.plan.network import Layer
from stylus_ai.plan.pointwise import PointwiseLayer


def module_names(layers: Sequence[Layer]) -> list[str]:
    """Names of the layers' modules."""
    return [f"layer_{number}" for number in range(len(layers))]


def sources(program: Program, layers: Sequence[Layer], columns: int = 0) -> dict[str, str]:
    """The layers' modules and ``sums.rs``, by path in the crate.

    Args:
        program: For its name.
        layers: Its plan.
        columns: Number of columns that the first layer reads instead of the row; else 0.
    """
    files = {
        f"src/{name}.rs": layer_source(layer, number)
        for number, (name, layer) in enumerate(zip(module_names(layers), layers, strict=True))
    }
    files["src/sums.rs"] = _sums(program, layers, columns)
    return files


def layer_source(layer: Layer, number: int) -> str:
    """A layer's module, which has ``layer``; ``number`` counts from 0."""
    match layer:
        case DenseLayer():
            return dense.layer_source(layer, number)
        case ConvLayer():
            return conv.layer_source(layer, number)
        case MaxLayer():
            return pool.layer_source(layer, number)
        case LoopLayer():
            return loops.layer_source(layer, number)
        case PointwiseLayer():
            return pointwise.layer_source(layer, number)
        case BlobLayer():
            return blobs.layer_source(layer, number)
        case _:
            assert_never(layer)


def reads_blobs(layers: Sequence[Layer]) -> bool:
    """Whether any weights are in blobs: then the model function takes the stream of them."""
    return any(isinstance(layer, BlobLayer) for layer in layers)


def _sums(program: Program, layers: Sequence[Layer], columns: int) -> str:
    names = module_names(layers)
    out = Source()
    out.line(f"//! The sums of `{program.name}`, layer by layer.")
    out.line()
    if reads_blobs(layers):
        out.line("use stylus_kernels::blob::{Missing, ReadCode, Stream};")
        out.line()
    out.line(f"use crate::{{Row, {', '.join(names)}}};")
    out.line()
    with _head(out, layers):
        if columns:
            out.lines(f"let x{i} = row[{i}];" for i in range(columns))
            out.lines(array("let columns = ", [f"x{i}" for i in range(columns)]))
        first = "&columns" if columns else "row"
        for number, (name, layer) in enumerate(zip(names, layers, strict=True)):
            taken = f"&x{number}" if number else first
            if isinstance(layer, ConvLayer | MaxLayer):
                gives = layer.gives
                out.line(f"let mut x{number + 1} = [{gives.pad}; {gives.length}];")
                out.line(f"{name}::fill({taken}, &mut x{number + 1});")
                continue
            call = f"{name}::layer({taken})"
            if isinstance(layer, BlobLayer):
                call = f"{name}::layer({taken}, weights)?"
            if number < len(names) - 1:
                out.line(f"let x{number + 1} = {call};")
            elif isinstance(layer, BlobLayer):
                out.line(call.removesuffix("?"))
            else:
                out.line(f"Ok({call})" if reads_blobs(layers) else call)
    return out.text()


def _head(out: Source, layers: Sequence[Layer]) -> AbstractContextManager[None]:
    """``accumulate``, up to its body."""
    gives = layers[-1].gives.rust
    if not reads_blobs(layers):
        out.line("/// The last layer's sums for `row`.")
        return out.block(f"pub(crate) fn accumulate(row: &Row) -> {gives}")
    out.line(
        "/// First of the blobs that hold the weights; its address stands for all of their bytes."
    )
    chain = blobs.chain_of([layer for layer in layers if isinstance(layer, BlobLayer)])
    first = [str(byte) for byte in bytes.fromhex(chain.first[2:])]
    out.lines(array("pub const FIRST_BLOB: [u8; 20] = ", first))
    out.line()
    out.line("/// The last layer's sums for `row`, with weights from [`FIRST_BLOB`] on.")
    out.line("///")
    out.line("/// # Errors")
    out.line("/// `Missing` if a blob is not on this chain.")
    out.line("pub(crate) fn accumulate<R: ReadCode>(")
    out.line("    row: &Row,")
    out.line("    weights: &mut Stream<'_, R>,")
    return out.block(f") -> Result<{gives}, Missing>")
