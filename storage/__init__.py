"""Floor 2: keeps. The only package that writes SQL."""
