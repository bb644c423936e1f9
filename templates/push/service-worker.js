self.DESK = {{ {"untitled": _("News from the desk"), "icon": asset("favicon.svg")}|tojson }};
importScripts({{ asset("bundles/worker.js")|tojson }});
