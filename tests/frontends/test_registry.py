"""The registry of frontends: dispatch, saved files, pickles, and frontends of other packages."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.tree import DecisionTreeClassifier

from stylus_ai.errors import ModelError
from stylus_ai.frontends import files, registry
from stylus_ai.frontends.files import SavedModel
from stylus_ai.ir import Feature, Features

FEATURES = Features((Feature("x", 0, 10),))

FRONTEND = '''
"""A frontend of another package."""

import numpy as np

from stylus_ai.frontends import FloatLinear, FloatModel


class Doubling:
    """A model that the package trains."""


def matches(model):
    return isinstance(model, Doubling)


def read(model, features, *, positive=None, classes=(), targets=()):
    body = FloatLinear(np.full((1, len(features)), 2.0), np.zeros(1), "identity")
    return FloatModel(features, "regression", "linear", body, (), "doubling 1.0")
'''


def install(folder: Path, value: str) -> None:
    """What pip leaves of a package with an entry point."""
    (folder / "doubling.py").write_text(FRONTEND)
    info = folder / "doubling-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: doubling\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{registry.GROUP}]\ndoubling = {value}\n")


def test_a_frontend_of_another_package_reads_its_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "doubling")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "doubling", raising=False)
    import doubling  # type: ignore[import-not-found]  # it is in the temporary folder

    model = registry.read(doubling.Doubling(), FEATURES)
    assert model.source == "doubling 1.0"
    assert registry.leaves(doubling.Doubling(), np.zeros((1, 1))) is None


def test_a_frontend_that_cannot_be_loaded_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "no_such_module:frontend")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelError, match=r"doubling \(no_such_module:frontend\)"):
        registry.read(object(), FEATURES)
    model = DecisionTreeClassifier().fit([[1.0], [2.0]], [0, 1])
    assert registry.read(model, FEATURES).task == "binary"


def test_a_model_that_nobody_reads_is_named() -> None:
    with pytest.raises(ModelError, match=r"builtins\.dict has no integer form here"):
        registry.read({}, FEATURES)


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "model.json"])
def test_a_pickle_is_refused_unopened_and_the_safe_way_shown(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(pickle.dumps(DecisionTreeClassifier()))
    with pytest.raises(ModelError, match="is a pickle") as caught:
        registry.read(path, FEATURES)
    assert 'save_model("model.json")' in caught.value.next_step


@pytest.mark.parametrize("head", [b"{L\x00\x00\x00\x00\x00\x00\x00\x02L\x07learner", b""])
def test_a_binary_file_of_xgboost_is_refused_with_the_command_that_converts_it(
    head: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "model.ubj"
    path.write_bytes(head)
    with pytest.raises(ModelError, match="binary file of XGBoost") as caught:
        registry.read(path, FEATURES)
    assert "xgboost.Booster(model_file='model.ubj').save_model('model.json')" in (
        caught.value.next_step
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file"),
        (b"", "no model file that is known"),
        (b"PK\x03\x04", "no model file that is known"),
        (b'{"learner": {', "not JSON"),
        (b'{"learner": ' + b"[" * 100_000, "nested deeper"),
        (b'{"learner": {}}', "version is missing"),
        (b'{"learner": {}, "learner": {}, "version": [3]}', "stands twice"),
        (b'{"learner": "\xff"}', "is no text"),
        (b"tree\n", "end of trees"),
        (b"tree\nend of trees\n", "max_feature_idx"),
    ],
)
def test_files_that_are_no_model(content: bytes | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=message):
        registry.read(str(path), FEATURES)


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Is a directory"):
        registry.read(tmp_path, FEATURES)


def test_a_file_beyond_the_limit_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 5)
    path = tmp_path / "m.json"
    path.write_text('{"learner": 1}')
    with pytest.raises(ModelError, match="larger than 5 bytes"):
        SavedModel(path).text()


def test_a_library_that_is_missing_is_named_with_its_extra() -> None:
    with pytest.raises(ModelError, match="no_such_library") as caught:
        files.library("no_such_library")
    assert caught.value.next_step == "pip install 'stylus-ai[no_such_library]'"
