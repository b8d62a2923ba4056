"""Floor 1: decides what matters, who answers and by when, and says so."""
