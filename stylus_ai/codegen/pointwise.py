"""A requantisation by itself as Rust, one statement for each element."""

from __future__ import annotations

from stylus_ai.codegen.dense import literal, shifted
from stylus_ai.codegen.text import Source, part_mark
from stylus_ai.ir import Requantise
from stylus_ai.plan.layout import BITS, Layout
from stylus_ai.plan.pointwise import PointwiseLayer


def layer_source(layer: PointwiseLayer, number: int) -> str:
    """A module ``layer_<number>.rs``.

    Args:
        layer: Its plan.
        number: Of the layer, from 0, for names.
    """
    op = layer.stage.op
    if not isinstance(op, Requantise):
        raise TypeError(f"not a requantisation: {op!r}")
    count, zero = len(layer.takes.position), op.zero_point
    out = Source()
    out.line(f"//! Layer {number}: {count} values on another scale (numerics, equation 6).")
    out.line()
    out.line("use stylus_kernels::requantise;")
    out.line()
    out.line("/// All outputs of the layer.")
    out.line("#[inline(never)]")
    with out.block(f"pub(crate) fn layer(x: &{layer.takes.rust}) -> {layer.gives.rust}"):
        out.line(part_mark(f"layer {number}"))
        out.line(f"let mut y = [{layer.gives.pad}; {layer.gives.length}];")
        for i in range(count):
            factor = op.multipliers[i * len(op.multipliers) // count]
            limits = f"{op.low - zero}, {op.high - zero}"
            out.line(f"let v = {_element(layer.takes, i)};")
            if layer.takes.offset:
                out.line(f"let v = v.wrapping_add({layer.takes.offset});")
            out.line(f"let v = requantise(v, {factor}, {op.shift}, {limits});")
            if zero - layer.gives.offset:
                out.line(f"let v = v.wrapping_add({zero - layer.gives.offset});")
            cast = "v" if layer.gives.element == "i64" else f"v as {layer.gives.element}"
            out.line(f"y[{layer.gives.position[i]}] = {cast};")
        out.line("y")
    return out.text()


def _element(takes: Layout, i: int) -> str:
    """An element of the input as an ``i64``."""
    position, bits = takes.position[i], BITS[takes.element]
    if takes.element == "i64":
        return f"x[{position}]"
    if bits >= 8:
        return f"i64::from(x[{position}])"
    byte, place = divmod(position * bits, 8)
    value = shifted(f"x[{byte}]", 8 - bits - place)
    return f"i64::from({value} & {literal((1 << bits) - 1)})"
