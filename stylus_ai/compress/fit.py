"""Limits, and the rung that meets them with the smallest change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from stylus_ai.errors import UsageError

What = Literal["size", "gas", "call", "deploy"]
"""What a limit is of: bytes of the compressed contract, gas of the model in a call, of the whole
transaction that asks a cached contract, or to deploy."""

PRICES: tuple[What, ...] = get_args(What)

MARGINS: Mapping[What, float] = {"size": 0.05, "gas": 0.2, "call": 0.02, "deploy": 0.05}
"""How far a predicted price may be off, as a share: the largest that ``--measure`` has shown for
the credit-score contract, rounded up. A limit counts as kept if it is kept at this distance."""


@dataclass(frozen=True)
class Limits:
    """What a rung has to keep to.

    Attributes:
        most: Upper limits.
        min_accuracy: Least accuracy on the validation rows, or R2.
    """

    most: tuple[tuple[What, float], ...] = ()
    min_accuracy: float | None = None

    @classmethod
    def parse(cls, texts: Sequence[str], min_accuracy: float | None = None) -> Limits:
        """From ``size=24576`` and the like.

        Raises:
            UsageError: Another word, or no number.
        """
        most: list[tuple[What, float]] = []
        for text in texts:
            name, _, value = text.partition("=")
            what = next((what for what in PRICES if what == name.strip()), None)
            try:
                limit = float(value.replace("_", ""))
            except ValueError:
                limit = -1.0
            if what is None or not 0 < limit < 1e15:
                raise UsageError(
                    f"--fit {text!r} is no limit.",
                    "Give size=BYTES, gas=GAS, call=GAS or deploy=GAS, e.g. --fit size=24576",
                )
            most.append((what, limit))
        if min_accuracy is not None and not 0 <= min_accuracy <= 1:
            raise UsageError(f"--min-accuracy {min_accuracy} is not between 0 and 1.")
        return cls(tuple(most), min_accuracy)

    def __bool__(self) -> bool:
        return bool(self.most) or self.min_accuracy is not None

    def missed(self, rung: Measured) -> dict[str, float]:
        """By how much each limit is missed, as a share of it; empty if all are kept for certain."""
        over: dict[str, float] = {}
        for what, limit in self.most:
            worst = getattr(rung, what) * (1 if rung.measured else 1 + MARGINS[what])
            if worst > limit:
                over[what] = worst / limit - 1
        wanted = self.min_accuracy
        if wanted is not None and rung.accuracy < wanted:
            over["accuracy"] = 1 - rung.accuracy / wanted
        return over


@dataclass(frozen=True)
class Measured:
    """A rung with its price.

    Attributes:
        name: Of the rung.
        accuracy: On the validation rows.
        agreement: With the float model.
        size: Bytes of the compressed contract.
        gas: Of the model in one call.
        call: Gas of a whole transaction that asks for a prediction, once the contract is cached.
        deploy: Gas to deploy.
        measured: Whether the four were measured; else they are predicted, within ``MARGINS``.
    """

    name: str
    accuracy: float
    agreement: float
    size: float
    gas: float
    call: float
    deploy: float
    measured: bool = False


@dataclass(frozen=True)
class Choice:
    """What a search found.

    Attributes:
        rung: The rung that changes least of those that fit, else the one that misses by least.
        missed: Limits that it misses, each by a share; empty if it fits.
    """

    rung: Measured
    missed: dict[str, float]


def choose(rungs: Sequence[Measured], limits: Limits) -> Choice:
    """Of those that fit the one that agrees most with the float model, then the cheapest.

    Args:
        rungs: At least one.
        limits: What it has to keep to.
    """
    found = [Choice(rung, limits.missed(rung)) for rung in rungs]
    fitting = [choice for choice in found if not choice.missed]
    if fitting:
        return max(fitting, key=lambda choice: (choice.rung.agreement, -choice.rung.gas))
    return min(found, key=lambda choice: max(choice.missed.values()))
