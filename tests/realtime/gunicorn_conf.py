"""The part of gunicorn.conf.py that live pages need."""

from webapp.realtime.gunicorn import end_streams_with


def post_worker_init(worker):
    end_streams_with(worker)
