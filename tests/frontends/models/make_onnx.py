"""Makes the ONNX files beside this script, and what ONNX's own evaluator answers.

    pip install 'stylus-ai[onnx]' && python tests/frontends/models/make_onnx.py

Weights are random and seeded. ``make test`` reads the files without the library.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

HERE = Path(__file__).parent
ROWS = 64


def weights(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Normal weights whose sums have the size of their inputs."""
    normal = rng.normal(size=shape) / np.sqrt(np.prod(shape[1:]))
    return np.asarray(normal, dtype=np.float32)


def model(
    shape: list[int | str],
    nodes: list[onnx.NodeProto],
    constants: dict[str, np.ndarray],
    *,
    outputs: int,
    opset: int,
) -> onnx.ModelProto:
    """A checked model with the input ``x`` and the output ``y``."""
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", outputs])],
        [numpy_helper.from_array(value, key) for key, value in constants.items()],
    )
    made = helper.make_model(
        graph, producer_name="make_onnx.py", opset_imports=[helper.make_opsetid("", opset)]
    )
    made.ir_version = 8
    onnx.checker.check_model(made, full_check=True)
    return made


def mlp(rng: np.random.Generator) -> onnx.ModelProto:
    """Standardised features, three dense layers written in two ways, a softmax."""
    return model(
        ["batch", 6],
        [
            helper.make_node("Sub", ["x", "mean"], ["centred"]),
            helper.make_node("Div", ["centred", "deviation"], ["z"]),
            helper.make_node("Gemm", ["z", "w1", "b1"], ["h1"], transB=1, alpha=0.5),
            helper.make_node("Relu", ["h1"], ["a1"]),
            helper.make_node("Dropout", ["a1"], ["d1"]),
            helper.make_node("MatMul", ["d1", "w2"], ["m2"]),
            helper.make_node("Add", ["m2", "b2"], ["h2"]),
            helper.make_node("Clip", ["h2", "zero", "six"], ["a2"]),
            helper.make_node("Gemm", ["a2", "w3"], ["h3"]),
            helper.make_node("Softmax", ["h3"], ["y"]),
        ],
        {
            "mean": np.full(6, 7.5, dtype=np.float32),
            "deviation": np.array([4, 5, 3, 4, 5, 6], dtype=np.float32),
            "w1": weights(rng, 12, 6),
            "b1": weights(rng, 12),
            "w2": weights(rng, 12, 8),
            "b2": weights(rng, 8),
            "zero": np.array(0, dtype=np.float32),
            "six": np.array(6, dtype=np.float32),
            "w3": weights(rng, 8, 4),
        },
        outputs=4,
        opset=13,
    )


def cnn(rng: np.random.Generator) -> onnx.ModelProto:
    """Padding, strides, batch normalisation, a depthwise convolution, both pools."""
    return model(
        ["batch", 1, 8, 8],
        [
            helper.make_node("Mul", ["x", "scale"], ["scaled"]),
            helper.make_node(
                "Conv", ["scaled", "w1", "b1"], ["c1"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]
            ),
            helper.make_node("BatchNormalization", ["c1", "g", "beta", "m", "v"], ["n1"]),
            helper.make_node("Relu", ["n1"], ["a1"]),
            helper.make_node(
                "MaxPool", ["a1"], ["p1"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 0, 0]
            ),
            helper.make_node(
                "Conv", ["p1", "w2"], ["c2"], group=4, auto_pad="SAME_UPPER", strides=[1, 2]
            ),
            helper.make_node("Relu", ["c2"], ["a2"]),
            helper.make_node("Conv", ["a2", "w3", "b3"], ["c3"]),
            helper.make_node("Clip", ["c3", "zero"], ["a3"]),
            helper.make_node("AveragePool", ["a3"], ["p3"], kernel_shape=[2, 2], strides=[2, 2]),
            helper.make_node("Flatten", ["p3"], ["f"]),
            helper.make_node("Gemm", ["f", "w4", "b4"], ["y"], transB=1),
        ],
        {
            "scale": np.array([[[[1 / 15]]]], dtype=np.float32),
            "w1": weights(rng, 4, 1, 3, 3),
            "b1": weights(rng, 4),
            "g": np.array([1, 0.5, 2, -1], dtype=np.float32),
            "beta": weights(rng, 4),
            "m": weights(rng, 4),
            "v": np.array([1, 0.25, 2, 0.5], dtype=np.float32),
            "w2": weights(rng, 4, 1, 3, 3),
            "w3": weights(rng, 5, 4, 1, 1),
            "b3": weights(rng, 5),
            "zero": np.array(0, dtype=np.float32),
            "w4": weights(rng, 3, 10),
            "b4": weights(rng, 3),
        },
        outputs=3,
        opset=17,
    )


def binary(rng: np.random.Generator) -> onnx.ModelProto:
    """An image as a flat input, global pools, two logits."""
    return model(
        ["batch", 32],
        [
            helper.make_node("Reshape", ["x", "shape"], ["image"]),
            helper.make_node("Conv", ["image", "w1", "b1"], ["c1"], strides=[2, 1]),
            helper.make_node("Relu", ["c1"], ["a1"]),
            helper.make_node("ReduceMean", ["a1"], ["mean"], axes=[2, 3], keepdims=0),
            helper.make_node("Gemm", ["mean", "w2", "b2"], ["y"], transB=1),
        ],
        {
            "shape": np.array([-1, 2, 4, 4], dtype=np.int64),
            "w1": weights(rng, 6, 2, 2, 3),
            "b1": weights(rng, 6),
            "w2": weights(rng, 2, 6),
            "b2": weights(rng, 2),
        },
        outputs=2,
        opset=13,
    )


def main() -> None:
    """Write the files."""
    made = {"mlp": (mlp, 6), "cnn": (cnn, 64), "binary": (binary, 32)}
    for seed, (name, (build, width)) in enumerate(made.items()):
        rng = np.random.default_rng(seed)
        network = build(rng)
        onnx.save(network, HERE / f"{name}.onnx")
        x = rng.integers(0, 16, size=(ROWS, width))
        dims = [dim.dim_value for dim in network.graph.input[0].type.tensor_type.shape.dim[1:]]
        given = x.astype(np.float32).reshape(ROWS, *dims)
        (y,) = ReferenceEvaluator(network).run(None, {"x": given})
        np.savez_compressed(
            HERE / f"{name}_onnx.npz",
            x=x.astype(np.uint8),
            y=y.astype(np.float64),
            version=onnx.__version__,
        )


if __name__ == "__main__":
    main()
