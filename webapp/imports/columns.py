"""Columns of a file: what they hold, and which field of a ticket each looks like. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from webapp.imports.files import Cell

MOST_VALUES = 40  # different ones of a column that a person is asked about
_SAMPLES = 3
_DAY = re.compile(r"\s*(\d{1,2})[/.\-](\d{1,2})[/.\-]\d{2,4}\b")

# Field → how files head it, in English, Filipino and French, letters and digits only.
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "ref": ("reference", "ref", "ticket", "ticketno", "ticketnumber", "ticketid"),
    "control_number": ("controlnumber", "controlno", "controlnum", "caseno", "casenumber", "id", "no", "externalid",
                       "numero", "bilang", "trackingnumber", "reportid", "servicerequestid"),
    "title": ("title", "subject", "summary", "concern", "complaint", "issue", "titre", "objet", "pamagat", "paksa"),
    "description": ("description", "details", "detail", "body", "message", "remarks", "text", "narrative", "detalye",
                    "paglalarawan"),
    "status": ("status", "state", "statut", "etat", "katayuan"),
    "priority": ("priority", "urgency", "priorite", "severity"),
    "category": ("category", "type", "kind", "categorie", "kategorya", "concerntype", "servicename"),
    "refined_category": ("refinedcategory", "subcategory", "subtype"),
    "barangay": ("barangay", "brgy", "district", "area", "quartier"),
    "place": ("place", "address", "location", "street", "adresse", "lieu", "lugar", "tirahan"),
    "lat": ("latitude", "lat", "y"),
    "lng": ("longitude", "lng", "lon", "long", "x"),
    "reporter_name": ("reportername", "reporter", "name", "fullname", "complainant", "reportedby", "requester", "nom",
                      "pangalan", "customer", "contactname"),
    "reporter_email": ("reporteremail", "email", "emailaddress", "mail", "courriel"),
    "reporter_phone": ("reporterphone", "phone", "phonenumber", "mobile", "contactnumber", "contactno", "contact",
                       "cellphone", "telephone", "tel", "telepono"),
    "reported_at": ("reportedat", "datereported", "reported", "date", "datecreated", "createdat", "created",
                    "datefiled", "datereceived", "timestamp", "petsa", "dateduconstat"),
    "resolved_at": ("resolvedat", "dateresolved", "resolved", "dateclosed", "closedat", "datecompleted"),
    "team": ("team", "queue", "department", "unit", "equipe"),
    "assignee": ("assignee", "assignedto", "owner", "agent", "handledby", "personnel"),
    "tags": ("tags", "tag", "labels", "label", "keywords", "etiquettes"),
    "due_at": ("dueat", "due", "duedate", "deadline", "echeance"),
    "source_url": ("sourceurl", "link", "url", "lien"),
}  # fmt: skip
_FIELD_OF = {heading: name for name, headings in HEADINGS.items() for heading in headings}


@dataclass
class Gathered:
    """One column as far as it was read."""

    heading: str
    samples: list[str] = field(default_factory=list)
    values: dict[str, None] | None = field(default_factory=dict)  # None: too many
    day_first: bool | None = None  # None: no day says so

    def note(self, text: str) -> None:
        if not text:
            return
        if len(self.samples) < _SAMPLES and text not in self.samples:
            self.samples.append(text[:120])
        if self.values is not None:
            self.values[text[:200]] = None
            if len(self.values) > MOST_VALUES:
                self.values = None
        if self.day_first is None and (day := _DAY.match(text)):
            if int(day[1]) > 12:
                self.day_first = True
            elif int(day[2]) > 12:
                self.day_first = False

    def as_json(self) -> dict[str, Any]:
        values = None if self.values is None else list(self.values)
        return {
            "heading": self.heading,
            "samples": self.samples,
            "values": values,
            "day_first": self.day_first,
        }


def shown(cell: Cell) -> str:
    """A cell as a person reads it."""
    return cell if isinstance(cell, str) else (cell.get("e") or cell.get("t", "").replace("T", " "))


def propose(headings: Sequence[str]) -> dict[str, str]:
    """Column's place → field; the first of two that look alike."""
    found: dict[str, str] = {}
    for place, heading in enumerate(headings):
        name = _FIELD_OF.get(_plain(heading))
        if name and name not in found.values():
            found[str(place)] = name
    return found


def digest(headings: Sequence[str]) -> str:
    """Files with the same headings in the same order are of one kind."""
    return sha256(
        "\n".join(_plain(heading) or heading for heading in headings).encode()
    ).hexdigest()


def _plain(heading: str) -> str:
    return re.sub(r"[\W_]", "", heading.casefold().translate(_ACCENTS))


_ACCENTS = str.maketrans("àâäéèêëîïôöùûüç", "aaaeeeeiioouuuc")
