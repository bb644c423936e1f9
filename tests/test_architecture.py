"""Rules that a machine can check. See docs/architecture.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from bench.mutations import MUTANTS, Mutant
from webapp.core import loading
from webapp.core.settings import Settings
from webapp.events.types import all_fact_types
from webapp.reactions import REACTIONS

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "webapp").rglob("*.py"))
FLASK_MAY_STAND_IN = re.compile(
    r"/(views|api)(/|\.py)|/guards\.py|/identity\.py|/arrivals\.py|/limits\.py|core/(web|assets|cookies|kept|page_words|forms)\.py|/realtime/"
    r"|webapp/__init__\.py"
    r"|webapp/(routes|cli|pages|wiring)\.py|core/migrating\.py|/demo/"
)
FORBIDDEN_NAMES = {"utils", "helpers", "service", "services", "manager", "managers"}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _nodes(path: Path, word: str = "def") -> Iterator[ast.AST]:
    """Of a file in which the word stands: to read the others costs three times as long."""
    text = path.read_text()
    return ast.walk(ast.parse(text)) if word in text else iter(())


def _too_long(paths: Iterable[Path], most: Callable[[Path], int]) -> list[str]:
    return [_name(path) for path in paths if len(path.read_text().splitlines()) > most(path)]


def test_a_file_has_at_most_300_lines() -> None:
    assert _too_long(SOURCES, lambda _: 300) == [], "these want splitting by idea"


def test_a_function_has_at_most_50_lines() -> None:
    assert [
        f"{_name(path)}: {node.name}"
        for path in SOURCES
        for node in _nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > 50
    ] == []


def test_only_core_db_commits() -> None:
    """And the demo upstreams, which keep their own small files; elsewhere transaction() at the edge does."""
    assert [
        f"{_name(path)}: line {node.lineno}"
        for path in SOURCES
        if _name(path) != "webapp/core/db.py" and "/demo/" not in str(path)
        for node in _nodes(path, "commit")
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
    ] == []


def test_flask_is_imported_at_the_edge_only() -> None:
    assert [
        f"{_name(path)}: line {node.lineno}"
        for path in SOURCES
        if not FLASK_MAY_STAND_IN.search("/" + _name(path))
        for node in _nodes(path, "flask")
        if isinstance(node, ast.Import | ast.ImportFrom) and _imports_flask(path, node)
    ] == []


def _imports_flask(path: Path, node: ast.Import | ast.ImportFrom) -> bool:
    if isinstance(node, ast.Import):
        return "flask" in {alias.name for alias in node.names}
    return node.module in {"flask", "flask_login"} and not _name(path).endswith("models.py")


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [_name(p) for p in SOURCES if p.stem in FORBIDDEN_NAMES] == []


def test_a_script_does_one_thing_in_at_most_100_lines() -> None:
    assert _too_long(sorted((ROOT / "static" / "js").rglob("*.js")), lambda _: 100) == []


def test_a_template_is_short() -> None:
    def most(path: Path) -> int:
        if "ui" in path.parts or "mail" in path.parts or "demo" in path.parts:
            return 200  # macro files
        return 40 if path.name.startswith("_") else 80

    assert _too_long(sorted((ROOT / "templates").rglob("*.html")), most) == []


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
    loading.bring("events.py")  # none is there until somebody asks for it
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
