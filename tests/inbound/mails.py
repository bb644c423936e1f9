"""Mails as programs write them."""

from __future__ import annotations

OURS = "<tulay.0123456789abcdef0123456789abcdef@desk.example>"


def mail(
    body: str = "The lamp is broken.",
    *,
    sender: str = "Ana Cruz <ana@example.org>",
    to: str = "desk@desk.example",
    subject: str = "Broken lamp",
    message_id: str | None = "<1@example.org>",
    **headers: str,
) -> bytes:
    """`headers`: in_reply_to=… becomes In-Reply-To."""
    head = {"From": sender, "To": to, "Subject": subject}
    if message_id:
        head["Message-ID"] = message_id
    head |= {name.replace("_", "-").title(): value for name, value in headers.items()}
    head.setdefault("Content-Type", "text/plain; charset=utf-8")
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return (lines + "\r\n" + body.replace("\n", "\r\n")).encode("utf-8", "surrogateescape")


def with_files(
    *files: tuple[str, str, bytes], body: str = "See the photo.", **options: str
) -> bytes:
    """`files`: name, content type, content."""
    import base64

    parts = [f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode()]
    for name, kind, content in files:
        head = (
            f'--b\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename="{name}"\r\n'
            "Content-Transfer-Encoding: base64\r\n\r\n"
        )
        parts.append(head.encode() + base64.encodebytes(content) + b"\r\n")
    whole = b"".join(parts) + b"--b--\r\n"
    return mail("", content_type='multipart/mixed; boundary="b"', **options) + whole


def dsn(
    action: str = "failed", status: str = "5.1.1", *, about: str = OURS, **options: str
) -> bytes:
    """A report of RFC 3464 about our mail `about`."""
    body = (
        "--r\nContent-Type: text/plain\n\nYour message could not be delivered.\n"
        "--r\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; mx.example.org\n\n"
        f"Final-Recipient: rfc822; ana@example.org\nAction: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <ana@example.org> user unknown\n"
        "--r\nContent-Type: text/rfc822-headers\n\n"
        f"Message-ID: {about}\nSubject: Re: lamp\n"
        "--r--\n"
    )
    kind = 'multipart/report; report-type=delivery-status; boundary="r"'
    options = {"sender": "MAILER-DAEMON@mx.example.org", "subject": "Undelivered Mail"} | options
    return mail(body, content_type=kind, **options)
