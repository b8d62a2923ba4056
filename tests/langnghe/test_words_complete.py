"""Every code that people read has words, and every word of the pages an English one."""

from __future__ import annotations

import re
from pathlib import Path

import langnghe
import storage
from langnghe.web.console.audit import WORDS
from langnghe.web.words import english
from triage.act import Kind
from triage.case import CaseState
from triage.entrywords import ENTRY

ROOTS = [Path(next(iter(package.__path__))) for package in (langnghe, storage)]
#: How a line of a case's history is written, and how one of the audit is.
_ENTRY = re.compile(r'(?:Mark\(\s*|"machine",\s*)"([a-z_]+)"|"(mail_[a-z]+|links_revoked)"')
_NOTE = re.compile(r'visit\.note\(\s*session,\s*"([a-z_]+)"')


def _found(pattern: re.Pattern[str]) -> set[str]:
    texts = (path.read_text("utf-8") for root in ROOTS for path in root.rglob("*.py"))
    return {word for text in texts for hit in pattern.findall(text) for word in [*hit] if word}


def test_every_line_of_a_history_is_told_in_words() -> None:
    kinds = _found(_ENTRY) - {"cases"}

    assert {"sent", "reminded", "handover", "evidence_sent", "mail_dropped"} <= kinds
    opened = {f"opened:{state.value}" for state in (CaseState.PROPOSED, CaseState.APPROVED)}
    assert kinds | {kind.value for kind in Kind} | opened <= set(ENTRY)


def test_every_line_of_the_audit_is_told_in_words() -> None:
    texts = (path.read_text("utf-8") for root in ROOTS for path in root.rglob("*.py"))
    actions = {word for text in texts for word in _NOTE.findall(text)}

    assert {"looked", "decided", "took_file"} <= actions
    assert actions <= set(WORDS)


def test_histories_and_audit_have_english_words() -> None:
    assert [word for word in (*ENTRY.values(), *WORDS.values()) if word not in english()] == []
