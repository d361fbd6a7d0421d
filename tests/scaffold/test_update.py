"""``stylus-ai update``: from the previous release of the templates to the present ones, offline."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from scaffold import releases, templates, updates
from scaffold.templates import template_root
from scaffold.updates import update
from stylus_ai import __version__
from stylus_ai.errors import ProjectError, UsageError
from stylus_ai.project import Project
from tests.scaffold.documented import documented_keys
from tools.release_templates import carries, release

ROOT = Path(__file__).parents[2]
OLD = "v0.0.9"
KIT = Path("templates/credit_score")

OLD_FIRST_STEP = "stylus-ai train      # a while: fit\n"
NEW_FIRST_STEP = "stylus-ai train      # a few seconds: fit, make integer, measure both\n"
"""A line of the README as the old release had it, and as the present one has it."""


def git(folder: Path, *arguments: str) -> str:
    """Output of a git command in ``folder``, by an author who is told on the command line."""
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@localhost")
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def old_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The templates of an older release: a line of README, train.py and lib.rs was another."""
    root = tmp_path_factory.mktemp("old")
    releases.copy_templates(template_root(), root)
    config = (root / "copier.yml").read_text()
    (root / "copier.yml").write_text(config.replace(f"default: {__version__}", "default: 0.0.9"))
    readme = root / KIT / "README.md.jinja"
    assert NEW_FIRST_STEP in readme.read_text()
    readme.write_text(readme.read_text().replace(NEW_FIRST_STEP, OLD_FIRST_STEP))
    for own in (root / KIT / "train.py.jinja", root / KIT / "contract" / "src" / "lib.rs"):
        own.write_text(own.read_text() + "\n# of the old release\n")
    (root / KIT / "old-advice.md").write_text("Of no use any more.\n")
    return root


@dataclass(frozen=True)
class Old:
    """A committed project that the old release made."""

    project: Project

    @property
    def root(self) -> Path:
        """Its folder."""
        return self.project.root

    def edit(self, name: str, before: str, after: str) -> None:
        """Change a file as its user would, and commit that."""
        text = (self.root / name).read_text()
        assert before in text
        (self.root / name).write_text(text.replace(before, after, 1))
        git(self.root, "commit", "--quiet", "--all", "--message", f"Edit {name}")


@pytest.fixture
def old(
    old_root: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Old:  # fmt: skip
    """Made by the old release; then this version is installed, whose bundle has that release.

    The user has no cache and no settings, as on another machine.
    """
    home = tmp_path_factory.mktemp("home")
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(home))
    bundle = tmp_path_factory.mktemp("bundle") / "releases.bundle"
    release(old_root, OLD, bundle)
    monkeypatch.setattr(releases, "BUNDLE", bundle)
    monkeypatch.setattr(templates, "template_root", lambda: old_root)
    monkeypatch.setattr(templates, "__version__", OLD.removeprefix("v"))
    made = templates.create(tmp_path / "lender", {"application": "credit-score"})
    monkeypatch.undo()
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(home))
    monkeypatch.setattr(releases, "BUNDLE", bundle)
    return Old(Project.open(made.folder))


def test_an_untouched_project_becomes_what_the_present_release_makes_but_for_the_users_files(
    old: Old, tmp_path: Path
) -> None:
    done = update(old.project)
    assert (done.source, done.before, done.after) == (releases.SOURCE, OLD, releases.PRESENT)
    assert done.conflicts == ()
    assert {"README.md", "old-advice.md", ".copier-answers.yml"} <= set(done.changed)
    assert not (old.root / "old-advice.md").exists()
    (tmp_path / "new").mkdir()
    new = templates.create(tmp_path / "new" / "lender", {"application": "credit-score"}, git=False)
    users = {"train.py", "contract/src/lib.rs"}
    for path in new.folder.rglob("*"):
        name = path.relative_to(new.folder).as_posix()
        if path.is_file() and name not in users:
            assert (old.root / name).read_bytes() == path.read_bytes(), name
    for name in users:
        assert "of the old release" in (old.root / name).read_text()


