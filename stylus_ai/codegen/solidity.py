"""The contract's interface: Solidity source and ABI JSON, from one description."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stylus_ai.codegen.parts import is_explained
from stylus_ai.ir import Program, answers


@dataclass(frozen=True)
class _Value:
    """A named value of a Solidity type; ``fields`` for a struct."""

    type: str
    name: str
    fields: tuple[_Value, ...] = field(default=())

    def source(self, location: str) -> str:
        """As a parameter; only reference types have a data location."""
        by_reference = self.fields or self.type == "bytes" or self.type.endswith("]")
        middle = f" {location}" if by_reference else ""
        return f"{self.type}{middle} {self.name}"

    def json(self) -> dict[str, Any]:
        """As ABI JSON."""
        if not self.fields:
            return {"name": self.name, "type": self.type, "internalType": self.type}
        return {
            "name": self.name,
            "type": "tuple",
            "internalType": f"struct {self.type}",
            "components": [value.json() for value in self.fields],
        }


@dataclass(frozen=True)
class _Function:
    name: str
    inputs: tuple[_Value, ...]
    outputs: tuple[_Value, ...]
    about: str
    returns: tuple[str, ...]


@dataclass(frozen=True)
class _Error:
    name: str
    inputs: tuple[_Value, ...]
    about: str


ERRORS = (
    _Error("MalformedCalldata", (), "The calldata encodes no call of this interface."),
    _Error(
        "WrongLength",
        (_Value("uint256", "got"), _Value("uint256", "expected")),
        "The packed row has another length.",
    ),
    _Error(
        "FeatureOutOfRange",
        (
            _Value("uint16", "feature"),
            _Value("int64", "value"),
            _Value("int64", "low"),
            _Value("int64", "high"),
        ),
        "A value is outside its feature's range; features count from 0.",
    ),
    _Error("WeightsMissing", (), "Weights that the model reads from blobs are not on this chain."),
)
"""Errors of every model's contract."""

ABOUT_THE_MODEL = (
    _Function(
        "modelHash",
        (),
        (_Value("bytes32", "hash"),),
        "SHA-256 of the integer program.",
        ("Digest.",),
    ),
    _Function(
        "modelInfo",
        (),
        tuple(
            _Value(kind, name)
            for kind, name in (
                ("uint16", "features"),
                ("uint16", "trees"),
                ("uint16", "depth"),
                ("uint8", "fracBits"),
                ("uint8", "family"),
                ("int64", "cutoff"),
            )
        ),
        "Facts about the model.",
        (
            "Number of features.",
            "Number of trees; 0 for a model without.",
            "Depth of the deepest tree.",
            "Fractional bits of the accumulator.",
            "0 decision tree, 1 forest, 2 boosting, 3 linear, 4 MLP, 5 CNN.",
            "Smallest accumulator that decides yes; 0 if the model decides nothing.",
        ),
    ),
)
"""Functions of every model's contract beside ``predict``."""


def solidity_interface(program: Program, name: str = "IModel") -> str:
    """Solidity source of the interface of a program's contract.

    Args:
        program: What the contract computes.
        name: Name of the interface.
    """
    row, errors, functions = _describe(program)
    lines = [
        "// SPDX-License-Identifier: MIT",
        "// Written by stylus-ai build. Do not edit.",
        "pragma solidity ^0.8.4;",
        "",
        f"/// @title {name}: {program.name}, a machine-learning model on Arbitrum Stylus",
        f"/// @dev Program 0x{program.digest}",
        f"interface {name} {{",
    ]
    if row is not None:
        lines += _struct(program, row)
    for error in errors:
        arguments = ", ".join(value.source("") for value in error.inputs)
        lines += [f"    /// @notice {error.about}", f"    error {error.name}({arguments});", ""]
    for function in functions:
        lines += [f"    /// @notice {function.about}"]
        for value, about in zip(function.outputs, function.returns, strict=True):
            lines.append(f"    /// @return {value.name} {about}")
        arguments = ", ".join(value.source("calldata") for value in function.inputs)
        results = ", ".join(value.source("memory") for value in function.outputs)
        lines += [
            f"    function {function.name}({arguments}) external view returns ({results});",
            "",
        ]
    lines[-1] = "}"
    return "\n".join(lines) + "\n"


def abi_json(program: Program) -> list[dict[str, Any]]:
    """ABI of the same interface, as ``solc --abi`` gives it."""
    _, errors, functions = _describe(program)
    return [
        {
            "type": "error",
            "name": error.name,
            "inputs": [value.json() for value in error.inputs],
        }
        for error in errors
    ] + [
        {
            "type": "function",
            "name": function.name,
            "inputs": [value.json() for value in function.inputs],
            "outputs": [value.json() for value in function.outputs],
            "stateMutability": "view",
        }
        for function in functions
    ]


def _plain(text: str) -> str:
    """Text that cannot end a comment line."""
    return "".join(char if char.isprintable() else " " for char in text)


def _struct(program: Program, row: _Value) -> list[str]:
    """The row as a struct, a comment beside each field."""
    lines = [
        "    /// @dev Integers: the value in natural units times the feature's scale.",
        f"    struct {row.type} {{",
    ]
    for column, value in zip(program.features, row.fields, strict=True):
        gap = f" ({column.q_top} if missing)" if column.missing else ""
        note = f"{column.name}: {column.q_low}..{column.q_high}{gap}"
        scale = f", steps of 1/{column.scale}" if column.scale != 1 else ""
        unit = f", {column.unit}" if column.unit else ""
        lines.append(f"        {value.type} {value.name}; // {_plain(note + unit + scale)}")
    return [*lines, "    }", ""]


def _describe(
    program: Program,
) -> tuple[_Value | None, tuple[_Error, ...], tuple[_Function, ...]]:
    """Struct of a row, errors and functions; only a model that explains itself takes the struct."""
    returned = answers(program)
    outputs = tuple(_Value(answer.type, answer.name) for answer in returned)
    abouts = tuple(answer.about for answer in returned)
    packed = _Value("bytes", "features")
    predict = _Function("predict", (packed,), outputs, f"Predicts from {_row(program)}.", abouts)
    if not is_explained(program):
        return None, ERRORS, (predict, *ABOUT_THE_MODEL)
    row = _Value(
        "Applicant",
        "applicant",
        tuple(_Value(column.solidity_type, column.camel_name) for column in program.features),
    )
    assess = _Function("assess", (row,), outputs, "Predicts from named features.", abouts)
    explain = _Function(
        "explain",
        (packed,),
        (*outputs, _Value("uint16[]", "leaves"), _Value("int32[]", "points")),
        "Predicts, and says why.",
        (
            *abouts,
            "Leaf reached in each tree, from left to right.",
            "For each feature: the score, less the score at the reference value.",
        ),
    )
    return row, ERRORS, (predict, assess, explain, *ABOUT_THE_MODEL)


def _row(program: Program) -> str:
    """A packed row in words."""
    features = program.features
    if features.bits is None:
        return f"abi.encodePacked features, {features.packed_length} bytes"
    return (
        f"{len(features)} values of {features.bits} bits, the first in the highest bits, "
        f"{features.packed_length} bytes"
    )
