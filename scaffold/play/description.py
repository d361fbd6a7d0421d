"""What the page is told of a project: ``project.json``, in docs/play.md key by key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scaffold.play.answer import python_answer
from stylus_ai import pipeline
from stylus_ai.chain import Deployment, Network
from stylus_ai.codegen import is_explained
from stylus_ai.fixtures import fixture_rows
from stylus_ai.ir import Answer, Feature, Program, answers, interpret
from stylus_ai.project import Project

EXAMPLES = 10
"""Rows of the fixtures that the page offers: enough for one of each digit."""

RELAY = "/rpc"
"""Where the page finds a chain whose address it must not be told, see ``server``."""

DECISION = ("refused", "approved")
"""What no and yes are called, as on the terminal."""


@dataclass(frozen=True)
class Subject:
    """What a page is about.

    Attributes:
        project: Trained, built and deployed.
        program: Its integer program.
        network: Where its contract is.
        deployment: The contract.
    """

    project: Project
    program: Program
    network: Network
    deployment: Deployment

    @property
    def relayed(self) -> bool:
        """Whether the page asks the chain through the server.

        The embedded node answers local pages. Another need not, and its address may hold a key.
        """
        return not (self.network.name == "embedded" and self.network.is_local)


def describe(subject: Subject) -> dict[str, Any]:
    """The value of ``project.json``; everything in it is plain JSON."""
    project, program, network = subject.project, subject.program, subject.network
    return {
        "name": project.name,
        "application": project.application,
        "network": {
            "name": network.name,
            "chain_id": network.chain_id,
            "rpc": RELAY if subject.relayed else network.rpc,
            "shown": network.shown,
            "relayed": subject.relayed,
        },
        "contract": {
            "address": subject.deployment.address,
            "abi": pipeline.contract_abi(project),
            "block": subject.deployment.block,
            "time": subject.deployment.time,
        },
        "model": {
            "hash": f"0x{program.digest}",
            "source": program.source,
            "task": program.task,
            "trees": len(program.trees),
            "depth": program.depth,
            "classes": list(program.classes),
            "explains": is_explained(program),
            "bits": program.features.bits,
        },
        "answers": [_answer(answer) for answer in answers(program)],
        "features": [
            _feature(feature, reference)
            for feature, reference in zip(program.features, program.reference, strict=True)
        ],
        "examples": _examples(subject),
        "page": (project.root / "page" / "index.js").is_file(),
    }


def _answer(answer: Answer) -> dict[str, Any]:
    labels: Sequence[str] = DECISION if answer.meaning == "decision" else answer.labels
    return {
        "name": answer.name,
        "type": answer.type,
        "meaning": answer.meaning,
        "about": answer.about,
        "labels": list(labels),
        "scale": answer.scale,
    }


def _feature(feature: Feature, reference: int) -> dict[str, Any]:
    return {
        "name": feature.name,
        "about": feature.about,
        "unit": feature.unit,
        "labels": list(feature.labels),
        "scale": feature.scale,
        "low": feature.q_low,
        "high": feature.q_high,
        "missing": feature.missing,
        "width": feature.width,
        "signed": feature.signed,
        "reference": reference,
    }


def _examples(subject: Subject) -> list[dict[str, Any]]:
    """Test rows from the least answer to the largest: low and high scores, or each class."""
    program = subject.program
    rows = fixture_rows(subject.project.fixtures / "test.csv", program.features)
    first = interpret(program, rows)[answers(program)[0].output].reshape(len(rows), -1)[:, 0]
    from_least = np.argsort(first, kind="stable")
    chosen = from_least[np.linspace(0, len(rows) - 1, min(EXAMPLES, len(rows))).astype(int)]
    return [
        {
            "number": int(number),
            "row": rows[number].tolist(),
            "answer": python_answer(program, rows[number].tolist())["answer"],
        }
        for number in chosen
    ]
