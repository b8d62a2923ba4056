"""Whether a new model may take the place of an old one: decided by figures, told in words.

The rule: on items that neither model learnt from, no figure of the new model may be worse
than the better of the model in use and the shipped one, by more than what `ITEMS` items can
do (for kappa, which one grave error moves further, by twice that; for none by less than
`LEAST`). A figure on fewer than `ENOUGH` items is shown and does not decide. The shipped
model stands in the comparison so that many small losses cannot add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

ENOUGH = 20
ITEMS = 2
LEAST = 0.01
#: What decides, with how far one item can move it, in items.
FIGURES: Mapping[str, int] = {"is_issue F1": 1, "topics micro-F1": 1, "severity kappa": 2}


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure of one model on one held-out set, and on how many items it rests."""

    value: float
    count: int


#: Figures by held-out set, then by name.
Measures = Mapping[str, Mapping[str, Measured]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure of both models. `margin` is None where there are too few items to decide."""

    held_out: str
    figure: str
    shipped: float
    old: float
    new: float
    count: int
    margin: float | None

    @property
    def worse(self) -> bool:
        """Whether the new model loses more here than it may."""
        return self.margin is not None and self.new < max(self.old, self.shipped) - self.margin


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the new model is taken, why in Vietnamese, and every figure."""

    promote: bool
    why: str
    differences: tuple[Difference, ...]


def decide(shipped: Measures, old: Measures, new: Measures) -> Decision:
    """Compare three models measured on the same sets."""
    found = tuple(_differences(shipped, old, new))
    worse = [one for one in found if one.worse]
    if worse:
        told = "; ".join(
            f"{one.figure} ({one.held_out}) {one.new:.3f}, trước {max(one.old, one.shipped):.3f}"
            for one in worse
        )
        return Decision(False, f"Kém hơn trên phần giữ lại: {told}", found)
    return Decision(True, "Không kém hơn trên phần giữ lại", found)


def table(differences: Sequence[Difference]) -> str:
    """Return the figures as a table in plain text."""
    head = ("held-out", "figure", "shipped", "in use", "new", "change", "margin", "items", "")
    rows = [
        (
            one.held_out,
            one.figure,
            f"{one.shipped:.3f}",
            f"{one.old:.3f}",
            f"{one.new:.3f}",
            f"{one.new - one.old:+.3f}",
            "-" if one.margin is None else f"{one.margin:.3f}",
            str(one.count),
            _mark(one),
        )
        for one in differences
    ]
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    )


def _differences(shipped: Measures, old: Measures, new: Measures) -> Iterator[Difference]:
    for held_out, figures in new.items():
        for name, reach in FIGURES.items():
            if name in figures:
                count = figures[name].count
                margin = max(LEAST, reach * ITEMS / count) if count >= ENOUGH else None
                yield Difference(
                    held_out,
                    name,
                    shipped[held_out][name].value,
                    old[held_out][name].value,
                    figures[name].value,
                    count,
                    margin,
                )


def _mark(one: Difference) -> str:
    if one.margin is None:
        return "too few"
    return "worse" if one.worse else ""
