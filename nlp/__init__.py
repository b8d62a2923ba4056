"""Floor 1: understands Vietnamese text: what problem, where, how grave, which event."""
