"""Floor 1: listens to sources. The only package that touches the web."""
