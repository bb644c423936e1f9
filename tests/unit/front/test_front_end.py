"""What a browser would only complain about later: the CSP, icons, checksums, contrast, macros."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from webapp.core.bundles import BUNDLES

ROOT = Path(__file__).parents[3]
STATIC = ROOT / "static"
TEMPLATES = sorted(
    p for p in (ROOT / "templates").rglob("*.html") if "mail" not in p.relative_to(ROOT).parts
)
SPRITE = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "icons.svg").read_text()))

REFUSED = {
    "inline style": r"<[^>]*\sstyle\s*=",
    "inline handler": r"<[^>]*\son[a-z]+\s*=",
    "needs eval": r"hx-on[:=]|['\"]js:|javascript:",
    "a trigger filter needs eval": r"hx-trigger=\"[^\"]*\[[^\"]*\"",
}

# Text colours on the surfaces they stand on; every pair must reach 4.5 : 1 in both themes.
SURFACES = ("page", "surface", "surface-2")
STATES = ("green", "blue", "purple", "amber", "red", "grey")
PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3", "brand", "red") for ground in SURFACES),
    *((state, f"{state}-soft") for state in STATES),
    *(("ink", f"{state}-soft") for state in STATES),
    ("ink-3", "brand-soft"),
    ("ink-3", "amber-soft"),
    ("brand-strong", "brand-soft"),
    ("on-brand", "brand-fill"),
    ("on-brand", "brand-fill-hover"),
    ("side-ink", "side"),
    ("side-ink-2", "side"),
    ("side-ink", "side-2"),
]


def _id(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


def test_a_template_obeys_the_content_security_policy() -> None:
    wrong = []
    for path in TEMPLATES:
        text = path.read_text()
        wrong += [f"{_id(path)}: {why}" for why, form in REFUSED.items() if re.search(form, text)]
        for script in re.findall(r"<script\b[^>]*>", text):
            if "nonce=" not in script:
                wrong.append(f"{_id(path)}: script without nonce: {script}")
    assert wrong == []


def test_every_icon_stands_in_the_sprite() -> None:
    named = r"""\bicon(?:_name)?(?:\(|=)\s*["']([a-z0-9-]+)["']"""
    assert [
        f"{_id(path)}: {name}"
        for path in TEMPLATES
        for name in re.findall(named, path.read_text())
        if name not in SPRITE
    ] == []


def test_the_icons_of_the_navigation_stand_in_the_sprite() -> None:
    from webapp.routes import DEMO_NAV, NAV

    assert {item.icon for item in (*NAV, DEMO_NAV)} <= SPRITE


def test_the_icons_of_the_audit_trail_stand_in_the_sprite() -> None:
    from webapp.audit.phrases import TABLE

    assert {row[0] for row in TABLE.values()} <= SPRITE


def test_the_checksums_of_vendored_files_are_right_and_complete() -> None:
    vendor = STATIC / "vendor"
    listed = {}
    for line in (vendor / "CHECKSUMS").read_text().splitlines():
        digest, name = line.split()
        listed[name.removeprefix("./")] = digest
    found = {
        str(p.relative_to(vendor)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in vendor.rglob("*")
        if p.is_file() and p.name != "CHECKSUMS"
    }
    assert found == listed


def test_every_sheet_and_script_is_loaded_and_every_name_has_its_file() -> None:
    bundled = {path for paths in BUNDLES.values() for path in paths}
    sheets = bundled | _named(r"css/[^\"']+\.css")
    assert {path for path in sheets if path.endswith(".css") and path.startswith("css/")} == _files(
        "css"
    )
    scripts = bundled | _named(r"(?:js|vendor)/[^\"']+\.js")
    assert all((STATIC / path).is_file() for path in bundled | scripts)
    assert _files("js") <= scripts
    assert _named(r"bundles/[^\"']+\.(?:js|css)") == set(BUNDLES)


def _files(folder: str) -> set[str]:
    return {str(p.relative_to(STATIC)) for p in (STATIC / folder).rglob(f"*.{folder}")}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(ink: str, ground: str, theme: int) -> None:
    assert _contrast(_colour(ink, theme), _colour(ground, theme)) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", SURFACES)
def test_the_borders_of_fields_and_the_focus_ring_can_be_seen(ground: str, theme: int) -> None:
    for line in ("line-strong", "focus"):
        assert _contrast(_colour(line, theme), _colour(ground, theme)) >= 3


def test_a_field_is_tied_to_its_hint_and_its_error(app: Flask) -> None:
    html = _render(app, '{{ field("title", "Title", hint="Short.", error="Give it a title.") }}')
    assert 'for="f-title"' in html
    assert 'aria-describedby="f-title-error f-title-hint"' in html
    assert 'aria-invalid="true"' in html


def test_what_was_typed_comes_back_escaped_and_a_password_never(app: Flask) -> None:
    html = _render(app, '{{ field("title", "Title", value) }}{{ textarea("body", "Text", value) }}')
    assert html.count("&lt;b&gt;") == 2
    assert "<b>" not in html
    assert "secret" not in _render(app, '{{ field("pw", "Password", "secret", type="password") }}')


def test_a_first_line_break_in_a_text_is_kept(app: Flask) -> None:
    html = _render(app, '{{ textarea("body", "Text", "\\nsecond line") }}')
    assert ">\n\nsecond line</textarea>" in html


def test_the_summary_leads_to_the_fields_but_an_error_of_the_whole_form_to_none(app: Flask) -> None:
    html = _render(app, '{{ errors_summary({"title": "No title.", "form": "Too late."}) }}')
    assert '<a href="#f-title">No title.</a>' in html
    assert "<li>Too late.</li>" in html


def test_an_unknown_status_is_shown_as_it_came(app: Flask) -> None:
    html = _render(app, '{{ status_badge("escalated <lgu>") }}')
    assert "escalated &lt;lgu&gt;" in html


def _named(pattern: str) -> set[str]:
    """The files of static/ that a template names literally."""
    return {
        name
        for p in [*TEMPLATES, ROOT / "templates/push/service-worker.js"]
        for name in re.findall(rf"""["']({pattern})["']""", p.read_text())
    }


def _render(app: Flask, source: str) -> str:
    imports = (
        '{% from "ui/forms.html" import field, textarea, errors_summary %}'
        '{% from "ui/badge.html" import status_badge %}'
    )
    with app.test_request_context():
        return render_template_string(imports + source, value="<b>bold</b>")


def _colour(name: str, theme: int) -> tuple[float, ...]:
    tokens = (STATIC / "css/tokens.css").read_text()
    found = re.search(rf"--{name}: (?:light-dark\((#\w+), (#\w+)\)|(#\w+));", tokens)
    assert found, f"no token --{name}"
    value = found[3] or found[theme + 1]
    return tuple(int(value[i : i + 2], 16) / 255 for i in (1, 3, 5))


def _contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """WCAG 2.2, contrast ratio."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: tuple[float, ...]) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
