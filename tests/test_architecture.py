"""Rules that a machine can check. See docs/architecture.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from bench.mutations import MUTANTS, Mutant
from webapp.core.settings import Settings
from webapp.events.types import all_fact_types
from webapp.reactions import REACTIONS

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "webapp").rglob("*.py"))
FLASK_MAY_STAND_IN = re.compile(
    r"/(views|api)(/|\.py)|/guards\.py|/identity\.py|/arrivals\.py|/limits\.py|core/(web|assets|kept|page_words|forms)\.py|/realtime/"
    r"|webapp/__init__\.py"
    r"|webapp/(routes|cli|pages|wiring)\.py|core/migrating\.py|/demo/"
)
FORBIDDEN_NAMES = {"utils", "helpers", "service", "services", "manager", "managers"}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_file_has_at_most_300_lines_and_a_function_50(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 300, f"{_name(path)} wants splitting by idea"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= 50, f"{_name(path)}: {node.name} has {length} lines"


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_only_core_db_commits(path: Path) -> None:
    if _name(path) == "webapp/core/db.py":
        return
    calls = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
    ]
    sqlite = [
        c for c in calls if "/demo/" in str(path)
    ]  # the demo upstreams keep their own small files
    assert len(calls) == len(sqlite), f"{_name(path)} commits; transaction() at the edge does"


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_flask_is_imported_at_the_edge_only(path: Path) -> None:
    if FLASK_MAY_STAND_IN.search("/" + _name(path)):
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.module not in {"flask", "flask_login"} or _name(path).endswith("models.py")
        if isinstance(node, ast.Import):
            assert "flask" not in {alias.name for alias in node.names}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [_name(p) for p in SOURCES if p.stem in FORBIDDEN_NAMES] == []


@pytest.mark.parametrize("path", sorted((ROOT / "static" / "js").rglob("*.js")), ids=_name)
def test_a_script_does_one_thing_in_at_most_100_lines(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 100


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=_name)
def test_a_template_is_short(path: Path) -> None:
    most = 40 if path.name.startswith("_") else 80
    if "ui" in path.parts or "mail" in path.parts or "demo" in path.parts:
        most = 200  # macro files
    assert len(path.read_text().splitlines()) <= most


def test_each_route_says_who_may_enter(app: Flask) -> None:
    unmarked = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not hasattr(app.view_functions[rule.endpoint], "access")
    ]
    assert unmarked == []


def test_each_closed_page_sends_the_signed_out_to_the_sign_in(app: Flask) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], "access", "public")
        if "GET" not in (rule.methods or ()) or access == "public":
            continue
        path = re.sub(r"<[^>]+>", "1", rule.rule)
        answer = client.get(path)
        assert answer.status_code in (302, 401, 404), (
            f"{path} answered {answer.status_code} to a stranger"
        )


def test_each_fact_stands_in_the_table_of_reactions() -> None:
    ours = {cls for cls in all_fact_types().values() if cls.__module__.startswith("webapp.")}
    assert ours == set(REACTIONS)


def test_each_setting_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [
        name.upper() for name in Settings.model_fields if f"`{name.upper()}`" not in readme
    ] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda each: each.name.replace(" ", "-"))
def test_each_mutant_finds_its_place(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text().count(mutant.old) == 1, "`make mutants` would stop here"


def test_no_file_names_a_registry() -> None:
    hosts = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "registry" + ".npm")
    for path in _tracked():
        text = path.read_text(errors="ignore")
        assert not any(host in text for host in hosts), _name(path)


def _tracked() -> Iterator[Path]:
    for folder in ("webapp", "templates", "static", "tests", "docs", "bench", ".ci"):
        yield from (p for p in (ROOT / folder).rglob("*") if p.is_file() and p.suffix != ".pyc")
    yield from (p for p in ROOT.iterdir() if p.is_file())
