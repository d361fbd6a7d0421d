"""What the modules of images share: constants for lanes, and pixels one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from stylus_ai.codegen.text import Source, part_mark
from stylus_ai.ir import Windows
from stylus_ai.plan.conv import ConvLayer, MaxLayer, by_words
from stylus_ai.plan.image import LANES, Image, Sums
from stylus_ai.plan.layout import BITS, Layout

WORD = 64

ALLOWED = (
    "#[allow(",
    "    clippy::arithmetic_side_effects,",
    "    clippy::identity_op,",
    "    clippy::modulo_one,",
    '    reason = "places in arrays, and sums that are proven to fit"',
    ")]",
)
"""Above functions that compute with sizes of any image, 1 among them."""


def splat(value: int, bits: int, lanes: int | None = None) -> int:
    """``value`` in each lane of a word, or in the lowest ``lanes`` of them, modulo 2^64."""
    count = WORD // bits if lanes is None else lanes
    return sum(value << (bits * lane) for lane in range(count)) & ((1 << WORD) - 1)


def pixels_of(image: Image | Sums) -> int:
    """All bits of the lanes that hold pixels in some word."""
    return sum(0xFF << (LANES * lane) for lane in range(0, image.lanes, image.spread))


def imported(kernels: Sequence[str], body: str) -> list[str]:
    """The import of those kernels that a module calls."""
    used = [name for name in kernels if f"{name}(" in body or f"{name}::<" in body]
    if len(used) == 1:
        return [f"use stylus_kernels::pixels::{used[0]};"]
    return [f"use stylus_kernels::pixels::{{{', '.join(used)}}};"]


def element(layout: Layout, at: str) -> str:
    """Element ``at`` of the array ``x``, as a Rust expression of some integer type."""
    bits = BITS[layout.element]
    if bits >= LANES:
        return f"x[{at}]"
    each = LANES // bits
    mask = (1 << bits) - 1
    return f"(x[{at} / {each}] >> ({LANES - bits} - {at} % {each} * {bits})) & {mask}"


def place(image: Image | None, shape: Windows | Image) -> str:
    """Where pixel ``(c, row, column)`` is, as a Rust expression: in an image, or in plain order."""
    if image is None:
        return f"(c * {shape.height} + row) * {shape.width} + column"
    down = f"(row + {image.top})" if image.top else "row"
    phase = f" + column % {image.phases} * {image.phase_length}" if image.phases > 1 else ""
    lane = f"column / {image.phases}" if image.phases > 1 else "column"
    if image.spread > 1:
        lane = f"column * {image.spread}"
    return f"{down} * {image.row_length}{phase} + c * {LANES} + {lane}"


@contextmanager
def filling(out: Source, layer: ConvLayer | MaxLayer, number: int) -> Iterator[None]:
    """The function ``fill``, which writes into an array that holds padding; then its body.

    It gives no array back: each byte of a copy costs 100 ink, and rustc copies it.
    """
    out.line("/// The whole image, into an array that holds padding.")
    out.line("#[inline(never)]")
    out.lines(ALLOWED)
    arguments = [f"x: &{layer.takes.rust}", f"out: &mut {layer.gives.rust}"]
    with out.function("pub(crate) fn fill", arguments):
        out.line(part_mark(f"layer {number}"))
        if layer.takes != layer.source.layout:
            out.line("let x = image(x);")
        yield
    if layer.takes != layer.source.layout:
        out.line()
        write_gather(out, layer.takes, layer.source)


def write_gather(out: Source, takes: Layout, image: Image) -> None:
    """The function ``image``: from a row in its own order to an image in bytes."""
    out.line("/// The pixels of a row, eight to a word.")
    if by_words(takes, image):
        _write_nibbles(out, takes, image)
        return
    out.lines(ALLOWED)
    with out.block(f"fn image(x: &{takes.rust}) -> [u8; {image.length}]"):
        out.line(f"let mut out = [{image.pad}; {image.length}];")
        with (
            out.block(f"for c in 0..{image.channels}"),
            out.block(f"for row in 0..{image.height}"),
            out.block(f"for column in 0..{image.width}"),
        ):
            out.line(f"let at = {place(None, image)};")
            out.line(f"let pixel = {element(takes, 'at')};")
            value = "pixel"
            if takes.wide:
                less = f".wrapping_sub({image.offset})" if image.offset else ""
                value = f"pixel{less} as u8"
            out.line(f"out[{place(image, image)}] = {value};")
        out.line("out")


def _write_nibbles(out: Source, takes: Layout, image: Image) -> None:
    """Two pixels share a byte: the high halves are one phase, the low ones the other."""
    size = image.width // 2
    out.lines(ALLOWED)
    with out.block(f"fn image(x: &{takes.rust}) -> [u8; {image.length}]"):
        out.line(f"let mut out = [{image.pad}; {image.length}];")
        out.line(f"let (packed, _) = x.as_chunks::<{size}>();")
        with out.block("for (at, packed) in packed.iter().enumerate()"):
            out.line("let mut eight = [0; 8];")
            out.line(f"eight[..{size}].copy_from_slice(packed);")
            out.line("let eight = word(&eight, 0);")
            if image.channels == 1:
                at = f"at * {image.row_length}"
            else:
                at = f"at % {image.height} * {image.row_length} + at / {image.height} * {LANES}"
            start = image.top * image.row_length
            out.line(f"let at = {at} + {start};" if start else f"let at = {at};")
            low = "Wrapping(0x0f0f_0f0f_0f0f_0f0f)"
            out.line(f"put(&mut out, at, (eight >> 4) & {low});")
            out.line(f"put(&mut out, at + {image.phase_length}, eight & {low});")
        out.line("out")
