"""The tables. Columns and keys only: no rules, no queries."""

from storage.models.base import Base
from storage.models.case import (
    CaseEntryRow,
    CaseRow,
    ContactRow,
    DigestEntryRow,
    DigestRow,
    NoticeCaseRow,
    NoticeRow,
)
from storage.models.crawl import FetchRow, HostStateRow, LeaseRow, RoundRow, SourceStateRow
from storage.models.event import (
    AssessmentRow,
    EventChangeRow,
    EventRow,
    MembershipRow,
    SuggestionRow,
)
from storage.models.item import ItemRow, ItemUrlRow, ItemVersionRow, LabelRow, ReadingRow

__all__ = [
    "AssessmentRow",
    "Base",
    "CaseEntryRow",
    "CaseRow",
    "ContactRow",
    "DigestEntryRow",
    "DigestRow",
    "EventChangeRow",
    "EventRow",
    "FetchRow",
    "HostStateRow",
    "ItemRow",
    "ItemUrlRow",
    "ItemVersionRow",
    "LabelRow",
    "LeaseRow",
    "MembershipRow",
    "NoticeCaseRow",
    "NoticeRow",
    "ReadingRow",
    "RoundRow",
    "SourceStateRow",
    "SuggestionRow",
]
