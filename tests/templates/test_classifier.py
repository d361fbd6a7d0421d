"""The classifier kit, gone through as its owner would: train, build, test, ask on a chain."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import importlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import numpy as np
import pytest

from scaffold.templates import create
from stylus_ai import measurement, pipeline
from stylus_ai.chain import Node
from stylus_ai.errors import ModelError, UsageError
from stylus_ai.fixtures import fixture_rows
from stylus_ai.project import Project
from stylus_ai.training import TrainingReport
from tests.templates.test_generated import cargo, functions

KIT = Path(__file__).parents[2] / "templates" / "classifier"


@dataclass(frozen=True)
class Made:
    """The kit, trained and built once for all tests, and what was measured."""

    project: Project
    report: TrainingReport
    build: pipeline.Build


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("classifier") / "my-digits"
    project = Project.open(create(folder, {"application": "classifier"}).folder)
    report = pipeline.train(project, print)
    return Made(project, report, pipeline.build(project, print))


@pytest.fixture
def digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The kit's module of that name, with a folder of its own for what is fetched."""
    monkeypatch.syspath_prepend(str(KIT))
    module = importlib.import_module("digits")
    monkeypatch.setattr(module, "DATA", tmp_path)
    (tmp_path / "mnist-9k.npz").write_bytes((KIT / "data" / "mnist-9k.npz").read_bytes())
    yield module
    del sys.modules["digits"]


needs_a_build = [pytest.mark.wasm, pytest.mark.node]


class TestBuilt:
    """What needs a built project."""

    pytestmark = needs_a_build

    def test_it_names_digits_and_says_which_it_takes_for_which(self, made: Made) -> None:
        report = made.report
        assert report.integer_metrics["accuracy"] >= 0.96
        assert report.classes == tuple("0123456789")
        counts = np.array(report.confusion)
        assert counts.sum(axis=1).tolist() == [100] * 10
        assert np.trace(counts) / 1000 == report.integer_metrics["accuracy"]

    def test_the_card_has_a_line_for_each_digit_and_the_size(self, made: Made) -> None:
        card = made.project.card_file.read_text(encoding="utf-8")
        assert card.count(" | 100 | ") == 10
        assert f"{made.build.artifact.size_compressed:,} of 24,576 bytes" in card
        assert "It names a digit whatever is drawn" in card

    def test_the_pictures_are_svg(self, made: Made) -> None:
        for name in ("confusion.svg", "mistakes.svg"):
            ElementTree.parse(made.project.artifacts / name)  # noqa: S314 - written by ourselves

    def test_every_test_digit_is_the_same_on_the_chain_and_cheap(self, made: Made) -> None:
        rows = fixture_rows(made.project.fixtures / "test.csv", made.build.program.features)
        with Node(port=0) as node:
            mine = replace(made.project, networks={"embedded": {"rpc": node.network.rpc}})
            pipeline.deploy(mine, "embedded", on_step=print)
            measured = measurement.measure(mine, rows)
            with pytest.raises(ModelError, match="gives no reasons"):
                pipeline.explain(mine, "embedded", rows)
        assert measured.rows == 1000
        assert measured.gas_cached <= 24_000

    def test_its_own_tests_pass(self, made: Made) -> None:
        lines: list[str] = []
        run = pipeline.test(made.project, lines.append, ["-q", "-p", "no:cacheprovider"])
        assert run.passed, "\n".join(lines)

    def test_its_code_passes_its_tools(self, made: Made) -> None:
        cargo(made.project, "fmt", "--all", "--check")
        cargo(made.project, "clippy", "--workspace", "--locked", "--", "-D", "warnings")
        for arguments in (["check"], ["format", "--check"]):
            subprocess.run(
                [sys.executable, "-m", "ruff", *arguments, "--no-cache", "."],
                cwd=made.project.root,
                check=True,
            )

    def test_training_and_building_change_no_committed_file(self, made: Made) -> None:
        done = subprocess.run(
            ["git", "status", "--porcelain"],
            cwd=made.project.root,
            capture_output=True,
            text=True,
            check=True,
        )
        assert {line[:3] for line in done.stdout.splitlines()} == {"?? "}

    def test_the_readme_names_the_functions_of_the_interface(self, made: Made) -> None:
        generated = (made.project.abi_dir / "IClassifier.sol").read_text(encoding="utf-8")
        assert len(functions(generated)) == 3
        said = (made.project.root / "README.md").read_text(encoding="utf-8")
        assert "function predict(bytes features) returns (uint16 class, int64[10] scores);" in said


def test_training_digits_that_are_test_digits_are_left_out(digits: ModuleType) -> None:
    train, test = digits.load()
    assert (len(train.labels), len(test.labels)) == (8000, 1000)
    mixed = digits.Digits(
        np.concatenate([test.images[:3], train.images[:5]]),
        np.concatenate([test.labels[:3], train.labels[:5]]),
    )
    np.testing.assert_array_equal(digits.without(mixed, test).images, train.images[:5])


@pytest.fixture
def mirror(digits: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server of three digits, the first of them a test digit; and their digests as the known."""
    train, test = digits.load()
    images = np.concatenate([test.images[:1], train.images[:2]])
    labels = np.concatenate([test.labels[:1], train.labels[:2]]).astype(np.uint8)
    folder = tmp_path / "mirror"
    folder.mkdir()
    for name, head, array in ((digits.IMAGES, 16, images), (digits.LABELS, 8, labels)):
        packed = gzip.compress(bytes(head) + array.tobytes(), mtime=0)
        (folder / name).write_bytes(packed)
        monkeypatch.setitem(digits.SHA256, name, hashlib.sha256(packed).hexdigest())
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_the_full_digits_are_fetched_once_and_lose_the_test_digits(
    digits: ModuleType, mirror: str
) -> None:
    train, _ = digits.load(full=True, source=mirror)
    assert len(train.labels) == 2
    again, _ = digits.load(full=True, source="http://127.0.0.1:1/")
    np.testing.assert_array_equal(again.images, train.images)


def test_a_mirror_with_another_file_is_refused_and_nothing_is_kept(
    digits: ModuleType, mirror: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(digits.SHA256, digits.LABELS, "0" * 64)
    with pytest.raises(UsageError, match="its SHA-256 is another"):
        digits.load(full=True, source=mirror)
    assert not (digits.DATA / "full" / digits.LABELS).exists()


def test_a_mirror_that_does_not_answer_is_named(digits: ModuleType) -> None:
    with pytest.raises(UsageError, match=r"http://127\.0\.0\.1:1/.* cannot be fetched"):
        digits.load(full=True, source="http://127.0.0.1:1/")
