"""A convolution as Rust: eight pixels to a word, weights as code, loops over rows.

The module has ``layer``, which takes an image and gives an image (`stylus_ai.plan.image`), and one
function for each run of output channels, which computes all of them for one word of pixels: it reads
the words that the windows see, adds them as `stylus_ai.plan.channels` has planned, requantises in
the lanes, and writes one word for each channel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from stylus_ai.codegen.text import Source, word
from stylus_ai.errors import ModelError
from stylus_ai.ir import Conv2d, Requantise
from stylus_ai.plan.channels import (
    FUNCTION_OPERATORS,
    LANE_BITS,
    PASS_INPUTS,
    Lanes,
    Output,
    Part,
    Pass,
    plan_lanes,
)
from stylus_ai.plan.image import LANES, Image
from stylus_ai.plan.scale import Early, Scale
from stylus_ai.plan.shared import Pair

CHUNK = 16
"""Outputs in one block."""


@dataclass(frozen=True)
class Tap:
    """Where the pixels of one column of the kernel are, for one phase of the output.

    Attributes:
        phase: Phase of the source.
        move: Lanes that its words move by, up if positive: lane ``i`` takes lane ``i + move``.
    """

    phase: int
    move: int


@dataclass(frozen=True)
class ConvLayer:
    """A convolution and the requantisation after it.

    Attributes:
        op: The convolution.
        requantise: What its sums go through.
        source: The image it reads.
        target: The image it writes.
        low: Least value of each channel of the source.
        high: Greatest value of each.
    """

    op: Conv2d
    requantise: Requantise
    source: Image
    target: Image
    low: tuple[int, ...]
    high: tuple[int, ...]

    def taps(self, phase: int) -> list[Tap]:
        """One for each column of the kernel, as a phase of the target sees it."""
        windows = self.op.windows
        first = phase * windows.stride[1] - windows.padding[1]
        columns = range(first, first + windows.kernel[1])
        return [Tap(x % self.source.phases, x // self.source.phases) for x in columns]


def conv_source(layer: ConvLayer, title: str) -> str:
    """The module.

    Args:
        layer: What to compute.
        title: First line of its documentation.

    Raises:
        ModelError: No lanes are wide enough, or the images do not fit the windows.
    """
    _check(layer)
    return _Writer(layer, _lanes(layer)).text(title)


def _check(layer: ConvLayer) -> None:
    source, target, windows = layer.source, layer.target, layer.op.windows
    if (
        source.phases != target.phases * windows.stride[1]
        or max(source.lanes, target.lanes) > LANES
        or source.read_by(windows) != source
    ):
        raise ModelError("The images around a convolution do not fit its windows.")
    if min(layer.low) < source.offset or max(layer.high) - source.offset > 0xFF:
        raise ModelError(
            f"A convolution reads {min(layer.low)}..{max(layer.high)}, more than a byte.",
            "Requantise its inputs to at most 8 bits.",
        )


def _lanes(layer: ConvLayer) -> Lanes:
    op = layer.op
    weights = op.weights.array
    taps = weights.shape[2] * weights.shape[3]
    ends = [np.repeat(np.array(side), taps).reshape(op.groups, -1) for side in (layer.low, layer.high)]
    flat = weights.reshape(len(weights), -1)
    return plan_lanes(flat, op.bias.array, *ends, layer.requantise, op.groups)


class _Writer:
    """Writes the module of one layer."""

    def __init__(self, layer: ConvLayer, lanes: Lanes) -> None:
        self.layer = layer
        self.lanes = lanes
        self.out = Source()
        self.blocks = 0
        self.unfinished = max(
            (len(part.channels) for part in lanes.parts if len(part.passes) > 1), default=0
        )
        """Outputs whose sums are left from one pass to the next."""
        self.several = layer.target.phases > 1
        every = [layer.taps(phase) for phase in range(layer.target.phases)]
        self.taps = list(zip(*every, strict=True))
        """By column of the kernel, for each phase of the target."""
        self.sliced = lanes.bits > LANE_BITS
        self.top_used = layer.target.lanes > (LANES // (lanes.bits // LANE_BITS) - 1) * (
            lanes.bits // LANE_BITS
        )
        """A pixel stands in the topmost lane, which cannot grow."""

    def text(self, title: str) -> str:
        functions = list(_functions(self.lanes.parts))
        bodies = Source()
        self.out, head = bodies, Source()
        for number, parts in enumerate(functions):
            bodies.line()
            self._function(number, parts)
        text = bodies.text()
        head.line(f"//! {title}")
        head.line("//!")
        head.line("//! Words of eight pixels; equations 6 and 13 of stylus-ai's numerics. No lane overflows:")
        head.line("//! the generator has proven it from the weights and the range of the pixels.")
        head.line()
        if True:
            head.line("use core::hint::black_box;")
        head.line("use core::num::Wrapping;")
        head.line()
        used = ["at_least_zero", "at_most", "even_lanes", "join", "put", "window", "word"]
        self.out = Source()
        self._layer(len(functions))
        layer = self.out.text()
        names = [name for name in used if f"{name}(" in text or f"{name}(" in layer]
        head.line(f"use stylus_kernels::pixels::{{{', '.join(names)}}};")
        head.line()
        return head.text() + layer + text

    # The loop over rows.

    def _layer(self, functions: int) -> None:
        layer, out = self.layer, self.out
        source, target, windows = layer.source, layer.target, layer.op.windows
        first, last = target.top * target.row_bytes, (target.top + target.height) * target.row_bytes
        out.line("/// The whole image.")
        with out.block(f"pub(crate) fn layer(x: &[u8; {source.length}]) -> [u8; {target.length}]"):
            out.line(f"let mut out = [0; {target.length}];")
            out.line("let on = black_box(u32::MAX);")
            if self.unfinished:
                out.line(f"let mut sums = [[Wrapping(0); 2]; {self.unfinished}];")
            if target.pad and first:
                out.line(f"out[..{first}].fill({target.pad});")
            if target.pad and last < target.length:
                out.line(f"out[{last}..].fill({target.pad});")
            out.line(f"let (rows, _) = x.as_chunks::<{source.row_bytes}>();")
            out.line(f"let (targets, _) = out[{first}..{last}].as_chunks_mut::<{target.row_bytes}>();")
            out.line(f"let windows = rows.array_windows::<{windows.kernel[0]}>();")
            step = f".step_by({windows.stride[0]})" if windows.stride[0] > 1 else ""
            with out.block(f"for (rows, target) in windows{step}.zip(targets)"):
                out.line("let rows = rows.as_flattened();")
                self._calls(functions)
            out.line("out")

    def _calls(self, functions: int) -> None:
        target = self.layer.target
        out = self.out
        if not self.several:
            out.line("let rows = window(rows, 0);")
            for number in range(functions):
                self._each_slice(f"channels_{number}(rows, target")
            return
        out.line(f"let (phases, _) = target.as_chunks_mut::<{target.phase_bytes}>();")
        names = [f"phase_{phase}" for phase in range(target.phases)]
        with out.block(f"if let [{', '.join(names)}] = phases"):
            for phase, name in enumerate(names):
                taps = [tap[phase] for tap in self.taps]
                starts = [tap.phase * self.layer.source.phase_bytes for tap in taps]
                moves = [LANE_BITS * abs(tap.move) for tap in taps]
                out.line(f"let taps = [{', '.join(f'window(rows, {at})' for at in starts)}];")
                for number in range(functions):
                    self._each_slice(f"channels_{number}(taps, {moves}, {name}")

    def _each_slice(self, call: str) -> None:
        tail = ", &mut sums" if self.unfinished else ""
        if not self.sliced:
            self.out.line(f"{call}, on{tail});")
        for start in range(0, self.lanes.bits if self.sliced else 0, LANE_BITS):
            self.out.line(f"{call}, {start}, on{tail});")

    # One function: all its channels for one word of pixels.

    def _function(self, number: int, parts: Sequence[Part]) -> None:
        source, out = self.layer.source, self.out
        rows = self.layer.op.windows.kernel[0]
        channels = [channel for part in parts for channel in part.channels]
        out.line(f"/// Channels {channels[0]} to {channels[-1]} of one word of pixels.")
        out.line("#[inline(never)]")
        target = f"out: &mut [u8; {self.layer.target.phase_bytes}]"
        if self.several:
            size = (rows - 1) * source.row_bytes + source.phase_bytes
            count = len(self.taps)
            arguments = [f"taps: [&[u8; {size}]; {count}]", f"moves: [usize; {count}]", target]
        else:
            arguments = [f"rows: &[u8; {rows * source.row_bytes}]", target]
        if self.sliced:
            arguments.append("slice: usize")
        arguments.append("on: u32")
        if self.unfinished:
            arguments.append(f"sums: &mut [[Wrapping<u64>; 2]; {self.unfinished}]")
        with out.signature(f"fn channels_{number}", arguments):
            if self.several:
                self._columns(parts)
            for part in parts:
                for at, one in enumerate(part.passes):
                    self._pass(part, at, one)

    def _columns(self, parts: Sequence[Part]) -> None:
        """Names for what differs from phase to phase."""
        width = len(self.taps)
        seen = {i % width for part in parts for one in part.passes for i in one.used}
        names = [f"d{x}" if x in seen else "_" for x in range(width)]
        self.out.line(f"let [{', '.join(names)}] = taps;")
        moves = [f"s{x}" if x in seen and self._varies(x) else "_" for x in range(width)]
        self.out.line(f"let [{', '.join(moves)}] = moves;")

    def _varies(self, column: int) -> bool:
        return len({tap.move for tap in self.taps[column]}) > 1

    def _pass(self, part: Part, number: int, one: Pass) -> None:
        out = self.out
        inputs = self._inputs()
        for i in one.used:
            out.line(f"let x{i} = {self._load(part.group, i)};")
        count = len(part.channels)
        last = number == len(part.passes) - 1
        known: set[int] = set()
        for first in range(0, count, CHUNK):
            chunk = range(first, min(first + CHUNK, count))
            hidden = first > 0 or number > 0
            if hidden:
                self._pairs(range(len(one.pairs)), one.pairs, inputs, known)
            with self._hidden(hidden):
                for at in chunk:
                    self._pairs(_symbols(one.outputs[at], inputs), one.pairs, inputs, known)
                    self._begin(part.starts[at], at, number)
                    self._sum(one.outputs[at], inputs)
                    if last:
                        self._finish(part.scales[at], part.channels[at])
                    else:
                        out.line(f"sums[{at}] = [all, some];")

    def _pairs(
        self, wanted: Iterable[int], pairs: tuple[Pair, ...], inputs: int, known: set[int]
    ) -> None:
        """Compute common sums that are not known yet."""
        for at in sorted(set(wanted) - known):
            pair = pairs[at]
            needed = [i - inputs for i in (pair.left, pair.right) if i >= inputs]
            self._pairs(needed, pairs, inputs, known)
            left, right = _name(pair.left, inputs), _name(pair.right, inputs)
            self.out.line(f"let y{at} = {left} {'-' if pair.minus else '+'} {right};")
            known.add(at)

    @contextmanager
    def _hidden(self, needed: bool) -> Iterator[None]:
        """A block of its own, so that rustc does not merge its sums with those of others.

        rustc finds common sums as well, but knows no limit of local variables.
        """
        if not needed:
            yield
            return
        with self.out.block(f"if on & {1 << self.blocks % 32:#x} != 0"):
            yield
        self.blocks += 1

    def _begin(self, start: int, at: int, number: int) -> None:
        """An output's two words: new, or as the pass before has left them."""
        if number:
            self.out.line(f"let [mut all, mut some] = sums[{at}];")
            return
        for name, bits in (("all", self.lanes.bits), ("some", 2 * self.lanes.bits)):
            self.out.line(f"let mut {name} = {word(splat(start, bits))};")

    def _inputs(self) -> int:
        weights = self.layer.op.weights.shape
        return weights[1] * weights[2] * weights[3]

    def _load(self, group: int, i: int) -> str:
        """The word that input ``i`` of a group is in."""
        layer = self.layer
        _, channels, height, width = layer.op.weights.shape
        channel, place = divmod(i, height * width)
        down, column = divmod(place, width)
        at = down * layer.source.row_bytes + (group * channels + channel) * LANES
        tap = self.taps[column][0]
        name, at = (f"d{column}", at) if self.several else ("rows", at + tap.phase * layer.source.phase_bytes)
        moves = [one.move for one in self.taps[column]]
        sign = "<<" if min(moves) < 0 else ">>"
        by = f"s{column}" if self._varies(column) else str(LANE_BITS * abs(tap.move))

        def moved(text: str) -> str:
            text = text if by == "0" else f"({text} {sign} {by})"
            if self.sliced:
                text = f"(({text} >> slice) & {word(splat(0xFF, self.lanes.bits))})"
            return text

        read = moved(f"word({name}, {at})")
        zero = -layer.source.offset
        if zero:
            return f"{read} - {moved(word(splat(zero, LANE_BITS)))}"
        return read.removeprefix("(").removesuffix(")") if read.startswith("(") else read

    def _sum(
        self,
        output: Output,
        inputs: int,
    ) -> None:
        """Add an output's heaps to its two words."""
        out = self.out
        for factor, heaps in output.heaps:
            alone = len(heaps) == 1
            into = ("all", "some") if alone else ("wide", "part")
            if not alone:
                out.line("let mut wide = Wrapping(0);")
                out.line("let mut part = Wrapping(0);")
            times = f" * Wrapping({factor})" if alone and factor != 1 else ""
            for heap in heaps:
                out.line(f"let mut heap = {word(splat(heap.start, self.lanes.bits))};")
                for term in heap.terms:
                    self._term(term.factor, [(sign, _name(at, inputs)) for sign, at in term.inputs])
                out.line(f"{into[0]} += heap{times};")
                kept = self._kept("heap")
                out.line(f"{into[1]} += {f'({kept})' if times else kept}{times};")
            if not alone:
                times = f" * Wrapping({factor})" if factor != 1 else ""
                out.line(f"all += wide{times};")
                out.line(f"some += part{times};")

    def _term(self, factor: int, inputs: list[tuple[int, str]]) -> None:
        out = self.out
        if factor == 1:
            out.lines(f"heap {'+' if sign > 0 else '-'}= {name};" for sign, name in inputs)
            return
        (first, name), *rest = sorted(inputs, key=lambda one: -one[0])
        if not rest:
            out.line(f"heap {'+' if first > 0 else '-'}= {name} * Wrapping({factor});")
            return
        out.line(f"let mut term = {name};")
        out.lines(f"term {'+' if sign == first else '-'}= {name};" for sign, name in rest)
        out.line(f"heap {'+' if first > 0 else '-'}= term * Wrapping({factor});")

    def _kept(self, name: str) -> str:
        """The half of a heap's lanes that is added by itself; the other half is the difference."""
        bits = self.lanes.bits
        if self.top_used:
            return f"({name} >> {bits}) & even_lanes({bits})"
        return f"{name} & even_lanes({bits})"

    def _finish(self, fit: Scale, channel: int) -> None:
        """From sums to bytes."""
        out, bits, target = self.out, self.lanes.bits, self.layer.target
        wide = 2 * bits
        if fit.multiplier == 0:
            out.line(f"let y = {word(splat(fit.low - target.offset, bits))};")
            self._store(channel)
            return
        if self.top_used:
            ends = {"even": f"all - (some << {bits})", "odd": "some"}
        else:
            ends = {"even": "some", "odd": f"(all - some) >> {bits}"}
        for name, text in ends.items():
            out.line(f"let {name} = {text};")
            if fit.floor == wide:
                out.line(f"let {name} = at_least_zero({name}, {wide});")
            if fit.early is not None:
                out.line(f"let {name} = at_most({name}, {fit.early.most}, {wide});")
                self._multiply(name, fit.early)
            if fit.shift:
                out.line(f"let {name} = {name} >> {fit.shift};")
            if fit.top_bits == wide or wide - fit.shift < bits:
                # what the shift has brought in from the next lane
                mask = word(splat((1 << (wide - fit.shift)) - 1, wide))
                out.line(f"let {name} = {name} & {mask};")
            if fit.top_bits == wide:
                out.line(f"let {name} = at_most({name}, {fit.top}, {wide});")
        out.line(f"let y = join(even, odd, {bits});")
        if fit.floor == bits:
            out.line(f"let y = at_least_zero(y, {bits});")
        if fit.top_bits == bits:
            out.line(f"let y = at_most(y, {fit.top}, {bits});")
        if fit.low != target.offset:
            out.line(f"let y = y + {word(splat(fit.low - target.offset, bits))};")
        self._store(channel)

    def _multiply(self, name: str, early: Early) -> None:
        wide = 2 * self.lanes.bits
        start = word(splat(early.start, wide))
        product = f"{name} * Wrapping({early.multiplier}) + {start}"
        if early.fine is not None:
            m, r, k = early.fine
            mask = word(splat((1 << (wide - k)) - 1, wide))
            fine = f"({name} * Wrapping({m}) + {word(splat(r, wide))}) >> {k}"
            self.out.line(f"let fine = {fine};")
            self.out.line(f"let fine = fine & {mask};")
            product += " + fine"
        self.out.line(f"let {name} = {product};")

    def _store(self, channel: int) -> None:
        """Write the pixels; lanes that hold none get what padding holds."""
        target, at = self.layer.target, channel * LANES
        valid = splat(0xFF, LANE_BITS, target.lanes)
        y = "y"
        if self.sliced:
            y = f"((y << slice) & {word(valid)})"
        elif target.lanes < LANES:
            y = f"(y & {word(valid)})"
        pads = splat(target.pad, LANE_BITS) & ~valid
        if pads:
            y = f"{y} | {word(pads)}"
        if self.sliced:
            y = f"word(out, {at}) | {y}"
        y = y.removeprefix("(").removesuffix(")") if y.startswith("(") and not pads else y
        self.out.line(f"let y = {y};")
        self.out.line(f"put(out, {at}, y);")


