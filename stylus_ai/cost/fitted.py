"""The constants of the cost model, as ``python -m bench.cost --fit`` wrote them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "fitted.json"

Terms = Mapping[str, float]
"""Named quantities, or their factors; ``one`` is the constant term."""


@dataclass(frozen=True)
class Band:
    """The largest error among models that took no part in fitting, each left out in turn.

    Attributes:
        predict: Of the model function's ink, as a share of the truth.
        size: Of the compressed contract without any SDK.
    """

    predict: float
    size: float


@dataclass(frozen=True)
class Fitted:
    """Factors by quantity and kind of model.

    Attributes:
        factors: By ``quantity/kind``: a factor for each term.
    """

    factors: Mapping[str, Terms]

    def value(self, quantity: str, kind: str, terms: Terms) -> float:
        """The sum of a quantity's terms, each times its factor."""
        factors = self.factors[f"{quantity}/{kind}"]
        return sum(factor * terms[name] for name, factor in factors.items())

    def beside(self, quantity: str, contract: str) -> float:
        """What a kind of contract adds to a quantity; 0 where nothing was measured."""
        return self.factors.get(f"contract/{contract}", {}).get(quantity, 0.0)

    def band(self, kind: str) -> Band | None:
        """What is known of the errors for a kind of model; None for one that is not measured."""
        found = self.factors.get(f"band/{kind}")
        return Band(**found) if found else None


@cache
def fitted() -> Fitted:
    """The committed constants."""
    return Fitted(json.loads(FILE.read_text(encoding="ascii")))
