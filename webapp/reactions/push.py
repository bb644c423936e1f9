"""What follows from facts of `webapp.push`."""

from __future__ import annotations

from webapp.events import record
from webapp.push import events as webpush

REACTIONS: record.Reactions = {
    webpush.PushDeviceAdded: (),
    webpush.PushDeviceRemoved: (),
}
