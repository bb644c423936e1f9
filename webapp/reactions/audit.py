"""What follows from facts of `webapp.audit`."""

from __future__ import annotations

from webapp.audit import events as audit
from webapp.events import record

REACTIONS: record.Reactions = {
    audit.AuditExported: (),
}
