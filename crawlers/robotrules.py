"""Read a robots.txt, which may be a trap, and keep of it what is said to us."""

from __future__ import annotations

from protego import Protego

from crawlers.cpu import CpuTimeExceededError, cpu_limit

#: Reading the largest honest file takes a tenth of a second.
CPU_SECONDS = 2.0


def our_rules(body: bytes, agent: str) -> Protego | None:
    """Return the rules for `agent` alone, or None where they cannot be read within the limit.

    A file of half a megabyte can name a thousand agents and give each of them ten thousand
    rules: to be read beside the downloads. What comes back is no larger than the file, and
    is matched in a time that grows with it times the length of the address, no faster.
    """
    try:
        with cpu_limit(CPU_SECONDS):
            whole = Protego.parse(body.decode("utf-8-sig", "ignore"))
            found = whole._get_matching_rule_set(agent)
    except (CpuTimeExceededError, Exception):  # noqa: BLE001 - strangers' bytes
        return None
    ours = Protego()
    if found is not None and found.user_agent is not None:
        found._parser_instance = ours  # let go of everybody else's
        ours._user_agents = {found.user_agent: found}
    return ours
