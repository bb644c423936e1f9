"""What the round trip through the public address means, and whose configuration to change. Pure but for the words."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext

from webapp.admin.health import BROKEN, OK, TROUBLE, Check
from webapp.realtime import roundtrip
from webapp.realtime.roundtrip import Found

OLD = timedelta(minutes=30)  # three tries of the worker

NGINX = """\
location /live {
    proxy_pass http://127.0.0.1:8000;
    proxy_http_version 1.1;
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_buffering off;
    gzip off;
    proxy_read_timeout 75s;
}
# and take out: proxy_ignore_headers X-Accel-Buffering;"""
CADDY = """\
reverse_proxy 127.0.0.1:8000 {
    flush_interval -1
}
# and leave text/event-stream out of encode"""
HEROKU = """\
heroku config:set BASE_URL=https://your-app.herokuapp.com
heroku ps:scale web=1
heroku logs --tail --dyno web   # its router passes streams on as they are"""
PROXIES = (("nginx", "nginx", NGINX), ("caddy", "Caddy", CADDY), ("heroku", "Heroku", HEROKU))


def live(found: Found | None, *, base_url: str, now: float) -> Check:
    """`found`: what the last round trip met; None: nothing is known."""
    title = gettext("Live pages")
    if found is None:
        text = gettext("Not tried yet, or Redis is away.")
        return Check("live", title, TROUBLE, text, gettext("A worker tries every ten minutes."))
    if found.kind != roundtrip.OK:
        text, advice, lines = _wrong(found, base_url)
        state = TROUBLE if found.kind in (roundtrip.HELD, roundtrip.PACKED) else BROKEN
        return Check("live", title, state, text, advice, lines=lines)
    text = gettext(
        "An event went through %(address)s and back in %(ms)s ms.", address=base_url, ms=found.ms
    )
    if now - found.at > OLD.total_seconds():
        minutes = int((now - found.at) // 60)
        old = gettext("That was %(n)s minutes ago: no worker tries it any more.", n=minutes)
        return Check(
            "live", title, TROUBLE, f"{text} {old}", gettext("Start one: python worker.py")
        )
    return Check("live", title, OK, text)


def _wrong(found: Found, base_url: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    lines = _lines(found.via)
    polls = gettext("Pages ask every five seconds instead, and say so.")
    told = {
        roundtrip.UNREACHABLE: (
            gettext("Nothing answers at %(address)s (%(said)s).", address=base_url, said=found.said),
            gettext("Set BASE_URL to the address that people use. If they do reach it, only this machine cannot: "
                    "let it."),
            (),
        ),
        roundtrip.ELSEWHERE: (
            gettext("Something else answers at %(address)s (%(said)s).", address=base_url, said=found.said),
            gettext("Set BASE_URL to the address that people use, or lead the proxy there to this desk."),
            lines,
        ),
        roundtrip.REFUSED: (
            gettext("The stream is refused at %(address)s (%(said)s).", address=base_url, said=found.said),
            gettext("Every web process must have the same SECRET_KEY and run under gunicorn.conf.py, and the proxy "
                    "must let /live through:"),
            lines,
        ),
        roundtrip.HELD: (
            gettext("A proxy on the way collects the stream instead of passing it on. %(polls)s", polls=polls),
            gettext("Switch its buffer off for /live:"),
            lines,
        ),
        roundtrip.PACKED: (
            gettext("A proxy on the way compresses the stream (%(said)s), and so collects it.", said=found.said),
            gettext("Switch compression off for /live:"),
            lines,
        ),
    }  # fmt: skip
    silent = (
        gettext("The stream opens, but what happens does not arrive (%(said)s).", said=found.said),
        gettext("Check that all web processes, workers and this page use the same REDIS_URL."),
        (),
    )
    return told.get(found.kind, silent)


def _lines(via: str) -> tuple[tuple[str, str], ...]:
    """Of the proxy that names itself; of all where none does."""
    known = [(name, text) for word, name, text in PROXIES if word in via.lower()]
    return tuple(known or [(name, text) for _, name, text in PROXIES])
