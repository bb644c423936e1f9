"""The JSON API of notices (docs/api.md): one's own; an admin may see to everybody's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, jsonify, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import signed_in, viewer
from webapp.accounts.models import User
from webapp.accounts.queries import get_user
from webapp.accounts.roles import Permission
from webapp.core import api, clock
from webapp.core.db import transaction
from webapp.core.errors import Invalid, NotFound
from webapp.notifications import actions, queries, shown, telling
from webapp.notifications.forms import NoticeForm
from webapp.notifications.kinds import KINDS
from webapp.notifications.models import Notice
from webapp.notifications.queries import Wanted

bp = Blueprint("notifications_api", __name__, url_prefix="/api/notifications")

USUAL, MOST = 20, 100  # in one answer
Answer = Response | tuple[Response, int]


@bp.get("")
@signed_in
def list_mine() -> Answer:
    return _list(viewer())


@bp.get("/<int:user_id>")
@signed_in
def list_of(user_id: int) -> Answer:
    """Newest first: `limit`, `skip`, `type`, `unread`."""
    return _list(_person(user_id))


@bp.get("/<int:user_id>/unread/count")
@signed_in
def unread_count(user_id: int) -> Answer:
    return jsonify(unreadCount=queries.unread_count(_person(user_id).id))


@bp.post("")
@signed_in
def create() -> Answer:
    """Give oneself a notice, or as an admin somebody."""
    form = api.parsed(NoticeForm)
    person = _person(form.user_id)
    with transaction():
        notice = telling.give(
            person,
            kind=form.type,
            title=form.title,
            text=form.message,
            url=form.link,
            expires_at=_future(form.expires_at),
            actor=viewer().actor,
        )
    return jsonify(notification=_as_json(notice)), 201


@bp.route("/<int:notice_id>/read", methods=["PUT", "PATCH"])
@signed_in
def mark_read(notice_id: int) -> Answer:
    with transaction():
        notice = queries.get_notice(notice_id, user_id=_whose())
        actions.mark(notice, read=True)
    return jsonify(notification=_as_json(notice))


@bp.patch("/<int:user_id>/read-all")
@signed_in
def read_all(user_id: int) -> Answer:
    person = _person(user_id)
    with transaction():
        changed = actions.mark_read(person.id)
    return jsonify(modifiedCount=changed)


@bp.delete("/<int:notice_id>")
@signed_in
def delete(notice_id: int) -> Answer:
    with transaction():
        actions.remove(queries.get_notice(notice_id, user_id=_whose()))
    return jsonify(deletedCount=1)


@bp.delete("/<int:user_id>/clear-all")
@signed_in
def clear_all(user_id: int) -> Answer:
    person = _person(user_id)
    with transaction():
        gone = actions.clear(person.id)
    return jsonify(deletedCount=gone)


def _list(person: User) -> Answer:
    kind = request.args.get("type", "")
    if kind and kind not in KINDS:
        raise Invalid(_("There is no such type."), fields={"type": ", ".join(KINDS)})
    wanted = Wanted(kind, unread=request.args.get("unread") in ("1", "true"))
    limit = _number("limit", USUAL, least=1, most=MOST)
    skip = _number("skip", 0, least=0, most=2**31)
    total = queries.total(person.id, wanted)
    rows = queries.some(person.id, wanted, skip=skip, limit=limit)
    return jsonify(
        notifications=[_as_json(notice) for notice in rows],
        total=total,
        hasMore=skip + len(rows) < total,
        unreadCount=queries.unread_count(person.id),
    )


def _person(user_id: int) -> User:
    """Oneself, or anybody for an admin. Raises NotFound, also for whom one may not ask about."""
    if user_id != viewer().id and not viewer().may(Permission.DESK_MANAGE):
        raise NotFound(_("There is no such person."))
    return get_user(user_id)


def _whose() -> int | None:
    return None if viewer().may(Permission.DESK_MANAGE) else viewer().id


def _as_json(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "userId": notice.user_id,
        "type": notice.kind,
        "title": notice.title or str(KINDS[notice.kind].words),
        "message": shown.in_words(notice) if notice.count > 1 else notice.text,
        "link": notice.url or None,
        "count": notice.count,
        "read": notice.read_at is not None,
        "readAt": notice.read_at.isoformat() if notice.read_at else None,
        "createdAt": notice.at.isoformat(),
        "expiresAt": notice.expires_at.isoformat(),
    }


def _number(name: str, usual: int, *, least: int, most: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and least <= int(text) <= most):
        words = _("A whole number from %(least)s to %(most)s.", least=least, most=most)
        raise Invalid(words, fields={name: words})
    return int(text)


def _future(at: datetime | None) -> datetime | None:
    if at is None:
        return None
    if at.tzinfo is None or at <= clock.now():
        words = _("A time to come, with its zone, such as 2030-01-31T08:00:00Z.")
        raise Invalid(words, fields={"expiresAt": words})
    return at.astimezone(UTC)
