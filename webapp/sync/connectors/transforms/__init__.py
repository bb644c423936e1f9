"""Small named transforms of one value, as a declaration lists them. Pure."""

from webapp.sync.connectors.transforms.registry import TRANSFORMS, build
from webapp.sync.connectors.transforms.times import parse_moment, write_moment

__all__ = ["TRANSFORMS", "build", "parse_moment", "write_moment"]
