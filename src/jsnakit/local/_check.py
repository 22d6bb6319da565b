"""What the folder of local figures holds, file by file, with the faults of each: one broken file does not hide the others."""

from __future__ import annotations

from attrs import frozen

from jsnakit.errors import JsnakitError
from jsnakit.local._areas import read_areas
from jsnakit.local._describe import AREAS_FILE, DATA_SUFFIXES, FOLDER, Described, described, descriptions
from jsnakit.local._source import LocalFigures

__all__ = ["Checked", "check_folder"]


@frozen(kw_only=True)
class Checked:
    """One indicator of one file, or a file with a fault."""

    file: str
    indicator: str | None = None
    area_types: str | None = None
    periods: str | None = None
    rows: int | None = None
    withheld: int | None = None
    small_numbers: str | None = None
    fault: str | None = None


def check_folder(source: LocalFigures) -> tuple[Checked, ...]:
    """Every file of the folder: what its figures are, or why it cannot be read; a data file that nothing describes is a fault too."""
    found: list[Checked] = []
    ones: list[Described] = []
    try:
        areas = read_areas(source.folder)
    except JsnakitError as error:
        return (Checked(file=f"{FOLDER}/{AREAS_FILE}", fault=_line(error)),)
    for path in sorted(source.folder.glob("*.toml")):
        if path.name == AREAS_FILE:
            continue
        try:
            ones.append(described(path))
        except JsnakitError as error:
            found.append(Checked(file=f"{FOLDER}/{path.name}", fault=_line(error)))
    if len(ones) > 1 and not found:
        try:
            descriptions(source.folder)
        except JsnakitError as error:
            found.append(Checked(file=f"{FOLDER}/", fault=_line(error)))
    reader = LocalFigures(source.folder)
    reader.__dict__["areas"] = areas
    for one in ones:
        try:
            table = reader.figures(one)
        except JsnakitError as error:
            found.append(Checked(file=one.name, fault=_line(error)))
            continue
        small = one.small_numbers
        rule = f"raw, below {small.below}" if small.raw else "published"
        for indicator in one.indicators:
            rows = [
                r for r in table.select(["indicator", "area_type", "period_start", "period", "status"]).to_pylist() if r["indicator"] == indicator.id
            ]
            periods = [r["period"] for r in sorted(rows, key=lambda r: r["period_start"])]
            span = " to ".join(dict.fromkeys((periods[0], periods[-1]))) if periods else None
            found.append(
                Checked(
                    file=one.name, indicator=indicator.id, area_types=" ".join(sorted({r["area_type"] for r in rows})), periods=span, rows=len(rows),
                    withheld=sum(r["status"] == "suppressed" for r in rows), small_numbers=rule,
                )
            )  # fmt: skip
    known = {one.data.name for one in ones}
    broken = {c.file.rpartition("/")[2].rpartition(".")[0] for c in found if c.fault}
    for path in sorted(source.folder.iterdir()):
        if path.suffix.lower() in DATA_SUFFIXES and path.name not in known and path.stem not in broken and not path.name.startswith(("~$", ".")):
            found.append(
                Checked(file=f"{FOLDER}/{path.name}", fault=f"no TOML describes it: `jsnakit local draft {FOLDER}/{path.name} --write` drafts one")
            )
    return tuple(found)


def _line(error: JsnakitError) -> str:
    return str(error).replace("\n", " ")
