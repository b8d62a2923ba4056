"""Replace personal data in a title and a text by short Vietnamese marks."""

from __future__ import annotations

from collections import Counter

from config.gazetteer import Gazetteer
from nlp.mask_contact import contacts
from nlp.mask_names import NameFinder
from nlp.mask_spans import Span, disjoint, replaced
from nlp.mask_tokens import see
from nlp.normalise import clean, fold
from nlp.reading import Masked

#: Raised with every change of what is masked.
_RULES = "mask-1"


class Masker:
    """Masks what reaches or identifies a private person. Deterministic and idempotent."""

    def __init__(self, gazetteer: Gazetteer | None = None) -> None:
        places = [*gazetteer.units().values(), *gazetteer.landmarks()] if gazetteer else []
        named = {name for place in places for name in (place.bare, *place.aliases)}
        self._names = NameFinder(named)
        self.version = f"{_RULES}+{gazetteer.version}" if gazetteer else _RULES

    def mask(self, title: str, text: str, *, names: bool = True) -> Masked:
        """Return title and text, `clean`ed, with personal data replaced, and how many of each kind.

        Telephone numbers, papers of identity, plates, accounts, e-mail, profiles and
        house numbers always; names of private persons when `names`. Officials in
        office, places, streets and organisations stay.
        """
        head, body = clean(title), clean(text)
        whole = f"{head}\n{body}"
        spans = list(contacts(fold(whole)))
        if names:
            spans += self._names.find(see(whole))
        spans = disjoint(spans)
        return self._cut(whole, len(head), spans)

    def _cut(self, whole: str, at: int, spans: list[Span]) -> Masked:
        before = [span for span in spans if span.end <= at]
        after = [Span(s.start - at - 1, s.end - at - 1, s.kind) for s in spans if s.start > at]
        counts = Counter(span.kind for span in spans)
        return Masked(
            replaced(whole[:at], before),
            replaced(whole[at + 1 :], after),
            dict(sorted(counts.items())),
        )
