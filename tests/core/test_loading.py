"""Packages whose parts are brought on demand are, to who uses them, as any other."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest

import webapp
from webapp.core import loading

ROOT = Path(webapp.__file__).parent
PACKAGES = [
    ".".join(path.parent.relative_to(ROOT.parent).parts)
    for path in sorted(ROOT.rglob("__init__.py"))
    if "__getattr__ = on_demand" in path.read_text()
]

pytestmark = pytest.mark.any_database


def test_there_are_such_packages() -> None:
    assert {"webapp.tickets.actions", "webapp.claims.queries"} <= set(PACKAGES)


@pytest.mark.parametrize("name", PACKAGES)
def test_each_name_that_it_promises_is_there_and_no_other(name: str) -> None:
    package = importlib.import_module(name)

    assert all(getattr(package, each) is not None for each in package.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing_like_it'"):
        package.nothing_like_it  # noqa: B018 - the question is what is tried


@pytest.mark.parametrize("name", PACKAGES)
def test_no_part_has_the_name_of_a_module_beside_it(name: str) -> None:
    """Whoever imports that module would hide the part."""
    package: ModuleType = importlib.import_module(name)
    beside = {each.name for each in pkgutil.iter_modules(package.__path__)}
    assert not beside & set(package.__all__)


def test_models_are_found_wherever_they_stand() -> None:
    found = set(loading.modules("models.py", "models/*.py"))
    assert {"webapp.tickets.models", "webapp.claims.models", "webapp.claims.models.claims"} <= found
