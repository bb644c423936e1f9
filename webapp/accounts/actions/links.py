"""Links that are mailed: invitations, sign-ups, new passwords. Each opens once. Need an open transaction."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from sqlalchemy import delete, func, select, update

from webapp.accounts import joining, queries, tokens
from webapp.accounts.actions import people
from webapp.accounts.addresses import domain_of, normal_email
from webapp.accounts.events import (
    InvitationSent,
    InvitationWithdrawn,
    PasswordResetAsked,
    UserJoined,
)
from webapp.accounts.models import AccountLink, User
from webapp.core import clock, db, settings
from webapp.core.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.events.record import record
from webapp.events.types import SYSTEM, Actor
from webapp.mail.actions import queue_mail


class SignUpClosed(Forbidden):
    code = "signup_closed"


def invite(email: str, *, name: str, role: str, inviter: User) -> AccountLink:
    """A mail that leads to a page where they choose a password. An earlier one to the same address stops working."""
    if not joining.takes_invitations(queries.desk().signup):
        raise Conflict(gettext("Nobody can join at present. Change that under Access first."))
    if queries.find_user_by_email(email) is not None:
        words = gettext("Somebody already has this address.")
        raise Invalid(words, fields={"email": words})
    people.check_role(role)
    link, secret = _make(joining.INVITE, email, name=name, role=role, created_by=inviter.id)
    _mail("account_invited", link, path=f"/join/{secret}", author=inviter.name)
    sent = InvitationSent(subject_id=inviter.id, email=link.email, role=role)
    record(sent, actor=inviter.actor)
    return link


def withdraw(link: AccountLink, *, actor: Actor) -> None:
    link.ended_at = clock.now()
    record(InvitationWithdrawn(subject_id=actor.id or 0, email=link.email), actor=actor)


def ask_to_join(email: str, *, name: str) -> None:
    """Mails a link to the address; one that has an account is told so by mail, too: the asker learns nothing.

    Raises SignUpClosed.
    """
    desk = queries.desk()
    if not joining.may_sign_up(desk.signup, desk.signup_domains.split(), domain_of(email)):
        raise SignUpClosed(
            gettext("This desk takes no new people by themselves. Ask for an invitation.")
        )
    if _too_many(joining.SIGNUP, email):
        return
    link, secret = _make(joining.SIGNUP, email, name=name, role=desk.signup_role)
    known = queries.find_user_by_email(email)
    if known is None:
        _mail("account_confirm", link, path=f"/join/{secret}")
    else:
        link.ended_at = clock.now()
        _mail("account_known", link, path="/password/forgotten")


def ask_new_password(email: str) -> None:
    """Mails a link where somebody active has that address, and is silent about it where nobody has."""
    user = queries.find_user_by_email(email)
    if user is None or not user.active or _too_many(joining.RESET, email):
        return
    link, secret = _make(joining.RESET, user.email, name=user.name, user_id=user.id)
    _mail("account_reset", link, path=f"/password/new/{secret}")
    record(PasswordResetAsked(subject_id=user.id), actor=SYSTEM)


def join(secret: str, *, name: str, password: str) -> User:
    """The account that an invitation or a confirmed sign-up leads to. Raises NotFound for a dead link."""
    link = queries.open_link(secret, joining.INVITE, joining.SIGNUP)
    _use(link)
    user = people.create_user(
        link.email,
        name=name,
        role=link.role,
        password=password,
        actor=SYSTEM,
        timezone=queries.desk().timezone,
    )
    link.user_id = user.id
    record(UserJoined(subject_id=user.id, way=link.kind), actor=user.actor)
    return user


def set_new_password(secret: str, *, password: str) -> User:
    """Ends all devices of the person. A second factor stays."""
    link = queries.open_link(secret, joining.RESET)
    _use(link)
    user = queries.get_user(link.user_id or 0)
    people.set_password(user, password=password, actor=user.actor)
    _end_others(link)
    return user


def prune() -> int:
    before = clock.now() - joining.LASTS[joining.INVITE]
    done: Any = db.session().execute(delete(AccountLink).where(AccountLink.expires_at < before))
    return int(done.rowcount)


def _make(
    kind: str,
    email: str,
    *,
    name: str,
    role: str = "",
    user_id: int | None = None,
    created_by: int | None = None,
) -> tuple[AccountLink, str]:
    now, secret = clock.now(), tokens.new_secret()
    link = AccountLink(
        kind=kind,
        hash=tokens.hash_of(secret),
        email=normal_email(email),
        name=name,
        role=role,
        user_id=user_id,
        created_by=created_by,
        created_at=now,
        expires_at=now + joining.LASTS[kind],
    )
    db.session().add(link)
    db.session().flush()
    _end_others(link)
    return link, secret


def _end_others(link: AccountLink) -> None:
    """Of the links of one kind to one address only the newest is good."""
    db.session().execute(
        update(AccountLink)
        .where(
            AccountLink.email == link.email,
            AccountLink.kind == link.kind,
            AccountLink.id != link.id,
            AccountLink.used_at.is_(None),
            AccountLink.ended_at.is_(None),
        )
        .values(ended_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _use(link: AccountLink) -> None:
    """Two that come at once with one link: one of them finds it used."""
    took = db.session().scalar(
        update(AccountLink)
        .where(AccountLink.id == link.id, AccountLink.used_at.is_(None))
        .values(used_at=clock.now())
        .returning(AccountLink.id)
        .execution_options(synchronize_session=False)
    )
    if took is None:
        raise NotFound(gettext("This link was used already."))


def _too_many(kind: str, email: str) -> bool:
    """So that nobody can fill somebody else's mailbox."""
    since = clock.now() - joining.LASTS[joining.RESET]
    asked = select(func.count()).where(
        AccountLink.email == normal_email(email),
        AccountLink.kind == kind,
        AccountLink.created_at > since,
    )
    return (db.session().scalar(asked) or 0) >= joining.MOST_AN_HOUR


def _mail(template: str, link: AccountLink, *, path: str, **values: str) -> None:
    """The address of the page is sealed in the outbox: whoever looks at deliveries must not get in by it."""
    queue_mail(
        template,
        to_address=link.email,
        to_name=link.name,
        values={
            "desk": queries.desk().name,
            "ref": gettext("account"),
            "name": link.name,
            **values,
        },
        sealed={"url": settings.current().base_url + path},
        subject=("account_link", link.id),
        role="person",
        summary=gettext("A link about an account"),
    )
