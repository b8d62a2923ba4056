"""Measure masking: planted personal data found, officials and places kept, time per article.

Run from the project's root: `python -m benchmarks.mask [FILE] [--misses]`. FILE is JSONL
with text, hide (must vanish), keep (must stay) and form.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections import defaultdict
from pathlib import Path

from config.gazetteer import load_gazetteer
from nlp.mask import Masker

PLANTED = Path(__file__).parent.parent / "tests" / "nlp" / "data" / "pii.jsonl"


def main() -> None:
    """Print recall and wrong masks of each form of writing, then the time of a long text."""
    files = [Path(name) for name in sys.argv[1:] if not name.startswith("--")]
    rows = [json.loads(line) for line in (files or [PLANTED])[0].read_text().splitlines()]
    masker = Masker(load_gazetteer(None))
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row in rows:
        text = masker.mask("", row["text"]).text
        hidden = [not _stands(secret, text) for secret in row["hide"]]
        kept = [name in text for name in row["keep"]]
        for form in (row["form"], "all"):
            for at, value in enumerate(
                (sum(hidden), len(hidden), len(kept) - sum(kept), len(kept))
            ):
                found[form][at] += value
        if "--misses" in sys.argv and not all(hidden + kept):
            print(row["id"], row["text"], "->", text)
    for form, (hid, hide, lost, keep) in found.items():
        print(
            f"{form:11} recall {hid}/{hide} = {hid / max(1, hide):.3f}, "
            f"masked wrongly {lost}/{keep} = {lost / max(1, keep):.3f}"
        )
    _speed(masker, [row["text"] for row in rows if row["form"] == "accented"])


def _stands(secret: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", text) is not None


def _speed(masker: Masker, texts: list[str]) -> None:
    article = ". ".join(texts)
    pieces = [article[at : at + 2400] for at in range(0, len(article) - 2400, 400)]
    if not pieces:
        return
    began = time.process_time()
    for piece in pieces:
        masker.mask("", piece)
    spent = (time.process_time() - began) / len(pieces)
    began = time.process_time()
    for piece in pieces:
        masker.mask("", piece, names=False)
    bare = (time.process_time() - began) / len(pieces)
    print(
        f"2,400 characters full of names: {spent * 1000:.1f} ms; numbers only {bare * 1000:.1f} ms"
    )


if __name__ == "__main__":
    main()
