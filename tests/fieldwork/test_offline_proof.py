"""The proof of issue 7: a day's work of three field workers, one of them with two devices, through 1,000 random drops of
the network, restarts and kills of the browsers and of the desk. At the end none lost, none doubled, order kept.

OFFLINE_PROOF_DROPS makes it longer, OFFLINE_PROOF_SEED another one.
"""

from __future__ import annotations

import base64
import itertools
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Error
from sqlalchemy import select

from tests.conftest import PASSWORD
from tests.fieldwork.desk_process import DeskProcess
from tests.fieldwork.make import make_employee, make_job
from tests.fieldwork.network import Network, Weather, network_to
from tests.fieldwork.phone import Phone
from tests.tickets.make import photo
from webapp.accounts import actions as accounts
from webapp.accounts.models import User
from webapp.chat import actions as chat
from webapp.chat.forms import ChannelForm
from webapp.chat.models import Message
from webapp.core import clock, db
from webapp.core.db import transaction
from webapp.core.settings import Settings
from webapp.events.models import Event
from webapp.events.types import SYSTEM
from webapp.fieldwork.models import JobFile, JobNote

pytestmark = pytest.mark.browser
DROPS = int(os.environ.get("OFFLINE_PROOF_DROPS", "1000"))
PATIENCE_S = 180.0  # a page opens within, whatever the network and the desk do
SEED = int(os.environ.get("OFFLINE_PROOF_SEED", "7"))
RESTARTS, KILLS, DESK_KILLS = 3, 3, 2  # of a browser, of a browser by -9, of the desk by -9
CHANGES = 120
LOST = 5  # answers, at least
PICTURE = base64.b64encode(photo(size=(16, 16))).decode()

# Fills in a form of the page and sends it, as a person does; says what was kept once it is on the disk.
MAKE = """async ({ kind, text, picture, nth }) => {
  await Device.show();
  const forms = [...document.querySelectorAll(`form[data-queue="${kind}"]`)].filter((form) => form.getClientRects().length);
  let form = forms[0], button = null;
  if (kind === "note" || kind === "message") form.elements.body.value = text;
  if (kind === "report") { form.elements.title.value = text; form.elements.description.value = "Seen on the way."; }
  if (kind === "tick") { form = forms.find((each) => each.elements.text.value === text); button = form.querySelector("button"); }
  if (kind === "move") { const all = [...document.querySelectorAll(".moves button")]; button = all[nth % all.length]; form = button.form; }
  if (kind === "photo") {
    const files = new DataTransfer();
    files.items.add(new File([Uint8Array.from(atob(picture), (each) => each.charCodeAt(0))], `${text}.jpg`, { type: "image/jpeg" }));
    form.elements.photos.files = files.files;
  }
  const kept = new Promise((resolve, reject) => {
    document.addEventListener("device:kept", ({ detail }) => resolve(detail.changes), { once: true });
    setTimeout(() => reject(new Error("not kept")), 90000);
  });
  form.requestSubmit(button);
  const [change] = await kept;
  await Device.show();
  return change.value;
}"""


# Tries again much sooner than a page does by itself, so that 1,000 drops fit into a minute.
EAGER = "setInterval(() => window.Device?.send?.(), 90)"


