"""Measure the reader beside what a user would pick instead, in one run.

    python -m benchmarks.compare ../shared/corpus [--cross] [--ner 100] [--timed 30]

Beside it stand: keyword lists; TF-IDF with a linear SVM; words cut by underthesea's
`word_tokenize`, TF-IDF and logistic regression, both trained on the same labels in the
same five parts; for places the names that underthesea's NER finds, sentence by sentence.
Needs `pip install 'lang-nghe[bench]'` for underthesea, and says so where it is absent.
The shipped model has learnt the label file, so our own quality is measured with `--cross`
alone (twenty minutes and more); places are ruled, not learnt, and always measured.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer
from sklearn.svm import LinearSVC

from config.gazetteer import load_gazetteer
from nlp.evaluate import figure
from nlp.evaluate_measures import MEASURES
from nlp.evaluate_pairs import bare_name, pair_of
from nlp.normalise import clean, fold
from nlp.places import PlaceFinder
from nlp.reader import Reader, load_reader
from nlp.reading import Reading, TopicScore, Where
from nlp.topics import TOPICS
from nlp.training import cross, data
from nlp.training.data import Example
from nlp.training.split import folds

DAY = date(2026, 6, 1)
CUT = 2400
#: Labelled rows that the other models learn from where only their time counts.
LEARNT_FOR_COST = 120
SHOWN = ("is_issue F1", "topics micro-F1", "topics macro-F1", "main topic")
#: A short list for each topic, as somebody writes it in an hour.
KEYWORDS = {
    "waste": "rác thải|bãi rác|rác|đổ trộm|thu gom rác|chôn lấp|chất thải rắn|nhà vệ sinh công cộng",
    "pollution": "ô nhiễm|xả thải|nước thải|khói bụi|mùi hôi|hôi thối|cá chết|tiếng ồn|khí thải",
    "land_clearance": "giải phóng mặt bằng|bồi thường|tái định cư|thu hồi đất|cưỡng chế|đền bù|quy hoạch treo",
    "land_management": "tranh chấp đất|sổ đỏ|xây dựng trái phép|không phép|khai thác cát|lấn chiếm|phân lô|sổ hồng",
    "water_climate": "xâm nhập mặn|hạn mặn|ngập|lũ|triều cường|sạt lở|bão|hạn hán|vỡ đê|áp thấp",
    "infrastructure": "ùn tắc|kẹt xe|cầu yếu|hư hỏng|ổ gà|mất điện|nước sạch|chậm tiến độ|cầu đường|bến phà",
    "agriculture": "nông dân|lúa|dịch tả|cúm gia cầm|phân bón giả|mất mùa|rớt giá|chăn nuôi|thủy sản|rừng",
    "business": "doanh nghiệp|hàng giả|giá xăng|tiểu thương|thuế|buôn lậu|phá sản|thị trường",
    "health": "bệnh viện|ngộ độc|dịch bệnh|sốt xuất huyết|vắc xin|thực phẩm bẩn|bác sĩ|tiêm chủng",
    "education": "học sinh|trường học|học phí|giáo viên|lạm thu|bạo lực học đường|thi cử|tuyển sinh",
    "governance": "khiếu nại|tố cáo|tham nhũng|hối lộ|cán bộ|sai phạm|thanh tra|kiến nghị|kỷ luật",
    "safety": "tai nạn|cháy|trộm|cướp|giết|lừa đảo|ma túy|đuối nước|đánh bạc|công an điều tra",
    "welfare": "hộ nghèo|nợ lương|bảo hiểm xã hội|đình công|công nhân|thất nghiệp|trẻ mồ côi|từ thiện",
}
_LISTS = {topic: [fold(word) for word in words.split("|")] for topic, words in KEYWORDS.items()}
Said = list[tuple[bool, list[str]]]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--cross", action="store_true")
    parser.add_argument("--ner", type=int, default=100)
    parser.add_argument("--timed", type=int, default=30)
    asked = parser.parse_args()
    raw = list(data.rows(asked.corpus / "labelled.jsonl"))
    rows = data.labelled(asked.corpus / "labelled.jsonl")
    cutters = {"TF-IDF, linear SVM": (_folded, LinearSVC(C=0.3))}
    if find_spec("underthesea"):
        words = LogisticRegression(C=30, max_iter=300)
        cutters["underthesea words, TF-IDF, logistic regression"] = (_words, words)
    else:
        print("underthesea is not installed: pip install 'lang-nghe[bench]'\n")
    reader = load_reader(load_gazetteer(None))
    _costs(rows, reader, cutters, asked.timed)
    if find_spec("underthesea"):
        _places(raw, reader, asked.ner)
    _quality(asked, raw, rows, cutters)


def _quality(asked: Any, raw: list[Any], rows: list[Example], cutters: dict[str, Any]) -> None:
    said = {"keyword lists": [keywords(_folded(row)) for row in rows]}
    parts = folds(rows, "labelled", cross.PARTS, seed=1)
    for name, (cut, model) in cutters.items():
        said[name] = _crossed([cut(row) for row in rows], rows, parts, model)
    table = {name: [_reading(*one) for one in each] for name, each in said.items()}
    if asked.cross:
        finder = PlaceFinder(load_gazetteer(None))
        table["Lắng Nghe"] = cross.cross_validate(asked.corpus, finder).readings
    print(
        f"\n| {len(rows)} articles, five-fold | {' | '.join(SHOWN)} |\n|---|{'---|' * len(SHOWN)}"
    )
    for name, readings in table.items():
        pairs = [pair_of(row["gold"], one) for row, one in zip(raw, readings, strict=True)]
        print(f"| {name} | {' | '.join(_told(key, pairs) for key in SHOWN)} |")


def _told(key: str, pairs: Sequence[Any]) -> str:
    found = figure(MEASURES[key], pairs)
    return f"{found.value:.3f} ({found.low:.3f}–{found.high:.3f})"


def keywords(folded: str) -> tuple[bool, list[str]]:
    """Return whether lists of words call it an issue, and the topics whose words it has."""
    hits = {topic: sum(map(folded.count, words)) for topic, words in _LISTS.items()}
    topics = sorted((topic for topic in hits if hits[topic] > 1), key=lambda t: -hits[t])
    return bool(topics), topics[:3]


def _crossed(texts: list[str], rows: list[Example], parts: list[int], model: Any) -> Said:
    said: Said = [(False, [])] * len(rows)
    for part in range(cross.PARTS):
        learnt = [place for place, own in enumerate(parts) if own != part]
        tried = [place for place, own in enumerate(parts) if own == part]
        fitted = fit([texts[p] for p in learnt], [rows[p] for p in learnt], model)
        for place, one in zip(tried, fitted([texts[p] for p in tried]), strict=True):
            said[place] = one
    return said


def fit(texts: list[str], rows: list[Example], model: Any) -> Callable[[list[str]], Said]:
    """Train a linear model for issue and topics; return what reads texts with it."""
    names = MultiLabelBinarizer(classes=[*TOPICS, "issue"])
    truth = names.fit_transform([[*row.topics, *["issue"] * row.is_issue] for row in rows])
    pipeline = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, analyzer="word"),
        OneVsRestClassifier(model),
    ).fit(texts, truth)

    def read(given: list[str]) -> Said:
        scores = pipeline.decision_function(given)
        return [
            (
                bool(row[-1] > 0),
                [TOPICS[at] for at in (-row[:-1]).argsort() if row[at] > 0]
                or [TOPICS[row[:-1].argmax()]],
            )
            for row in scores
        ]

    return read


def _reading(is_issue: bool, topics: list[str]) -> Reading:
    scored = tuple(TopicScore(topic, 1.0) for topic in topics)
    return Reading("other", scored, is_issue, float(is_issue), 0, Where(), None)


def _folded(row: Example) -> str:
    return fold(f"{row.title}\n{row.text}")


def _words(row: Example) -> str:
    from underthesea import word_tokenize

    words: str = word_tokenize(f"{row.title}\n{row.text}", format="text").lower()
    return words


def _places(raw: list[Any], reader: Reader, most: int) -> None:
    """Print how often the province and the district of the problem are among the names found."""
    kept = [row for row in raw if row["gold"]["is_issue"] and row["gold"]["places"]][:most]
    ours, theirs = [[0, 0], [0, 0]], [[0, 0], [0, 0]]
    for row in kept:
        title, text = clean(row["title"]), clean(row["text"])
        pair = pair_of(row["gold"], reader.read(title, text, published=None, as_of=DAY))
        names = {bare_name(name) for name in locations(f"{title}\n{text}")}
        for level in (0, 1):
            wanted = {place[level] for place in pair.places} - {None}
            if wanted:
                ours[level][0] += pair.found(level)[1]
                theirs[level][0] += bool(wanted & names)
                ours[level][1] += 1
                theirs[level][1] += 1
    print(f"\n| places of {len(kept)} issues | province | district |\n|---|---|---|")
    for name, found in (
        ("Lắng Nghe: the problem's own, at most four", ours),
        ("underthesea NER: any name in the text", theirs),
    ):
        print(f"| {name} | {' | '.join(f'{a / max(b, 1):.3f} of {b}' for a, b in found)} |")


def locations(text: str) -> list[str]:
    """Return the names of places that underthesea's NER finds, sentence by sentence."""
    from underthesea import ner, sent_tokenize

    found: list[str] = []
    for sentence in sent_tokenize(text):
        for word, _, _, tag in ner(sentence):
            if tag == "B-LOC" or (tag == "I-LOC" and not found):
                found.append(word)
            elif tag == "I-LOC":
                found[-1] += f" {word}"
    return found


