"""What the first start of a demo makes: tables, one account a role, the three demo connections.

`python -m webapp.demo.seed` does all of it; a second time it only repairs what is missing.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from werkzeug.utils import import_string

from webapp.accounts import actions as accounts
from webapp.accounts import queries as account_queries
from webapp.admin import first_start
from webapp.claims.actions import edit_claim_settings
from webapp.claims.forms import ClaimSettingsForm
from webapp.claims.queries import claim_settings
from webapp.core.db import session, transaction
from webapp.core.settings import current
from webapp.demo.fieldwork import make_fieldwork
from webapp.demo.home import UPSTREAMS, Home, upstream_address, write_private
from webapp.demo.mynaga.tokens import FULL_TOKEN
from webapp.demo.open311.app import API_KEY
from webapp.demo.tuniclaim.app import API_KEY as CLAIMS_KEY
from webapp.events.types import SYSTEM
from webapp.sync import actions as sync
from webapp.sync.connectors.probe import ProbeResult
from webapp.sync.models import Connection
from webapp.sync.probe import test_connection

# e-mail, name, role; the names are invented
PEOPLE = (
    ("amihan@tulay.example", "Amihan Reyes", "admin"),
    ("andres@tulay.example", "Andres Imperial", "agent"),
    ("fina@tulay.example", "Fina Borja", "finance"),
    ("felix@tulay.example", "Felix Nacario", "field"),
)
PAYER_IBAN = "TN5910006035183598478831"  # the usual example of a Tunisian one
WORDS = [
    "abaca", "bamboo", "basket", "bolo", "bulan", "canoe", "carabao", "coconut", "coral",
    "dagat", "fiesta", "habagat", "harana", "kalye", "lantern", "mango", "monsoon", "narra",
    "palay", "pandan", "parola", "pili", "pinya", "rattan", "sampaguita", "sili", "talisay",
    "tala", "tinapa", "tulay", "volcano",
]  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """One demo connection."""

    kind: str
    name: str
    base_url: str
    secret: str


def first_accounts() -> list[tuple[str, str, str]]:
    """Creates the people that do not exist yet; (e-mail, role, password) of those it created."""
    made = []
    for email, name, role in PEOPLE:
        if account_queries.find_user_by_email(email) is None:
            password = "-".join(secrets.choice(WORDS) for _ in range(5))
            accounts.create_user(email, name=name, role=role, password=password, actor=SYSTEM)
            made.append((email, role, password))
    return made


def demo_connection(wanted: Wanted) -> None:
    """Tests and creates it as a person would, or corrects its address where its port has moved."""
    found = session().scalar(select(Connection).where(Connection.name == wanted.name))
    if found and found.base_url == wanted.base_url:
        return
    tested = test_connection(
        kind=wanted.kind, base_url=wanted.base_url, secret=wanted.secret, allow_http=True
    )
    with transaction():
        if found:
            address, secret = wanted.base_url, wanted.secret
            sync.edit_connection(
                found, base_url=address, secret=secret, plan=tested.plan, actor=SYSTEM
            )
        else:
            _create(wanted, tested)


def main() -> None:
    """Migrates and seeds the database that the environment names."""
    from flask_migrate import upgrade

    from webapp.core import migrating

    # By name, as gunicorn does: the factory stands above this package.
    create_app = import_string("webapp:create_app")
    app = create_app(pages=False)
    migrating.init_app(app)
    with app.app_context():
        upgrade()
        first_start.prepare(current())
        with transaction():
            made = first_accounts()
        if made:
            _keep(made)
        with transaction():
            _claims_account()
            make_fieldwork()
        for wanted in _demo():
            demo_connection(wanted)


def _claims_account() -> None:
    """The claim side is open, and the account that pays is known, so that an order can be exported at once."""
    known = claim_settings()
    if not known.payer_iban:
        form = ClaimSettingsForm(
            enabled=True,
            four_eyes=known.four_eyes,
            payer_name="Assurances Carthage",
            payer_iban=PAYER_IBAN,
            payer_bic="CARTTNTT",
        )
        edit_claim_settings(form, actor=SYSTEM)


def _create(wanted: Wanted, tested: ProbeResult) -> None:
    sync.create_connection(
        kind=wanted.kind,
        name=wanted.name,
        base_url=wanted.base_url,
        secret=wanted.secret,
        interval_minutes=1,
        push_enabled=True,
        allow_http=True,
        shape=str(tested.plan.get("shape", "")),
        account=tested.identity.account,
        plan=tested.plan,
        actor=SYSTEM,
    )


def _demo() -> list[Wanted]:
    city = f"{upstream_address('open311')}/open311/v2"
    return [
        Wanted("mynaga", UPSTREAMS["mynaga"], upstream_address("mynaga"), FULL_TOKEN),
        Wanted("open311", UPSTREAMS["open311"], city, API_KEY),
        Wanted("tuniclaim", UPSTREAMS["tuniclaim"], upstream_address("tuniclaim"), CLAIMS_KEY),
    ]


def _keep(made: list[tuple[str, str, str]]) -> None:
    home = Home()
    lines = [f"  {email:<24} {password:<44} {role}" for email, role, password in made]
    old = home.file("accounts.txt")
    known = old.read_text() if old.exists() else ""
    write_private(old, known + "\n".join(lines) + "\n")
    write_private(home.file("accounts.new"), "1")


if __name__ == "__main__":
    main()
