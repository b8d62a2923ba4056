"""Read one item: what problem, how grave, where, and what decided, in one versioned step."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Protocol

from nlp.features import Tokens, tokenise
from nlp.flags import Flags, find_flags
from nlp.normalise import fold
from nlp.reading import Hold, Reading, Reason, TopicScore, Where, seen
from nlp.severity import Severity, grade
from nlp.topics import Model, Scores, load_model

#: Raised whenever the rules in this package change what a text is read as.
RULES = "1"
#: Topics with which a problem is told even where somebody's words are the news.
_WORDS_ONLY = frozenset({"safety", "governance"})


class Finder(Protocol):
    """Says where the problem of an item lies."""

    @property
    def version(self) -> str:
        """Name the map that places are found on."""
        ...

    def find(
        self, title: str, text: str, *, published: date | None, home: str, as_of: date
    ) -> Where:
        """Return the places of an item, as they stood when it was published."""
        ...


class Reader:
    """One model, one set of rules, one map. The same input always gives the same reading."""

    def __init__(self, model: Model, finder: Finder) -> None:
        self._model = model
        self._finder = finder
        self.version = f"{model.version}.{RULES}"

    def read(
        self,
        title: str,
        text: str,
        *,
        published: date | None,
        as_of: date,
        home: str = "",
        kind: str = "press",
    ) -> Reading:
        """Return the reading of an item whose title and text were `clean`ed.

        `published` is the item's day and `as_of` the day of reading, both in
        Asia/Ho_Chi_Minh; `home` the province that its source is about, by bare name.
        Empty text is accepted, and is no issue.
        """
        whole = seen(title, text)
        folded = fold(whole)
        tokens = tokenise(folded, len(title))
        scores = self._model.score(tokens)
        flags = find_flags(tokens, whole)
        topics = self._topics(scores)
        is_issue, why = self._is_issue(scores, flags, topics, tokens)
        severity = Severity(0, ())
        if is_issue:
            severity = grade(scores, self._model.thresholds, tokens, folded)
        where = self._finder.find(title, text, published=published, home=home, as_of=as_of)
        return Reading(
            version=self.version,
            topics=topics,
            is_issue=is_issue,
            issue_score=round(scores.probability["is_issue"], 4),
            severity=severity.value,
            where=where,
            hold=where.hold or self._doubt(scores, is_issue),
            flags=flags.names,
            reasons=(
                *why,
                *self._topic_reasons(topics, tokens),
                *severity.reasons,
                *flags.reasons,
                *where.reasons,
            ),
        )

    def _topics(self, scores: Scores) -> tuple[TopicScore, ...]:
        """Return the topics above their thresholds; the best alone where none is but one may."""
        ranked = scores.topics()
        limit = self._model.thresholds
        kept = [pair for pair in ranked if pair[1] >= limit[pair[0]]]
        if not kept and ranked[0][1] >= limit["best_topic"]:
            kept = ranked[:1]
        return tuple(TopicScore(topic, round(score, 4)) for topic, score in kept)

    def _is_issue(
        self, scores: Scores, flags: Flags, topics: tuple[TopicScore, ...], tokens: Tokens
    ) -> tuple[bool, list[Reason]]:
        """Decide by the model, but never for speech: words are no issue, a problem told is."""
        score = scores.probability["is_issue"]
        likely = score >= self._model.thresholds["is_issue"] and len(tokens) > 0
        told = any(topic.topic not in _WORDS_ONLY for topic in topics)
        if likely and not told and {"speech", "protest"} & set(flags.names):
            return False, [Reason("issue", "no", "speech", 1.0)]
        value = "yes" if likely else "no"
        words = self._model.words(tokens, "is_issue") if likely else []
        return likely, [
            Reason("issue", value, "model", round(score, 4)),
            *(
                Reason("issue", value, "word", word.weight, word.start, word.end)
                for word in words
            ),
        ]

    def _topic_reasons(self, topics: tuple[TopicScore, ...], tokens: Tokens) -> list[Reason]:
        return [
            Reason("topic", topic.topic, "word", word.weight, word.start, word.end)
            for topic in topics[:1]
            for word in self._model.words(tokens, topic.topic)
        ]

    def _doubt(self, scores: Scores, is_issue: bool) -> Hold | None:
        """Hold what may be an issue, but where the model cannot be trusted either way."""
        score, limit = scores.probability["is_issue"], self._model.thresholds
        sure = limit["hold_above"] if is_issue else limit["hold_below"]
        doubtful = score < sure if is_issue else score > sure
        return Hold("low_confidence") if doubtful else None


def load_reader(gazetteer: object, model: Path | None = None) -> Reader:
    """Return a reader on a map, with the model at `model` or the shipped one."""
    from nlp.places import PlaceFinder

    return Reader(load_model(model), PlaceFinder(gazetteer))
