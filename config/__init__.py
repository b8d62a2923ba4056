"""Floor 0: settings, the catalogue, the map over time, and the base of all errors."""
