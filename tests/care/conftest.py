"""The connections and fakes of tests/sync, for what is cared for here."""

from tests.sync.conftest import connect, naga, run

__all__ = ["connect", "naga", "run"]
