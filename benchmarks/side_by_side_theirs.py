"""The other side of `benchmarks.side_by_side`: newspaper4k, underthesea, scikit-learn, ORM rows."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Watch(Protocol):
    """Where the time of each stage goes."""

    def of(self, name: str) -> AbstractContextManager[None]:
        """Time a block."""
        ...

    def ended(self) -> None:
        """Close an article."""
        ...


class _Base(DeclarativeBase):
    pass


class _Row(_Base):
    __tablename__ = "article"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    issue: Mapped[bool]
    topics: Mapped[str]
    places: Mapped[str]


class Theirs:
    """The pipeline, its models learnt from the label file."""

    def __init__(self, rows: list[dict[str, Any]], file: Path) -> None:
        import newspaper
        import underthesea

        self._newspaper, self._vn = newspaper, underthesea
        texts = [self._words(f"{row['title']}\n{row['text']}") for row in rows]
        self._issue = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10, max_iter=1000))
        self._issue.fit(texts, [bool(row["gold"]["is_issue"]) for row in rows])
        self._names = MultiLabelBinarizer()
        topics = self._names.fit_transform([row["gold"]["topics"] for row in rows])
        each = OneVsRestClassifier(LogisticRegression(C=10, max_iter=1000))
        self._topics = make_pipeline(TfidfVectorizer(), each)
        self._topics.fit(texts, topics)
        self._engine = create_engine(f"sqlite:///{file}")
        _Base.metadata.create_all(self._engine)

    def take(
        self, url: str, title: str, text: str, html: bytes, spent: Watch, *, names: bool
    ) -> None:
        """Take one article from page or text to a committed row."""
        if html:
            with spent.of("extract"):
                article = self._newspaper.Article(url, language="vi", fetch_images=False)
                article.download(input_html=html.decode("utf-8", "replace"))
                article.parse()
                title, text = article.title, article.text
        with spent.of("names of places and people"):
            found = [
                entity
                for sentence in self._vn.sent_tokenize(text)
                for entity in self._vn.ner(sentence)
            ]
            places = {word for word, _, _, kind in found if kind.endswith("LOC")}
        if names:
            with spent.of("mask"):
                for word in {word for word, _, _, kind in found if kind.endswith("PER")}:
                    title, text = title.replace(word, "[tên]"), text.replace(word, "[tên]")
        with spent.of("read"):
            words = self._words(f"{title}\n{text}")
            issue = bool(self._issue.predict([words])[0])
            (topics,) = self._names.inverse_transform(self._topics.predict([words]))
        with spent.of("store"), Session(self._engine) as session:
            told = {"topics": ",".join(topics), "places": ",".join(sorted(places))}
            session.add(_Row(url=url, title=title, text=text, issue=issue, **told))
            session.commit()
        spent.ended()

    def _words(self, text: str) -> str:
        return str(self._vn.word_tokenize(text, format="text"))
