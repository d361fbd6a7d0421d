"""A network as layers: which ops share a function, and which kernel runs each.

The ops between the row and the last sums (logits, or values of a regression) form a chain. A layer
is an op with the requantisation that follows it, if one does. What comes after the last sums
(class, shares, decision) is the head, which every kind of model shares.
"""

from __future__ import annotations

from stylus_ai.errors import ModelError
from stylus_ai.ir import (
    Affine,
    Conv2d,
    Encode,
    MaxPool2d,
    Program,
    Requantise,
    SumPool2d,
    over_columns,
    verify,
)
from stylus_ai.ir.verify import Bounds
from stylus_ai.plan import blob, dense, pointwise
from stylus_ai.plan.blob import BlobLayer
from stylus_ai.plan.conv import ConvLayer, LoopLayer, MaxLayer, plan_image_layer
from stylus_ai.plan.dense import DenseLayer
from stylus_ai.plan.image import Image, images
from stylus_ai.plan.layout import Layout, of_features, plain, takes_packed
from stylus_ai.plan.pointwise import PointwiseLayer
from stylus_ai.plan.stage import Stage

Layer = DenseLayer | PointwiseLayer | ConvLayer | MaxLayer | LoopLayer | BlobLayer
"""The plan of a layer: a closed union, one kind for each kernel module of ``codegen``."""

SUMS = ("logit", "logits", "value", "values")
"""Outputs that are the last sums."""


def is_network(program: Program) -> bool:
    """Whether a program is compiled layer by layer."""
    return program.family in {"mlp", "cnn"}


def reads_packed(program: Program) -> bool:
    """Whether the first layer reads the packed row itself, not one integer for each feature."""
    encoded = isinstance(program.ops[0], Encode)
    return is_network(program) and not encoded and takes_packed(program.features)


def stages(program: Program) -> tuple[Stage, ...]:
    """The layers of a network, in order.

    Raises:
        ModelError: The ops before the last sums are not a chain of layers.
    """
    last = next(at for name, at in program.outputs if name in SUMS)
    chain: list[int] = []
    at = last
    while at:
        chain.append(at)
        at = program.ops[at - 1].source
    chain.reverse()
    found: list[Stage] = []
    for value in chain:
        op = program.ops[value - 1]
        match op:
            case Requantise() if found and found[-1].takes_requantise:
                found[-1] = Stage(found[-1].op, op, found[-1].source, value)
            case Affine() | Conv2d() | MaxPool2d() | SumPool2d() | Requantise():
                found.append(Stage(op, None, op.source, value))
            case _:
                raise ModelError(f"Op {value - 1} ({type(op).__name__}) is no layer of a network.")
    return tuple(found)


def plan_layers(program: Program, bounds: Bounds) -> tuple[Layer, ...]:
    """Choose a kernel for each layer.

    Args:
        program: A network.
        bounds: Of the program.
    """
    packed = reads_packed(program)
    if isinstance(program.ops[0], Encode):
        program = over_columns(program)
        bounds = verify(program)
    chain = stages(program)
    found = images(chain, bounds)
    takes = of_features(program.features, packed=packed)
    far = blob.far_stages(chain)
    layers: list[Layer] = []
    for number, stage in enumerate(chain):
        after = chain[number + 1] if number + 1 < len(chain) else None
        if isinstance(stage.op, Requantise) and after and isinstance(after.op, Affine):
            moved = pointwise.moved(stage.op, bounds, takes)
            if moved is not None:
                takes = moved
                continue
        target = None if after is None else found.get(stage.value)
        wanted = _wanted(stage, after, bounds, target)
        layer: Layer | None = None
        if number in far:
            layer = blob.plan_layer(stage, bounds, takes, wanted)
        if layer is None:
            around = (found.get(stage.source), target)
            layer = _plan_layer(stage, bounds, takes, wanted, around)
        layers.append(layer)
        takes = layer.gives
    return tuple(layers)


def _plan_layer(
    stage: Stage,
    bounds: Bounds,
    takes: Layout,
    wanted: Layout | None,
    around: tuple[Image | None, Image | None],
) -> Layer:
    match stage.op:
        case Affine():
            return dense.plan_layer(stage, bounds, takes, wanted)
        case Requantise():
            return pointwise.plan_layer(stage, bounds, takes, wanted)
        case Conv2d() | MaxPool2d() | SumPool2d():
            return plan_image_layer(stage, bounds, takes, wanted, around)


def _wanted(
    stage: Stage, after: Stage | None, bounds: Bounds, target: Image | None
) -> Layout | None:
    """Layout in which the next layer reads; None if any order does."""
    if after is None:
        # The head reads sums in their order, and all in 64 bits.
        order = tuple(range(len(bounds.values[stage.value])))
        return Layout("i64", len(order), order)
    if target is not None:
        return target.layout
    return None if isinstance(after.op, Affine) else plain(bounds.values[stage.value])
