"""What one ticket can be to another. Pure."""

from __future__ import annotations

RELATES, BLOCKS, DUPLICATES, PARENT = "relates", "blocks", "duplicates", "parent"
STORED = (RELATES, BLOCKS, DUPLICATES, PARENT)

# What the first is to the second, as the second sees it.
SEEN_FROM_THERE = {
    RELATES: RELATES,
    BLOCKS: "blocked_by",
    DUPLICATES: "duplicated_by",
    PARENT: "child",
}
KINDS = (PARENT, "child", BLOCKS, "blocked_by", DUPLICATES, "duplicated_by", RELATES)


def as_stored(kind: str) -> tuple[str, bool]:
    """(the kind that is kept, whether it is kept from the other's side). Raises KeyError for what is none."""
    if kind in STORED:
        return kind, False
    turned = {seen: stored for stored, seen in SEEN_FROM_THERE.items()}
    return turned[kind], True
