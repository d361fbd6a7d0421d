"""The contract's interface: Solidity source and ABI JSON, from one description."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from stylus_ai.errors import ModelError
from stylus_ai.ir import Program


@dataclass(frozen=True)
class _Value:
    """A named value of a Solidity type; ``fields`` for a struct."""

    type: str
    name: str
    fields: tuple[_Value, ...] = field(default=())

    def source(self, location: str) -> str:
        """As a parameter; only reference types have a data location."""
        by_reference = self.fields or self.type == "bytes" or self.type.endswith("[]")
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


def solidity_interface(program: Program, name: str = "ICreditScore") -> str:
    """Solidity source of a binary model's interface.

    Args:
        program: A binary program.
        name: Name of the interface.

    Raises:
        ModelError: The program is not binary.
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
        "    /// @dev Integers: the value in natural units times the feature's scale.",
        f"    struct {row.type} {{",
    ]
    for column, value in zip(program.features, row.fields, strict=True):
        gap = f" ({column.q_top} if missing)" if column.missing else ""
        note = f"{column.name}: {column.q_low}..{column.q_high}{gap}"
        scale = f", steps of 1/{column.scale}" if column.scale != 1 else ""
        unit = f", {column.unit}" if column.unit else ""
        lines.append(f"        {value.type} {value.name}; // {_plain(note + unit + scale)}")
    lines += ["    }", ""]
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
    """ABI of the same interface, as ``solc --abi`` gives it.

    Raises:
        ModelError: The program is not binary.
    """
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


def _describe(program: Program) -> tuple[_Value, tuple[_Error, ...], tuple[_Function, ...]]:
    if program.task != "binary":
        raise ModelError(
            f"A {program.task} program has no Solidity interface here.",
            "The interface is that of a yes-or-no model.",
        )
    row = _Value(
        "Applicant",
        "applicant",
        tuple(_Value(column.solidity_type, column.camel_name) for column in program.features),
    )
    packed = _Value("bytes", "features")
    score, approved = _Value("uint16", "score"), _Value("bool", "approved")
    about_score = "Probability of yes in basis points, 0 to 10000."
    about_approved = "True if the probability reaches the cut-off."
    errors = (
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
    )
    functions = (
        _Function(
            "predict",
            (packed,),
            (score, approved),
            f"Predicts from abi.encodePacked features, {program.features.packed_length} bytes.",
            (about_score, about_approved),
        ),
        _Function(
            "assess",
            (row,),
            (score, approved),
            "Predicts from named features.",
            (about_score, about_approved),
        ),
        _Function(
            "explain",
            (packed,),
            (score, approved, _Value("uint16[]", "leaves"), _Value("int32[]", "points")),
            "Predicts, and says why.",
            (
                about_score,
                about_approved,
                "Leaf reached in each tree, from left to right.",
                "For each feature: the score, less the score at the reference value.",
            ),
        ),
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
                "Number of trees; 0 for a linear model.",
                "Depth of the deepest tree.",
                "Fractional bits of the accumulator.",
                "0 decision tree, 1 forest, 2 boosting, 3 linear, 4 MLP, 5 CNN.",
                "Smallest accumulator that decides yes.",
            ),
        ),
    )
    return row, errors, functions