@dataclass
class Worker:
    """Somebody with a phone: `did`, in order, what the page said was kept."""

    name: str
    person: User
    phone: Phone
    wire: Network
    weather: Weather
    job: str
    channel: int
    moves: bool = True
    at: str = "job"
    did: list[str] = field(default_factory=list)
    number: int = 0

    def begin(self) -> None:
        self.phone.context.add_init_script(EAGER)
        self.phone.sign_in(self.person)
        self.phone.page.goto("/my-day")

    def go(self, where: str) -> None:
        """Opens a page, as often as it takes; from its copy where the network breaks off."""
        page, self.at = self.phone.page, where
        pages = {"job": f"/my-day/{self.job}", "chat": f"/chat/{self.channel}", "report": "/report"}
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with suppress(Error):
                page.goto(pages[where], wait_until="domcontentloaded")
            if page.locator("#device").count():
                return
            time.sleep(0.2)  # the desk itself may be coming back, which takes a busy machine long
            if "/login" in page.url:
                # Chromium writes cookies down every half minute: who is killed before that is signed out.
                with self.weather.calm():
                    self.begin()
                    self.phone.keep_ahead()
        raise AssertionError(f"{self.name} cannot open {where}: {page.url}")

    def make(self, chance: random.Random) -> None:
        ways = {"chat": ["message"], "report": ["report"]}
        kind = chance.choice(
            ways.get(self.at, ["note", "tick", "photo", *(["move"] if self.moves else [])])
        )
        self.number += 1
        text = f"{self.name} {self.number:03}"
        if kind == "tick":
            text = f"{self.name} item {chance.choice('ab')}"
        self.fill_in(kind, text, nth=chance.randrange(9))
        if kind == "report":
            self.go("job")

    def fill_in(self, kind: str, text: str, *, nth: int = 0) -> None:
        asked = {"kind": kind, "text": text, "picture": PICTURE, "nth": nth}
        value = self.phone.page.evaluate(MAKE, asked)
        said = {"tick": f"tick {text} {value}", "move": f"move {self.name} {value}"}
        self.did.append(said.get(kind, f"{kind} {text}"))

    def again(self, *, killed: bool) -> None:
        """The browser ends, one way or another, and is opened on the same profile."""
        if killed:
            self.phone.kill()
        else:
            self.phone.close()
        self.phone.open()
        self.phone.context.add_init_script(EAGER)
        self.go(self.at)


@pytest.fixture
def desk(app: Flask, settings: Settings, tmp_path: Path) -> Iterator[DeskProcess]:
    process = DeskProcess(settings, tmp_path / "desk.log")
    yield process
    process.end()


@pytest.fixture
def workers(
    desk: DeskProcess, people: SimpleNamespace, browser: Browser, tmp_path: Path
) -> Iterator[list[Worker]]:
    """Felix with two phones, Ana and Ben with one each; a job for each of the three, and a channel for all."""
    with transaction():
        others = [
            accounts.create_user(
                f"{name}@example.org", name=name, role="field", password=PASSWORD, actor=SYSTEM
            )
            for name in ("Ana", "Ben")
        ]
        channel = chat.make_channel(ChannelForm(name="Crew"), user=people.felix).id
    made = []
    for n, person in enumerate((people.felix, *others)):
        employee = make_employee(person.name, user=person.id)
        names = [f"p{n}", *(["p3"] if n == 0 else [])]
        items = [f"{name} item {letter}" for name in names for letter in "ab"]
        job = make_job(f"Job p{n}", (employee,), starts_at=clock.now(), checklist=items)
        made += [(name, person, job.ref) for name in names]
    with ExitStack() as afterwards:
        found = []
        for n, (name, person, ref) in enumerate(made):
            wire = afterwards.enter_context(network_to(desk.url))
            weather = Weather(wire, SEED + n)
            afterwards.callback(weather.end)
            phone = Phone(browser, wire.address, tmp_path / name)
            afterwards.callback(phone.close)
            moves = name != "p3"  # what both of them set would be asked about
            found.append(Worker(name, person, phone, wire, weather, ref, channel, moves=moves))
        desk.wait()
        yield found
    assert [each.phone.errors for each in found] == [[]] * len(found)


def test_1000_drops_lose_nothing_double_nothing_and_keep_the_order(
    desk: DeskProcess, workers: list[Worker]
) -> None:
    chance = random.Random(SEED)
    for each in workers:
        each.begin()
    for each in workers:
        each.phone.keep_ahead()
        each.go("job")
        each.weather.blow()
    _work(chance, desk, workers)
    _weather_it(workers)
    _lose_answers(workers)
    for each in workers:
        each.weather.end()
    for each in workers:
        each.phone.all_sent(within_s=PATIENCE_S)

    arrived = _arrived()
    for each in workers:
        assert arrived[each.name] == _told(each.did), f"{each.name}, seed {SEED}"
    assert sum(len(each.did) for each in workers) >= CHANGES
    assert _drops(workers) + RESTARTS + KILLS + DESK_KILLS >= DROPS
    # Answers were lost after the desk had done what they asked for: what came again was not done again.
    assert _lost(workers) >= LOST
    assert desk.kills == DESK_KILLS


