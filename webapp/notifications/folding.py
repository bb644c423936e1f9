"""Of many news that differ in words alone a few stand for all, so that nobody is looked at once for each. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from webapp.notifications.news import News

SHOWN = 3  # of one kind and cause at once are said one by one; the rest is a figure

Found = tuple[int, News]  # with the event that it is of


def folded(
    found: Sequence[Found], apart: Collection[str]
) -> Iterator[tuple[int, News, Sequence[Found]]]:
    """In order, each with those before it that it stands for.

    Of alike ones the first are left as they are, since they are said one by one, and the last stands for all
    between. `apart`: things whose news are left as they are in any case.
    """
    between = _between(found, apart) if len(found) > SHOWN + 1 else {}
    hidden = {place for places in between.values() for place in places}
    for place, (event_id, news) in enumerate(found):
        if place not in hidden:
            yield event_id, news, _at(found, between.get(place, ()))


def _between(found: Sequence[Found], apart: Collection[str]) -> dict[int, list[int]]:
    """Place of the last of alike ones → places of those that it stands for."""
    alike: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for place, (_, news) in enumerate(found):
        if _may_be_folded(news) and news.thing not in apart:
            alike[_ways(news)].append(place)
    return {places[-1]: places[SHOWN:-1] for places in alike.values()}


def _may_be_folded(news: News) -> bool:
    """What names people, has a row of its own or is worded in each person's zone is not."""
    return news.permission is not None and news.moment is None and not news.bunch


def _ways(news: News) -> tuple[object, ...]:
    """All that decides who is told, and how."""
    return news.kind, news.permission, news.close, news.failed, news.mails, news.to_actor


def _at(found: Sequence[Found], places: Iterable[int]) -> list[Found]:
    return [found[place] for place in places]
