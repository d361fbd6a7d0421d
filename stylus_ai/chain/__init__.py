"""Chain: a `WasmArtifact` becomes a contract on a network, and the contract is asked.

Takes an artifact, a `Network` and a `Key`; gives a `Deployment`, then predictions. The only road to
a chain is JSON-RPC (`Client`); the embedded chain is a process of its own (`Node`).
"""

from stylus_ai.chain.blobs import deploy_blobs
from stylus_ai.chain.caching import Offer, cache, evict
from stylus_ai.chain.client import Client, Receipt
from stylus_ai.chain.construct import Constructed, construct
from stylus_ai.chain.deploy import Deployment, deploy, has_code, is_live, verify_model
from stylus_ai.chain.keys import DEV_ADDRESS, Key, find_key
from stylus_ai.chain.lifetime import Lifetime, keep_alive, lifetime
from stylus_ai.chain.networks import NETWORKS, Network, all_networks, get_network
from stylus_ai.chain.node import Node, Ready, ensure_node, port_is_free, stop_node
from stylus_ai.chain.paid import gas_paid
from stylus_ai.chain.predict import (
    ChainExplanation,
    explain_row,
    predict_data,
    predict_gas,
    predict_rows,
)
from stylus_ai.chain.registry import Registry, Version
from stylus_ai.chain.reverts import ErrorType, Revert, decode_revert, errors_of

__all__ = [
    "DEV_ADDRESS",
    "NETWORKS",
    "ChainExplanation",
    "Client",
    "Constructed",
    "Deployment",
    "ErrorType",
    "Key",
    "Lifetime",
    "Network",
    "Node",
    "Offer",
    "Ready",
    "Receipt",
    "Registry",
    "Revert",
    "Version",
    "all_networks",
    "cache",
    "construct",
    "decode_revert",
    "deploy",
    "deploy_blobs",
    "ensure_node",
    "errors_of",
    "evict",
    "explain_row",
    "find_key",
    "gas_paid",
    "get_network",
    "has_code",
    "is_live",
    "keep_alive",
    "lifetime",
    "port_is_free",
    "predict_data",
    "predict_gas",
    "predict_rows",
    "stop_node",
    "verify_model",
]
