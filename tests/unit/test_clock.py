"""Times are written as Python writes them, and faster."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from webapp.core import clock
from webapp.core.columns import UTCDateTime
from webapp.core.copying import copy_text

MOMENTS = st.datetimes(timezones=st.just(UTC)) | st.datetimes(timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)


@given(MOMENTS)
def test_a_moment_is_written_as_isoformat_writes_it(moment: datetime) -> None:
    assert clock.written(moment) == moment.isoformat()


@given(MOMENTS)
def test_sqlite_gets_texts_that_sort_as_the_moments_do(moment: datetime) -> None:
    process = UTCDateTime().bind_processor(sqlite.dialect())
    assert process is not None
    assert process(moment) == moment.isoformat(" ", "microseconds")[:26]


@given(st.lists(MOMENTS, min_size=1, max_size=5))
def test_copy_gets_every_moment_of_a_column(moments: list[datetime]) -> None:
    text = copy_text([moments], [])
    assert text is not None
    assert [datetime.fromisoformat(line) for line in text.splitlines()] == moments
