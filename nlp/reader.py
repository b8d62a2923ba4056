"""Read one item: what problem, how grave, where, and what decided, in one versioned step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import exp
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
RULES = "4"
#: What naming no place takes from the logit of is_issue; found on the label file.
NO_PLACE = 1.5
#: Below this there is no asking how grave it would be: less than one in twenty is an issue.
POSSIBLE = 0.05
#: Topics with which a problem is told even where somebody's words are the news.
_WORDS_ONLY = frozenset({"safety", "governance"})
#: How sure a topic must be for a protest to be about a problem.
_TOLD = 0.6
#: Fewer syllables beside somebody's words tell no problem, whatever they score.
_FEWEST = 12


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


@dataclass(frozen=True, slots=True)
class _Look:
    """What one item looks like to the model and to the rules."""

    title: str
    text: str
    tokens: Tokens
    scores: Scores
    flags: Flags
    placeless: bool


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
        kind: str = "press",  # noqa: ARG002 - posts and articles are read alike
    ) -> Reading:
        """Return the reading of an item whose title and text were `clean`ed; they may be empty.

        `published` is the item's day and `as_of` the day of reading, both in
        Asia/Ho_Chi_Minh; `home` the province that its source is about, by bare name.
        """
        where = self._finder.find(title, text, published=published, home=home, as_of=as_of)
        look = self._look(title, text, placeless=not (where.places or where.hold))
        topics = self._topics(look.scores)
        is_issue, why = self._is_issue(look)
        doubt = self._doubt(look.scores, is_issue) if look.tokens else None
        severity = self._severity(look, why[0])
        told = severity if is_issue or doubt else Severity(0, ())
        return Reading(
            version=self.version,
            topics=topics,
            is_issue=is_issue,
            issue_score=round(look.scores.probability["is_issue"], 4),
            severity=told.value,
            where=where,
            hold=where.hold or doubt,
            flags=look.flags.names,
            reasons=(
                *why,
                *self._topic_reasons(topics, look.tokens),
                *told.reasons,
                *look.flags.reasons,
                *where.reasons,
            ),
            would_be=severity.value,
        )

    def _severity(self, look: _Look, why: Reason) -> Severity:
        """Return how grave an item is that may be an issue, where no rule says that it is none."""
        possible = look.scores.probability["is_issue"] >= POSSIBLE
        if not (look.tokens and possible and why.rule == "model"):
            return Severity(0, ())
        folded = fold(seen(look.title, look.text))
        return grade(look.scores, self._model.thresholds, look.tokens, folded)

    def _look(self, title: str, text: str, *, placeless: bool) -> _Look:
        tokens = read_tokens(title, text)
        scores = self._model.score(tokens)
        if placeless:
            scores = without_place(scores)
        flags = find_flags(tokens, seen(title, text))
        return _Look(title, text, tokens, scores, flags, placeless)

    def _topics(self, scores: Scores) -> tuple[TopicScore, ...]:
        """Return the topics above their thresholds; the best alone where none is but one may."""
        ranked = scores.topics()
        limit = self._model.thresholds
        kept = [pair for pair in ranked if pair[1] >= limit[pair[0]]]
        if not kept and ranked[0][1] >= limit["best_topic"]:
            kept = ranked[:1]
        return tuple(TopicScore(topic, round(score, 4)) for topic, score in kept)

    def _is_issue(self, look: _Look) -> tuple[bool, list[Reason]]:
        """Decide by the model, but never for speech: words are no issue, a problem told is."""
        score, limits = look.scores.probability["is_issue"], self._model.thresholds
        likely = score >= limits["is_issue"] and len(look.tokens) > 0
        possible = likely or score > limits["hold_below"]
        if possible and (rule := self._only_words(look)):
            return False, [Reason("issue", "no", rule, 1.0)]
        value = "yes" if likely else "no"
        reasons = [Reason("issue", value, "model", round(score, 4))]
        if look.placeless:
            reasons.append(Reason("issue", "no", "no_place", -NO_PLACE))
        words = self._model.words(look.tokens, "is_issue") if likely else []
        reasons += [Reason("issue", value, "word", w.weight, w.start, w.end) for w in words]
        return likely, reasons

    def _only_words(self, look: _Look) -> str:
        """Return the rule by which no problem is told beside words or a protest, else nothing."""
        limits = self._model.thresholds
        if "speech" in look.flags.names:
            beside = beside_words(look.title, look.text, look.flags)
            left = read_tokens(*beside)
            rest = self._model.score(left)
            best, sure = rest.topics()[0]
            told = sure >= limits[best]
            if best in _WORDS_ONLY:
                told = tells_harm(left, seen(*beside))
            told = told and len(left) >= _FEWEST
            return "" if told and rest.probability["is_issue"] >= limits["is_issue"] else "speech"
        if "protest" in look.flags.names:
            told = any(n not in _WORDS_ONLY and sure >= _TOLD for n, sure in look.scores.topics())
            told = told or tells_harm(look.tokens, seen(look.title, look.text))
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


def without_place(scores: Scores) -> Scores:
    """Return the scores of an item that names no place in Viet Nam and has none by its source.

    Such an item is rarely a problem that an authority here could verify: the odds that
    it is an issue are divided by e to the power of `NO_PLACE`.
    """
    odds = scores.probability["is_issue"] / max(1 - scores.probability["is_issue"], 1e-9)
    less = odds * exp(-NO_PLACE)
    return Scores({**scores.probability, "is_issue": less / (1 + less)})


def read_tokens(title: str, text: str) -> Tokens:
    """Return the folded syllables of a title and a text."""
    return tokenise(fold(seen(title, text)), len(title))


def load_reader(gazetteer: Gazetteer, model: Path | None = None) -> Reader:
    """Return a reader on a map, with the model at `model` or the shipped one."""
    return Reader(load_model(model), PlaceFinder(gazetteer))