def test_a_file_that_both_changed_in_different_places_is_merged(old: Old) -> None:
    old.edit("README.md", "## The data", "## Our branch offices\n\nThere are two.\n\n## The data")
    old.edit("train.py", "CUTOFF = 0.5", "CUTOFF = 0.83")
    done = update(old.project)
    assert done.conflicts == ()
    readme = (old.root / "README.md").read_text()
    assert "There are two." in readme
    assert NEW_FIRST_STEP in readme
    assert OLD_FIRST_STEP not in readme
    assert "CUTOFF = 0.83" in (old.root / "train.py").read_text()
    assert "train.py" not in done.changed


def shell(folder: Path, bundle: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``stylus-ai`` as a process whose package carries ``bundle``."""
    code = (
        "import pathlib, sys; from scaffold import releases; from scaffold.cli import app\n"
        f"releases.BUNDLE = pathlib.Path({str(bundle)!r}); sys.exit(app.run(sys.argv[1:]))"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_line_that_both_changed_is_a_conflict_that_says_how_to_go_on(old: Old) -> None:
    mine = "stylus-ai train      # ask Bob for the data first\n"
    old.edit("README.md", OLD_FIRST_STEP, mine)
    done = shell(old.root / "contract", releases.BUNDLE, "update")
    assert done.returncode == 1, done.stderr
    assert "CONFLICT  README.md" in done.stdout
    assert "the same lines of README.md. Nothing is lost" in done.stderr
    assert "git add README.md" in done.stderr
    readme = (old.root / "README.md").read_text()
    assert f"<<<<<<< before updating\n{mine}" in readme
    assert f"{NEW_FIRST_STEP}>>>>>>> after updating" in readme
    assert "UU README.md" in git(old.root, "status", "--porcelain")
    # What the advice says works.
    git(old.root, "checkout", "--theirs", "README.md")
    git(old.root, "add", "--all")
    git(old.root, "commit", "--quiet", "--message", "Update")
    assert json.loads(shell(old.root, releases.BUNDLE, "update", "--json").stdout)["changed"] == []


def test_the_way_back_after_a_conflict_leads_to_what_was(old: Old) -> None:
    old.edit("README.md", OLD_FIRST_STEP, "stylus-ai train      # mine\n")
    before = git(old.root, "rev-parse", "HEAD^{tree}")
    found = shell(old.root, releases.BUNDLE, "update", "--json")
    value = json.loads(found.stdout)
    assert set(value) == documented_keys("update")
    assert (found.returncode, value["conflicts"]) == (1, ["README.md"])
    git(old.root, "reset", "--quiet", "--hard")
    git(old.root, "clean", "--force", "-d", "--quiet")
    git(old.root, "add", "--all")
    assert git(old.root, "write-tree") == before


def test_an_interrupted_update_leaves_what_was(old: Old, monkeypatch: pytest.MonkeyPatch) -> None:
    origin = updates._origin
    calls: list[Project] = []

    def interrupted(project: Project) -> tuple[str, str]:
        calls.append(project)
        if len(calls) == 2:  # copier is done
            raise KeyboardInterrupt
        return origin(project)

    monkeypatch.setattr(updates, "_origin", interrupted)
    with pytest.raises(KeyboardInterrupt):
        update(old.project)
    assert git(old.root, "status", "--porcelain") == ""
    assert origin(old.project) == (releases.SOURCE, OLD)


def test_a_project_in_a_subfolder_of_a_repository_is_updated_there(
    old: Old, tmp_path: Path
) -> None:
    shutil.rmtree(old.root / ".git")
    outer = tmp_path / "outer"
    (outer / "models").mkdir(parents=True)
    shutil.move(old.root, outer / "models" / "lender")
    (outer / "notes.txt").write_text("not committed, and none of update's business\n")
    git(outer, "init", "--quiet")
    git(outer, "add", "models")
    git(outer, "commit", "--quiet", "--message", "All")
    done = update(Project.open(outer / "models" / "lender"))
    assert "README.md" in done.changed
    assert "notes.txt" not in str(done.changed)
    assert NEW_FIRST_STEP in (outer / "models" / "lender" / "README.md").read_text()


def test_changes_that_are_not_committed_are_named_and_stay(old: Old) -> None:
    (old.root / "train.py").write_text("mine")
    (old.root / "new.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"not committed: new\.txt, train\.py\.") as caught:
        update(old.project)
    assert "git stash" in caught.value.next_step
    assert (old.root / "train.py").read_text() == "mine"


def test_a_folder_without_a_repository_is_refused(old: Old) -> None:
    shutil.rmtree(old.root / ".git")
    with pytest.raises(UsageError, match="in no git repository") as caught:
        update(old.project)
    assert "git init" in caught.value.next_step


@pytest.mark.parametrize(
    ("text", "kind", "cause", "next_step"),
    [
        (None, ProjectError, "does not say which template", "git checkout"),
        ("just text", ProjectError, "does not say which template", "git checkout"),
        (f"_src_path: {releases.SOURCE}\n", UsageError, "names no version", "with tags"),
        (
            f"_src_path: {releases.SOURCE}\n_commit: v9.0.0\n",
            UsageError, "of v9.0.0, later than this stylus-ai", "pip install --upgrade",
        ),
        (
            f"_src_path: {releases.SOURCE}\n_commit: v0.0.1\n",
            UsageError, "of v0.0.1, which was never released", f"{OLD}, {releases.PRESENT}",
        ),
    ],
)  # fmt: skip
def test_answers_that_lead_nowhere_are_refused_and_nothing_changes(
    old: Old, text: str | None, kind: type[UsageError], cause: str, next_step: str
) -> None:
    answers = old.root / updates.ANSWERS
    answers.unlink()
    if text is not None:
        answers.write_text(text)
    git(old.root, "commit", "--quiet", "--all", "--message", "Edit")
    with pytest.raises(kind, match=cause) as caught:
        update(old.project)
    assert next_step in caught.value.next_step
    assert git(old.root, "status", "--porcelain") == ""


def test_without_a_bundle_the_present_templates_are_the_only_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "BUNDLE", tmp_path / "none.bundle")
    made = templates.create(tmp_path / "lender", {"application": "credit-score"})
    done = update(Project.open(made.folder))
    assert (done.before, done.after, done.changed) == (releases.PRESENT, releases.PRESENT, ())


def test_the_users_own_git_settings_in_the_environment_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "Ada")
    assert releases._instead_of("a", "b") == {
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "user.name",
        "GIT_CONFIG_VALUE_0": "Ada",
        "GIT_CONFIG_KEY_1": "url.b.insteadOf",
        "GIT_CONFIG_VALUE_1": "a",
    }


def test_releases_add_up_in_the_bundle_and_never_change(old_root: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "releases.bundle"
    assert release(old_root, "v0.0.8", bundle)
    assert release(template_root(), "v0.0.9", bundle)
    assert not release(template_root(), "v0.0.9", bundle)
    with pytest.raises(SystemExit, match="Raise the version first"):
        release(old_root, "v0.0.9", bundle)
    (tmp_path / "there").mkdir()
    with releases.open_bundle(tmp_path / "there", bundle) as repo:
        assert sorted(releases.tags(repo)) == ["v0.0.8", "v0.0.9"]
    assert carries(old_root, "v0.0.8", bundle)


def test_templates_of_a_released_version_are_not_edited_any_more(tmp_path: Path) -> None:
    """Else projects would say that they are of a release which they are not of."""
    with releases.open_bundle(tmp_path, releases.BUNDLE) as repo:
        released = releases.PRESENT in releases.tags(repo)
    assert not released or carries(template_root(), releases.PRESENT), "Raise the version."


def test_the_answers_file_names_the_source_that_is_mapped() -> None:
    (stub,) = (template_root() / KIT).glob("*answers_file*")
    assert stub.read_text() == "{% include 'templates/_shared/answers.yml' %}\n"
    assert releases.SOURCE in (template_root() / "templates/_shared/answers.yml").read_text()
