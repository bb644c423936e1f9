self.DESK = {{ {"untitled": _("News from the desk"), "icon": asset("favicon.svg")}|tojson }};
importScripts({% for script in scripts %}{{ asset(script)|tojson }}{% if not loop.last %}, {% endif %}{% endfor %});