def _per_sentence(text: str) -> None:
    from underthesea import ner, sent_tokenize, word_tokenize

    for sentence in sent_tokenize(text):
        word_tokenize(sentence)
        ner(sentence)


def _costs(rows: list[Example], reader: Reader, cutters: dict[str, Any], timed: int) -> None:
    """Print milliseconds an article of 2,400 characters, each article through all in turn."""
    long = [row for row in rows if len(row.title) + len(row.text) >= CUT]
    long = [_cut(row) for row in long[: timed + 3]]
    ways: dict[str, Callable[[Example], object]] = {
        "Lắng Nghe, places and reasons and all": lambda row: reader.read(
            row.title, row.text, published=None, as_of=DAY
        ),
        "keyword lists": lambda row: keywords(_folded(row)),
    }
    for name, (cut, model) in cutters.items():
        fitted = fit([cut(row) for row in rows[:LEARNT_FOR_COST]], rows[:LEARNT_FOR_COST], model)
        ways[name] = lambda row, cut=cut, fitted=fitted: fitted([cut(row)])
    if find_spec("underthesea"):
        ways["underthesea word_tokenize and NER per sentence"] = lambda row: _per_sentence(
            f"{row.title}\n{row.text}"
        )
    spent = dict.fromkeys(ways, 0.0)
    for number, row in enumerate(long):
        for name, way in ways.items():
            started = time.process_time()
            way(row)
            if number >= 3:  # the first load models and fill caches
                spent[name] += time.process_time() - started
    ours = next(iter(spent.values()))
    print(f"| cost, {CUT} characters | ms an article | × ours |\n|---|---|---|")
    for name, seconds in spent.items():
        print(f"| {name} | {1000 * seconds / (len(long) - 3):.2f} | {seconds / ours:.2f} |")


def _cut(row: Example) -> Example:
    text = row.text[: CUT - len(row.title)]
    return Example(row.id, row.title, text, row.topics, row.is_issue, row.severity, row.origin)


if __name__ == "__main__":
    main()
