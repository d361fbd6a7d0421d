"""A bare contract around a model crate that reads blobs: built, deployed, asked."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path
from typing import Any

from eth_abi.abi import decode, encode

from stylus_ai.blobs import BlobChain
from stylus_ai.build import assemble, build_contract
from stylus_ai.chain import Client, cache, find_key
from stylus_ai.chain.blobs import deploy_blobs
from stylus_ai.chain.client import selector
from stylus_ai.chain.deploy import deploy
from stylus_ai.chain.precompiles import ARB_WASM
from stylus_ai.units import Gas, Ink, gas_of

CONTRACT = Path(__file__).parent / "blob_contract"
PAGE = 65_536


class BlobContract:
    """A contract on an embedded chain, its program cached.

    Args:
        client: The chain.
        blobs: What the model reads; deployed first.
        folder: A cargo workspace whose ``model/`` is there: all that is missing is put beside it.
        digest: What the model answers as ``modelHash()``.
        stack: Bytes of stack that the model needs.
        place: Where the weights are: a file of ``blob_contract/places``, which ``predict``s.

    Attributes:
        address: Of the contract.
        pages: Of memory, 64 KiB each.
        size: Bytes of the contract's code.
    """

    def __init__(
        self,
        client: Client,
        blobs: BlobChain,
        folder: Path,
        digest: str,
        *,
        stack: int,
        place: str = "blobs",
    ) -> None:
        key = find_key(client.network)
        stored = b"".join(code[1:] for code in blobs.codes)
        if place == "blobs":
            deploy_blobs(client, blobs, key)
        # The buffer for blobs is 1.25 pages.
        self.pages = -(-(stack + 5 * PAGE // 4 + 1024) // PAGE)
        shutil.copytree(CONTRACT, folder, dirs_exist_ok=True)
        shutil.copy(CONTRACT / "places" / f"{place}.rs", folder / "contract" / "src" / "weights.rs")
        (folder / "weights.bin").write_bytes(stored)
        memory = self.pages * PAGE
        flags = [f"-zstack-size={stack // 16 * 16}"]
        flags += [f"--initial-memory={memory}", f"--max-memory={memory}"]
        (folder / ".cargo").mkdir(exist_ok=True)
        (folder / ".cargo" / "config.toml").write_text(
            "[target.wasm32-unknown-unknown]\n"
            f"rustflags = {[f'-Clink-arg={flag}' for flag in flags]}\n"
        )
        raw = build_contract(folder, "blob-contract")
        artifact = assemble(
            raw, folder / "out.wasm", program_digest=digest, crate_digest=digest, profile="arbos51"
        )
        deployment = deploy(client, artifact, key)
        cache(client, deployment, key)
        self.address = deployment.address
        self.size = artifact.size_compressed
        self._client = client
        self._state: dict[str, Any] = {}
        if place == "storage":
            slots = range(0, len(stored), 32)
            words = {
                f"0x{at // 32:064x}": "0x" + stored[at : at + 32].ljust(32, b"\0").hex()
                for at in slots
            }
            self._state = {self.address: {"stateDiff": words}}

    def ask(self, packed: bytes) -> tuple[list[int], Gas]:
        """Logits of a packed row, and gas from entry to the last logit."""
        answer = self._client.call(self.address, packed, overrides=self._state)
        ink, *logits = struct.unpack(f"<Q{len(answer) // 8 - 1}q", answer)
        return logits, gas_of(Ink(ink))

    def start(self) -> Gas:
        """Gas of starting the program, which is cached: its data segment above all."""
        asked = selector("programInitGas(address)") + encode(["address"], [self.address])
        return Gas(int(decode(["uint64", "uint64"], self._client.call(ARB_WASM, asked))[1]))

    def gas(self, packed: bytes) -> Gas:
        """Gas of a whole transaction."""
        return Gas(int(self._client.profile_call(self.address, packed)["gasUsed"]))
