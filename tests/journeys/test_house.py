"""The house keeps its own rules: locks, layers, words, what is committed."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib

import numpy as np
import pandas as pd
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from projects import ROOT

from seglib.project import params

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def locked(name: str, python: str = "3.12") -> dict[str, str]:
    found = {}
    for line in (ROOT / name).read_text().splitlines():
        if match := re.match(r"([a-z0-9._-]+)==([^ ;]+)(?: ; ([^\\]+))?", line):
            marker = f" ; {match[3].strip()}" if match[3] else ""
            entry = Requirement(f"{match[1]}=={match[2]}{marker}")
            if entry.marker is None or entry.marker.evaluate(
                {"python_version": python, "python_full_version": f"{python}.0"}
            ):
                found[match[1]] = match[2]
    return found


def test_environment_yml_equals_pyproject_at_the_locked_versions():
    parts = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pip = next(part["pip"] for part in parts if isinstance(part, dict))
    versions = locked("requirements.lock")
    wanted = [Requirement(d) for d in PROJECT["dependencies"]]
    got = {Requirement(line).name.lower(): Requirement(line) for line in pip if not line.startswith("-e")}
    assert set(got) == {w.name.lower() for w in wanted}
    for w in wanted:
        assert str(got[w.name.lower()].specifier) == f"=={versions[canonicalize_name(w.name)]}"
        assert got[w.name.lower()].extras == w.extras
        assert w.specifier.contains(versions[canonicalize_name(w.name)])


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_locks_hold_names_versions_and_hashes_alone(name):
    for line in (ROOT / name).read_text().splitlines():
        assert re.fullmatch(r"[a-z0-9._-]+==\S+( ; .*)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line), line


def test_both_locks_agree():
    base, test = locked("requirements.lock"), locked("requirements-test.lock")
    assert base.items() <= test.items()


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_nothing_generated_is_committed():
    for name in tracked():
        assert not re.match(r"data/|reports/(?!README)|.*\.(parquet|csv|gz|html|skops)$", name), name


def test_no_path_of_a_machine_and_no_secret():
    for name in tracked():
        if name.endswith((".png", ".lock")):
            continue
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.])/(home/\w+|root|Users/\w+)/", text), name


def test_make_help_lists_every_command():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = set(re.findall(r"make (\w+)", done.stdout))
    assert {"demo", "test", "lab", "lint", "bench", "help"} <= listed


def test_the_readme_names_what_is_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tree = re.search(r"```\n(README\.md .*?)```", readme, re.S)[1]
    for name in re.findall(r"^(\S+)", tree, re.M):
        assert (ROOT / name.rstrip("/")).exists(), name
    for target in set(re.findall(r"make (\w+)", readme)):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.M), target
    for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", readme):
        assert (ROOT / picture).is_file(), picture


def test_the_examples_of_the_readme_work(tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rng = np.random.default_rng(0)
    given = {
        "customers": pd.DataFrame(
            {
                "spend": rng.normal([[0.0], [9.0]], 1, (2, 60)).ravel(),
                "plan": pd.Categorical(["a"] * 60 + ["b"] * 60),
            }
        )
    }
    exec(re.search(r"```python\n(.*?)```", readme, re.S)[1], given)
    (tmp_path / "acme.yaml").write_text(re.search(r"```yaml\n(.*?)```", readme, re.S)[1], encoding="utf-8")
    assert params.load(tmp_path / "acme.yaml").given() == {"hobby": "psychographic"}


def test_ci_calls_what_the_readme_calls():
    ci = (ROOT / ".ci" / "run").read_text()
    for command in ("make demo", "make test"):
        assert re.search(rf"^{command}$", ci, re.M)
    assert "bash .ci/run" in (ROOT / ".github" / "workflows" / "ci.yml").read_text()


#: Words that the glossary replaces; in survey data, answers to an item are meant.
REPLACED = (
    r"mend(?:s|ed)?|bears? out|foretells?|foretold|reckon(?:ed|s)?|nobody|at the door|surely|anew|trifle|told apart|"
    r"comes? back|worth ahead|chosen again|lies? apart|given away|what is lacking|that lacks|stands? for|"
    r"own strength|speaks for|may speak|answers to campaigns"
)


def test_no_word_that_the_glossary_replaces_remains():
    found = []
    for name in tracked():
        if not re.match(r"(seglib|notebooks|docs|params)/|README\.md", name) or name.endswith(".png"):
            continue
        for number, line in enumerate((ROOT / name).read_text(encoding="utf-8").splitlines(), 1):
            found += [f"{name}:{number}: {m[0]}" for m in re.finditer(rf"\b(?:{REPLACED})\b", line, re.I)]
    assert found == []


def modules() -> list[tuple[str, str]]:
    """The modules of the library, each with its text."""
    names = [n for n in tracked() if n.startswith("seglib/") and n.endswith(".py")]
    return [(n, (ROOT / n).read_text(encoding="utf-8")) for n in names if (ROOT / n).exists()]


def test_the_rooms_are_few_and_every_module_fits_in_one_reading():
    top = {n.split("/")[1] for n in tracked() if n.startswith("seglib/")} - {"__init__.py", "__main__.py"}
    assert len(top) <= 17
    assert [f"{n}: {t.count(chr(10))}" for n, t in modules() if t.count("\n") > 320] == []


def test_no_function_has_more_than_eight_parameters():
    found = []
    for name, text in modules():
        if name.startswith("seglib/estimators/"):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                given = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
                if len([a for a in given if a not in ("self", "cls")]) > 8 and not name.startswith(
                    "seglib/cli/"
                ):
                    found.append(f"{name}:{node.lineno} {node.name}")
    assert found == []


def test_the_formatter_is_left_to_do_its_work():
    assert sum(text.count("fmt: skip") for _, text in modules()) <= 30


def test_one_layers_contract_without_exceptions():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert [c["type"] for c in contracts] == ["layers"]
    assert "ignore_imports" not in contracts[0]
