"""The one way out: every request to a foreign address goes through the egress guard in here.

`fetch` sends one request; `Client` keeps connections open over many. Both raise only `RemoteError`.
"""

from webapp.core.http.addresses import is_forbidden, networks
from webapp.core.http.client import Client, fetch
from webapp.core.http.messages import Limits, Request, Response
from webapp.core.http.redact import redact_body, redact_headers, redact_url
from webapp.core.http.status import check_status, retry_after_seconds

__all__ = [
    "Client",
    "Limits",
    "Request",
    "Response",
    "check_status",
    "fetch",
    "is_forbidden",
    "networks",
    "redact_body",
    "redact_headers",
    "redact_url",
    "retry_after_seconds",
]
