"""JSON from outside: bounded nesting, no key twice, no NaN.

``json.loads`` relies on the recursion limit to stop deep nesting, and a dependency of web3 raises
that limit so far that the interpreter's own stack overflows first. So nesting is counted before.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

MAX_NESTING = 32

_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)


def loads(text: str) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: Not JSON, nested deeper than ``MAX_NESTING``, a key twice, or NaN or Infinity.
    """
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        found = match.group()
        depth += (found in "[{") - (found in "]}")
        if depth > MAX_NESTING:
            raise ValueError(f"it is nested deeper than {MAX_NESTING}")
    return json.loads(text, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return result


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")
