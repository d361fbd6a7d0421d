"""The wasm as Stylus takes it: re-encoded, compressed, prefixed, hashed.

Takes `RawWasm`, gives a `WasmArtifact`. rustc's output is refused by Nitro as it is (overlong
``call_indirect``, a DataCount section); the native binary encodes it anew, so that neither Node.js
nor wasm-opt is needed.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import brotli
from eth_utils.crypto import keccak

from stylus_ai.build.cargo import RawWasm
from stylus_ai.build.tools import NATIVE, find_native, output_of
from stylus_ai.errors import BuildError, ProjectError
from stylus_ai.project import read_json, write_json
from stylus_ai.units import Bytes

CODE_PREFIX = bytes.fromhex("eff00000")
"""Marks a Stylus program; the last byte says that no dictionary was used (rules 8)."""

WASM_MAGIC = b"\x00asm\x01\x00\x00\x00"
BROTLI_QUALITY = 11
BROTLI_WINDOW = 22
FORMAT = 1
"""Version of ``artifacts/build.json``."""

WRONG_NATIVE = f"Unset STYLUS_DEVNODE, or let it name {NATIVE}; or install that again."


@dataclass(frozen=True)
class WasmArtifact:
    """A program ready to be deployed.

    Attributes:
        program_digest: Digest of the integer program inside, 32 bytes of hex.
        crate_digest: Digest of the generated model crate.
        path: The re-encoded wasm, uncompressed.
        size_raw: Its size.
        code: What the chain stores: prefix and compressed wasm.
        code_hash: keccak-256 of ``code``, 0x and 64 digits. Activation is per code hash (rules 7).
        profile: Chain profile that the build was made for.
        facts: What the native binary found in the wasm (``stylus-devnode inspect``).
    """

    program_digest: str
    crate_digest: str
    path: Path
    size_raw: Bytes
    code: bytes = field(repr=False)
    code_hash: str
    profile: str
    facts: dict[str, Any] = field(repr=False)

    @property
    def size_compressed(self) -> Bytes:
        """Size of what the chain stores, which is what the code size limit counts."""
        return Bytes(len(self.code))

    def save(self, build_file: Path) -> None:
        """Write everything but the bytes to ``artifacts/build.json``."""
        values = {
            "format": FORMAT,
            "program_digest": self.program_digest,
            "crate_digest": self.crate_digest,
            "size_raw": self.size_raw,
            "size_compressed": self.size_compressed,
            "code_hash": self.code_hash,
            "profile": self.profile,
            "facts": self.facts,
        }
        write_json(build_file, values)

    @classmethod
    def load(cls, wasm: Path, build_file: Path) -> WasmArtifact:
        """Read what `save` wrote, and check that the wasm beside it is still the same.

        Raises:
            ProjectError: A file is missing, of another version, or the two do not fit.
        """
        again = "Build it again: stylus-ai build"
        try:
            values = read_json(build_file)
            module = wasm.read_bytes()
        except (ProjectError, OSError) as error:
            raise ProjectError(f"There is no finished build: {error}", again) from None
        code = encode(module)
        code_hash = hash_of(code)
        if values.get("format") != FORMAT or values.get("code_hash") != code_hash:
            raise ProjectError(f"{wasm} is not the wasm that {build_file} describes.", again)
        try:
            return cls(
                program_digest=str(values["program_digest"]),
                crate_digest=str(values["crate_digest"]),
                path=wasm,
                size_raw=Bytes(len(module)),
                code=code,
                code_hash=code_hash,
                profile=str(values["profile"]),
                facts=dict(values["facts"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ProjectError(f"{build_file} lacks a value: {error}", again) from None


def assemble(
    raw: RawWasm, out: Path, *, program_digest: str, crate_digest: str, profile: str
) -> WasmArtifact:
    """Turn what the linker wrote into a deployable program.

    Args:
        raw: Result of `build_contract`.
        out: Where the re-encoded wasm goes; replaced whole or not at all.
        program_digest: Digest of the program that the crate was generated from.
        crate_digest: Digest of the generated crate.
        profile: Name of the chain profile.

    Raises:
        BuildError: The native binary is missing or refuses the module.
    """
    native = find_native()
    if not raw.data.startswith(WASM_MAGIC):
        raise BuildError(f"What cargo made of {raw.crate} is not a wasm module.")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".assemble.") as folder:
        before, after, named = (Path(folder) / name for name in ("raw", "final", "named"))
        before.write_bytes(raw.data)
        output_of([native, "reencode", before, after])
        output_of([native, "reencode", "--keep-names", before, named])
        if not after.is_file() or not named.is_file():
            raise BuildError(f"{native} wrote no wasm: it is not {NATIVE}.", WRONG_NATIVE)
        module = after.read_bytes()
        named.replace(named_path(out))
        after.replace(out)
    code = encode(module)
    return WasmArtifact(
        program_digest=program_digest,
        crate_digest=crate_digest,
        path=out,
        size_raw=Bytes(len(module)),
        code=code,
        code_hash=hash_of(code),
        profile=profile,
        facts=inspect(out),
    )


def named_path(wasm: Path) -> Path:
    """Where the same module with the names of its functions lies, beside ``wasm``.

    Names cost bytes on the chain, so the deployed module has none; without them nobody could say
    which function and crate brought a float.
    """
    return wasm.with_name(f"{wasm.stem}.named.wasm")


def inspect(wasm: Path) -> dict[str, Any]:
    """What ``stylus-devnode inspect`` says about a module; functions named where names are known.

    Raises:
        BuildError: The file is missing or is no wasm module; the native binary is missing.
    """
    facts = _inspect(wasm)
    beside = named_path(wasm)
    if beside.is_file():
        _add_names(facts, _inspect(beside))
    return facts


def _inspect(wasm: Path) -> dict[str, Any]:
    try:
        with wasm.open("rb") as stream:
            head = stream.read(len(WASM_MAGIC))
    except OSError as error:
        raise BuildError(f"{wasm} cannot be read: {error.strerror}.", "Build first.") from None
    if head != WASM_MAGIC:
        raise BuildError(
            f"{wasm} is not a wasm module: it begins with {head.hex() or 'nothing'}.",
            "Give the path of a .wasm file, e.g. artifacts/contract.wasm.",
        )
    try:
        said = output_of([find_native(), "inspect", wasm, "--json"])
    except BuildError as error:
        _, refused, why = error.cause.partition(f"{NATIVE}: {wasm}: ")
        if not refused:
            raise
        raise BuildError(f"{wasm}: {why}.", "It is damaged or cut short: build it again.") from None
    try:
        facts = json.loads(said)
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        raise BuildError(f"{find_native()} inspect gave no JSON object for {wasm}.", WRONG_NATIVE)
    return facts


def _add_names(facts: dict[str, Any], named: Mapping[str, Any]) -> None:
    """Put the names of ``named`` into ``facts``, if both are about the same functions."""
    same = [(entry["index"], entry["bytes"]) for entry in facts["functions"]]
    if same != [(entry["index"], entry["bytes"]) for entry in named["functions"]]:
        return  # the file beside it is from another build
    known = {entry["index"]: entry for entry in named["functions"]}
    for entry in facts["functions"]:
        entry.update({key: known[entry["index"]][key] for key in ("name", "crate")})
    for entry in [*facts["floats"], *facts["unsupported"]]:
        entry.update({key: known[entry["function"]][key] for key in ("name", "crate")})


def encode(module: bytes) -> bytes:
    """Code of a program: the prefix and the wasm, brotli quality 11, no dictionary (rules 8)."""
    packed = brotli.compress(module, quality=BROTLI_QUALITY, lgwin=BROTLI_WINDOW)
    return CODE_PREFIX + bytes(packed)


def hash_of(code: bytes) -> str:
    """Code hash of a program."""
    return "0x" + bytes(keccak(code)).hex()
