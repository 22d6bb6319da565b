"""Where hospitals are."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from jsnakit.geography._links import predecessors, successors
from jsnakit.geography._tables import Site, sites

__all__ = ["current_sites", "main_site", "position"]

_HOSPITAL: Final = re.compile(r"\b(hospitals?|infirmary|royal)\b", re.IGNORECASE)
_PART: Final = re.compile(
    r"\b(community|children'?s?|cottage|dental|day|eye|maternity|women'?s?|birth|mental|unit|ward|clinic|screening|programme|rehabilitation"
    r"|hospice|outpatients?|treatment centre|health centre|polyclinic|service|services)\b",
    re.IGNORECASE,
)


@functools.cache
def _by_parent() -> Mapping[str, tuple[Site, ...]]:
    found: dict[str, list[Site]] = defaultdict(list)
    for site in sites().values():
        found[site.trust].append(site)
    return {trust: tuple(held) for trust, held in found.items()}


def current_sites(trust_code: str) -> tuple[Site, ...]:
    """The hospital sites of a trust or other organisation, and of those that became part of it, ordered by code.

    The list is of about November 2019, so a merger since then is followed through `predecessors`. A predecessor that was split between several heirs gives its sites to none of
    them, since nobody states which went where. Sites without a position are in the list, with None. An organisation without a site gives an empty tuple.

    >>> [s.name for s in current_sites("RXL")][:2]
    ['Blackpool Victoria Hospital', 'Clifton Hospital']
    """
    code = trust_code.strip().upper()
    before = [step.from_area.code for step in predecessors(code)]
    whole = [old for old in before if len({s.to_area.code for s in successors(old) if s.from_area.code == old}) == 1]
    found = {site.code: site for organisation in (code, *whole) for site in _by_parent().get(organisation, ())}
    return tuple(found[key] for key in sorted(found))


def main_site(trust_code: str) -> Site | None:
    """The site that stands for a trust on a map, or None where none has a position.

    A mark for the reader's eye and not an official designation. Among the sites with a position, in this order: one at the trust's registered address (the same postcode, or
    named in it); one not named as a part or a lesser kind of hospital (community, cottage, dental, eye, day, clinic ...); one called a hospital or infirmary, where none is at that
    address; the trust's own before a predecessor's; one that the NHS website lists as of the NHS sector; the lowest site code.

    >>> main_site("RXL").name, main_site("R0D").name
    ('Blackpool Victoria Hospital', 'Poole Hospital')
    """
    code = trust_code.strip().upper()
    placed = [site for site in current_sites(code) if site.position is not None]
    return min(placed, key=lambda site: _standing(site, code), default=None)


def _standing(site: Site, trust: str) -> tuple[bool, bool, bool, bool, bool, str]:
    home = trust in site.headquarters
    named = home or bool(_HOSPITAL.search(site.name))
    return (not home, bool(_PART.search(site.name)), not named, site.trust != trust, site.sector != "nhs", site.code)


def position(org_code: str) -> tuple[float, float] | None:
    """Eastings and northings in metres (EPSG:27700) of a site, or of an organisation's main site; None where no position is known.

    The codes of many independent hospitals are site codes themselves.

    >>> position("ZZZZZ") is None
    True
    """
    site = sites().get(org_code.strip().upper()) or main_site(org_code)
    return None if site is None else site.position
