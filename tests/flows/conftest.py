"""A desk that these tests hurt, one after another: what one left behind the next one takes as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, create_engine, text

from tests.browser.running import Desk, drop_database, new_desk
from tests.serving import window_on


@pytest.fixture(scope="session")
def own_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    running = new_desk(tmp_path_factory.mktemp("own"))
    try:
        running.start()
        yield running
    finally:
        running.stop()
        drop_database(running)


@pytest.fixture
def rows(own_desk: Desk) -> Iterator[Callable[..., list[Any]]]:
    """rows(sql, …) reads the desk's own database."""
    url = own_desk.extra.get("DATABASE_URL") or f"sqlite:///{own_desk.folder / 'tulay.db'}"
    engine: Engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))

    def read(sql: str, **values: object) -> list[Any]:
        with engine.connect() as connection:
            return list(connection.execute(text(sql), values))

    yield read
    engine.dispose()


@pytest.fixture
def agent(own_desk: Desk, browser: Browser) -> Iterator[Page]:
    context = window_on(browser, own_desk.url, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    email, password = own_desk.account("agent")
    page.goto("/login")
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("main button[type=submit]").first.click()
    expect(page).not_to_have_url(re.compile("/login"))
    yield page
    context.close()
