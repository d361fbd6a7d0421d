"""A convolution as Rust: eight pixels to a word, weights as code, loops over rows.

The module has ``layer``, which takes an image and gives an image (`stylus_ai.plan.image`), and one
function for each run of output channels, which computes all of them for one word of pixels: it
reads the words that the windows see, adds them as `stylus_ai.plan.channels` has planned,
requantises in the lanes, and writes one word for each channel.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from stylus_ai.codegen.pixels import filling, imported, splat
from stylus_ai.codegen.results import Results, top_used
from stylus_ai.codegen.text import Source, array, part_mark, word
from stylus_ai.plan.channels import FUNCTION_OPERATORS, LANE_BITS, Output, Part, Pass
from stylus_ai.plan.conv import ConvLayer, taps
from stylus_ai.plan.image import LANES
from stylus_ai.plan.shared import Pair

CHUNK = 16
"""Outputs in one block."""

KERNELS = ("at_least_zero", "at_most", "even_lanes", "join", "put", "window", "word")


def layer_source(layer: ConvLayer, number: int) -> str:
    """The module of a convolution, or of a sum pool.

    Args:
        layer: Its plan.
        number: Of the layer.
    """
    return _Writer(layer, number).text()


class _Writer:
    """Writes the module of one layer."""

    def __init__(self, layer: ConvLayer, number: int) -> None:
        self.layer = layer
        self.number = number
        self.lanes = layer.lanes
        self.out = Source()
        windows, target = layer.op.windows, layer.target
        every = [taps(windows, layer.source, phase) for phase in range(target.phases)]
        self.taps = list(zip(*every, strict=True))
        """By column of the kernel, for each phase of the target."""
        self.several = target.phases > 1
        self.sliced = self.lanes.bits > LANE_BITS
        self.written = target.phase_length // (target.channels if layer.uniform else 1)
        """Elements that a function writes."""
        self.blocks = 0
        self.takes: list[list[str]] = []
        """By function, names of its arguments."""
        self.unfinished = max(
            (len(part.channels) for part in self.lanes.parts if len(part.passes) > 1), default=0
        )
        """Outputs whose sums are left from one pass to the next."""

    def text(self) -> str:
        every = enumerate(_functions(self.lanes.parts))
        functions = [self._function(number, parts) for number, parts in every]
        self.out = Source()
        self._layer()
        body = self.out.text() + "".join(functions)
        source, target = self.layer.source, self.layer.target
        shape = f"{source.channels} x {source.height} x {source.width}"
        made = f"{target.channels} x {target.height} x {target.width}"
        head = Source()
        head.line(
            f"//! Layer {self.number}: an image of {shape} to {made}, eight pixels to a word."
        )
        head.line("//!")
        head.line(
            "//! Every lane is proven wide enough, so that what wraps is only what is meant to."
        )
        head.line()
        hint, num = "black_box(" in body, "Wrapping" in body
        if hint or num:
            both = "{hint::black_box, num::Wrapping}"
            head.line(f"use core::{both if hint and num else 'num::Wrapping'};")
            head.line()
        head.lines(imported(KERNELS, body))
        head.line()
        return head.text() + body

    # The loop over rows.

    def _layer(self) -> None:
        layer, out = self.layer, self.out
        source, target, windows = layer.source, layer.target, layer.op.windows
        first, last = (
            target.top * target.row_length,
            (target.top + target.height) * target.row_length,
        )
        with filling(out, layer, self.number):
            if any("on" in names for names in self.takes):
                out.line("let on = black_box(u32::MAX);")
            if any("sums" in names for names in self.takes):
                out.line(f"let mut sums = [[Wrapping(0); 2]; {self.unfinished}];")
            out.line(f"let (rows, _) = x.as_chunks::<{source.row_length}>();")
            out.line(
                f"let (targets, _) = out[{first}..{last}].as_chunks_mut::<{target.row_length}>();"
            )
            out.line(f"let windows = rows.array_windows::<{windows.kernel[0]}>();")
            step = f".step_by({windows.stride[0]})" if windows.stride[0] > 1 else ""
            rows = "rows" if self._reads() else "_"
            with out.block(f"for ({rows}, target) in windows{step}.zip(targets)"):
                if self._reads():
                    out.line("let rows = rows.as_flattened();")
                self._calls()

    def _calls(self) -> None:
        source, target, out = self.layer.source, self.layer.target, self.out
        if not self.several:
            self._phase("target", [])
            return
        out.line(f"let (phases, _) = target.as_chunks_mut::<{target.phase_length}>();")
        for phase in range(target.phases):
            seen = [tap[phase] for tap in self.taps]
            with out.block(f"if let Some(target) = phases.get_mut({phase})"):
                if self._reads():
                    starts = [str(tap.phase * source.phase_length) for tap in seen]
                    out.lines(array("let starts = ", starts))
                self._phase("target", [LANE_BITS * abs(tap.move) for tap in seen])

    def _phase(self, target: str, moves: list[int]) -> None:
        """All channels of one word of pixels."""
        out = self.out
        if not self.layer.uniform:
            self._windows("")
            self._call_all(target, moves)
            return
        out.line(f"let (channels, _) = {target}.as_chunks_mut::<{self.written}>();")
        head = "for (c, out) in channels.iter_mut().enumerate()"
        with out.block(head if self._reads() else "for out in channels"):
            if self._reads():
                out.line(f"let c = c.wrapping_mul({LANES});")
            self._windows("c")
            self._call_all("out", moves)

    def _windows(self, channel: str) -> None:
        """What the functions read from, from a channel on."""
        if not self._reads():
            return
        if not self.several:
            self.out.line(f"let rows = window(rows, {channel or 0});")
            return
        at = f"at.wrapping_add({channel})" if channel else "at"
        self.out.line(f"let taps = starts.map(|at: usize| window(rows, {at}));")

    def _reads(self) -> bool:
        """Whether any output depends on the image at all."""
        return any({"rows", "taps"} & set(names) for names in self.takes)

    def _call_all(self, target: str, moves: list[int]) -> None:
        """Every function, for every slice of a word."""
        for number, names in enumerate(self.takes):
            for slice_ in range(0, self.lanes.bits, LANE_BITS):
                values = {
                    "rows": "rows",
                    "taps": "taps",
                    "moves": str(moves),
                    "out": target,
                    "slice": str(slice_),
                    "on": "on",
                    "sums": "&mut sums",
                }
                self.out.call(f"channels_{number}", [values[name] for name in names])

    # One function: all its channels for one word of pixels.

    def _function(self, number: int, parts: Sequence[Part]) -> str:
        """Source of one function; what it takes is noted in ``takes``."""
        self.out = body = Source()
        body.line(part_mark(f"layer {self.number}"))
        self._columns(parts)
        for part in parts:
            for at, one in enumerate(part.passes):
                self._pass(part, at, one)
        text, types = body.text(), self._arguments()
        used = [name for name in types if re.search(rf"\b{name}\b", text)]
        self.takes.append(used)
        channels = [channel for part in parts for channel in part.channels]
        which = f"Channels {channels[0]} to {channels[-1]}"
        out = Source()
        out.line()
        out.line(f"/// {'A channel' if self.layer.uniform else which} of one word of pixels.")
        out.line("#[inline(never)]")
        with out.function(f"fn channels_{number}", [f"{name}: {types[name]}" for name in used]):
            out.lines(text.splitlines())
        return out.text()

    def _arguments(self) -> dict[str, str]:
        """All that a function may take, and its Rust type."""
        source, target = self.layer.source, self.layer.target
        rows, columns = self.layer.op.windows.kernel
        # A channel's words end before those of the channels after it.
        less = source.phase_length - LANES if self.layer.uniform else 0
        size = (rows - 1) * source.row_length + source.phase_length - less
        return {
            "rows": f"&[u8; {rows * source.row_length - less}]",
            "taps": f"[&[u8; {size}]; {columns}]",
            "moves": f"[usize; {columns}]",
            "out": f"&mut [{target.layout.element}; {self.written}]",
            "slice": "usize",
            "on": "u32",
            "sums": f"&mut [[Wrapping<u64>; 2]; {self.unfinished}]",
        }

    def _columns(self, parts: Sequence[Part]) -> None:
        """Names for what differs from phase to phase."""
        width = len(self.taps)
        seen = {i % width for part in parts for one in part.passes for i in one.used}
        names = [f"d{x}" if x in seen else "_" for x in range(width)]
        moves = [f"s{x}" if x in seen and self._varies(x) else "_" for x in range(width)]
        for parts_of, whole in ((names, "taps"), (moves, "moves")):
            if self.several and set(parts_of) != {"_"}:
                self.out.line(f"let [{', '.join(parts_of)}] = {whole};")
        for x in sorted(seen) if self.layer.source.offset else ():
            # What a pixel of 0 is in memory; where lanes come from beyond the edge, nothing.
            zero = word(splat(-self.layer.source.offset, LANE_BITS), typed=True)
            moved = self._moved(zero, x)
            self.out.line(f"let zero{x} = {moved};")
            if self.sliced:
                mask = word(splat(0xFF, self.lanes.bits))
                self.out.line(f"let zero{x} = (zero{x} >> slice) & {mask};")

    def _varies(self, column: int) -> bool:
        return len({tap.move for tap in self.taps[column]}) > 1

    def _pass(self, part: Part, number: int, one: Pass) -> None:
        out = self.out
        inputs = self._inputs()
        results = Results(out, self.layer.target, self.lanes.bits)
        for i in one.used:
            out.lines(self._load(part.group, i))
        count = len(part.channels)
        last = number == len(part.passes) - 1
        known: set[int] = set()
        for first in range(0, count, CHUNK):
            chunk = range(first, min(first + CHUNK, count))
            hidden = first > 0 or number > 0
            if hidden:
                self._pairs(range(len(one.pairs)), one.pairs, inputs, known)
            todo = [at for at in chunk if last or part.scales[at].multiplier]
            if not todo:
                continue
            with self._hidden(hidden):
                for at in todo:
                    self._pairs(_symbols(one.outputs[at], inputs), one.pairs, inputs, known)
                    constant = part.scales[at].multiplier == 0
                    if not constant:
                        self._begin(part.starts[at], at, number, one.outputs[at])
                        self._sum(one.outputs[at], inputs)
                    if last:
                        results.finish(part.scales[at], part.channels[at])
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

    def _begin(self, start: int, at: int, number: int, output: Output) -> None:
        """An output's two words: new, or as the pass before has left them."""
        mut = "mut " if output.heaps else ""
        if number:
            self.out.line(f"let [{mut}all, {mut}some] = sums[{at}];")
            return
        for name, bits in (("all", self.lanes.bits), ("some", 2 * self.lanes.bits)):
            self.out.line(f"let {mut}{name} = {word(splat(start, bits), typed=True)};")

    def _inputs(self) -> int:
        weights = self.layer.op.weights.shape
        return weights[1] * weights[2] * weights[3]

    def _load(self, group: int, i: int) -> Iterator[str]:
        """Statements that read the word which input ``i`` of a group is in."""
        layer = self.layer
        _, channels, height, width = layer.op.weights.shape
        channel, place = divmod(i, height * width)
        down, column = divmod(place, width)
        at = down * layer.source.row_length + (group * channels + channel) * LANES
        name = f"d{column}"
        if not self.several:
            name = "rows"
            at += self.taps[column][0].phase * layer.source.phase_length
        read = self._moved(f"word({name}, {at})", column)
        steps = [read]
        if self.sliced:
            steps.append(f"(x >> slice) & {word(splat(0xFF, self.lanes.bits))}")
        if layer.source.offset:
            steps.append(f"x - zero{column}")
        yield from (f"let x = {step};" for step in steps[:-1])
        yield f"let x{i} = {steps[-1]};"

    def _moved(self, text: str, column: int) -> str:
        """A word, its lanes where a column of the kernel wants them."""
        moves = [tap.move for tap in self.taps[column]]
        sign = "<<" if min(moves) < 0 else ">>"
        by = f"s{column}" if self._varies(column) else str(LANE_BITS * abs(moves[0]))
        return text if by == "0" else f"{text} {sign} {by}"

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
        if top_used(self.layer.target, bits):
            return f"({name} >> {bits}) & even_lanes({bits})"
        return f"{name} & even_lanes({bits})"


def _symbols(output: Output, inputs: int) -> Iterator[int]:
    """Common sums that an output uses."""
    for _, heaps in output.heaps:
        for term in (term for heap in heaps for term in heap.terms):
            yield from (at - inputs for _, at in term.inputs if at >= inputs)


def _name(at: int, inputs: int) -> str:
    return f"x{at}" if at < inputs else f"y{at - inputs}"


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
    heaps = [
        heap
        for one in part.passes
        for output in one.outputs
        for _, all_ in output.heaps
        for heap in all_
    ]
    added = sum(len(term.inputs) + 2 for heap in heaps for term in heap.terms)
    pairs = sum(len(one.pairs) + len(one.used) for one in part.passes)
    return 2 * added + 12 * len(heaps) + 4 * pairs + 60 * len(part.channels)
