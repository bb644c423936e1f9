from __future__ import annotations

import pytest

from webapp.realtime.topics import (
    MOST_TOPICS,
    TopicRefused,
    Viewer,
    asked_for,
    checked,
    granted,
    needs_sign_in,
)

ADMIN = Viewer(1, frozenset({"staff", "ticket", "admin", "connection", "outbox"}))
AGENT = Viewer(2, frozenset({"staff", "ticket"}))
NOBODY_SPECIAL = Viewer(3)
STRANGER = Viewer()

FOLLOWED = {"token-of-rosa": 7}


def hear(viewer: Viewer, *names: str) -> frozenset[str]:
    return granted(names, viewer, followed=FOLLOWED.get)


@pytest.mark.parametrize(
    ("viewer", "topic"),
    [
        (ADMIN, "staff"),
        (ADMIN, "admin"),
        (ADMIN, "outbox"),
        (ADMIN, "connection:3"),
        (ADMIN, "ticket:7"),
        (ADMIN, "user:1"),
        (AGENT, "staff"),
        (AGENT, "ticket:7"),
        (AGENT, "user:2"),
        (NOBODY_SPECIAL, "user:3"),
    ],
)
def test_people_hear_what_their_permissions_open(viewer, topic):
    assert hear(viewer, topic) == {topic}


@pytest.mark.parametrize(
    ("viewer", "topic"),
    [
        (AGENT, "admin"),
        (AGENT, "outbox"),
        (AGENT, "connection:3"),
        (AGENT, "user:1"),
        (NOBODY_SPECIAL, "staff"),
        (NOBODY_SPECIAL, "ticket:7"),
        (STRANGER, "staff"),
        (STRANGER, "user:None"),
        (STRANGER, "user:0"),
        (STRANGER, "follow:token-of-felix"),
        (STRANGER, "follow:7"),
        (ADMIN, "follow:7"),
        (ADMIN, "user:2"),
        (ADMIN, "ticket:0"),
        (ADMIN, "ticket:07"),
        (ADMIN, "ticket:7x"),
        (ADMIN, "ticket:٧"),
        (ADMIN, "ticket:"),
        (ADMIN, "ticket"),
        (ADMIN, "staff:1"),
        (ADMIN, "weather"),
        (ADMIN, "STAFF"),
    ],
)
def test_everything_else_is_refused_in_the_same_words(viewer, topic):
    with pytest.raises(TopicRefused, match="does not exist, or is not for you"):
        hear(viewer, topic)


def test_a_follow_token_opens_the_ticket_it_belongs_to_without_an_account():
    assert hear(STRANGER, "follow:token-of-rosa") == {"follow:7"}


def test_one_forbidden_topic_refuses_all():
    with pytest.raises(TopicRefused):
        hear(AGENT, "staff", "admin")


def test_only_a_follow_link_needs_no_sign_in():
    assert not needs_sign_in(["follow:token-of-rosa"])
    assert needs_sign_in(["follow:token-of-rosa", "staff"])


def test_a_topic_asked_for_twice_counts_once():
    assert asked_for(" staff, user:2,staff,") == ["staff", "user:2"]


@pytest.mark.parametrize(
    "text", ["", " , ", ",".join(f"ticket:{n}" for n in range(1, MOST_TOPICS + 2))]
)
def test_no_topic_and_too_many_topics_are_refused(text):
    with pytest.raises(TopicRefused):
        asked_for(text)


@pytest.mark.parametrize(
    "topic", ["staff", "admin", "outbox", "user:4", "follow:7", "connection:1", "ticket:12"]
)
def test_the_desk_publishes_to_known_topics(topic):
    assert checked(topic) == topic


@pytest.mark.parametrize(
    "topic", ["", "ticket", "follow:token-of-rosa", "everybody", "ticket:7,staff", "staff staff"]
)
def test_publishing_to_a_topic_that_nobody_can_hear_is_a_mistake(topic):
    with pytest.raises(ValueError, match="no live topic"):
        checked(topic)
