"""What a chain accepts, by version of its operating system ArbOS."""

from __future__ import annotations

from dataclasses import dataclass

from stylus_ai.errors import UsageError
from stylus_ai.units import Bytes


@dataclass(frozen=True)
class Profile:
    """Size limits of one ArbOS version.

    Attributes:
        name: As in ``stylus-ai.toml``.
        arbos: First ArbOS version that it stands for.
        max_code: Bytes of one contract's code (rules 8), prefix included.
        max_fragments: Pieces into which a program may be divided; 0 where there are none.
        max_wasm: Bytes of the wasm after decompression (rules 1.2, 14).
        max_pages: Pages of 64 KiB that a program may begin with (rules 3).
    """

    name: str
    arbos: int
    max_code: Bytes
    max_fragments: int
    max_wasm: Bytes
    max_pages: int = 128

    @property
    def max_compressed(self) -> Bytes:
        """Bytes of compressed program, over all fragments."""
        return Bytes(self.max_code * max(1, self.max_fragments))


_CODE = Bytes(24_576)
PROFILES = (
    Profile("arbos51", 51, _CODE, 0, Bytes(128 * 1024)),
    Profile("arbos60", 60, _CODE, 2, Bytes(128 * 1024)),
    Profile("arbos61", 61, _CODE, 4, Bytes(256 * 1024)),
)
"""Known profiles, oldest first. Rules 1.1, 1.2, 8 and 14."""


def get_profile(name: str) -> Profile:
    """The profile of that name.

    Raises:
        UsageError: There is none.
    """
    for profile in PROFILES:
        if profile.name == name:
            return profile
    known = ", ".join(profile.name for profile in PROFILES)
    raise UsageError(f"There is no chain profile {name!r}.", f"Use one of: {known}.")


def profile_of_arbos(version: int) -> Profile:
    """The newest profile that fits a chain of this ArbOS version, or the oldest profile."""
    fitting = [profile for profile in PROFILES if profile.arbos <= version]
    return fitting[-1] if fitting else PROFILES[0]
