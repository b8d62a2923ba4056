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
from storage.models.console import (
    AccountRow,
    AuditRow,
    InviteRow,
    QueueClaimRow,
    SavedFilterRow,
    WebSessionRow,
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
from storage.models.loop import (
    AttachmentRow,
    CommitmentRow,
    MissedRow,
    ModelRow,
    RateRow,
    SilenceRow,
    SubscriptionRow,
    UsedNonceRow,
)
from storage.models.retention import DeletionRow, HoldRow

__all__ = [
    "AccountRow",
    "AssessmentRow",
    "AttachmentRow",
    "AuditRow",
    "Base",
    "CaseEntryRow",
    "CaseRow",
    "CommitmentRow",
    "ContactRow",
    "DeletionRow",
    "DigestEntryRow",
    "DigestRow",
    "EventChangeRow",
    "EventRow",
    "FetchRow",
    "HoldRow",
    "HostStateRow",
    "InviteRow",
    "ItemRow",
    "ItemUrlRow",
    "ItemVersionRow",
    "LabelRow",
    "LeaseRow",
    "MembershipRow",
    "MissedRow",
    "ModelRow",
    "NoticeCaseRow",
    "NoticeRow",
    "QueueClaimRow",
    "RateRow",
    "ReadingRow",
    "RoundRow",
    "SavedFilterRow",
    "SilenceRow",
    "SourceStateRow",
    "SubscriptionRow",
    "SuggestionRow",
    "UsedNonceRow",
    "WebSessionRow",
]
