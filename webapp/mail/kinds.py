"""Every mail that the desk can send, one a folder of templates/mail. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

ALWAYS = ("desk", "ref", "url")


@dataclass(frozen=True)
class Kind:
    """`to`: whom it goes to, in words. `needs`: the values that its templates cannot do without, besides ALWAYS.

    `news`: the kind of news that its unsubscribing ends; "": it is no notice. `automatic`: a machine wrote it (a
    response is a person's words). `bulk`: it can be read some time, say a summary.
    """

    template: str
    words: Any
    to: Any
    needs: tuple[str, ...]
    news: str = ""
    automatic: bool = True
    bulk: bool = False

    def check(self, values: Mapping[str, Any]) -> None:
        """Raises ValueError for a mail that could not be made, or whose link would lead nowhere."""
        lacking = sorted({*ALWAYS, *self.needs} - values.keys())
        if lacking:
            raise ValueError(f"The mail {self.template} lacks {', '.join(lacking)}.")
        if not str(values["url"]).startswith(("http://", "https://")):
            raise ValueError(f"The link of the mail {self.template} is not whole.")


_REPORTER, _FOLLOWER = _l("To the reporter"), _l("To who follows somebody else's report")
_STAFF, _ADMIN, _SENDER = _l("To the staff"), _l("To admins"), _l("To who wrote a mail to the desk")
_PERSON = _l("To somebody who has, or is to have, an account")
_STATUS = ("title", "old_status", "new_status")

KINDS: Mapping[str, Kind] = {
    kind.template: kind
    for kind in (
        Kind(
            "reporter_received",
            _l("A report has arrived"),
            _REPORTER,
            ("name", "title", "place"),
            news="new",
        ),
        Kind(
            "reporter_response",
            _l("A response"),
            _REPORTER,
            ("name", "title", "author", "text"),
            news="response",
            automatic=False,
        ),
        Kind(
            "reporter_status", _l("Another status"), _REPORTER, ("name", *_STATUS), news="updated"
        ),
        Kind(
            "reporter_news",
            _l("Several together"),
            _REPORTER,
            ("name", "title", "items", "more"),
            news="updated",
        ),
        Kind("follower_confirm", _l("A question whether to follow"), _FOLLOWER, ("title",)),
        Kind("follower_status", _l("Another status"), _FOLLOWER, _STATUS, news="updated"),
        Kind(
            "agent_response",
            _l("A reporter responded"),
            _STAFF,
            ("name", "title", "text"),
            news="response",
        ),
        Kind(
            "agent_mention",
            _l("A note names them"),
            _STAFF,
            ("name", "title", "author", "text"),
            news="mention",
        ),
        Kind(
            "agent_news",
            _l("Any other news, or several together"),
            _STAFF,
            ("name", "number", "title", "groups", "preferences"),
            news="system",
        ),
        Kind(
            "agent_report",
            _l("The report that they asked for"),
            _STAFF,
            ("name", "first", "last", "total", "rows"),
            bulk=True,
        ),
        Kind("account_created", _l("A new account"), _STAFF, ("name", "author", "address")),
        Kind("account_token_reused", _l("A device was signed out"), _STAFF, ("name", "device")),
        Kind("account_invited", _l("An invitation"), _PERSON, ("name", "author")),
        Kind("account_confirm", _l("A sign-up to be confirmed"), _PERSON, ("name",)),
        Kind(
            "account_known", _l("A sign-up with an address that has an account"), _PERSON, ("name",)
        ),
        Kind("account_reset", _l("A new password was asked for"), _PERSON, ("name",)),
        Kind("account_recovery_used", _l("A recovery code was used"), _STAFF, ("name", "left")),
        Kind(
            "admin_incident",
            _l("Trouble, and its end"),
            _ADMIN,
            ("name", "title", "text", "advice", "button"),
            news="incident",
        ),
        Kind(
            "admin_digest",
            _l("What is stuck this morning"),
            _ADMIN,
            ("name", "title", "parts"),
            news="incident",
            bulk=True,
        ),
        Kind("admin_test", _l("A test"), _ADMIN, ("name",)),
        Kind("sender_files", _l("Files that were not taken"), _SENDER, ("name", "title", "files")),
        Kind("sender_too_large", _l("Their mail is too large"), _SENDER, ("name", "title")),
    )
}
