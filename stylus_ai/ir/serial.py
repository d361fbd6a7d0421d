"""Programs as canonical JSON. Reading is strict and bounded: every surprise is a ModelError.

The same program always gives the same text, so that its SHA-256 can stand for it.
"""

from __future__ import annotations

import json
from typing import Any

from stylus_ai import strict_json
from stylus_ai.errors import ModelError
from stylus_ai.ir.feature import Feature
from stylus_ai.ir.features import Features
from stylus_ai.ir.json_node import NEXT_STEP, JsonNode
from stylus_ai.ir.program import Program
from stylus_ai.ir.serial_ops import dump_op, read_op
from stylus_ai.ir.verify import verify

FORMAT = "stylus-ai program 2"
MAX_CHARACTERS = 256 * 1024 * 1024


def dump(program: Program) -> str:
    """Canonical JSON of a program."""
    value = {
        "format": FORMAT,
        "name": program.name,
        "features": [_feature(column) for column in program.features],
        "bits": program.features.bits,
        "task": program.task,
        "family": program.family,
        "ops": [dump_op(op) for op in program.ops],
        "outputs": [[name, at] for name, at in program.outputs],
        "reference": program.reference,
        "classes": program.classes,
        "source": program.source,
        "parent": program.parent,
        "rounding_bound": program.rounding_bound,
    }
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False) + "\n"


def load(text: str) -> Program:
    """Read a program and verify it.

    Raises:
        ModelError: Not a program's canonical JSON; names the place by its JSON path.
    """
    if len(text) > MAX_CHARACTERS:
        raise ModelError(f"A program of {len(text)} characters is too long.", NEXT_STEP)
    try:
        value = strict_json.loads(text)
    except ValueError as error:
        raise ModelError(f"The program is not JSON: {error}.", NEXT_STEP) from None
    root = JsonNode(value, "$")
    if root.get("format").text() != FORMAT:
        raise ModelError(f'$.format is not "{FORMAT}".', NEXT_STEP)
    try:
        program = Program(
            name=root.get("name").text(),
            features=Features(
                tuple(root.get("features").each(_read_feature)),
                root.get("bits").optional(JsonNode.integer),
            ),
            task=root.get("task").text(),  # type: ignore[arg-type]  # Program checks it
            family=root.get("family").text(),  # type: ignore[arg-type]  # Program checks it
            ops=tuple(root.get("ops").each(read_op)),
            outputs=tuple(root.get("outputs").each(_read_output)),
            reference=root.get("reference").integers(),
            classes=tuple(root.get("classes").each(JsonNode.text)),
            source=root.get("source").text(),
            parent=root.get("parent").text(),
            rounding_bound=root.get("rounding_bound").optional(JsonNode.number),
        )
        root.no_more()
        verify(program)
    except ModelError as error:
        raise ModelError(f"Bad program: {error.cause}", error.next_step or NEXT_STEP) from None
    return program


def _feature(column: Feature) -> dict[str, Any]:
    return {
        "name": column.name,
        "low": float(column.low),
        "high": float(column.high),
        "scale": column.scale,
        "unit": column.unit,
        "labels": column.labels,
        "about": column.about,
        "missing": column.missing,
    }


def _read_feature(node: JsonNode) -> Feature:
    feature = Feature(
        name=node.get("name").text(),
        low=node.get("low").number(),
        high=node.get("high").number(),
        scale=node.get("scale").integer(),
        unit=node.get("unit").text(),
        labels=tuple(node.get("labels").each(JsonNode.text)),
        about=node.get("about").text(),
        missing=node.get("missing").truth(),
    )
    node.no_more()
    return feature


def _read_output(node: JsonNode) -> tuple[str, int]:
    pair = node.each(lambda item: item)
    if len(pair) != 2:
        node.refuse("a pair of name and value")
    return pair[0].text(), pair[1].integer()
