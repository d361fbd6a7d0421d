"""Prices before anything is compiled."""

from __future__ import annotations

import numpy as np
import pytest

from stylus_ai.blobs import blob_chain
from stylus_ai.chain import Client, Node, deploy_blobs, find_key
from stylus_ai.cost import price
from stylus_ai.cost.price import blob_gas
from stylus_ai.errors import UsageError
from stylus_ai.ir import Affine, Argmax, Feature, Features, Program, tensor


def classifier(outputs: int) -> Program:
    weights = np.random.default_rng(0).integers(-7, 8, (outputs, 64))
    return Program(
        name="net",
        features=Features(tuple(Feature(f"x{i}", 0, 15) for i in range(64)), bits=4),
        task="multiclass",
        family="mlp",
        ops=(Affine(0, tensor(weights), tensor(np.zeros(outputs, dtype=np.int64))), Argmax(1)),
        outputs=(("logits", 1), ("class", 2)),
        reference=(0,) * 64,
        classes=tuple(f"c{k}" for k in range(outputs)),
        source="test",
        parent="0" * 64,
        rounding_bound=None,
    )


def test_a_larger_model_costs_more_of_everything() -> None:
    small, large = price(classifier(4)), price(classifier(16))
    for name in ("size", "gas", "deploy", "call", "init"):
        assert getattr(small, name) < getattr(large, name)


def test_the_sdk_is_paid_on_top_of_the_model() -> None:
    program = classifier(4)
    bare, sdk = price(program, contract="bare"), price(program, contract="sdk")
    assert bare.predict == sdk.predict
    assert bare.size + 5_000 < sdk.size


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(UsageError, match="arbos99"):
        price(classifier(4), "arbos99")


@pytest.mark.node
def test_the_gas_of_a_blob_is_known_within_a_thousandth() -> None:
    data = np.random.default_rng(0).integers(0, 256, 30_000, dtype=np.uint8).tobytes()
    blobs = blob_chain(data)
    with Node(port=0) as node:
        client = Client.connect(node.network)
        used = deploy_blobs(client, blobs, find_key(node.network))
    assert sum(map(blob_gas, blobs.codes)) == pytest.approx(used, rel=1e-3)
