"""When a new model may take the place of the old one."""

from __future__ import annotations

import pytest

from langnghe.promotion import ENOUGH, Measured, decide, table

F1, TOPICS, KAPPA = "is_issue F1", "topics micro-F1", "severity kappa"


def measures(value: float, count: int = 100, **over: float) -> dict[str, dict[str, Measured]]:
    names = {"f1": F1, "topics": TOPICS, "kappa": KAPPA}
    found = dict.fromkeys((F1, TOPICS, KAPPA), value) | {names[k]: v for k, v in over.items()}
    return {"own": {name: Measured(one, count) for name, one in found.items()}}


@pytest.mark.parametrize(
    ("new", "promoted"),
    [
        (measures(0.80), True),
        (measures(0.90), True),
        (measures(0.80, f1=0.781), True),  # two items of a hundred
        (measures(0.80, f1=0.779), False),
        (measures(0.80, topics=0.779), False),
        (measures(0.80, kappa=0.761), True),
        (measures(0.80, kappa=0.759), False),
        (measures(0.99, f1=0.70), False),  # a gain elsewhere buys nothing
    ],
)
def test_no_figure_may_fall_by_more_than_its_margin(
    new: dict[str, dict[str, Measured]], promoted: bool
) -> None:
    old = measures(0.80)

    decision = decide(old, old, new)

    assert decision.promote is promoted
    assert any(one.worse for one in decision.differences) is not promoted


def test_many_items_leave_a_least_margin() -> None:
    old = measures(0.80, count=10_000)

    assert decide(old, old, measures(0.791, count=10_000)).promote
    assert not decide(old, old, measures(0.789, count=10_000)).promote


def test_too_few_items_are_shown_and_do_not_decide() -> None:
    old, new = measures(0.9, count=ENOUGH - 1), measures(0.1, count=ENOUGH - 1)

    decision = decide(old, old, new)

    assert decision.promote
    assert [one.margin for one in decision.differences] == [None] * 3
    assert table(decision.differences).count("too few") == 3


def test_small_losses_do_not_add_up_against_the_shipped_model() -> None:
    shipped, old, new = measures(0.80), measures(0.785), measures(0.77)

    assert decide(old, old, new).promote
    assert not decide(shipped, old, new).promote


def test_the_words_name_what_is_worse_and_the_table_every_figure() -> None:
    old = measures(0.80)

    decision = decide(old, old, measures(0.80, f1=0.5))

    assert decision.why == f"Kém hơn trên phần giữ lại: {F1} (own) 0.500, trước 0.800"
    lines = table(decision.differences).splitlines()
    assert len(lines) == 4
    assert lines[1].split()[-1] == "worse"
