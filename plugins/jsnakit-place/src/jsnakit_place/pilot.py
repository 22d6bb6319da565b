"""The pilot of October 2012, before PLACE replaced PEAT: which hospitals, and the rule that was new."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from importlib import resources

from attrs import frozen

from jsnakit.settings import structure

__all__ = ["Pilot", "PilotHospital", "pilot"]


@frozen
class PilotHospital:
    """A hospital of the pilot, with its trust or company, both as listed at the time. No code is given, so neither is joined to a site."""

    trust_as_listed: str
    hospital_as_listed: str


@frozen(kw_only=True)
class Pilot:
    """When the pilot was, its rule for teams (`patients_over` is the share that patients had to exceed), how many hospitals the list has (`listed`) and says it has (`said`)."""

    start: dt.date
    end: dt.date
    rule: str
    patients_over: float
    listed: int
    said: int
    note: str
    hospitals: tuple[PilotHospital, ...] = ()

    def allows(self, patients: int, team: int) -> bool:
        """Whether a team kept to the rule: more than half were patients. Half is not more than half.

        >>> pilot().allows(3, 5), pilot().allows(2, 4)
        (True, False)
        """
        return team > 0 and patients > self.patients_over * team


@functools.cache
def pilot() -> Pilot:
    """The pilot of 1 to 12 October 2012.

    >>> len(pilot().hospitals), pilot().said
    (69, 68)
    """
    here = resources.files(__package__)
    table = tomllib.loads(here.joinpath("pilot.toml").read_text(encoding="utf-8"))
    rows = [{"trust_as_listed": trust, "hospital_as_listed": hospital} for trust, hospitals in table["hospitals"].items() for hospital in hospitals]
    return structure({**table, "hospitals": rows}, Pilot, where="pilot.toml")
