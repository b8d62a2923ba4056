"""Every page of the console with the role that opens it, for tests that go through all."""

from __future__ import annotations

from console_scene import Scene, unit_id

from langnghe.accounts import Role
from storage.cases import get


def pages(made: Scene) -> list[tuple[str, str, Role]]:
    """Return (name for a picture, address, who opens it) of every page."""
    waits, answered = made.cases[0], made.cases[3]
    with made.app.views() as session:
        found = get(session, answered)
    assert found is not None
    return [
        ("hom-nay", "/hom-nay", Role.LEAD),
        ("hang-doi", "/hang-doi", Role.LEAD),
        ("nghi-ngo", "/hang-doi?xem=nghi-ngo", Role.LEAD),
        ("vu-viec", "/vu-viec", Role.LEAD),
        ("mot-vu-viec", f"/vu-viec/{waits}", Role.LEAD),
        ("vu-viec-tra-loi", f"/vu-viec/{answered}", Role.LEAD),
        ("vi-sao", f"/vu-viec/{answered}/vi-sao", Role.LEAD),
        ("tin", "/tin/1", Role.LEAD),
        ("su-viec", f"/su-viec/{found.brief.event_id}", Role.LEAD),
        ("ban-do", "/ban-do", Role.LEAD),
        ("xu-huong", "/xu-huong", Role.LEAD),
        ("tim-kiem", "/tim-kiem?q=bai+rac", Role.LEAD),
        ("don-vi", "/don-vi", Role.LEAD),
        ("mot-don-vi", f"/don-vi/{unit_id('an-hiep')}", Role.LEAD),
        ("nhat-ky", "/nhat-ky", Role.LEAD),
        ("cai-dat", "/cai-dat", Role.LEAD),
        ("nguon-tin", "/nguon-tin", Role.OPERATOR),
        ("nguoi-dung", "/nguoi-dung", Role.ADMIN),
        ("don-vi-cua-toi", "/don-vi-cua-toi", Role.UNIT),
        ("mot-vu-cua-don-vi", f"/don-vi-cua-toi/{made.cases[7]}", Role.UNIT),
    ]
