"""What an unfinished deployment has sent so far, so that a second run pays nothing twice.

A JSON file beside the project's state. A transaction is noted after it is signed and before it is
sent: whatever happens in between, the next run knows which one to look for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stylus_ai.chain.client import Client, Receipt
from stylus_ai.errors import ChainError, NodeError, ProjectError
from stylus_ai.project import read_json, write_json


class Journal:
    """Hashes of the transactions of one deployment: one code on one chain.

    Args:
        path: The file; None to remember nothing.
        client: The chain.
        code_hash: Of the code that is deployed. Entries about another code or chain do not count.
    """

    def __init__(self, path: Path | None, client: Client, code_hash: str) -> None:
        self._path = path
        self._client = client
        self._subject = {"chain_id": client.network.chain_id, "code_hash": code_hash}
        self._entries = self._read()

    def note(self, step: str, tx: str) -> None:
        """Remember the transaction of a step."""
        self._entries[step] = tx
        if self._path is not None:
            write_json(self._path, {**self._subject, "transactions": self._entries})

    def finished(self, step: str) -> Receipt | None:
        """Receipt of a step that an earlier run paid for; None if it must be done (again).

        A transaction that is still on its way is waited for.

        Raises:
            NodeError: Nobody answers.
            ChainError: The transaction is known, but in no block yet after two minutes.
        """
        tx = self._entries.get(step)
        if tx is None:
            return None
        try:
            if self._client.request("eth_getTransactionByHash", tx) is None:
                return None
        except NodeError:
            raise
        except ChainError:
            return None  # the entry is no transaction hash
        try:
            return self._client.receipt(tx)
        except NodeError:
            raise
        except ChainError:
            if self._client.request("eth_getTransactionReceipt", tx) is None:
                raise
            return None  # it failed on the chain

    def close(self) -> None:
        """Forget: the deployment is complete."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _read(self) -> dict[str, str]:
        if self._path is None:
            return {}
        try:
            found: dict[str, Any] = read_json(self._path)
        except ProjectError:
            return {}  # nothing is unfinished, or it cannot be known
        entries = found.get("transactions")
        if not isinstance(entries, dict):
            return {}
        if any(found.get(name) != value for name, value in self._subject.items()):
            return {}
        return {str(step): str(tx) for step, tx in entries.items()}
