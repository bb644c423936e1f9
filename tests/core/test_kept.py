"""Parts of pages that are kept: drawn once, and never somebody else's."""

from __future__ import annotations

import re

from webapp.core.db import transaction


def _csrf(page: str) -> set[str]:
    return set(re.findall(r'name="csrf_token" value="([^"]+)"', page))


def test_a_page_shows_its_own_persons_name_and_ways(people, sign_in) -> None:
    agent, admin = sign_in(people.andres), sign_in(people.amihan)
    for _ in range(2):
        for client, own, other in (
            (agent, people.andres, people.amihan),
            (admin, people.amihan, people.andres),
        ):
            page = client.get("/tickets").get_data(as_text=True)
            menu = page[page.index('id="account-menu"') : page.index("</header>")]
            assert own.name in menu
            assert other.name not in menu
            assert ('href="/settings"' in page) is (own is people.amihan)


def test_a_new_name_and_role_show_at_once(people, sign_in) -> None:
    client = sign_in(people.andres)
    client.get("/tickets")
    with transaction():
        people.andres.name = "Andrés <Cruz>"
        people.andres.role = "admin"
    page = client.get("/tickets").get_data(as_text=True)
    assert "Andrés &lt;Cruz&gt;" in page
    assert "Andrés <Cruz>" not in page
    assert 'href="/settings"' in page


def test_the_page_that_is_open_is_marked(people, sign_in) -> None:
    client = sign_in(people.andres)
    for path in ("/tickets", "/clusters", "/tickets"):
        page = client.get(path).get_data(as_text=True)
        marked = re.findall(r'<a class="nav__link" href="([^"]+)"[^>]*aria-current=page', page)
        assert marked == [path]


def test_each_answer_has_its_own_nonce_and_a_token_that_counts(people, sign_in) -> None:
    client = sign_in(people.andres)
    nonces = []
    for _ in range(2):
        answer = client.get("/tickets")
        page = answer.get_data(as_text=True)
        said = set(re.findall(r'nonce="([^"]+)"', page))
        assert len(said) == 1
        assert f"'nonce-{said.copy().pop()}'" in answer.headers["Content-Security-Policy"]
        assert len(_csrf(page)) == 1
        nonces += said
    assert len(set(nonces)) == 2
    form = {"csrf_token": _csrf(page).pop(), "shortcuts": "off"}
    assert client.post("/account/shortcuts", data=form).status_code == 303


def test_a_changed_file_has_a_new_address(app, tmp_path, monkeypatch) -> None:
    import os

    from webapp.core import assets, bundles, kept

    known = assets._Known()
    monkeypatch.setattr(assets, "_known", known)
    monkeypatch.setattr(bundles, "STATIC", tmp_path)
    monkeypatch.setattr(assets, "LOOKED_AT_EVERY_S", -1.0)
    file = tmp_path / "favicon.svg"
    file.write_text("a")
    os.utime(file, (1000, 1000))
    with app.test_request_context():
        before, page = assets.asset("favicon.svg"), kept.kept("ui/head.html")
        assert kept.kept("ui/head.html") == page
        os.utime(file, (2000, 2000))
        assert assets.asset("favicon.svg") != before
        assert kept.kept("ui/head.html") != page
