"""What is the same for every kind of local record: how its rows are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import Select, func, select

from webapp.core import db
from webapp.sync.subjects.subject import Checked
from webapp.sync.values import Canonical

STATUS = "status"
Model = TypeVar("Model")


class Rows(Generic[Model]):
    """The part of a Subject that its `model` says: rows with an `id`, the upstream's word in `external_status`."""

    model: ClassVar[Any]
    # Columns, read from the class alone: from an instance they would be a row's values.
    reported: ClassVar[Any]  # when a record was reported
    number: ClassVar[Any]  # by what people know one

    told: ClassVar[Mapping[str, tuple[str, ...]]] = {STATUS: ("external_status",)}

    def load(
        self, ids: Sequence[int], *, fresh: bool = False, lock: bool = False
    ) -> dict[int, Model]:
        if not ids:
            return {}
        query = select(self.model).where(self.model.id.in_(ids)).order_by(self.model.id)
        if lock:
            query = query.with_for_update()
        found = db.session().scalars(query.execution_options(populate_existing=fresh or lock))
        return {each.id: each for each in found}

    def check_new_together(
        self, records: Mapping[str, Mapping[str, Any]], *, source: str, source_name: str
    ) -> Sequence[Checked] | None:
        return None

    def gathered(self, ids: Sequence[int]) -> dict[int, Canonical]:
        return {each: {} for each in ids}

    def oldest(self, ids: Select[int]) -> datetime | None:
        found: datetime | None = db.session().scalar(
            select(func.min(type(self).reported)).where(self.model.id.in_(ids.scalar_subquery()))
        )
        return found

    def holding(self, field: str, theirs: str) -> Select[int] | None:
        if field != STATUS:
            return None
        return select(self.model.id).where(self.model.external_status == theirs)

    def numbered(self, number: str) -> Select[int]:
        return select(self.model.id).where(type(self).number == number)
