"""What the emitted code costs: the few prices of rules 2.1 and 2.2 that the kernels are made of."""

from stylus_ai.units import Ink

CONST = 1
LOCAL_GET = 75
LOCAL_TEE = 75
LOCAL_SET = 210
I32_ALU = 70
I64_ALU = 100
MUL = 160
I32_LOAD = 670
I64_STORE = 950
BRANCH_IF = 765
BLOCK = 2450
CALL = 3800
I32_COMPARE = 170

MASK = Ink(CONST + LOCAL_GET + I32_ALU + CONST + I32_ALU)
"""``above(x, t)``: constant, local, subtract, constant, shift."""

WIDE_MASK = Ink(CONST + LOCAL_GET + I64_ALU + CONST + I64_ALU)
"""``above_wide(x, t)``: the same in 64 bits."""

FEATURE = Ink(LOCAL_GET + I32_LOAD + LOCAL_SET)
"""Reading a feature into a local variable."""

I64_LOAD = 680
I32_STORE = 825
I64_BY_CONST = I64_ALU + CONST
"""A shift, mask or addition of a constant."""

TERM = {
    "multiply": Ink(LOCAL_GET + CONST + MUL + I64_ALU),
    "and": Ink(LOCAL_GET + CONST + I64_ALU + I64_ALU),
}
"""An input times a constant, added to a sum."""

FLUSH_ODD = Ink(2 * I64_BY_CONST + I64_ALU)
"""The odd slots of a word, added to wider ones."""

FLUSH_BOTH = Ink(FLUSH_ODD + 2 * LOCAL_GET + I64_ALU)
"""The same, and the whole word added to another sum, from which the even slots follow."""

UNPACK = Ink(2 * I64_BY_CONST + LOCAL_GET)
"""An input, or a pair, out of a word into a local variable, at its first use."""

LOAD_WORD = Ink(LOCAL_GET + I64_LOAD + LOCAL_GET)
STORE_WORD = Ink(LOCAL_GET + I64_STORE)

REQUANTISE = Ink(6_000)
"""Equation 6 for one sum: a multiplication, a shift and two limits, in 64 bits."""

PART = Ink(CALL + BLOCK + 8_000)
"""A function of trees: call, block, and the sums that it reads from and writes to memory."""

BRANCH = Ink(LOCAL_GET + CONST + I32_COMPARE + 2 * BRANCH_IF + 2 * BLOCK + LOCAL_GET + LOCAL_SET)
"""A branch: compare, the way in, the way out, a block for each, and the sum in a local variable."""


def combine(bits: int, inner: int) -> Ink:
    """Choosing between two children, of which ``inner`` are not leaves.

    The difference of two leaves is one constant, and a leaf's own value goes into the sum's start.
    Of two inner nodes, one is kept in a local variable and read again.
    """
    alu = I32_ALU if bits == 32 else I64_ALU
    operators = (1, 2, 4)[inner]
    reads = 2 * LOCAL_GET if inner == 2 else 0
    return Ink(operators * (alu + CONST) + reads)
