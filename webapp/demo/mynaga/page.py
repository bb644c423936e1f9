"""What a citizen sees at the upstream itself: `url` of a report leads here, and it refreshes itself."""

from typing import TYPE_CHECKING

from flask import Blueprint, abort, render_template_string

if TYPE_CHECKING:
    from webapp.demo.mynaga.app import MyNaga

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="3"><title>{{ report.id }} · MyNaga demo</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 2rem auto; padding: 0 1rem;
         color-scheme: light dark; }
  dt { opacity: .7 } dd { margin: 0 0 .7rem } img { max-width: 100%; border-radius: .5rem }
  .status { display: inline-block; padding: .1rem .7rem; border: 2px solid; border-radius: 1rem; font-weight: 700 }
</style></head><body>
<p>MyNaga demo, an invented upstream</p>
<h1>{{ report.id }}</h1>
<p class="status">{{ "Withdrawn" if report.deleted else report.status }}</p>
<dl>
  <dt>Category</dt>
  <dd>{{ report.category }}{% if report.refinedCategory %} · {{ report.refinedCategory }}{% endif %}</dd>
  <dt>What was reported</dt><dd style="white-space: pre-wrap">{{ report.description }}</dd>
  <dt>Where</dt><dd>{{ report.location or "–" }}</dd>
  <dt>Changed</dt><dd>{{ report.updatedAt }}, version {{ report.version }}</dd>
</dl>
{% for name in report.attachments if name is string %}
<p><img src="/media/{{ name }}" alt="Photo"></p>
{% endfor %}
</body></html>"""


def page(upstream: "MyNaga") -> Blueprint:
    """The route below /reports."""
    routes = Blueprint("page", __name__)

    def show(report_id: str) -> str:
        report = upstream.reports.get(report_id)
        if report is None:
            abort(404)
        return render_template_string(PAGE, report=report)

    routes.add_url_rule("/<report_id>", view_func=show, endpoint="show")
    return routes
