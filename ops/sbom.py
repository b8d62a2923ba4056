"""Write what is installed for running the program as a CycloneDX SBOM, and check it.

    python ops/sbom.py sbom.json

It is checked as CycloneDX, against `constraints.txt` (each version that is installed is the
pinned one, on every supported Python everything is pinned), and against `ops/licences.toml`.
The file is written in any case; each problem is a line on stderr, and then the status is 1.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from license_expression import (
    AND,
    OR,
    ExpressionError,
    LicenseExpression,
    get_spdx_licensing,
)
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
#: What is installed for running: the program, and the extra for several machines.
PROGRAM, EXTRAS = "lang-nghe", ("cluster",)
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"

Bom = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Licences:
    """`ops/licences.toml`: SPDX names, what else is called so, and (licence, reason) by package."""

    accepted: frozenset[str]
    names: dict[str, str]
    exceptions: dict[str, tuple[str, str]]


def plain(name: str) -> str:
    """Return the normalised name of a package: `zope.interface` is `zope-interface`."""
    return str(canonicalize_name(name))


def load_licences(path: Path) -> Licences:
    """Read the list of accepted licences. Raises `KeyError` where an exception has no reason."""
    found = tomllib.loads(path.read_text("utf-8"))
    exceptions = {
        plain(name): (one["licence"], one["reason"]) for name, one in found["exceptions"].items()
    }
    return Licences(frozenset(found["accepted"]), found["names"], exceptions)


def pins(path: Path) -> dict[str, str]:
    """Return the pinned version of each package, by its normalised name."""
    lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
    pinned = [line.partition("==") for line in lines if line and not line.startswith("#")]
    return {plain(name): version for name, _, version in pinned}


def needed(pythons: Collection[str]) -> set[str]:
    """Return the normalised names of all that running needs on any of these Pythons.

    What an installed package asks for is followed; of one that is not installed here (it
    may be for another Python) only the name is known.
    """
    environments = [
        {**default_environment(), "python_version": one, "python_full_version": f"{one}.0"}
        for one in pythons
    ]
    todo: list[tuple[str, tuple[str, ...]]] = [(PROGRAM, EXTRAS)]
    seen = set[tuple[str, tuple[str, ...]]]()
    while todo:
        name, extras = one = todo.pop()
        if one in seen:
            continue
        seen.add(one)
        todo.extend(
            (plain(wanted.name), tuple(sorted(wanted.extras)))
            for wanted in _requirements(name)
            if any(_holds(wanted, environment, extras) for environment in environments)
        )
    return {name for name, _ in seen} - {PROGRAM}


def _requirements(name: str) -> list[Requirement]:
    try:
        return [Requirement(line) for line in distribution(name).requires or ()]
    except PackageNotFoundError:
        return []


def _holds(wanted: Requirement, environment: Any, extras: tuple[str, ...]) -> bool:
    marker = wanted.marker
    return marker is None or any(
        marker.evaluate({**environment, "extra": extra}) for extra in ("", *extras)
    )


def make(names: Collection[str]) -> Bom:
    """Return the SBOM of this environment, with only the packages `names` in it."""
    call = [sys.executable, "-m", "cyclonedx_py", "environment"]
    options = ["--pyproject", str(ROOT / "pyproject.toml"), "--of", "JSON"]
    ran = subprocess.run([*call, *options, sys.executable], check=True, stdout=subprocess.PIPE)
    return only(json.loads(ran.stdout), names)


def only(bom: Bom, names: Collection[str]) -> Bom:
    """Return an SBOM without the components, and what depends on them, that are not `names`."""
    kept = [one for one in bom["components"] if plain(one["name"]) in names]
    refs = {one["bom-ref"] for one in kept} | {bom["metadata"]["component"]["bom-ref"]}
    depends = [
        {**one, "dependsOn": [ref for ref in one.get("dependsOn", ()) if ref in refs]}
        for one in bom["dependencies"]
        if one["ref"] in refs
    ]
    return {**bom, "components": kept, "dependencies": depends}


def problems(
    bom: Bom,
    here: Collection[str],
    everywhere: Collection[str],
    pinned: dict[str, str],
    licences: Licences,
) -> Iterator[str]:
    """Yield what is wrong with an SBOM, a sentence each."""
    fault = JsonStrictValidator(SchemaVersion.from_version(bom["specVersion"])).validate_str(
        json.dumps(bom)
    )
    if fault is not None:
        yield f"not valid CycloneDX: {str(fault)[:300]}"
    found = {plain(one["name"]): one for one in bom["components"]}
    yield from (f"{name}: needed for running, but not installed" for name in _missing(here, found))
    yield from (f"{name}: not pinned in constraints.txt" for name in _missing(everywhere, pinned))
    for name, one in sorted(found.items()):
        if name in pinned and one["version"] != pinned[name]:
            yield f"{name}: {one['version']} is installed, constraints.txt has {pinned[name]}"
        if said := licence_problem(name, told(one), licences):
            yield said
    for name in _missing(licences.exceptions, found):
        yield f"{name}: has an exception in licences.toml, but is not needed for running"


def _missing(wanted: Collection[str], found: Collection[str]) -> list[str]:
    return sorted(set(wanted) - set(found))


def told(component: dict[str, Any]) -> list[str]:
    """Return the licences that a component tells: SPDX expressions, names, classifiers."""
    entries = component.get("licenses", ())
    return [
        one.get("expression") or one["license"].get("id") or one["license"]["name"]
        for one in entries
    ]


def licence_problem(name: str, licences: list[str], known: Licences) -> str | None:
    """Return why a package may not be used, or None. All that it tells must be accepted."""
    licences = list(dict.fromkeys(known.names.get(one, one) for one in licences))
    if name in known.exceptions:
        allowed, _ = known.exceptions[name]
        if " AND ".join(licences) == allowed:
            return None
        return f"{name}: the exception is for {allowed or 'no licence'}, it has {licences}"
    if not licences:
        return f"{name}: its metadata tells no licence"
    unknown = [one for one in licences if not _accepted(one, known.accepted)]
    return f"{name}: {'; '.join(unknown)} is not in ops/licences.toml" if unknown else None


def _accepted(expression: str, accepted: frozenset[str]) -> bool:
    """Say whether an SPDX expression can be met with accepted licences alone."""
    try:
        parsed = get_spdx_licensing().parse(expression)
    except ExpressionError:
        return False
    return parsed is not None and _met(parsed, accepted)


def _met(expression: LicenseExpression, accepted: frozenset[str]) -> bool:
    if isinstance(expression, OR):
        return any(_met(one, accepted) for one in expression.args)
    if isinstance(expression, AND):
        return all(_met(one, accepted) for one in expression.args)
    return str(expression) in accepted


def main() -> int:
    """Write the file, tell the problems, and return the status."""
    out = Path(sys.argv[1])
    here, everywhere = needed([HERE]), needed(PYTHONS)
    bom = make(here)
    out.write_text(json.dumps(bom, ensure_ascii=False, indent=1) + "\n", "utf-8")
    licences = load_licences(ROOT / "ops" / "licences.toml")
    wrong = list(problems(bom, here, everywhere, pins(ROOT / "constraints.txt"), licences))
    for line in wrong:
        sys.stderr.write(f"sbom: {line}\n")
    sys.stderr.write(f"sbom: {out}: {len(bom['components'])} packages, {len(wrong)} problems\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
