"""What a person answered to a form's own questions, whether on the public page or told to an agent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request
from flask_babel import gettext as _

from webapp.tickets.actions.creating import Beginning
from webapp.tickets.portal.models import PublicForm
from webapp.tickets.portal.questions import FILE, Question, answers_to, place_of, questions_of


@dataclass(frozen=True)
class Answered:
    """`beginning`: what the ticket begins with. `wrong`: field → sentence. `place`: of its place question."""

    beginning: Beginning = field(default_factory=Beginning)
    wrong: Mapping[str, str] = field(default_factory=dict)
    file_fields: Sequence[str] = ()
    place: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, form: PublicForm | None) -> Answered:
        """From the request. Without a form nothing was asked."""
        if form is None:
            return cls()
        category = request.form.get("category", "").strip()
        questions = questions_of(form.questions)
        typed = _typed(questions)
        answers, wrong = answers_to(questions, typed, category=category)
        if category in form.stops:
            wrong["category"] = str(form.stops[category])
        beginning = Beginning(
            answers=[(_("Form"), form.title), *answers],
            priority=form.priority,
            team_id=form.team_id,
            assignee_id=form.assignee_id,
            tags=form.tags,
        )
        asked = [each.field for each in questions if each.kind == FILE and each.is_asked(category)]
        return cls(beginning, wrong, asked, place_of(questions, typed, category=category))


def shown_form(form: PublicForm | None) -> dict[str, Any]:
    """What a page with that form's questions takes."""
    questions = questions_of(form.questions) if form else []
    return {"own": form, "questions": questions, "stops": form.stops if form else {}}


def _typed(questions: Sequence[Question]) -> dict[str, str]:
    """field → text; of a file the names of what came, or that some are kept from before."""
    typed = request.form.to_dict()
    for question in questions:
        if question.kind == FILE:
            names = [each.filename for each in request.files.getlist(question.field)]
            kept = _("among the files") if request.form.getlist("kept") else ""
            typed[question.field] = ", ".join(name for name in names if name) or kept
    return typed
