"""What the emitted code costs: the few prices of rules 2.1 and 2.2 that the kernels are made of."""

from stylus_ai.units import Ink

CONST = 1
LOCAL_GET = 75
LOCAL_SET = 210
I32_ALU = 70
I64_ALU = 100
MUL = 160
I32_LOAD = 670
I64_STORE = 950
BRANCH = 765
BLOCK = 2450
CALL = 3800
I32_COMPARE = 170

MASK = Ink(CONST + LOCAL_GET + I32_ALU + CONST + I32_ALU)
"""``above(x, t)``: constant, local, subtract, constant, shift."""

PICK_CONSTANTS = Ink(CONST + I32_ALU + CONST + I32_ALU)
"""``pick`` of two constants: and, exclusive or; the compiler folds ``left ^ right``."""

PICK_VALUES = Ink(2 * LOCAL_GET + 3 * I32_ALU)
"""``pick`` of computed values: one is kept in a local and read again."""

NESTED_LEVEL = Ink(LOCAL_GET + CONST + I32_COMPARE + BRANCH + BLOCK + BRANCH)
"""A level of nested branches: compare, branch, the block that it opens, and the way out."""

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

UNPACK = Ink(2 * I64_BY_CONST + 2 * LOCAL_GET)
"""An input, or a pair, out of a word into a local variable."""

LOAD_WORD = Ink(LOCAL_GET + I64_LOAD + LOCAL_GET)
STORE_WORD = Ink(LOCAL_GET + I64_STORE)

REQUANTISE = Ink(6_000)
"""Equation 6 for one sum: a multiplication, a shift and two limits, in 64 bits."""
