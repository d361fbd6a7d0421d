"""A network as layers: which ops share a function, and which kernel runs each.

The ops between the row and the last sums (logits, or values of a regression) form a chain. A layer
is an op with the requantisation that follows it, if one does. What comes after the last sums
(class, shares, decision) is the head, which every kind of model shares.
"""

from __future__ import annotations

from stylus_ai.errors import ModelError
from stylus_ai.ir import Affine, Conv2d, MaxPool2d, Program, Requantise, SumPool2d
from stylus_ai.ir.verify import Bounds
from stylus_ai.plan import dense, pointwise
from stylus_ai.plan.dense import DenseLayer
from stylus_ai.plan.layout import Layout, of_features, plain
from stylus_ai.plan.pointwise import PointwiseLayer
from stylus_ai.plan.stage import Stage

Layer = DenseLayer | PointwiseLayer
"""The plan of a layer: a closed union, one kind for each kernel module of ``codegen``."""

SUMS = ("logit", "logits", "value", "values")
"""Outputs that are the last sums."""


def is_network(program: Program) -> bool:
    """Whether a program is compiled layer by layer."""
    return program.family in {"mlp", "cnn"}


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
    chain = stages(program)
    takes = of_features(program.features)
    layers: list[Layer] = []
    for number, stage in enumerate(chain):
        after = chain[number + 1] if number + 1 < len(chain) else None
        if isinstance(stage.op, Requantise) and after and isinstance(after.op, Affine):
            moved = pointwise.moved(stage.op, bounds, takes)
            if moved is not None:
                takes = moved
                continue
        layer = _plan_layer(stage, bounds, takes, _wanted(stage, after, bounds))
        layers.append(layer)
        takes = layer.gives
    return tuple(layers)


def _plan_layer(stage: Stage, bounds: Bounds, takes: Layout, wanted: Layout | None) -> Layer:
    match stage.op:
        case Affine():
            return dense.plan_layer(stage, bounds, takes, wanted)
        case Requantise():
            return pointwise.plan_layer(stage, bounds, takes, wanted)
        case Conv2d() | MaxPool2d() | SumPool2d():
            raise ModelError(f"A {type(stage.op).__name__} has no kernel yet.")


def _wanted(stage: Stage, after: Stage | None, bounds: Bounds) -> Layout | None:
    """Layout in which the next layer reads; None if any order does."""
    if after is None:
        # The head reads sums in their order, and all in 64 bits.
        order = tuple(range(len(bounds.values[stage.value])))
        return Layout("i64", len(order), order)
    match after.op:
        case Affine():
            return None
        case Conv2d() | MaxPool2d() | SumPool2d() | Requantise():
            return plain(bounds.values[stage.value])
