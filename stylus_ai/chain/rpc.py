"""JSON-RPC over HTTP, and what its errors mean.

Takes a `Network`; gives results. Errors of the node become the tree of `stylus_ai.errors`: no
answer is a `NodeError`, no money a `FundsError`, a revert a `Reverted` with the decoded reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import requests
from web3 import HTTPProvider
from web3.types import RPCEndpoint

from stylus_ai.chain.networks import Network
from stylus_ai.chain.reverts import ErrorType, decode_revert
from stylus_ai.errors import ChainError, FundsError, NodeError, Reverted

REVERT_CODE = 3
"""JSON-RPC error code of a revert that carries data."""

ANSWER_SECONDS = 30.0


class Rpc:
    """A connection to one node.

    Attributes:
        network: What it is connected to.
        errors: Errors of the contract in use, by which reverts are decoded.

    Args:
        patience: Seconds that the node may take for an answer.
    """

    def __init__(
        self,
        network: Network,
        errors: Sequence[ErrorType] = (),
        *,
        patience: float = ANSWER_SECONDS,
    ) -> None:
        self.network = network
        self.errors = tuple(errors)
        self._patience = patience
        self.provider = HTTPProvider(
            network.rpc,
            request_kwargs={"timeout": patience},
            exception_retry_configuration=None,  # a node that is gone is reported at once
        )

    def request(self, method: str, *params: Any) -> Any:
        """Result of one JSON-RPC call.

        Raises:
            NodeError: Nobody answers, or what answers is no node.
            FundsError: An account cannot pay.
            Reverted: A contract reverted.
            ChainError: Any other error of the node.
        """
        (answer,) = self.answers([(method, params)])
        return self.result_of(answer, method)

    def answers(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Mapping[str, Any]]:
        """Raw answers to several calls in one HTTP request, in the order of the calls.

        Raises:
            NodeError: Nobody answers, or what answers is no node.
        """
        where = f"{self.network.name} ({self.network.shown})"
        try:
            if len(calls) == 1:
                method, params = calls[0]
                answer = self.provider.make_request(RPCEndpoint(method), list(params))
                found: Any = [answer]
            else:
                batch = [(RPCEndpoint(method), list(params)) for method, params in calls]
                found = self.provider.make_batch_request(batch)
        except requests.Timeout:
            raise NodeError(
                f"{where} did not answer within {self._patience:.0f} s.", _start_hint(self.network)
            ) from None
        except requests.RequestException as error:
            reason = "connection refused or lost"
            if isinstance(error, requests.HTTPError) and error.response is not None:
                reason = f"HTTP {error.response.status_code}"
            raise NodeError(
                f"No node answers at {where}: {reason}.", _start_hint(self.network)
            ) from None
        except ValueError:
            raise NodeError(f"{where} does not speak JSON-RPC.", "Check the address.") from None
        if (
            not isinstance(found, list)
            or len(found) != len(calls)
            or not all(isinstance(answer, Mapping) for answer in found)
        ):
            raise NodeError(f"{where} does not answer as a node does.", "Check the address.")
        return cast("list[Mapping[str, Any]]", found)

    def result_of(self, answer: Mapping[str, Any], method: str) -> Any:
        """The result in an answer, or its error as an exception."""
        error = answer.get("error")
        if error is None:
            return answer.get("result")
        if not isinstance(error, Mapping):
            raise ChainError(f"{method} failed on {self.network.name}: {error}.")
        message = str(error.get("message", "no message"))
        data = to_bytes(error.get("data"))
        if error.get("code") == REVERT_CODE or "revert" in message:
            revert = decode_revert(data, self.errors)
            own = any(revert.name == known.name for known in self.errors)
            raise Reverted(
                f"The contract reverted: {revert}.",
                "Check the input against the features' ranges." if own else "",
                revert.arguments,
            )
        if "insufficient funds" in message:
            raise FundsError(
                f"The account cannot pay on {self.network.name}: {message}.",
                funds_hint(self.network),
            )
        raise ChainError(f"{method} failed on {self.network.name}: {message}.", _hint(message))

    def number(self, method: str, *params: Any) -> int:
        """Result of a JSON-RPC call that answers a number."""
        answer = self.request(method, *params)
        try:
            return int(answer, 16)
        except (TypeError, ValueError):
            raise NodeError(
                f"{self.network.shown} answered {answer!r} to {method}.", "Check the address."
            ) from None


def funds_hint(network: Network) -> str:
    """How an account on ``network`` gets money."""
    if network.faucet:
        return f"Get test ETH: {network.faucet}"
    if network.is_dev:
        return "Use the dev account, or start the node with --owner ADDRESS."
    return f"Send ETH to the account on {network.name}."


def _start_hint(network: Network) -> str:
    if network.name == "embedded":
        return "Start it: stylus-ai devnode"
    if network.is_dev:
        return "Start the dev node, then try again."
    return "Check the network connection, or set STYLUS_AI_RPC to another address."


HINTS = (
    ("ProgramNotActivated", "The contract is not activated: stylus-ai deploy"),
    ("ProgramExpired", "Its activation is over a year old: stylus-ai deploy activates it again."),
    ("nonce too low", "Another transaction of this account came first; try again."),
    ("already known", "The same transaction is on its way; try again in a moment."),
    ("underpriced", "The gas price rose; try again."),
)


def _hint(message: str) -> str:
    return next((hint for text, hint in HINTS if text in message), "")


def to_bytes(value: object) -> bytes:
    """Bytes of a JSON-RPC hex string; empty for anything else."""
    if not isinstance(value, str) or not value.startswith("0x"):
        return b""
    try:
        return bytes.fromhex(value[2:])
    except ValueError:
        return b""
