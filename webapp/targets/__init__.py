"""How long reporters wait: targets by category and priority, counted in the desk's open hours, and reports of them."""
