"""Read one item: what problem, how grave, where, and what decided, in one versioned step."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Protocol

from config.gazetteer import Gazetteer
from nlp.features import Tokens, tokenise
from nlp.flags import Flags, beside_words, find_flags, tells_harm
from nlp.normalise import fold
from nlp.places import PlaceFinder
from nlp.reading import Hold, Reading, Reason, TopicScore, Where, seen
from nlp.severity import Severity, grade
from nlp.topics import Model, Scores, load_model

#: Raised whenever the rules in this package change what a text is read as.
RULES = "1"
#: Topics with which a problem is told even where somebody's words are the news.
_WORDS_ONLY = frozenset({"safety", "governance"})
#: How sure a topic must be for a protest to be about a problem.
_TOLD = 0.6


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
        tokens = read_tokens(title, text)
        scores = self._model.score(tokens)
        flags = find_flags(tokens, whole)
        topics = self._topics(scores)
        is_issue, why = self._is_issue(title, text, scores, tokens, flags)
        severity = Severity(0, ())
        if is_issue:
            severity = grade(scores, self._model.thresholds, tokens, fold(whole))
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
        self, title: str, text: str, scores: Scores, tokens: Tokens, flags: Flags
    ) -> tuple[bool, list[Reason]]:
        """Decide by the model, but never for speech: words are no issue, a problem told is."""
        score = scores.probability["is_issue"]
        likely = score >= self._model.thresholds["is_issue"] and len(tokens) > 0
        if likely and (rule := self._only_words(title, text, flags, scores, tokens)):
            return False, [Reason("issue", "no", rule, 1.0)]
        value = "yes" if likely else "no"
        words = self._model.words(tokens, "is_issue") if likely else []
        return likely, [
            Reason("issue", value, "model", round(score, 4)),
            *(Reason("issue", value, "word", word.weight, word.start, word.end) for word in words),
        ]

    def _only_words(
        self, title: str, text: str, flags: Flags, scores: Scores, tokens: Tokens
    ) -> str:
        """Return the rule by which no problem is told beside words or a protest, else nothing."""
        if "speech" in flags.names:
            beside = beside_words(title, text, flags)
            rest = self._model.score(read_tokens(*beside))
            enough = rest.probability["is_issue"] >= self._model.thresholds["is_issue"]
            best, sure = rest.topics()[0]
            told = sure >= self._model.thresholds[best]
            if best in _WORDS_ONLY:
                told = tells_harm(read_tokens(*beside), seen(*beside))
            return "" if enough and told else "speech"
        if "protest" in flags.names:
            told = any(n not in _WORDS_ONLY and sure >= _TOLD for n, sure in scores.topics())
            told = told or tells_harm(tokens, seen(title, text))
            return "" if told else "protest"
        return ""

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


def read_tokens(title: str, text: str) -> Tokens:
    """Return the folded syllables of a title and a text."""
    return tokenise(fold(seen(title, text)), len(title))


def load_reader(gazetteer: Gazetteer, model: Path | None = None) -> Reader:
    """Return a reader on a map, with the model at `model` or the shipped one."""
    return Reader(load_model(model), PlaceFinder(gazetteer))