def _symbols(output: Output, inputs: int) -> Iterator[int]:
    """Common sums that an output uses."""
    for _, heaps in output.heaps:
        for term in (term for heap in heaps for term in heap.terms):
            yield from (at - inputs for _, at in term.inputs if at >= inputs)


def _name(at: int, inputs: int) -> str:
    return f"x{at}" if at < inputs else f"y{at - inputs}"


def splat(value: int, bits: int, lanes: int | None = None) -> int:
    """``value`` in each lane of a word, or in the lowest ``lanes`` of them."""
    count = 64 // bits if lanes is None else lanes
    return sum(value << (bits * lane) for lane in range(count)) & (1 << 64) - 1


def _functions(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Parts that share a function: as many as its operators allow."""
    found: list[Part] = []
    total = 0
    for part in parts:
        size = _operators(part)
        # Two parts of one group would share their inputs, which LLVM would hold all along.
        again = found and found[-1].group == part.group
        if again or (found and total + size > FUNCTION_OPERATORS):
            yield found
            found, total = [], 0
        found.append(part)
        total += size
    if found:
        yield found


def _operators(part: Part) -> int:
    """About how many operators a part takes."""
    heaps = [heap for one in part.passes for output in one.outputs for _, all_ in output.heaps for heap in all_]
    added = sum(len(term.inputs) + 2 for heap in heaps for term in heap.terms)
    pairs = sum(len(one.pairs) + len(one.used) for one in part.passes)
    return 2 * added + 12 * len(heaps) + 4 * pairs + 60 * len(part.channels)