def _drops(workers: list[Worker]) -> int:
    return sum(each.wire.cuts for each in workers)


def _lost(workers: list[Worker]) -> int:
    return sum(each.wire.lost for each in workers)


def _work(chance: random.Random, desk: DeskProcess, workers: list[Worker]) -> None:
    """What the day brings, spread over its changes."""
    ends = ["close"] * RESTARTS + ["kill"] * KILLS + ["desk"] * DESK_KILLS
    when = dict(zip(chance.sample(range(10, CHANGES), len(ends)), ends, strict=True))
    pages = itertools.cycle(("chat", "report", "job", "chat", "job"))
    for n in range(CHANGES):
        each = chance.choice(workers)
        each.make(chance)
        if n % 24 == 23:
            chance.choice(workers).go(next(pages))
        if n % 16 == 15:  # the browser knows it, too
            each.phone.context.set_offline(True)
            each.make(chance)
            each.phone.context.set_offline(False)
        end = when.get(n)
        if end == "desk":
            _end_desk(each, desk)
        elif end:
            each.again(killed=end == "kill")


def _weather_it(workers: list[Worker]) -> None:
    """There is something to send as long as the weather lasts."""
    chance = random.Random(SEED)
    deadline = time.monotonic() + DROPS / 4
    while _drops(workers) < DROPS:
        chance.choice(workers).make(chance)
        assert time.monotonic() < deadline, f"{_drops(workers)} drops only"


def _lose_answers(workers: list[Worker]) -> None:
    """As many as the weather has not: chance decides how many those were."""
    for each in itertools.cycle(workers):
        if _lost(workers) >= LOST:
            return
        before = each.wire.lost
        with each.weather.calm():
            each.go("job")
            each.wire.lose_answers = 1
            each.fill_in("note", f"{each.name} unanswered {before}")
            deadline = time.monotonic() + PATIENCE_S
            while each.wire.lost == before:
                assert time.monotonic() < deadline, "no answer was lost"
                time.sleep(0.01)


def _end_desk(each: Worker, desk: DeskProcess) -> None:
    """Between its commit and its answer: the answer's first bytes are on the wire."""
    before = desk.kills
    with each.weather.calm():
        each.go("job")
        each.wire.instead = desk.strike
        each.wire.lose_answers = 1
        each.fill_in("note", f"{each.name} last words of {before}")
        deadline = time.monotonic() + PATIENCE_S
        while desk.kills == before:
            assert time.monotonic() < deadline, "it was not killed"
            time.sleep(0.01)
        each.wire.instead = lambda: None
        desk.start()
        desk.wait()


def _arrived() -> dict[str, list[str]]:
    """From what the desk wrote down, in its order: who did what."""
    session = db.session()
    session.rollback()
    notes = {each.id: each.body for each in session.scalars(select(JobNote))}
    files = {each.id: each.name for each in session.scalars(select(JobFile))}
    said = {each.id: each.body for each in session.scalars(select(Message))}
    ways: dict[str, Callable[[dict[str, str]], str]] = {
        "job.noted": lambda fact: f"note {notes[int(fact['note_id'])]}",
        "job.proved": lambda fact: f"photo {files[int(fact['file_id'])].removesuffix('.jpg')}",
        "chat.sent": lambda fact: f"message {said[int(fact['message_id'])]}",
        "job.moved": lambda fact: f"move {fact['title'].removeprefix('Job ')} {fact['new']}",
        "job.item_changed": lambda fact: f"tick {fact['text']} {fact['what']}",
        "ticket.created": lambda fact: f"report {fact['title']}",
    }
    found: dict[str, list[str]] = {f"p{n}": [] for n in range(4)}
    for event in session.scalars(select(Event).order_by(Event.id)):
        if event.type in ways:
            told = ways[event.type](event.data)
            found[told.split()[1]].append(told)
    return found


def _told(did: list[str]) -> list[str]:
    """What of it is news: who ticks what is ticked already changes nothing."""
    found, last = [], dict[str, str]()
    for each in did:
        what, _, value = each.rpartition(" ")
        if each.startswith(("tick", "move")):
            start = "undone" if each.startswith("tick") else "planned"
            if last.get(what, start) == value:
                continue
            last[what] = value
        found.append(each)
    return found
