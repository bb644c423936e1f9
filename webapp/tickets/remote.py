"""Photos that stand at an upstream, fetched through the egress guard when somebody first looks.

They are drawn anew like any other photo, so that nobody's browser ever talks to the upstream.
"""

from __future__ import annotations

from webapp.core import http, settings
from webapp.core.errors import Invalid
from webapp.tickets import attachments
from webapp.tickets.attachments import StoredFile

PATIENCE_S = 10.0


def fetch_photo(url: str, *, name: str) -> StoredFile:
    """Raises RemoteError when it cannot be had, Invalid when it is no photo. Holds no transaction.

    No token goes along; unencrypted addresses are taken, because photos are no secret.
    """
    response = http.fetch(
        http.Request("GET", url),
        limits=http.Limits(total=PATIENCE_S, max_bytes=attachments.MOST_BYTES),
        allowed_nets=settings.current().sync_allowed_nets,
        allow_http=True,
    )
    file = attachments.store(name, response.body)
    if file.thumb_key is None:
        raise Invalid("This is no photo.")
    return file
