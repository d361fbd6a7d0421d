"""One column of the input: its name, range, grid and width, and the rules that these obey."""

from __future__ import annotations

import keyword
import math
import re
from dataclasses import dataclass

from stylus_ai.errors import ModelError
from stylus_ai.words import RESERVED

INT32_LIMIT = 2**31
"""Integer values lie strictly between -2^31 and 2^31, so that ``low - 1`` is an i32 too."""

MAX_LABELS = 4096
MAX_TEXT = 400

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@dataclass(frozen=True)
class Feature:
    """One column of the input.

    Attributes:
        name: snake_case; an identifier in Rust, Solidity (as camelCase) and Python.
        low: Smallest allowed value in natural units, inclusive; on the grid.
        high: Largest allowed value in natural units, inclusive; on the grid.
        scale: Integer steps per unit: the contract sees ``x * scale``. 1 for whole numbers,
            100 for two decimals.
        unit: What a step of 1.0 means, e.g. ``days``. For people only.
        labels: For a category: the label of code ``low``, ``low + 1``, ...
        about: One sentence for documentation.
        missing: A value may be missing: NaN in natural units, ``q_high + 1`` as an integer.

    Raises:
        ModelError: The name is no identifier, the range is empty or off the grid, or its
            integers do not fit 32 bits.
    """

    name: str
    low: float
    high: float
    scale: int = 1
    unit: str = ""
    labels: tuple[str, ...] = ()
    about: str = ""
    missing: bool = False

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_range(self)
        # One type each, whatever was given (an int, a numpy number), so that digests are equal.
        object.__setattr__(self, "low", float(self.low))
        object.__setattr__(self, "high", float(self.high))
        object.__setattr__(self, "scale", int(self.scale))
        object.__setattr__(self, "labels", tuple(self.labels))
        object.__setattr__(self, "missing", bool(self.missing))
        _check_labels(self)
        if max(len(self.unit), len(self.about)) > MAX_TEXT:
            raise ModelError(
                f"Feature {self.name}: unit or about is longer than {MAX_TEXT} characters."
            )

    @property
    def q_low(self) -> int:
        """Smallest integer value."""
        return round(self.low * self.scale)

    @property
    def q_high(self) -> int:
        """Largest integer value."""
        return round(self.high * self.scale)

    @property
    def q_top(self) -> int:
        """Largest integer that the contract takes: ``q_high``, or the number of a gap."""
        return self.q_high + 1 if self.missing else self.q_high

    @property
    def signed(self) -> bool:
        """True if packed as two's complement."""
        return self.q_low < 0

    @property
    def width(self) -> int:
        """Bytes when packed: the least of 1, 2 and 4 that holds the range and a gap."""
        spare = 1 if self.signed else 0
        largest = max(self.q_top, -self.q_low - 1, 0)
        bits = largest.bit_length() + spare
        return 1 if bits <= 8 else 2 if bits <= 16 else 4

    @property
    def solidity_type(self) -> str:
        """Type of the packed value, e.g. ``uint16``."""
        return f"{'int' if self.signed else 'uint'}{8 * self.width}"

    @property
    def camel_name(self) -> str:
        """The name in Solidity: ``wallet_age`` becomes ``walletAge``."""
        head, *rest = self.name.split("_")
        return head + "".join(part.capitalize() for part in rest)

    def describe_range(self) -> str:
        """The range for a message, e.g. ``4..72 months in steps of 1``."""
        step = "1" if self.scale == 1 else f"1/{self.scale}"
        unit = f" {self.unit}" if self.unit else ""
        gap = ", or missing" if self.missing else ""
        return f"{self.low:g}..{self.high:g}{unit} in steps of {step}{gap}"


def _check_name(name: str) -> None:
    if not (_NAME.fullmatch(name) and len(name) <= 64):
        raise ModelError(
            f"Feature name {name!r} is not snake_case.",
            "Use lower-case words joined by single underscores, at most 64 characters.",
        )
    if name in RESERVED or keyword.iskeyword(name):
        raise ModelError(
            f"Feature name {name!r} is a reserved word of Rust, Solidity or Python.",
            f"Call it {name}_value, for example.",
        )


def _check_range(feature: Feature) -> None:
    name, scale = feature.name, feature.scale
    if not 1 <= scale < INT32_LIMIT or scale != int(scale):
        raise ModelError(f"Feature {name}: scale must be a whole number from 1, not {scale!r}.")
    for side, value in (("low", feature.low), ("high", feature.high)):
        if not math.isfinite(value):
            raise ModelError(f"Feature {name}: {side} is {value!r}.", "Give a finite range.")
        if round(value * scale) / scale != value:
            raise ModelError(
                f"Feature {name}: {side} = {value!r} is not a multiple of 1/{scale}.",
                f"Use {round(value * scale) / scale!r} or another scale.",
            )
    low, high = feature.q_low, feature.q_top
    if low > feature.q_high:
        raise ModelError(f"Feature {name}: low = {feature.low!r} is above high = {feature.high!r}.")
    if low <= -INT32_LIMIT or high >= INT32_LIMIT or high - low >= INT32_LIMIT:
        raise ModelError(
            f"Feature {name}: {low}..{high} does not fit 32 bits.",
            "Use a smaller scale or a smaller range.",
        )


def _check_labels(feature: Feature) -> None:
    labels = feature.labels
    if not labels:
        return
    if feature.scale != 1 or len(labels) != feature.q_high - feature.q_low + 1:
        raise ModelError(
            f"Feature {feature.name}: {len(labels)} labels for the codes "
            f"{feature.low:g}..{feature.high:g}.",
            "Give one label for each code, and scale 1.",
        )
    if len(labels) > MAX_LABELS or any(len(label) > MAX_TEXT for label in labels):
        raise ModelError(
            f"Feature {feature.name}: over {MAX_LABELS} labels, or one is over {MAX_TEXT} long."
        )
    if len(set(labels)) != len(labels):
        raise ModelError(f"Feature {feature.name}: a label stands twice.")
