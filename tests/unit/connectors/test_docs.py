"""docs/connectors.md names what there is, and its example is right."""

import re
from pathlib import Path
from typing import get_args

import pytest

from webapp.sync.connectors.declaration import TARGET_FIELDS, Auth, parse
from webapp.sync.connectors.declaration import paging as ways
from webapp.sync.connectors.transforms import TRANSFORMS

PAGE = (Path(__file__).parents[3] / "docs" / "connectors.md").read_text(encoding="utf-8")


def _kinds(union: object) -> list[str]:
    return [
        get_args(part.model_fields["kind"].annotation)[0] for part in get_args(get_args(union)[0])
    ]


NAMES = [
    *TRANSFORMS,
    *_kinds(ways.Paging),
    *_kinds(ways.Incremental),
    *get_args(Auth.model_fields["kind"].annotation),
]


@pytest.mark.parametrize("name", NAMES)
def test_the_page_names(name: str) -> None:
    assert re.search(rf"`{name}`", PAGE), f"docs/connectors.md does not explain {name}"


def test_the_page_names_every_field_of_ours() -> None:
    assert " ".join(TARGET_FIELDS["ticket"]) in " ".join(PAGE.split())


def test_the_example_is_a_right_declaration() -> None:
    example = re.findall(r"```yaml\n(name:.*?)```", PAGE, re.DOTALL)
    assert parse(example[0]).name == "pothole_app"
