"""gunicorn's settings for the floor: the desk's own, but for what it does for the desk's app."""

from __future__ import annotations

import runpy
from pathlib import Path

OURS = ("pre_fork", "post_worker_init")
_settings = runpy.run_path(str(Path(__file__).parents[1] / "gunicorn.conf.py"))
globals().update({name: value for name, value in _settings.items() if name not in OURS})
