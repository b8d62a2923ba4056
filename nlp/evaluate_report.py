"""Put figures into a form for people: Markdown tables and a picture of the confusion."""

from __future__ import annotations

from collections.abc import Mapping

from nlp.evaluate import Figure, Figures
from nlp.topics import TOPICS

_NONE = "none"
_CELL, _LEFT, _TOP = 38, 150, 130


def markdown(figures: Figures) -> str:
    """Return the figures as Markdown tables."""
    lines = [f"{figures.items} items", "", *table("figure", figures.overall)]
    lines += ["", *table("topic (issues only), F1", figures.topics)]
    for name, part in figures.strata.items():
        lines += ["", *table(name, part)]
    lines += ["", "Main topic, label (rows) by reading (columns):", "", *_confusion(figures)]
    return "\n".join(lines) + "\n"


def table(head: str, figures: Mapping[str, Figure]) -> list[str]:
    """Return one table; what rests on nothing is left out."""
    rows = [
        f"| {name} | {f.value:.3f} | {f.low:.3f}–{f.high:.3f} | {f.count} |"
        for name, f in figures.items()
        if f.count
    ]
    return [f"| {head} | value | 95 % | on |", "|---|---|---|---|", *rows]


def _confusion(figures: Figures) -> list[str]:
    names = [*TOPICS, _NONE]
    rows = [
        f"| {label} | {' | '.join(str(figures.confusion[label].get(n, '')) for n in names)} |"
        for label in names
        if label in figures.confusion
    ]
    head = f"| | {' | '.join(name[:8] for name in names)} |"
    return [head, f"|{'---|' * (len(names) + 1)}", *rows]


def confusion_svg(figures: Figures) -> str:
    """Return the confusion of main topics as an SVG picture: the darker, the larger the share."""
    names = [*TOPICS, _NONE]
    size = _CELL * len(names)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + size + 20}" '
            f'height="{_TOP + size + 20}" font-family="sans-serif" font-size="12">'
        ),
        '<rect width="100%" height="100%" fill="white"/>',
        '<text x="10" y="20">rows: label; columns: reading (main topic, issues only)</text>',
    ]
    for at, name in enumerate(names):
        middle = at * _CELL + _CELL // 2
        parts.append(
            f'<text x="{_LEFT - 8}" y="{_TOP + middle + 4}" text-anchor="end">{name}</text>'
        )
        turned = f"translate({_LEFT + middle + 4} {_TOP - 8}) rotate(-60)"
        parts.append(f'<text transform="{turned}">{name}</text>')
    for row, label in enumerate(names):
        counts = figures.confusion.get(label, {})
        whole = sum(counts.values())
        for column, said in enumerate(names):
            parts += _cell(row, column, counts.get(said, 0), whole)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _cell(row: int, column: int, count: int, whole: int) -> list[str]:
    share = count / whole if whole else 0.0
    x, y = _LEFT + column * _CELL, _TOP + row * _CELL
    shade = round(255 - 190 * share)
    cell = (
        f'<rect x="{x}" y="{y}" width="{_CELL}" height="{_CELL}" stroke="#ccc" '
        f'fill="rgb({shade},{shade},255)"/>'
    )
    if not count:
        return [cell]
    colour = "white" if share > 0.6 else "black"
    middle = f'x="{x + _CELL // 2}" y="{y + _CELL // 2 + 4}"'
    return [cell, f'<text {middle} text-anchor="middle" fill="{colour}">{count}</text>']
