"""/report: anybody may tell, nothing typed is lost, and every mistake is named."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.tickets.make import REPORT, make_categories, photo
from webapp.accounts.models import Desk
from webapp.core import clock, db
from webapp.core.db import transaction
from webapp.tickets.models import Attachment, Ticket

PDF = b"%PDF-1.7\n%%EOF"


@pytest.fixture(autouse=True)
def _categories(app: Flask) -> None:
    make_categories("Street lights", "Flooding")


def hidden(page: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]*)"', page).group(1)


def send(client: FlaskClient, *, files=(), wait: float = 60, kept=(), **values):
    """Open the form, take one's time, send it."""
    page = client.get("/report").get_data(as_text=True)
    data = {
        **REPORT,
        "submission_key": hidden(page, "submission_key"),
        "shown": hidden(page, "shown"),
    }
    data |= values
    data["photos"] = [FileStorage(io.BytesIO(content), name) for name, content in files]
    data["kept"] = list(kept)
    with time_machine.travel(clock.now() + timedelta(seconds=wait), tick=False):
        # Encoded here, because the client would leave a temporary file open for large ones.
        boundary, body = encode_multipart(data)
        kind = f'multipart/form-data; boundary="{boundary}"'
        return client.post("/report", data=body, content_type=kind)


def tickets() -> list[Ticket]:
    return list(db.session().scalars(select(Ticket)))


def test_anybody_may_report_and_gets_the_link_to_follow(client: FlaskClient) -> None:
    answer = send(client, files=[("lamp.jpg", photo()), ("plan.pdf", PDF)])
    (ticket,) = tickets()
    assert answer.status_code == 303
    thanks = client.get(answer.location).get_data(as_text=True)
    assert f"/follow/{ticket.follow_token}" in thanks
    assert ticket.ref in thanks
    kinds = db.session().scalars(select(Attachment.content_type).order_by(Attachment.id)).all()
    assert kinds == ["image/jpeg", "application/pdf"]


def test_an_empty_form_names_each_field_that_is_needed(client: FlaskClient) -> None:
    answer = send(client, title=" ", description="", category="")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for sentence in ("Say in a few words", "Describe what you saw", "Choose the category"):
        assert page.count(sentence) == 2  # in the summary and at the field
    assert "rosa@example.org" in page


def test_a_form_sent_twice_is_one_ticket(client: FlaskClient) -> None:
    first = send(client, submission_key="k" * 43)
    second = send(client, submission_key="k" * 43)
    assert first.location == second.location
    assert len(tickets()) == 1


@pytest.mark.parametrize(
    "text",
    ["🙏" * 500, "هناك قطة مصابة قرب السوق", "<script>alert(1)</script>", "a\x00b", "{{ 7*7 }}"],
)
def test_unusual_text_is_taken_and_shown_as_it_is(client: FlaskClient, text: str) -> None:
    answer = send(client, title="Odd", description=text)
    assert answer.status_code == 303
    (ticket,) = tickets()
    assert ticket.description == text.replace("\x00", "")
    page = client.get(f"/follow/{ticket.follow_token}").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page or "7*7" not in text


def test_a_text_of_200_kb_is_refused_and_kept(client: FlaskClient) -> None:
    text = "Lamp out. " * 20_000
    answer = send(client, description=text)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "at most 20,000 fit" in page
    assert text.strip() in page


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("email", "rosa@", "no e-mail address"),
        ("email", "rosa@example.org\nBcc: x@example.org", "no e-mail address"),
        ("phone", "call me", "digits, spaces"),
        ("category", "Not one of them", "Choose the category"),
        ("name", "x" * 201, "at most 200 fit"),
        ("website", "http://spam.example", "catches machines"),
    ],
)
def test_each_wrong_field_has_its_sentence(client, field, value, sentence) -> None:
    answer = send(client, **{field: value})
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert tickets() == []


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("huge.jpg", photo() + b"\0" * 30_000_000, "larger than 15 MB"),
        ("setup.jpg", b"MZ\x90\x00" + b"\0" * 1000, "is no photo"),
        ("page.jpg", b"<html><script>alert(1)</script>", "is no photo"),
        ("cut.jpg", photo()[:400], "is damaged"),
    ],
)
def test_a_bad_file_is_named_and_the_good_one_is_not_asked_for_again(
    client: FlaskClient, name: str, content: bytes, sentence: str
) -> None:
    answer = send(client, files=[("lamp.jpg", photo()), (name, content)])
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page
    assert REPORT["description"] in page
    token = re.search(r'name="kept" value="([^"]+)"', page).group(1)
    assert send(client, kept=[token]).status_code == 303
    assert [a.name for a in tickets()[0].attachments] == ["lamp.jpg"]


def test_a_kept_file_cannot_be_invented(client: FlaskClient) -> None:
    assert send(client, kept=["e30.forged.token"]).status_code == 303
    assert tickets()[0].attachments == []


def test_six_files_are_too_many(client: FlaskClient) -> None:
    answer = send(client, files=[(f"{n}.jpg", photo()) for n in range(6)])
    assert "At most 5 files" in answer.get_data(as_text=True)


def test_what_comes_back_at_once_is_asked_again_and_then_taken(client: FlaskClient) -> None:
    answer = send(client, wait=0)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "press Send once more" in page
    assert send(client, shown=hidden(page, "shown")).status_code == 303


def test_a_form_that_was_never_shown_is_not_taken(client: FlaskClient) -> None:
    answer = client.post("/report", data=REPORT)
    assert answer.status_code == 422
    assert tickets() == []


def test_a_desk_that_takes_no_reports_says_so(client: FlaskClient) -> None:
    with transaction():
        db.session().add(Desk(name="City Hall", public_reports=False))
    assert "takes no reports" in client.get("/report").get_data(as_text=True)
    assert client.post("/report", data=REPORT).status_code == 403
    assert db.session().scalar(select(func.count()).select_from(Ticket)) == 0


def test_without_categories_none_is_asked_for(client: FlaskClient) -> None:
    from webapp.tickets.models import Category

    with transaction():
        for category in db.session().scalars(select(Category)):
            category.active = False
    assert "Category" not in client.get("/report").get_data(as_text=True)
    assert send(client, category="").status_code == 303
