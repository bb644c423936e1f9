"""The only writers of what people want to hear of. None commits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete

from webapp.accounts.events import DeskEdited
from webapp.accounts.models import User
from webapp.accounts.queries import desk
from webapp.core import clock, db
from webapp.core.inserting import insert_into
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.notifications import wishes
from webapp.notifications.kinds import CHANNELS, KINDS, MAIL, kinds_of, usual_of, wanted_by
from webapp.notifications.models import MailRefusal, Muting, NoticeDefault, NoticeSettings

Choices = Mapping[str, list[str]]


def choose(user: User, choices: Choices, **values: Any) -> NoticeSettings:
    """`choices`: kind → ways, as the whole matrix was sent. What agrees with the role goes on following it.

    `values`: the other columns of NoticeSettings.
    """
    usual = usual_of(user.role, wishes.defaults().get(user.role, {}))
    row = _row(user)
    row.choices = {
        kind.name: ways
        for kind in kinds_of(user.role)
        if set(ways := _in_order(choices.get(kind.name, []))) != usual[kind.name]
    }
    for name, value in values.items():
        setattr(row, name, value)
    db.session().flush()
    return row


def follow_the_role(user: User) -> None:
    """Forget one's own matrix: what an admin set for the role counts again."""
    _row(user).choices = {}


def choose_for_role(role: str, choices: Choices, *, actor: Actor) -> None:
    session = db.session()
    row = session.get(NoticeDefault, role) or NoticeDefault(role=role, choices={})
    old = usual_of(role, row.choices)
    row.choices = {kind.name: _in_order(choices.get(kind.name, [])) for kind in kinds_of(role)}
    session.add(row)
    session.flush()
    new = usual_of(role, row.choices)
    changed = [name for name in new if old[name] != new[name]]
    if changed:
        both = [_in_words(role, {name: ways[name] for name in changed}) for ways in (old, new)]
        record(DeskEdited(subject_id=desk().id or 0, changes={"notices": both}), actor=actor)


def mute(user: User, thing: str, *, mail_only: bool = False) -> None:
    """No news of it, or no mail; muting wins over ending its mails."""
    insert = insert_into(Muting).values(user_id=user.id, thing=thing, mail_only=mail_only)
    if mail_only:
        db.session().execute(insert.on_conflict_do_nothing())
    else:
        db.session().execute(
            insert.on_conflict_do_update(
                index_elements=["user_id", "thing"], set_={"mail_only": False}
            )
        )
    db.session().expire_all()


def unmute(user: User, thing: str) -> None:
    db.session().execute(delete(Muting).where(Muting.user_id == user.id, Muting.thing == thing))


def end_mails_of_kind(user: User, kind: str) -> None:
    """No mail of that kind ("": of any) any more; the other ways stay."""
    for each in [kind] if kind else KINDS:
        _set_mail(user, each, wanted=False)


def begin_mails_of_kind(user: User, kind: str) -> None:
    """Of that kind; "": as is usual for the role."""
    if kind:
        _set_mail(user, kind, wanted=True)
    else:
        follow_the_role(user)


def refuse_mail(thing: str, *, role: str) -> None:
    """Somebody without an account ends the mails about it."""
    insert = insert_into(MailRefusal).values(thing=thing, role=role, at=clock.now())
    db.session().execute(insert.on_conflict_do_nothing())


def accept_mail(thing: str, *, role: str) -> None:
    gone = delete(MailRefusal).where(MailRefusal.thing == thing, MailRefusal.role == role)
    db.session().execute(gone)


def _set_mail(user: User, kind: str, *, wanted: bool) -> None:
    row, usual = _row(user), wishes.defaults().get(user.role, {})
    ways = wanted_by(user.role, usual, row.choices).get(kind)
    if ways is not None:
        chosen = ways | {MAIL} if wanted else ways - {MAIL}
        row.choices = {**row.choices, kind: _in_order(chosen)}
        db.session().flush()


def _row(user: User) -> NoticeSettings:
    """Theirs, made where there is none, and locked."""
    fresh = wishes.unchosen(user.id)
    columns = [name for name in NoticeSettings.__table__.columns.keys() if name != "version"]  # noqa: SIM118
    values = {name: getattr(fresh, name) for name in columns}
    session = db.session()
    session.execute(
        insert_into(NoticeSettings).values(version=1, **values).on_conflict_do_nothing()
    )
    return session.get_one(NoticeSettings, user.id, with_for_update=True, populate_existing=True)


def _in_order(ways: Any) -> list[str]:
    return [channel for channel in CHANNELS if channel in ways]


def _in_words(role: str, ways: Mapping[str, frozenset[str]]) -> str:
    """For the audit trail: “agent: new app, mail; mention app”."""
    told = [f"{name} {', '.join(_in_order(found)) or '–'}" for name, found in ways.items()]
    return f"{role}: {'; '.join(told)}"
