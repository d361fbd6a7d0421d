"""XGBoost and LightGBM files: the libraries' recorded leaves and sums, read without the libraries.

The files are made by ``models/make_boosters.py``.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stylus_ai.compress import quantise
from stylus_ai.errors import ModelError
from stylus_ai.frontends import evaluate, registry
from stylus_ai.ir import Encode, Feature, Features, interpret, leaves
from tests.frontends.boosters import GAPS
from tests.frontends.data import proven

MODELS = Path(__file__).parent / "models"
FILES = sorted(path.name for path in MODELS.iterdir() if path.suffix in {".json", ".txt"})

FLOAT32_NOISE = 2e-5
"""XGBoost adds its leaves up in float32."""


@pytest.mark.parametrize("file", FILES)
def test_a_file_gives_the_recorded_leaves_and_sums(file: str) -> None:
    model = registry.read(MODELS / file, GAPS)
    program = quantise(model, name="m")
    with np.load((MODELS / file).with_suffix(".npz")) as recorded:
        q, raw, theirs = (recorded[key] for key in ("q", "raw", "leaves"))
    x = GAPS.dequantise(q)
    noise = FLOAT32_NOISE if file.startswith("xgb") else 1e-9
    assert np.isnan(x[:, :3]).any(axis=0).all()
    assert (evaluate.leaf_nodes(model, x) == theirs).all()
    assert np.abs(evaluate.raw(model, x) - raw).max() < noise
    reached = leaves(program, q)
    named = [np.array(tree.leaf_ids)[reached[:, t]] for t, tree in enumerate(program.trees)]
    assert (np.stack(named, axis=1) == theirs).all()
    out = next(iter(interpret(program, q).values())).reshape(raw.shape)
    scale = program.divisor * 2.0**program.frac_bits
    assert np.abs(out / scale - raw).max() <= proven(program) + noise


@pytest.mark.parametrize(
    ("file", "task", "classes", "family"),
    [
        ("xgb_binary.json", "binary", ("0", "1"), "boosting"),
        ("xgb_classes.json", "multiclass", ("0", "1", "2"), "boosting"),
        ("xgb_dart.json", "regression", (), "boosting"),
        ("xgb_targets.json", "regression", ("target_0", "target_1"), "boosting"),
        ("lgb_forest.txt", "binary", ("0", "1"), "forest"),
        ("lgb_number.txt", "regression", (), "boosting"),
    ],
)
def test_the_objective_decides_the_task(
    file: str, task: str, classes: tuple[str, ...], family: str
) -> None:
    model = registry.read(MODELS / file, GAPS)
    assert (model.task, model.classes, model.family) == (task, classes, family)
    assert isinstance(quantise(model, name="m").ops[0], Encode)


def test_labels_and_the_positive_class_are_the_user_s() -> None:
    path = MODELS / "xgb_binary.json"
    model = registry.read(path, GAPS, classes=("bad", "good"), positive="bad")
    assert model.classes == ("good", "bad")
    x = GAPS.dequantise(np.array([[3, 4, 5, 6]]))
    assert evaluate.raw(model, x) == -evaluate.raw(registry.read(path, GAPS), x)
    assert registry.read(MODELS / "xgb_targets.json", GAPS, targets=("a", "b")).classes == (
        "a",
        "b",
    )
    with pytest.raises(ModelError, match="3 labels"):
        registry.read(path, GAPS, classes=("a", "b", "c"))
    with pytest.raises(ModelError, match="1 names"):
        registry.read(MODELS / "xgb_targets.json", GAPS, targets=("a",))


def test_early_stopping_of_a_wrapper_cuts_off_the_rounds_after_the_best(tmp_path: Path) -> None:
    value = json.loads((MODELS / "xgb_classes.json").read_text())
    value["learner"]["attributes"] = {"best_iteration": "1", "scikit_learn": "{}"}
    path = tmp_path / "m.json"
    path.write_text(json.dumps(value))
    assert len(quantise(registry.read(path, GAPS), name="m").trees) == 2 * 3 * 2


def test_two_classes_with_a_sum_each_become_their_difference(tmp_path: Path) -> None:
    """A softmax of two is the logistic function of their difference."""
    value = json.loads((MODELS / "xgb_targets.json").read_text())
    value["learner"]["objective"]["name"] = "multi:softprob"
    value["learner"]["learner_model_param"] |= {"num_class": "2", "num_target": "1"}
    path = tmp_path / "m.json"
    path.write_text(json.dumps(value))
    two = registry.read(MODELS / "xgb_targets.json", GAPS)
    one = registry.read(path, GAPS)
    x = GAPS.dequantise(np.array([[3, 4, 5, 6], [10, 13, 31, 2**24]]))
    sums = evaluate.raw(two, x)
    assert np.allclose(evaluate.raw(one, x)[:, 0], sums[:, 1] - sums[:, 0], atol=1e-12)
    assert (one.task, one.body.link) == ("binary", "logistic")


def edited(file: str, change: Callable[[Any], None], tmp_path: Path) -> Path:
    """A copy of a JSON model with something changed."""
    value = json.loads((MODELS / file).read_text())
    change(value["learner"])
    path = tmp_path / file
    path.write_text(json.dumps(value))
    return path


def tree_of(learner: Any) -> Any:
    return learner["gradient_booster"]["model"]["trees"][0]


def loop(learner: Any) -> None:
    tree_of(learner)["left_children"][1] = 0


def lost_child(learner: Any) -> None:
    tree_of(learner)["right_children"][0] = 10_000


def nan_leaf(learner: Any) -> None:
    tree_of(learner)["split_conditions"][0] = float("nan")


def huge_threshold(learner: Any) -> None:
    tree_of(learner)["split_conditions"][-1] = 1e300


def short_list(learner: Any) -> None:
    tree_of(learner)["split_indices"].pop()


def no_trees(learner: Any) -> None:
    learner["gradient_booster"]["model"]["trees"] = []
    learner["gradient_booster"]["model"]["tree_info"] = []


def no_base(learner: Any) -> None:
    del learner["learner_model_param"]["base_score"]


def odd_base(learner: Any) -> None:
    learner["learner_model_param"]["base_score"] = "[1.5]"


def other_feature(learner: Any) -> None:
    tree_of(learner)["split_indices"][0] = 77


def wrong_group(learner: Any) -> None:
    learner["gradient_booster"]["model"]["tree_info"][0] = 9


def vector_leaf(learner: Any) -> None:
    tree_of(learner)["tree_param"]["size_leaf_vector"] = "2"


def linear_booster(learner: Any) -> None:
    learner["gradient_booster"]["name"] = "gblinear"


def strange_category(learner: Any) -> None:
    tree_of(learner)["categories_nodes"] = [99]


def named_columns(learner: Any) -> None:
    learner["feature_names"] = ["age", "kind", "total", "rate"]


def pandas_categories(learner: Any) -> None:
    learner["gradient_booster"]["model"]["cats"]["enc"] = [
        {"offsets": [0, 2, 5], "values": list(b"nosir")}
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (loop, "loop or a missing node"),
        (lost_child, "loop or a missing node"),
        (nan_leaf, "NaN"),
        (huge_threshold, "holds inf"),
        (short_list, "differ in length"),
        (no_trees, "no trees"),
        (no_base, "base_score is missing"),
        (odd_base, "a probability"),
        (other_feature, "feature that does not exist"),
        (wrong_group, "outputs 0..0"),
        (vector_leaf, "one value for each target"),
        (linear_booster, "gblinear"),
        (strange_category, "categories_nodes"),
        (named_columns, "columns age, kind, total, rate"),
        (pandas_categories, "labels no, sir"),
    ],
)
def test_a_broken_json_file_is_refused(
    change: Callable[[Any], None], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=message):
        quantise(registry.read(edited("xgb_binary.json", change, tmp_path), GAPS), name="m")


@pytest.mark.parametrize(
    ("objective", "nearest"),
    [
        ("binary:hinge", "binary:logistic"),
        ("count:poisson", "logarithm"),
        ("rank:pairwise", "relevance"),
        ("survival:cox", "reg:squarederror"),
        ("my:own", "multi:softprob"),
    ],
)
def test_an_xgboost_objective_without_a_rule_names_the_nearest(
    objective: str, nearest: str, tmp_path: Path
) -> None:
    def change(learner: Any) -> None:
        learner["objective"]["name"] = objective

    with pytest.raises(ModelError, match=objective) as caught:
        registry.read(edited("xgb_binary.json", change, tmp_path), GAPS)
    assert nearest in caught.value.next_step


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("objective=binary sigmoid:0.5", "objective=poisson", "'poisson'"),
        ("objective=binary sigmoid:0.5", "objective=lambdarank", "'lambdarank'"),
        ("objective=binary sigmoid:0.5", "objective=regression sqrt", "reg_sqrt"),
        ("objective=binary sigmoid:0.5\n", "", "'custom'"),
        ("objective=binary sigmoid:0.5", "objective=multiclass num_class:1", "1 classes"),
        ("num_leaves=7", "num_leaves=900000000", "split_feature"),
        ("num_leaves=7", "num_leaves=-7", "num_leaves"),
        ("is_linear=0", "is_linear=1", "linear model in each leaf"),
        ("left_child=1", "left_child=0", "loop or a missing node"),
        ("left_child=1", "left_child=77", "A child"),
        ("threshold=", "threshold=nan ", "threshold"),
        ("leaf_value=", "leaf_value=x ", "x of the LightGBM model"),
        ("end of trees", "", "end of trees"),
        ("split_feature=", "split_feature=99999999999999999999 ", "split_feature"),
        ("max_feature_idx=3", "max_feature_idx=9", "10 columns"),
        ("Column_0 Column_1", "kind age", "columns kind, age"),
        ("pandas_categorical:null", 'pandas_categorical:[["no", "yes"]]', "labels no, yes"),
        ("pandas_categorical:null", "pandas_categorical:[1", "pandas_categorical"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=4", "num_tree_per_iteration"),
    ],
)
def test_a_broken_text_file_is_refused(old: str, new: str, message: str, tmp_path: Path) -> None:
    text = (MODELS / "lgb_binary.txt").read_text()
    assert old in text
    path = tmp_path / "m.txt"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ModelError, match=message):
        quantise(registry.read(path, GAPS), name="m")


def test_a_feature_must_be_what_the_model_takes_it_for() -> None:
    """A category of halves, and a model without gaps for a feature that has some."""
    halves = Features((*GAPS.columns[:1], Feature("kind", 0, 12, scale=2), *GAPS.columns[2:]))
    with pytest.raises(ModelError, match="kind is a category"):
        quantise(registry.read(MODELS / "lgb_binary.txt", halves), name="m")
    with pytest.raises(ModelError, match="4 columns, but 2"):
        registry.read(MODELS / "lgb_binary.txt", Features(GAPS.columns[:2]))


CONTENTS = [(Path(name).suffix, (MODELS / name).read_text()) for name in FILES]


def read_or_refuse(path: Path, text: str) -> None:
    """Anything but a ``ModelError`` is a defect."""
    path.write_text(text)
    with contextlib.suppress(ModelError):
        quantise(registry.read(path, GAPS), name="m")


@settings(max_examples=400, deadline=None)
@given(
    content=st.sampled_from(CONTENTS),
    pieces=st.lists(
        st.tuples(
            st.floats(0, 1),
            st.sampled_from(
                ["-1", "0", "1e999", "NaN", '"', "[", "}", "9" * 30, " ", "\n", "=", "é"]
            ),
            st.sampled_from([0, 1, 2, 40]),
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_a_mutated_file_is_read_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory,
    content: tuple[str, str],
    pieces: list[tuple[float, str, int]],
) -> None:
    suffix, text = content
    for place, piece, cut in pieces:
        at = int(place * len(text))
        text = text[:at] + piece + text[at + cut :]
    read_or_refuse(tmp_path_factory.getbasetemp() / f"fuzzed{suffix}", text)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_json_file_with_other_values_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Well-formed JSON whose values have other types, signs and sizes."""
    value = json.loads((MODELS / "xgb_binary.json").read_text())
    node, key = value, "learner"
    while isinstance(node[key], dict | list) and node[key] and data.draw(st.integers(0, 9)):
        node = node[key]
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = data.draw(st.sampled_from(keys))
    node[key] = data.draw(
        st.sampled_from([None, True, -1, 2**70, 1e300, "", "x", "-5", [], [[]], {}, [1, "a"]])
    )
    read_or_refuse(tmp_path_factory.getbasetemp() / "fuzzed.json", json.dumps(value))
