"""The cost model against the node.

    python -m bench.cost          # 40 models that took no part in fitting: docs/prices.md
    python -m bench.cost --fit    # builds other models and writes the constants

Builds a contract for each model that is not in the cache folder yet: ten seconds each.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bench.cost_makers import Priced
from bench.cost_measure import Measured, measure, measure_sdk
from bench.cost_models import FITTING, HELD_OUT, IN_SDK
from bench.figure import Figure
from stylus_ai.chain import Client, Node
from stylus_ai.codegen import emit
from stylus_ai.cost import Fitted, Price, price_plan
from stylus_ai.cost.code import expected_code
from stylus_ai.cost.fitted import FILE, Terms
from stylus_ai.cost.terms import kind_of, predict_terms, size_terms, unpack_terms
from stylus_ai.ir import Program, random_rows
from stylus_ai.plan import plan
from stylus_ai.plan.network import reads_packed

ROWS = 12
"""Rows that each model is asked about."""

GOAL = 0.05
"""Largest error that the cost model may make, as a share of what the node says."""

JUDGED = {
    "predict": "ink of the model",
    "call": "gas of a cached call",
    "size": "bytes on the chain",
    "create": "gas to create",
    "activate": "gas to activate",
}
"""What is compared."""

QUICK = 6
"""Every so many of the 40 models have their measurement kept for a test that builds nothing."""

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "prices.md"
KEPT = ROOT / "tests" / "cost" / "measured.json"

INTRODUCTION = Path(__file__).parent / "prices.md"


@dataclass(frozen=True)
class Case:
    """A model, what is known of it before it is compiled, and what the node said."""

    model: Priced
    program: Program
    measured: Measured

    def terms(self) -> dict[tuple[str, str], Terms]:
        """By quantity and kind."""
        chosen = plan(self.program)
        kind = kind_of(self.program, chosen)
        crate = emit(self.program, chosen)
        code = expected_code(self.program, crate, explained=False)
        rows = random_rows(self.program, ROWS)
        found: dict[tuple[str, str], Terms] = {
            ("predict", kind): predict_terms(self.program, chosen, code, rows),
            ("unpack", "packed" if reads_packed(self.program) else "rows"): unpack_terms(
                self.program
            ),
        }
        for name, each in size_terms(self.program, code).items():
            found[name, kind] = each
        known = {"size": self.measured.size, "raw": self.measured.raw, "one": 1.0}
        found["create", "chain"] = {name: known[name] for name in ("size", "one")}
        found["cached", "chain"] = {name: known[name] for name in ("raw", "one")}
        known["operators"] = self.measured.operators
        found["activate", "chain"] = {name: known[name] for name in ("raw", "operators", "one")}
        return found

    def predicted(self, constants: Fitted | None = None, contract: str = "bare") -> Price:
        """What the cost model says."""
        chosen = plan(self.program)
        return price_plan(
            self.program,
            chosen,
            emit(self.program, chosen),
            rows=random_rows(self.program, ROWS),
            contract="sdk" if contract == "sdk" else "bare",
            constants=constants,
        )

    def errors(self, price: Price) -> dict[str, float]:
        """By quantity: how far the prediction is off, as a share of the truth."""
        return {name: getattr(price, name) / getattr(self.measured, name) - 1 for name in JUDGED}


def measured(models: Sequence[Priced], *, sdk: bool = False) -> list[Case]:
    """Build and ask all models."""
    cases = []
    with tempfile.TemporaryDirectory(prefix="stylus-ai-cost-") as folder, Node(port=0) as node:
        client = Client.connect(node.network)
        for number, model in enumerate(models, 1):
            sys.stderr.write(f"== {number} of {len(models)}: {model.name}\n")
            program = model.make()
            ask = measure_sdk if sdk else measure
            rows = random_rows(program, ROWS)
            cases.append(Case(model, program, ask(program, rows, client, Path(folder) / "build")))
    return cases


def fit(cases: Sequence[Case], sdk: Sequence[Case]) -> Fitted:
    """The factors with the least relative errors, and what a contract with the SDK has more."""
    rows: dict[tuple[str, str], list[tuple[Terms, float]]] = defaultdict(list)
    for case in cases:
        for (quantity, kind), terms in case.terms().items():
            rows[quantity, kind].append((terms, getattr(case.measured, quantity)))
    factors: dict[str, dict[str, float]] = {
        f"{quantity}/{kind}": _solve(found) for (quantity, kind), found in sorted(rows.items())
    }
    for quantity in ("predict", "size", "raw", "operators"):
        # No model with weights in blobs is built here: it borrows what is known of other networks.
        factors[f"{quantity}/blobs"] = factors[f"{quantity}/mlp"]
    for kind in sorted({kind for quantity, kind in rows if quantity == "predict"}):
        factors[f"band/{kind}"] = {
            quantity: float(f"{_left_out(rows[quantity, kind]):.2g}")
            for quantity in ("predict", "size")
        }
    factors["contract/bare"] = _more(cases, Fitted(factors), "bare")
    factors["contract/sdk"] = _more(sdk, Fitted(factors), "sdk")
    return Fitted(factors)


def _solve(rows: Sequence[tuple[Terms, float]]) -> dict[str, float]:
    """Least squares of relative errors; terms that never vary are left to the constant one."""
    names = [
        name for name in rows[0][0] if name == "one" or len({terms[name] for terms, _ in rows}) > 1
    ]
    truth = np.array([value for _, value in rows])
    table = np.array([[terms[name] for name in names] for terms, _ in rows]) / truth[:, None]
    scale = np.abs(table).max(axis=0)
    found, *_ = np.linalg.lstsq(table / scale, np.ones(len(rows)), rcond=1e-9)
    return {name: float(f"{x:.6g}") for name, x in zip(names, found / scale, strict=True)}


def _left_out(rows: Sequence[tuple[Terms, float]]) -> float:
    """Largest error of a model that the factors were not fitted to, each left out in turn."""
    errors = []
    for number, (terms, truth) in enumerate(rows):
        factors = _solve([row for other, row in enumerate(rows) if other != number])
        found = sum(factor * terms[name] for name, factor in factors.items())
        errors.append(abs(found / truth - 1))
    return max(errors)


def _more(cases: Sequence[Case], known: Fitted, contract: str) -> dict[str, float]:
    """What a contract has beside the model, mean over cases: bytes, operators, gas and ink."""
    found: dict[str, list[float]] = defaultdict(list)
    for case in cases:
        price, truth = case.predicted(known, contract), case.measured
        if contract == "sdk":
            for name in ("size", "raw", "operators"):
                found[name].append(getattr(truth, name) - getattr(price, name))
            chain = {"size": truth.size, "raw": truth.raw, "operators": truth.operators, "one": 1}
            for name in ("cached", "activate"):
                rest = getattr(truth, name) - known.value(name, "chain", chain)
                found[name].append(rest)
        gas = truth.call - price.call + price.init - truth.cached
        found["entry"].append(gas * 10_000 + price.predict - truth.predict)
    return {name: float(f"{np.mean(values):.6g}") for name, values in found.items()}


def figures(cases: Sequence[Case]) -> list[dict[str, float]]:
    """Errors of each case, by quantity."""
    return [case.errors(case.predicted()) for case in cases]


def page(cases: Sequence[Case]) -> str:
    """Predictions and truths as Markdown."""
    head = ["model", *JUDGED.values()]
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    for case in cases:
        price = case.predicted()
        cells = [
            f"{getattr(price, name):,.0f} / {getattr(case.measured, name):,.0f}"
            f" ({100 * error:+.1f} %)"
            for name, error in case.errors(price).items()
        ]
        lines.append("| " + " | ".join([case.model.name, *cells]) + " |")
    table = "\n".join(lines)
    text = INTRODUCTION.read_text(encoding="utf-8").format(models=len(cases))
    return f"{text}\n{summary(cases)}\n\n{table}\n"


def summary(cases: Sequence[Case]) -> str:
    """The errors in a sentence."""
    errors = figures(cases)
    within = sum(max(map(abs, each.values())) <= GOAL for each in errors)
    worst = ", ".join(
        f"{max(abs(each[name]) for each in errors):.1%} for {what}" for name, what in JUDGED.items()
    )
    return f"{within} of {len(cases)} are within {GOAL:.0%} in everything; largest errors: {worst}."


def figure() -> Figure:
    """The row of docs/performance.md."""
    cases = measured(HELD_OUT)
    errors = [max(abs(each["predict"]), abs(each["size"])) for each in figures(cases)]
    within = sum(error <= GOAL for error in errors)
    return Figure(
        "price predicted before anything is compiled, gas and size",
        f"{within} of {len(cases)} within {GOAL:.0%}, at most {max(errors):.1%} off",
        f"{GOAL:.0%} on each of 40",
        "models that took no part in fitting, in contracts without any SDK; see docs/prices.md",
    )


def write(constants: Mapping[str, Terms]) -> None:
    """Put the constants where the package reads them."""
    FILE.write_text(json.dumps(constants, indent=2) + "\n", encoding="ascii")


def main() -> int:
    """Fit or check; 1 if an error is beyond the goal."""
    parser = argparse.ArgumentParser(prog="python -m bench.cost", description=__doc__)
    parser.add_argument("--fit", action="store_true", help="fit the constants and write them")
    options = parser.parse_args()
    if options.fit:
        write(fit(measured(FITTING), measured(IN_SDK, sdk=True)).factors)
        return 0
    cases = measured(HELD_OUT)
    PAGE.write_text(page(cases), encoding="utf-8")
    kept = {case.model.name: asdict(case.measured) for case in cases[::QUICK]}
    KEPT.write_text(json.dumps(kept, indent=2) + "\n", encoding="ascii")
    sys.stderr.write(summary(cases) + "\n")
    return int(any(abs(error) > GOAL for each in figures(cases) for error in each.values()))


if __name__ == "__main__":
    sys.exit(main())
