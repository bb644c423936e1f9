"""The reaction that tells people: notices, toasts, mails and pushes of a fact, in its transaction.

Who hears it is read by `crowds`, in what words says `audience`, on which ways decides `routing`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from weakref import WeakKeyDictionary

from sqlalchemy.orm import SessionTransaction

from webapp.accounts.models import User
from webapp.accounts.queries import people_who_may
from webapp.core import clock, db
from webapp.events.models import Event
from webapp.events.record import Batch, for_batches
from webapp.events.types import Actor, Fact
from webapp.notifications import audience, crowds, leaving, toasts, wishes, writing
from webapp.notifications.crowds import Addressed
from webapp.notifications.emitting import Toast
from webapp.notifications.folding import SHOWN
from webapp.notifications.models import Notice
from webapp.notifications.news import News
from webapp.notifications.routing import Muted, Piece, Route, route
from webapp.notifications.toasts import Told
from webapp.notifications.wishes import Known

Routed = tuple[Addressed, Route]

_told: WeakKeyDictionary[SessionTransaction, Counter[tuple[str, Actor]]] = WeakKeyDictionary()


def tell(event: Event, fact: Fact) -> None:
    """Reaction: everybody whom it concerns, each on the ways they chose."""
    actor = Actor(event.actor_kind, event.actor_id, event.actor_name)
    _tell([(event.id, fact)], actor)


@for_batches(tell)
def tell_many(batch: Batch) -> None:
    ids = [row["id"] for row in batch.rows]
    _tell(list(zip(ids, batch.facts, strict=True)), batch.actor)


def show(people: Sequence[Addressed], actor: Actor) -> dict[int, Route]:
    """Bell and toast alone, for who sends mails of their own: user id → route. At most one piece a person."""
    routed = _routed_alone(people, clock.now())
    writing.write(_in_bell(routed), actor, many=False)
    _toast(routed, actor)
    return {each.user.id: way for each, way in routed}


def routes(people: Sequence[Addressed]) -> dict[int, Route]:
    return {each.user.id: way for each, way in _routed_alone(people, clock.now())}


def give(
    user: User,
    *,
    kind: str,
    title: str,
    text: str,
    url: str = "",
    expires_at: datetime | None = None,
    actor: Actor,
) -> Notice:
    """A notice that is no fact of the desk: a program's, another package's. In the bell it is in any case."""
    now = clock.now()
    notice = writing.put(user, kind=kind, title=title, text=text, url=url, expires_at=expires_at)
    news = News(kind, text or title, url, f"kind:{kind}", title, people=(user.id,))
    [(each, way)] = _routed_alone([Addressed(news, 0, user, close=True)], now)
    _toast([(each, way)], actor)
    many = _are_many(kind, actor, 1)
    leaving.wait(leaving.leave(each, way, fact=None, many=many, now=now), now=now)
    return notice


def _tell(facts: Sequence[tuple[int, Fact]], actor: Actor) -> None:
    """The reporter's page hears what is public; a reporter with an account finds it in their bell. Mail goes to
    reporters in `notices`, with an account or without."""
    now = clock.now()
    found = [
        (event_id, news)
        for event_id, fact in _heard(facts)
        if (news := audience.news_of(fact, actor=actor)) is not None
    ]
    said = {
        fact.subject_id: (event_id, *words)
        for event_id, fact in facts
        if (words := audience.public_text(fact, actor=actor)) is not None
    }
    if not (found or said):
        return
    _toast_reporters(said, actor)
    crowd = crowds.crowd_of(found, said, actor=actor)
    reporters = _routed(crowd.reporters, crowd.known, now)
    staff = _routed(crowd.staff, crowd.known, now)
    many = bool(found) and _are_many(found[0][1].kind, actor, len(found))
    writing.write(_in_bell(staff), actor, many=many, apart=_in_bell(reporters))
    _toast(reporters, actor)
    _toast(staff, actor)
    by_id, crowded = dict(facts), len(reporters) > SHOWN
    later = [one for pair in reporters for one in leaving.push(*pair, many=crowded, now=now)]
    for each, way in staff:
        if each.news.mails and way.leaves:
            for one in each.each():
                later += leaving.leave(one, way, fact=by_id[one.event_id], many=many, now=now)
    leaving.wait(later, now=now)


def _heard(facts: Sequence[tuple[int, Fact]]) -> Sequence[tuple[int, Fact]]:
    """Where there are many, it is worth asking first whether anybody hears of them, before words are found."""
    if len(facts) <= SHOWN:
        return facts
    wanted = {audience.crowd_of(type(fact)) for _, fact in facts}
    heard = {each for each in wanted if each is None or people_who_may(each)}
    return [one for one in facts if audience.crowd_of(type(one[1])) in heard] if heard else ()


def _toast_reporters(said: crowds.Public, actor: Actor) -> None:
    toasts.gather(
        [
            Told(Toast(kind, text), actor, frozenset({f"follow:{ticket_id}"}))
            for ticket_id, (_, kind, text) in said.items()
        ]
    )


def _routed_alone(people: Sequence[Addressed], now: datetime) -> list[Routed]:
    users, things = {each.user for each in people}, {each.news.thing for each in people}
    return _routed(people, wishes.known_of(users, things), now)


def _routed(people: Sequence[Addressed], known: Mapping[int, Known], now: datetime) -> list[Routed]:
    ways: dict[tuple[int, str, bool, bool, Muted | None], Route] = {}
    routed: list[Routed] = []
    for each in people:
        person, kind = known[each.user.id], each.news.kind
        silence = person.muted.get(each.news.thing)
        alike = each.user.id, kind, each.close, each.urgent, silence
        way = ways.get(alike)
        if way is None:
            piece = Piece(kind, close=each.close, urgent=each.urgent)
            way = ways[alike] = route(piece, person.wishes, muted=silence, now=now)
        routed.append((each, way))
    return routed


def _in_bell(routed: Sequence[Routed]) -> list[Addressed]:
    return [each for each, way in routed if way.bell]


def _toast(routed: Sequence[Routed], actor: Actor) -> None:
    told: dict[tuple[int, str], _Heard] = {}
    topics: dict[User, str] = {}
    for each, way in routed:
        if not way.toast:
            continue
        said = each.event_id, each.text
        heard = told.get(said)
        if heard is None:
            heard = told[said] = _Heard(each)
        topic = topics.get(each.user) or topics.setdefault(each.user, f"user:{each.user.id}")
        heard.add(topic, loud=way.sound)
    toasts.gather([heard.as_toast(actor) for heard in told.values()])


@dataclass
class _Heard:
    """One toast as several people hear it."""

    first: Addressed
    topics: set[str] = field(default_factory=set)
    loud: set[str] = field(default_factory=set)

    def add(self, topic: str, *, loud: bool) -> None:
        self.topics.add(topic)
        if loud:
            self.loud.add(topic)

    def as_toast(self, actor: Actor) -> Told:
        news = self.first.news
        toast = Toast("error" if news.failed else news.kind, self.first.text, news.url or None)
        return Told(
            toast, actor, frozenset(self.topics), frozenset(self.loud), count=self.first.count
        )


def _are_many(kind: str, actor: Actor, count: int) -> bool:
    """Whether more than a few of a kind and cause came in this transaction: then they are told as one."""
    running = db.session().get_transaction()
    if running is None:
        raise RuntimeError("tell() needs an open transaction().")
    counts = _told.setdefault(running, Counter())
    counts[kind, actor] += count
    return counts[kind, actor] > SHOWN
