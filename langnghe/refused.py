"""The refusal of a file that a unit attached, shared by all that look into such files."""

from __future__ import annotations

from config.errors import LangNgheError


class AttachmentRefused(LangNgheError):
    """A file that is not taken; says why and what to do, in Vietnamese."""

    reason = "attachment"
