"""What a fact says to people, before anybody is looked up. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.accounts.roles import Permission


@dataclass(slots=True)  # not frozen: as crowds.Addressed
class News:
    """A fact as people are told it: those who may (`permission`), and those named (`people`).

    `close`: it concerns each of them; else only those who have or watch the ticket. `responsible`: it is for those
    who have to see to the ticket. `bunch`: all of that name are one row. `url`: a path of this desk.
    `moment` takes the place of `{at}` in the text, in each person's zone.
    """

    kind: str
    text: str
    url: str
    thing: str
    title: str = ""
    permission: Permission | None = None
    people: tuple[int, ...] = ()
    close: bool = True
    responsible: bool = False
    failed: bool = False
    mails: bool = True
    to_actor: bool = False
    moment: datetime | None = None
    bunch: str = ""
