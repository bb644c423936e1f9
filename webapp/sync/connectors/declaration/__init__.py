"""The schema of a connector declaration (YAML). The reference with examples is docs/connectors.md."""

from webapp.sync.connectors.declaration.access import Auth, ErrorRule, GetCall, ListCall, Whoami
from webapp.sync.connectors.declaration.document import Declaration, Option, Shape
from webapp.sync.connectors.declaration.fields import (
    TARGET_FIELDS,
    FieldRule,
    RecordRule,
    TransformUse,
    ValueMap,
)
from webapp.sync.connectors.declaration.paging import (
    CreatedWindow,
    CursorPaging,
    FullList,
    Incremental,
    LinkPaging,
    NoPaging,
    NumberPaging,
    OffsetPaging,
    Paging,
    UpdatedSince,
    WindowPaging,
)
from webapp.sync.connectors.declaration.pushing import PushCall
from webapp.sync.connectors.declaration.reading import parse, parse_dict, read

__all__ = [
    "TARGET_FIELDS",
    "Auth",
    "CreatedWindow",
    "CursorPaging",
    "Declaration",
    "ErrorRule",
    "FieldRule",
    "FullList",
    "GetCall",
    "Incremental",
    "LinkPaging",
    "ListCall",
    "NoPaging",
    "NumberPaging",
    "OffsetPaging",
    "Option",
    "Paging",
    "PushCall",
    "RecordRule",
    "Shape",
    "TransformUse",
    "UpdatedSince",
    "ValueMap",
    "Whoami",
    "WindowPaging",
    "parse",
    "parse_dict",
    "read",
]
