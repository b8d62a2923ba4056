"""What tests of the joined program share: the slow parts that no test changes."""

from __future__ import annotations

from typing import Any

import pytest

from langnghe.app import App

_PARTS = ("catalog", "gazetteer", "finder", "masker", "calendar", "standing", "routes")


@pytest.fixture(scope="session")
def shipped_parts() -> dict[str, Any]:
    """The parts of an `App` on the shipped files, made once: `vars(app).update(...)`."""
    app = App(None)
    return {name: getattr(app, name) for name in _PARTS}
