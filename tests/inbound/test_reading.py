"""What is read out of a mail, however it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inbound.mails import OURS, dsn, mail, with_files
from webapp.inbound.message import LONGEST_TEXT, read

ANSWER = "It is still dark."


@pytest.mark.parametrize(
    "below",
    [
        "On Tue, Mar 3, 2026 at 10:02 AM Desk <desk@desk.example> wrote:\n> We have mended it.",
        "On Tue, Mar 3, 2026 at 10:02 AM The Operations Desk of the City\n<desk@desk.example> wrote:\n\n> Mended.\n>> x",
        "Le mar. 3 mars 2026 à 10:02, Bureau <desk@desk.example> a écrit :\n> Réparé.",
        "El mar, 3 mar 2026 a las 10:02, Desk (<desk@desk.example>) escribió:\n> Reparado.",
        "Am 03.03.26 um 10:02 schrieb Desk:\n> Repariert.",
        "Il giorno mar 3 mar 2026 alle 10:02 Desk <d@desk.example> ha scritto:\n> Riparato.",
        "Em ter., 3 de mar. de 2026 às 10:02, Desk <d@desk.example> escreveu:\n> Reparado.",
        "Noong Mar 3, 2026, isinulat ni Desk <d@desk.example>:\n> Naayos na.",
        "في 3 مارس 2026، كتب Desk <d@desk.example>:\n> تم الإصلاح",
        "-----Original Message-----\nFrom: Desk\nSent: Tuesday\nTo: Ana\nSubject: Lamp\n\nMended.",
        "________________________________\nFrom: Desk <d@desk.example>\nSent: Tuesday, 3 March 2026\nTo: Ana\n\nMended.",
        "De : Desk <d@desk.example>\nEnvoyé : mardi 3 mars 2026\nÀ : Ana\nObjet : Lampe\n\nRéparé.",
        "Von: Desk\nGesendet: Dienstag\nAn: Ana\nBetreff: Lampe\n\nRepariert.",
        "> We have mended it.\n> Regards",
        "-- \nAna Cruz\nBarangay 5\nTel. 123",
        "Sent from my iPhone",
        "-- \nAna\n\nOn Mar 3, 2026, Desk wrote:\n> Mended.",
    ],
)  # fmt: skip
def test_a_reply_is_told_from_what_it_answers(below: str) -> None:
    got = read(mail(f"{ANSWER}\n\n{below}"))
    assert got.text.rstrip("_\n ") == ANSWER
    assert below.rsplit("\n", maxsplit=1)[-1] in got.whole


def test_answers_between_the_quoted_lines_stay_with_what_they_answer() -> None:
    body = "On Mar 3, 2026, Desk wrote:\n> Which lamp?\nThe second one.\n> Since when?\nYesterday."
    assert read(mail(body)).text == body


def test_a_mail_of_quotes_alone_keeps_them() -> None:
    assert read(mail("> We have mended it.")).text == "> We have mended it."


def test_words_that_only_look_like_a_quote_stay() -> None:
    body = "On Monday the guard wrote: nothing.\nFrom: the corner to the church it is dark.\nThanks"
    assert read(mail(body)).text == body


def test_html_is_read_as_text_and_nothing_is_fetched() -> None:
    html = (
        "<html><head><style>p{color:red}</style></head><body><p>It is <b>dark</b> &amp; wet.</p>"
        '<script>alert(1)</script><img src="http://evil.example/p.gif"><blockquote>old</blockquote></body></html>'
    )
    got = read(mail(html, content_type="text/html; charset=utf-8"))
    assert got.text == "It is dark & wet."
    assert "evil" not in got.whole
    assert "alert" not in got.whole


@pytest.mark.parametrize("charset", ["utf-8", "no-such-charset", "ascii", "utf-16", ""])
def test_a_wrong_charset_loses_no_words(charset: str) -> None:
    raw = mail("Größe: 5 m", content_type=f'text/plain; charset="{charset}"')
    assert "5 m" in read(raw).text or charset == "utf-16"
    assert read(raw).text


def test_headers_are_decoded_and_their_line_breaks_are_gone() -> None:
    got = read(
        mail(sender="=?utf-8?q?Jos=C3=A9_=0D=0ABcc=3A_x?= <Jose@Example.org>", subject="=?utf-8?b?4pyT?= ok")
    )  # fmt: skip
    assert (got.sender.name, got.sender.address) == ("José Bcc: x", "jose@example.org")
    assert got.subject == "✓ ok"


def test_files_come_with_their_names_and_a_message_in_it_as_a_file() -> None:
    inner = mail("inner", subject="Inner").decode()
    got = read(with_files(("a/b.png", "image/png", b"PNG"), body="See."))
    assert [(file.name, file.content) for file in got.files] == [("a/b.png", b"PNG")]
    nested = f"--n\n\nOuter\n--n\nContent-Type: message/rfc822\n\n{inner}\n--n--\n"
    got = read(mail(nested, content_type="multipart/mixed; boundary=n"))
    assert got.text == "Outer"
    assert b"inner" in got.files[0].content


def test_references_keep_their_order_and_only_what_can_be_an_id() -> None:
    got = read(mail(references=f"<a@x> rubbish {OURS}", in_reply_to="<z@x>\r\n"))
    assert got.references == ("<a@x>", OURS, "<z@x>")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff\xfe",
        b"\r\n\r\n",
        b"From: \xff\xfe\r\nSubject: =?x?q?=ZZ?=\r\nContent-Type: multipart/mixed\r\n\r\nhello",
        b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n" * 5000,
        b"".join(f"Content-Type: multipart/mixed; boundary={n}\r\n\r\n--{n}\r\n".encode() for n in range(2000)),
        b"Content-Type: message/rfc822\r\n\r\n" * 3000,
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!!====",
        b"Content-Type: text/plain; charset*=utf-8'en'%FF%00\r\n\r\nhello",
        b"Subject: " + b"x" * 1_000_000 + b"\r\n\r\nhello",
        b"From: " + b"<a@b" * 5000 + b"\r\n\r\nhello",
    ],
)  # fmt: skip
def test_what_is_no_proper_mail_is_read_all_the_same(raw: bytes) -> None:
    got = read(raw)
    assert "\x00" not in got.text + got.whole + got.subject


def test_thirty_megabytes_are_read_and_cut() -> None:
    raw = mail("word " * 6_000_000)
    assert len(read(raw).text) == LONGEST_TEXT


HEADERS = st.sampled_from(
    ["From", "To", "Subject", "Content-Type", "Content-Transfer-Encoding", "References", "Date", "Message-ID"]
)  # fmt: skip
VALUES = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["multipart/mixed; boundary=x", "multipart/report; report-type=delivery-status; boundary=x", "base64",
         "message/rfc822", "message/delivery-status", "text/html; charset=utf-7", "quoted-printable", "x-uuencode",
         "=?utf-8?b?//8=?=", "=?utf-8?q?=00?= <a@b.c>", "text/plain; charset=idna"]
    ),
)  # fmt: skip
CHUNKS = st.one_of(
    st.binary(max_size=80),
    st.sampled_from([b"--x\r\n", b"--x--\r\n", b"\r\n\r\n", b"> q\r\n", b"-- \r\n"]),
)


@given(st.lists(st.tuples(HEADERS, VALUES), max_size=8), st.lists(CHUNKS, max_size=12))
def test_no_mail_whatever_it_holds_is_an_error(
    headers: list[tuple[str, str]], chunks: list[bytes]
) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    got = read(head.encode("utf-8", "surrogatepass") + b"\r\n" + b"".join(chunks))
    stored = got.text + got.whole + got.subject + got.message_id + got.sender.name
    assert "\x00" not in stored
    stored.encode()


def test_a_report_says_what_failed_and_of_which_mail_of_ours() -> None:
    bounce = read(dsn()).bounce
    assert bounce is not None
    assert (bounce.permanent, bounce.message_id, bounce.status) == (True, OURS, "5.1.1")
    delayed = read(dsn("delayed", "4.4.1")).bounce
    assert delayed is not None
    assert not delayed.permanent
    assert read(dsn("failed", "4.2.2")).bounce.permanent is False  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("body", "permanent"),
    [
        (f"<ana@example.org>:\n550 5.1.1 User unknown\n\nMessage-ID: {OURS}", True),
        (f"I'm afraid I wasn't able to deliver.\n<ana@example.org>: 554 no such user\nMessage-Id: {OURS}", True),
        (f"Your message is delayed; we will keep trying.\n451 4.4.1 no answer\nMessage-ID: {OURS}", False),
    ],
)  # fmt: skip
def test_plain_bounces_are_known_too(body: str, permanent: bool) -> None:
    got = read(mail(body, sender="MAILER-DAEMON@mx.example", subject="Mail delivery failed"))
    assert got.bounce is not None
    assert (got.bounce.permanent, got.bounce.message_id) == (permanent, OURS)


def test_a_person_who_writes_of_a_failure_is_no_bounce() -> None:
    assert (
        read(mail("550 5.1.1 is what they told me", subject="Mail delivery failed")).bounce is None
    )


def test_a_forwarded_mail_names_its_first_writer() -> None:
    body = (
        "Please handle.\n\n---------- Forwarded message ---------\nFrom: Ben Reyes <ben@example.net>\n"
        "Date: Mon, 2 Mar 2026\nSubject: Flood\nTo: Andres <andres@example.org>\n\nThe street is flooded."
    )
    got = read(mail(body, subject="Fwd: Flood")).forwarded
    assert got is not None
    assert (got.name, got.address, got.subject, got.text) == (
        "Ben Reyes",
        "ben@example.net",
        "Flood",
        "The street is flooded.",
    )
    assert read(mail(body, subject="Flood")).forwarded is None
