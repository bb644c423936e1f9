"""What admins type about public forms."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from flask_babel import gettext
from pydantic import BaseModel, ConfigDict, field_validator

from webapp.tickets.forms import Body, Email, Line, given
from webapp.tickets.portal.questions import KINDS, LIST, MOST, TEXT, Question, is_slug, lines_of
from webapp.tickets.states import NORMAL, PRIORITIES
from webapp.tickets.texts import clean_line


class PublicFormForm(BaseModel):
    """A public form, its questions apart."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    title: Annotated[Line, given(lambda: gettext("Give the form a title."))] = ""
    slug: str = ""
    intro: Body = ""
    active: bool = False  # an unticked box is not sent
    tags: Line = ""
    team: int | None = None
    assignee: int | None = None
    priority: int = NORMAL

    @field_validator("team", "assignee", mode="before")
    @classmethod
    def _nobody(cls, value: object) -> object:
        return value or None

    @field_validator("slug", mode="after")
    @classmethod
    def _addressed(cls, slug: str) -> str:
        if not is_slug(slug):
            raise ValueError(
                gettext("Small letters, figures and single hyphens, for example: street-works.")
            )
        return slug

    @field_validator("priority", mode="after")
    @classmethod
    def _known(cls, priority: int) -> int:
        if priority not in PRIORITIES:
            raise ValueError(gettext("Please choose one of the list."))
        return priority


class FollowForm(BaseModel):
    """Which report (a handle that we made), and where to write to."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    ticket: str = ""
    follow_email: Email = ""


def questions_from(
    typed: Mapping[str, str], categories: Sequence[str]
) -> tuple[list[Question], dict[str, str]]:
    """The questions of the builder in their order, and what is wrong. One without a label is none. `categories`: those
    that there are; a question for another would never be asked."""
    rows = [index for index in range(MOST + 1) if clean_line(typed.get(f"q{index}-label", ""))]
    rows = [index for index in rows if not typed.get(f"q{index}-remove")]
    rows.sort(key=lambda index: _order(typed.get(f"q{index}-order", ""), index))
    spelt = {name.casefold(): name for name in categories}
    questions = [_question(typed, f"q{index}-", spelt) for index in rows]
    wrong = {
        f"q{index}-choices": gettext("Name what can be chosen, one a line.")
        for index, each in zip(rows, questions, strict=True)
        if each.kind == LIST and not each.choices
    }
    for index, each in zip(rows, questions, strict=True):
        if unknown := [name for name in each.categories if name.casefold() not in spelt]:
            wrong[f"q{index}-categories"] = gettext(
                "There is no category “%(name)s”. There are: %(all)s.",
                name=unknown[0],
                all=", ".join(categories),
            )
    return questions[:MOST], wrong


def stops_from(typed: Mapping[str, str], categories: Sequence[str]) -> dict[str, Any]:
    """category → message, of those that have one. Their fields are numbered as the categories are."""
    found = {name: clean_line(typed.get(f"stop{n}", ""))[:500] for n, name in enumerate(categories)}
    return {name: message for name, message in found.items() if message}


def _question(typed: Mapping[str, str], prefix: str, spelt: Mapping[str, str]) -> Question:
    """`spelt`: a category in small letters → as it is written."""
    kind = typed.get(f"{prefix}kind", TEXT)
    return Question(
        key=typed.get(f"{prefix}key", "") or secrets.token_hex(4),
        label=clean_line(typed[f"{prefix}label"])[:200],
        kind=kind if kind in KINDS else TEXT,
        required=bool(typed.get(f"{prefix}required")),
        hint=clean_line(typed.get(f"{prefix}hint", ""))[:300],
        choices=lines_of(typed.get(f"{prefix}choices", ""))[:200] if kind == LIST else (),
        categories=tuple(
            dict.fromkeys(
                spelt.get(line.casefold(), line)
                for line in lines_of(typed.get(f"{prefix}categories", ""))
            )
        ),
    )


def _order(text: str, index: int) -> tuple[int, int]:
    return (int(text) if text.isdecimal() and len(text) < 9 else index + 1, index)
