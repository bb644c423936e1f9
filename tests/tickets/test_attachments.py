"""Files: known by their content, cleaned, and sent only to those who may see the ticket."""

from __future__ import annotations

import hashlib
import io
import zlib
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import select

from tests.tickets.make import REPORT, ROSA, make_categories, make_ticket, photo
from webapp import schedule
from webapp.core import clock, db, storage
from webapp.core.db import transaction
from webapp.core.errors import Invalid, NotFound
from webapp.tickets import actions, attachments, photos
from webapp.tickets.forms import ReportForm
from webapp.tickets.models import Attachment
from webapp.tickets.portal import uploads


def opened(key: str) -> Image.Image:
    return Image.open(io.BytesIO(storage.read(key)))


def with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "SECRET CAMERA"
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825)[2] = (13.0, 37.0, 12.0)
    return photo(exif=exif, comment=b"SECRET COMMENT")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_photo_is_drawn_anew_with_a_small_one(app: Flask, kind: str) -> None:
    file = attachments.store("lamp.xyz", photo(kind, (1200, 900)))
    assert file.content_type == "image/jpeg"
    assert file.name == "lamp.jpg"
    assert opened(file.storage_key).size == (1200, 900)
    assert max(opened(file.thumb_key).size) == photos.THUMB_SIDE


def test_nothing_hidden_in_a_photo_survives_and_it_stands_upright(app: Flask) -> None:
    file = attachments.store("lamp.jpg", with_place() + b"PK\x03\x04 a second file")
    kept = storage.read(file.storage_key)
    assert b"SECRET" not in kept
    assert b"PK\x03\x04" not in kept
    assert not opened(file.storage_key).getexif()
    assert opened(file.storage_key).size == (480, 640)


def test_a_large_photo_is_scaled_down(app: Flask) -> None:
    file = attachments.store("wall.jpg", photo(size=(8000, 4000)))
    assert opened(file.storage_key).size == (4096, 2048)


def test_a_bomb_is_not_even_decoded(app: Flask) -> None:
    size = (30_000).to_bytes(4, "big") * 2
    head = b"IHDR" + size + b"\x08\x02\x00\x00\x00"
    bomb = b"\x89PNG\r\n\x1a\n\x00\x00\x00\r" + head + zlib.crc32(head).to_bytes(4, "big")
    data = b"IDAT" + zlib.compress(b"\0" * 1000)
    bomb += (len(data) - 4).to_bytes(4, "big") + data + zlib.crc32(data).to_bytes(4, "big")
    with pytest.raises(Invalid, match="too large: 30000 × 30000"):
        attachments.store("bomb.png", bomb)


def test_what_shines_through_stays_so(app: Flask) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")
    file = attachments.store("logo.png", out.getvalue())
    assert (file.content_type, file.name) == ("image/png", "logo.png")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x90",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a",
        b"\xff\xd8\xff",
        b"PK\x03\x04",
    ],
)
def test_what_is_no_photo_is_refused_with_its_name(app: Flask, content: bytes) -> None:
    with pytest.raises(Invalid, match="evil"):
        attachments.store("evil.jpg", content)


def test_a_name_cannot_lead_anywhere(app: Flask) -> None:
    assert attachments.store("..\\..\\etc/pass\x00wd.png", photo()).name == "passwd.jpg"
    assert len(attachments.store("x" * 500 + ".jpg", photo()).name) <= 255


def _sent_by_rosa() -> tuple[Attachment, ...]:
    files = [
        attachments.store("lamp.jpg", photo()),
        attachments.store("p.pdf", b"%PDF-1.7 <script>"),
    ]
    with transaction():
        actions.submit_report(ReportForm(**REPORT), photos=files, actor=ROSA)
    return tuple(db.session().scalars(select(Attachment).order_by(Attachment.id)))


def test_a_photo_is_shown_and_a_pdf_is_saved_and_neither_can_act(people, sign_in) -> None:
    image, pdf = _sent_by_rosa()
    client = sign_in(people.fina)
    shown = client.get(f"/tickets/{image.ticket.ref}/files/{image.id}")
    saved = client.get(f"/tickets/{image.ticket.ref}/files/{pdf.id}")
    small = client.get(f"/tickets/{image.ticket.ref}/files/{image.id}?size=thumb")
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert small.mimetype == "image/jpeg"
    for answer in (shown, saved, small):
        assert answer.status_code == 200
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_is_only_found_on_its_own_ticket(client, people, sign_in) -> None:
    image, _ = _sent_by_rosa()
    other = make_ticket()
    assert client.get(f"/follow/{image.ticket.follow_token}/files/{image.id}").status_code == 200
    assert client.get(f"/follow/{other.follow_token}/files/{image.id}").status_code == 404
    assert sign_in(people.fina).get(f"/tickets/{other.ref}/files/{image.id}").status_code == 404
    assert (
        sign_in(people.nadia).get(f"/tickets/{image.ticket.ref}/files/{image.id}").status_code
        == 403
    )


def test_photos_of_a_form_that_was_never_sent_are_let_go_of_and_sent_ones_stay(
    client, app: Flask
) -> None:
    from tests.tickets.test_reporting import send

    make_categories("Street lights")
    send(client, files=[("lamp.jpg", photo()), ("plan.pdf", b"%PDF-1.7 a")], title="")
    sent = send(client, files=[("lamp.jpg", photo())])  # the same photo, in a report that was sent
    assert sent.status_code == 303
    [kept] = db.session().scalars(select(Attachment))
    pdf = hashlib.sha256(b"%PDF-1.7 a").hexdigest()
    assert schedule.prune()["unsent files"] == 0  # the form may still be sent
    with time_machine.travel(clock.now() + timedelta(hours=26), tick=False):
        assert schedule.prune()["unsent files"] == 1
        assert schedule.prune()["unsent files"] == 0
    assert storage.read(kept.storage_key)
    assert storage.read(kept.thumb_key)
    with pytest.raises(NotFound):
        storage.read(pdf)


def test_each_column_with_the_key_of_a_file_is_looked_at_before_one_is_let_go_of() -> None:
    """Whoever keeps files under another name must say so there."""
    named = {
        f"{table.name}.{column.name}"
        for table in db.Base.metadata.sorted_tables
        for column in table.c
        if column.name.endswith(("storage_key", "thumb_key", "file_key", "photo_key"))
    }
    assert {name.split(".")[1] for name in named} == set(uploads.KEY_COLUMNS)


def test_a_real_photo_of_a_phone_says_no_longer_where_it_was_taken(app: Flask) -> None:
    exif = Image.Exif()
    exif[0x0110] = "Phone 12"
    exif[0x8825] = {1: "N", 2: (13.0, 37.0, 12.0), 3: "E", 4: (123.0, 11.0, 24.0)}
    taken = photo(exif=exif)
    there = Image.open(io.BytesIO(taken)).getexif().get_ifd(0x8825)
    assert there[1] == "N"  # it did say
    file = attachments.store("IMG_0001.JPG", taken)
    for key in (file.storage_key, file.thumb_key):
        assert dict(opened(key).getexif()) == {}
        assert dict(opened(key).getexif().get_ifd(0x8825)) == {}
        assert b"Exif" not in storage.read(key)
        assert b"Phone 12" not in storage.read(key)
