"""What is done on a job: ticks, parts, notes, photos and a signature as proof."""

from __future__ import annotations

from flask_babel import gettext

from webapp.core import clock, db
from webapp.core.errors import Invalid, NotFound
from webapp.events.types import Actor
from webapp.fieldwork.actions.telling import told
from webapp.fieldwork.events import JobItemChanged, JobNoted, JobPartChanged, JobProved
from webapp.fieldwork.forms import LONGEST_ITEM, MOST_ITEMS
from webapp.fieldwork.models import Job, JobFile, JobItem, JobNote, JobPart
from webapp.fieldwork.parts import MOST, part_of
from webapp.tickets.attachments import StoredFile

PHOTO, SIGNATURE = "photo", "signature"
MOST_FILES = 60  # of one job


def add_item(job: Job, text: str, *, actor: Actor) -> JobItem:
    """At the end of the list. Raises Invalid."""
    if not text or len(text) > LONGEST_ITEM or len(job.items) >= MOST_ITEMS:
        words = gettext("Say in 1 to %(most)s characters what is to be done.", most=LONGEST_ITEM)
        raise Invalid(words, fields={"text": words})
    item = JobItem(position=max((one.position for one in job.items), default=0) + 1, text=text)
    job.items.append(item)
    told(JobItemChanged, job, actor, what="added", text=text)
    return item


def set_item(job: Job, item_id: int, *, done: bool, actor: Actor) -> None:
    """Done, by whom and when; or not. Nothing happens where it is so already."""
    item = _item(job, item_id)
    if (item.done_at is not None) == done:
        return
    item.done_at = clock.now() if done else None
    item.done_by = actor.name if done else ""
    told(JobItemChanged, job, actor, what="done" if done else "undone", text=item.text)


def remove_item(job: Job, item_id: int, *, actor: Actor) -> None:
    item = _item(job, item_id)
    job.items.remove(item)
    told(JobItemChanged, job, actor, what="removed", text=item.text)


def add_part(job: Job, line: str, *, actor: Actor, used: bool = False) -> JobPart:
    """As a line names it: “2 × lamp”. `used`: it was not planned, and is used up already."""
    many, name = part_of(line)
    if not name or len(job.parts) >= MOST_ITEMS:
        words = gettext("Say which part.")
        raise Invalid(words, fields={"part": words})
    part = JobPart(name=name, planned=0 if used else many, used=many if used else None)
    job.parts.append(part)
    told(JobPartChanged, job, actor, what="used" if used else "added", text=f"{many} × {name}")
    return part


def use_part(job: Job, part_id: int, *, used: int, actor: Actor) -> None:
    """So many of it were used in all."""
    part = _part(job, part_id)
    if not 0 <= used <= MOST:
        words = gettext("This must be a whole number.")
        raise Invalid(words, fields={"used": words})
    if part.used == used:
        return
    part.used = used
    told(JobPartChanged, job, actor, what="used", text=f"{used} × {part.name}")


def remove_part(job: Job, part_id: int, *, actor: Actor) -> None:
    part = _part(job, part_id)
    job.parts.remove(part)
    told(JobPartChanged, job, actor, what="removed", text=part.name)


def add_note(job: Job, body: str, *, actor: Actor) -> JobNote:
    note = JobNote(author_id=actor.id, author_name=actor.name, body=body, created_at=clock.now())
    job.notes.append(note)
    db.session().flush()
    told(JobNoted, job, actor, note_id=note.id)
    return note


def add_file(
    job: Job, file: StoredFile, *, kind: str, actor: Actor, signed_by: str = ""
) -> JobFile:
    """A photo, or a signature by `signed_by`. Raises Invalid."""
    if not file.content_type.startswith("image/"):
        raise Invalid(gettext("Proof is a photo or a signature."))
    if len(job.files) >= MOST_FILES:
        raise Invalid(gettext("A job has at most %(n)s photos.", n=MOST_FILES))
    made = JobFile(
        kind=kind,
        name=file.name,
        content_type=file.content_type,
        size=file.size,
        storage_key=file.storage_key,
        thumb_key=file.thumb_key,
        signed_by=signed_by,
        author_name=actor.name,
        created_at=clock.now(),
    )
    job.files.append(made)
    db.session().flush()
    told(JobProved, job, actor, what=kind, file_id=made.id)
    return made


def _item(job: Job, item_id: int) -> JobItem:
    for item in job.items:
        if item.id == item_id:
            return item
    raise NotFound(gettext("There is no such thing to do."))


def _part(job: Job, part_id: int) -> JobPart:
    for part in job.parts:
        if part.id == part_id:
            return part
    raise NotFound(gettext("There is no such part."))
