"""How a location's settings become policies of its rules: one file for each kind, found by being here."""
