"""IntegerNetwork: what training ends with, as integer operations alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import assert_never

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError
from stylus_ai.ir import (
    Affine,
    Argmax,
    AtLeast,
    Conv2d,
    Features,
    Op,
    Program,
    Requantise,
    Sigmoid,
    Task,
    run_op,
    tensor,
    verify,
)
from stylus_ai.ir.tensor import Ints
from stylus_ai.ir.verify import MAX_FRAC_BITS

Doubles = npt.NDArray[np.float64]

LOGIT_BITS = 16
"""Fractional bits of a binary answer's log-odds."""

MULTIPLIER_BITS = 31
"""Bits of the multiplier from the last sums to log-odds or values."""

MAX_VALUE = 2**62
"""Values saturate here; ``verify`` proves that none comes near."""


@dataclass(frozen=True, eq=False)
class IntegerNetwork:
    """A trained network as a chain of operations; op ``i`` reads value ``i``.

    Attributes:
        ops: The last one is an ``Affine`` whose sums are the answer.
        scale: The float output is ``sum * scale``: logits, log-odds or the target's unit;
            float64[1] or float64[outputs].
    """

    ops: tuple[Op, ...]
    scale: Doubles

    @property
    def outputs(self) -> int:
        """Sums of the last layer."""
        return len(self.dense[-1].bias.array)

    @property
    def dense(self) -> tuple[Affine, ...]:
        """The dense layers, in order."""
        return tuple(op for op in self.ops if isinstance(op, Affine))

    def sums(self, q: npt.ArrayLike) -> Ints:
        """Sums of the last layer for integer rows int[n, features]: int64[n, outputs]."""
        values = np.asarray(q, dtype=np.int64)
        for op in self.ops:
            values = run_op(op, values)
        return values

    def floats(self, q: npt.ArrayLike) -> Doubles:
        """Logits, log-odds or values, float64[n, outputs]."""
        return self.sums(q) * self.scale

    def moved(self, offset: Doubles, unit: Doubles) -> IntegerNetwork:
        """The network of ``y * unit + offset``, the offset rounded into the bias."""
        scale = self.scale * unit
        *hidden, last = self.ops
        if not isinstance(last, Affine):
            raise ModelError("The last layer of a network is dense.")
        bias = tensor(last.bias.array + np.rint(offset / scale).astype(np.int64))
        return IntegerNetwork((*hidden, replace(last, bias=bias)), scale)

    def program(
        self,
        *,
        name: str,
        features: Features,
        task: Task,
        classes: tuple[str, ...],
        source: str,
        parent: str,
        cutoff: float = 0.5,
        value_bits: int | None = None,
    ) -> Program:
        """The whole integer program: the network and what turns its sums into answers.

        Args:
            name: Name of the program, as a crate's.
            features: The columns; their integers are the network's rows.
            task: Of classes only the order of the sums counts; log-odds and values are rescaled.
            classes: Labels, see ``Program``.
            source: What trained the network.
            parent: Digest of the training run.
            cutoff: Of a binary model: probability from which on the decision is yes.
            value_bits: A value is a multiple of ``2**-value_bits`` of the target's unit; by default
                of no more than one step of the network's sums, so that nothing more is rounded.

        Raises:
            ModelError: The network does not fit the features, or may overflow.
        """
        ops, outputs = self._head(task, cutoff, value_bits)
        program = Program(
            name=name,
            features=features,
            task=task,
            family="cnn" if any(isinstance(op, Conv2d) for op in ops) else "mlp",
            ops=ops,
            outputs=outputs,
            reference=tuple((column.q_low + column.q_high) // 2 for column in features),
            classes=classes,
            source=source,
            parent=parent,
            rounding_bound=None,
        )
        verify(program)
        return program

    def _head(
        self, task: Task, cutoff: float, value_bits: int | None
    ) -> tuple[tuple[Op, ...], tuple[tuple[str, int], ...]]:
        """All operations and the outputs."""
        at = len(self.ops)
        match task:
            case "multiclass":
                return (*self.ops, Argmax(at)), (("logits", at), ("class", at + 1))
            case "binary":
                if not 0 < cutoff < 1:
                    raise ModelError(f"cutoff is {cutoff!r}, not between 0 and 1.")
                least = round(np.log(cutoff / (1 - cutoff)) * 2**LOGIT_BITS)
                head: tuple[Op, ...] = (
                    _rescale(at, self.scale, LOGIT_BITS),
                    Sigmoid(at + 1, LOGIT_BITS),
                    AtLeast(at + 1, least),
                )
                return (*self.ops, *head), (
                    ("logit", at + 1),
                    ("score", at + 2),
                    ("decision", at + 3),
                )
            case "regression":
                wide = len(self.scale) > 1
                bits = self._value_bits() if value_bits is None else value_bits
                return (*self.ops, _rescale(at, self.scale, bits)), (
                    ("values" if wide else "value", at + 1),
                )
        assert_never(task)

    def _value_bits(self) -> int:
        finest = math.ceil(-math.log2(float(self.scale.min())))
        return min(max(finest, 0), MAX_FRAC_BITS)


def _rescale(source: int, scale: Doubles, bits: int) -> Requantise:
    """From sums to multiples of ``2**-bits``, one multiplier for each output.

    The shift is the largest for which the multipliers keep ``MULTIPLIER_BITS``.
    """
    factors = scale * 2.0**bits
    shift = MULTIPLIER_BITS - 1 - int(np.ceil(np.log2(factors.max())))
    shift = min(max(shift, 0), 62)
    multipliers = tuple(int(m) for m in np.rint(np.ldexp(factors, shift)))
    return Requantise(source, multipliers, shift, low=-MAX_VALUE, high=MAX_VALUE, frac_bits=bits)
