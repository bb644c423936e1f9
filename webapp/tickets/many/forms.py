"""What a person may want done to many tickets. An empty input leaves that field of all of them as it is."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from flask_babel import gettext
from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator

from webapp.core.forms import number_from
from webapp.tickets.forms import Body, Line, Status
from webapp.tickets.many.steps import NEW
from webapp.tickets.states import PRIORITIES
from webapp.tickets.texts import clean_line


def _number(value: Any) -> Any:
    return value or None


def _names(value: Any) -> Any:
    """Tags, with commas between."""
    if not isinstance(value, str):
        return value
    return tuple(name for part in value.split(",") if (name := clean_line(part)))


Number = Annotated[int | None, BeforeValidator(_number)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class ManyForm(BaseModel):
    """`assignee`, `team`, `cluster`: a key, or 0 for nobody and none; `cluster` also NEW. `due`: a day; `no_due`: at no
    set time."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    status: Status = ""
    assignee: Number = None
    team: Number = None
    priority: Number = None
    due: Annotated[date | None, BeforeValidator(_number)] = None
    no_due: bool = False
    category: Line = ""
    cluster: Line = ""
    add_tags: Names = ()
    remove_tags: Names = ()
    reply: Body = ""
    note: Body = ""

    @field_validator("cluster", mode="after")
    @classmethod
    def _cluster_meant(cls, cluster: str) -> str:
        if cluster and cluster != NEW and number_from(cluster) is None:
            raise ValueError(gettext("There is no such cluster."))
        return cluster

    @field_validator("priority", mode="after")
    @classmethod
    def _priority_known(cls, priority: int | None) -> int | None:
        if priority is not None and priority not in PRIORITIES:
            raise ValueError(gettext("There is no such priority."))
        return priority

    def fields(self) -> dict[str, Any]:
        """Field of a ticket → its new value, but for the day that it is due."""
        named = {"status": self.status, "priority": self.priority, "category": self.category}
        found: dict[str, Any] = {name: value for name, value in named.items() if value}
        for name, key in (("assignee", self.assignee), ("team", self.team)):
            if key is not None:
                found[name] = key or None
        if self.cluster:
            found["cluster"] = NEW if self.cluster == NEW else int(self.cluster) or None
        return found | ({"due_at": None} if self.no_due else {})
