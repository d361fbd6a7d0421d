"""JsonNode: a value of a JSON file with its path, read strictly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import numpy as np
import numpy.typing as npt

from stylus_ai.errors import ModelError

MAX_ITEMS = 4_000_000

NEXT_STEP = "Make the file again with: stylus-ai train"

INT64 = 2**63

_T = TypeVar("_T")


class JsonNode:
    """A JSON value with its path; each accessor checks the type, and objects what was read."""

    def __init__(self, value: Any, path: str, next_step: str = NEXT_STEP) -> None:
        self._value = value
        self._path = path
        self._next_step = next_step
        self._read: set[str] = set()

    def refuse(self, wanted: str) -> NoReturn:
        """Raise, naming the path."""
        raise ModelError(f"{self._path} is not {wanted}.", self._next_step)

    def get(self, key: str) -> JsonNode:
        """A key of an object."""
        if not isinstance(self._value, dict):
            self.refuse("an object")
        if key not in self._value:
            self.refuse(f"complete: {key} is missing")
        self._read.add(key)
        return JsonNode(self._value[key], f"{self._path}.{key}", self._next_step)

    def has(self, key: str) -> bool:
        """Whether an object has a key."""
        return isinstance(self._value, dict) and key in self._value

    def no_more(self) -> None:
        """Refuse an object that has keys which nobody read."""
        unknown = sorted(set(self._value) - self._read)
        if unknown:
            self.refuse(f"as expected: {unknown[0][:40]!r} is unknown")

    def each(self, read: Callable[[JsonNode], _T]) -> list[_T]:
        """The items of a list."""
        if not isinstance(self._value, list) or len(self._value) > MAX_ITEMS:
            self.refuse(f"a list of at most {MAX_ITEMS} items")
        return [
            read(JsonNode(item, f"{self._path}[{i}]", self._next_step))
            for i, item in enumerate(self._value)
        ]

    def text(self) -> str:
        """A text."""
        if not isinstance(self._value, str):
            self.refuse("a text")
        return self._value

    def optional(self, read: Callable[[JsonNode], _T]) -> _T | None:
        """None for null."""
        return None if self._value is None else read(self)

    def integer(self) -> int:
        """An integer of 64 bits."""
        if type(self._value) is not int or not -INT64 <= self._value < INT64:
            self.refuse("a 64-bit integer")
        return self._value

    def truth(self) -> bool:
        """True or false."""
        if type(self._value) is not bool:
            self.refuse("true or false")
        return self._value

    def number(self) -> float:
        """A number with a decimal point."""
        if type(self._value) is not float:
            self.refuse("a number with a decimal point")
        return self._value

    def integers(self) -> tuple[int, ...]:
        """A list of 64-bit integers, checked at one go: trees are large."""
        value = self._value
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            self.refuse(f"a list of at most {MAX_ITEMS} items")
        if not all(type(item) is int and -INT64 <= item < INT64 for item in value):
            self.refuse("a list of 64-bit integers")
        return tuple(value)

    def numbers(self) -> npt.NDArray[np.float64]:
        """A list of numbers, whole or not, as float64."""
        value = self._value
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            self.refuse(f"a list of at most {MAX_ITEMS} items")
        if not all(type(item) is float or type(item) is int for item in value):
            self.refuse("a list of numbers")
        try:
            return np.array(value, dtype=np.float64)
        except OverflowError:
            self.refuse("a list of numbers of 64 bits")
