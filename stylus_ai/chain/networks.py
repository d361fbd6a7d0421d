"""The networks that a contract can be deployed to: one row each.

A project adds rows of its own in ``stylus-ai.toml``::

    [networks.office]
    rpc = "http://10.0.0.7:8547"
    chain_id = 412346

The environment variable ``STYLUS_AI_RPC`` replaces the address of whatever network is chosen; the
chain id must still be the row's.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from stylus_ai.errors import UsageError

RPC_VARIABLE = "STYLUS_AI_RPC"
DEV_CHAIN_ID = 412_346
"""Chain id of a Nitro dev node (rules 10), the embedded one included."""


@dataclass(frozen=True)
class Network:
    """One row of the table.

    Attributes:
        name: What ``--network`` takes.
        rpc: Address of its JSON-RPC, http or https. It may hold a password or an API key, so no
            message and no file shows it: they show ``shown``.
        chain_id: What it must answer to ``eth_chainId``.
        ephemeral: True if its state goes with the process that serves it.
        faucet: Where an account gets money for fees; empty where money is real.
        about: One line for people.
    """

    name: str
    rpc: str = field(repr=False)
    chain_id: int
    ephemeral: bool = False
    faucet: str = ""
    about: str = ""

    @property
    def shown(self) -> str:
        """The address as people and files may see it: scheme, host and port."""
        return _shown(self.rpc)

    @property
    def port(self) -> int:
        """TCP port of the address."""
        parts = urlsplit(self.rpc)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def is_local(self) -> bool:
        """True if the address is this machine's own."""
        host = urlsplit(self.rpc).hostname or ""
        if host == "localhost":
            return True
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    @property
    def is_dev(self) -> bool:
        """True for a development chain on this machine: the only place for the public dev key."""
        return self.chain_id == DEV_CHAIN_ID and self.is_local


NETWORKS = (
    Network(
        "embedded",
        "http://127.0.0.1:8547",
        DEV_CHAIN_ID,
        ephemeral=True,
        about="the chain inside stylus-devnode, started when needed",
    ),
    Network(
        "devnode-docker",
        "http://localhost:8547",
        DEV_CHAIN_ID,
        ephemeral=True,
        about="Offchain Labs' nitro-devnode in Docker",
    ),
    Network(
        "sepolia",
        "https://sepolia-rollup.arbitrum.io/rpc",
        421_614,
        faucet="https://docs.arbitrum.io/arbitrum-essentials/reference/faucets",
        about="Arbitrum Sepolia, the public test network",
    ),
    Network(
        "one",
        "https://arb1.arbitrum.io/rpc",
        42_161,
        about="Arbitrum One: real money",
    ),
)
"""The networks that every project knows."""


def all_networks(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Network]:
    """Name -> network: the built-in ones, and a project's rows on top of them.

    Raises:
        UsageError: A row lacks a value or has one of the wrong kind.
    """
    table = {network.name: network for network in NETWORKS}
    for name, row in rows.items():
        table[name] = _from_row(name, row, table.get(name))
    return table


def get_network(
    name: str,
    rows: Mapping[str, Mapping[str, Any]] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Network:
    """The network of that name.

    Args:
        name: As given to ``--network``.
        rows: ``[networks]`` of ``stylus-ai.toml``.
        environ: Where ``STYLUS_AI_RPC`` is looked up; None for the process's own.

    Raises:
        UsageError: There is no such network, or its row or ``STYLUS_AI_RPC`` is broken.
    """
    environ = os.environ if environ is None else environ
    table = all_networks(rows or {})
    if name not in table:
        near = difflib.get_close_matches(name, table, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UsageError(f"There is no network {name!r}.", f"{hint}Known: {', '.join(table)}.")
    network = table[name]
    if url := environ.get(RPC_VARIABLE):
        network = replace(network, rpc=_url(url, RPC_VARIABLE))
    return network


def _from_row(name: str, row: Mapping[str, Any], base: Network | None) -> Network:
    """A network from a table of ``stylus-ai.toml``; ``base`` gives what the row leaves out."""
    where = f"stylus-ai.toml, [networks.{name}]"
    rpc = row.get("rpc", base.rpc if base else None)
    chain_id = row.get("chain_id", base.chain_id if base else None)
    if not isinstance(rpc, str):
        raise UsageError(f"{where}: rpc must be a text, not {rpc!r}.", 'rpc = "https://..."')
    if not isinstance(chain_id, int) or isinstance(chain_id, bool) or chain_id <= 0:
        raise UsageError(
            f"{where}: chain_id must be a positive number, not {chain_id!r}.", "chain_id = 421614"
        )
    return Network(
        name,
        _url(rpc, where),
        chain_id,
        ephemeral=bool(row.get("ephemeral", base.ephemeral if base else False)),
        faucet=str(row.get("faucet", base.faucet if base else "")),
        about=str(row.get("about", base.about if base else "")),
    )


def _url(text: str, where: str) -> str:
    """``text`` if it is an http address.

    Raises:
        UsageError: It is not.
    """
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise UsageError(
            f"{where}: {_shown(text)!r} is no http address.", "E.g. http://127.0.0.1:8547"
        )
    return text


def _shown(address: str) -> str:
    """An address, broken or not, without what may be secret: user, password, path and query."""
    scheme, separator, rest = address.rpartition("://")
    scheme = scheme if scheme.isalnum() else ""
    host = re.split(r"[/?#]", rest.rpartition("@")[2])[0]
    return scheme + separator + host
