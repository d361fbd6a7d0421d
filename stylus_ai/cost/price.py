"""The price of a program: size, gas and deployment, before anything is compiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from stylus_ai.blobs import factory_data
from stylus_ai.codegen import Crate, blobs_of, emit
from stylus_ai.cost import terms
from stylus_ai.cost.code import expected_code
from stylus_ai.cost.fitted import Band, Fitted, fitted
from stylus_ai.ir import Program
from stylus_ai.plan import Plan, plan
from stylus_ai.plan.network import reads_packed
from stylus_ai.units import Bytes, Gas, Ink, gas_of

Ints = npt.NDArray[np.int64]

ContractKind = Literal["sdk", "bare"]
"""The contract that ``stylus-ai new`` generates, or one without any SDK as in ``bench``."""

TRANSACTION = 21_000
"""Gas of any transaction."""

ZERO_BYTE, OTHER_BYTE = 4, 16
"""Gas of a byte of calldata (rules 7.1)."""

WORD = 32
"""Solidity pads arguments to words."""

SELECTOR = 4

WORD_OF_MEMORY, MEMORY_SQUARES = 3, 512
"""Gas of a word of memory, or of copying one; and what the square of the words is divided by."""

CODE_BYTE = 200
"""Gas of a byte of an account's code, when it is created."""

CREATE = 32_000
"""Gas of creating an account."""

INIT_WORD = 8
"""Gas of a word of init code that CREATE2 hashes: 6, and 2 by EIP-3860."""


@dataclass(frozen=True)
class Price:
    """What a contract around a program will cost.

    Attributes:
        size: Bytes of the compressed contract.
        gas: Of the model function in one call.
        deploy: Gas to create and to activate the contract, and to create its blobs.
        call: Gas of a whole transaction that asks for a prediction, once the contract is cached.
        predict: Ink of the model function, mean over the rows.
        unpack: Ink from packed bytes to a checked row.
        entry: Ink of the contract around both: reading calldata, dispatch, answer.
        init: Gas before the call's first operator, once cached.
        calldata: Gas of the call's bytes.
        create: Gas to create the contract.
        activate: Gas to activate it.
        blobs: Gas to create the blobs that it reads; 0 if all weights are in code.
        raw: Bytes of the wasm.
        operators: Of the wasm after instrumentation.
    """

    size: Bytes
    predict: Ink
    unpack: Ink
    entry: Ink
    init: Gas
    calldata: Gas
    create: Gas
    activate: Gas
    blobs: Gas
    raw: Bytes
    operators: int

    @property
    def gas(self) -> Gas:
        """See above."""
        return gas_of(self.predict)

    @property
    def ink(self) -> Ink:
        """From entry to return of the contract, host calls included."""
        return Ink(self.predict + self.unpack + self.entry)

    @property
    def deploy(self) -> Gas:
        """See above."""
        return Gas(self.create + self.activate + self.blobs)

    @property
    def call(self) -> Gas:
        """See above."""
        return Gas(TRANSACTION + self.calldata + self.init + gas_of(self.ink))


def price(
    program: Program,
    profile: str = "arbos51",
    *,
    rows: Ints | None = None,
    contract: ContractKind = "sdk",
    constants: Fitted | None = None,
) -> Price:
    """Predict what a contract around ``program`` costs.

    Args:
        program: Any verified program.
        profile: Chain profile, one of ``stylus_ai.plan.PROFILES``.
        rows: int64[n, features]: trees that branch cost each row another price, so ``gas`` is the
            mean over these; the first is the row of the transaction. None for the reference row.
        contract: What stands around the model.
        constants: None for the committed ones.

    Raises:
        UsageError: Unknown profile.
        ModelError: The program is malformed, or an op has no kernel.
    """
    chosen = plan(program, profile)
    return price_plan(
        program, chosen, emit(program, chosen), rows=rows, contract=contract, constants=constants
    )


def price_plan(
    program: Program,
    chosen: Plan,
    crate: Crate,
    *,
    rows: Ints | None = None,
    contract: ContractKind = "sdk",
    constants: Fitted | None = None,
) -> Price:
    """`price` where the plan and the crate are there already."""
    known = constants or fitted()
    if rows is None:
        rows = np.array([program.reference], dtype=np.int64)
    kind = terms.kind_of(program, chosen)
    code = expected_code(program, crate, explained=contract == "sdk")
    sizes = {
        name: known.value(name, kind, found) + known.beside(name, contract)
        for name, found in terms.size_terms(program, code).items()
    }
    chain = {**sizes, "one": 1.0}
    packed = "packed" if reads_packed(program) else "rows"
    return Price(
        size=Bytes(round(sizes["size"])),
        predict=Ink(
            round(known.value("predict", kind, terms.predict_terms(program, chosen, code, rows)))
        ),
        unpack=Ink(round(known.value("unpack", packed, terms.unpack_terms(program)))),
        entry=Ink(round(known.beside("entry", contract))),
        init=Gas(round(known.value("cached", "chain", chain) + known.beside("cached", contract))),
        calldata=Gas(_calldata(program.features.pack(rows[0]), contract)),
        create=Gas(round(known.value("create", "chain", chain))),
        activate=Gas(
            round(known.value("activate", "chain", chain) + known.beside("activate", contract))
        ),
        blobs=_blobs(chosen),
        raw=Bytes(round(sizes["raw"])),
        operators=round(sizes["operators"]),
    )


def _blobs(chosen: Plan) -> Gas:
    """Gas of one transaction for each blob."""
    chain = blobs_of(chosen)
    return Gas(sum(blob_gas(code) for code in chain.codes) if chain else 0)


def blob_gas(code: bytes) -> int:
    """Gas of the transaction by which the CREATE2 factory creates a blob."""
    data = factory_data(code)
    words = -(-len(data) // WORD)
    memory = WORD_OF_MEMORY * words + words * words // MEMORY_SQUARES
    # The factory copies its calldata into memory, and the init code that it runs does so again.
    copies = 2 * (WORD_OF_MEMORY * words + memory)
    words_and_bytes = INIT_WORD * words + CODE_BYTE * len(code)
    return TRANSACTION + _bytes(data) + CREATE + words_and_bytes + copies


def _bytes(data: bytes) -> int:
    """Gas of calldata."""
    zeros = data.count(0)
    return ZERO_BYTE * zeros + OTHER_BYTE * (len(data) - zeros)


def _calldata(packed: bytes, contract: ContractKind) -> int:
    """Gas of a call's bytes: the row itself, or ``predict(bytes)``."""
    if contract == "sdk":
        head = WORD.to_bytes(WORD) + len(packed).to_bytes(WORD)
        packed = bytes([0xFF] * SELECTOR) + head + packed + bytes(-len(packed) % WORD)
    return _bytes(packed)


def band_of(program: Program, chosen: Plan) -> Band | None:
    """How far predictions for such models were off; None for a kind that nobody has measured."""
    return fitted().band(terms.kind_of(program, chosen))
