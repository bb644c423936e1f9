"""The client of Redis."""

from __future__ import annotations

import pytest
from redis import utils

from webapp.core import redis as core_redis
from webapp.core.settings import Settings


def test_a_new_connection_reads_no_metadata_of_a_package(
    app: object, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(utils, "get_lib_version", lambda: pytest.fail("its files were read"))
    with core_redis.connect(settings.redis_url, socket_timeout=3) as client:
        assert client.ping()
        assert not client.client_info().get("lib-ver")
