"""What `jsnakit new` writes: `jsna.toml` and four chapters, ready to build from the sample pack."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Final

from jsnakit.errors import InvalidValueError, SettingsError
from jsnakit.model import Area

__all__ = ["CHAPTERS", "new_project"]

CHAPTERS: Final = ("01-health-and-wellbeing.md", "02-waiting-for-treatment.md", "03-place.md", "04-health-profile.md")
"""The chapter files of a new project."""

_SETTINGS = """\
[jsna]
area = {area}            # {name}
area_type = {area_type}
title = "Joint Strategic Needs Assessment"
council = {council}
edition = {edition}
packs = {packs}               # ready-made figures; delete a line to read the publishers' latest instead
plugins = []                     # plugins whose targets are used as well

[store]
offline = false
"""


def new_project(
    folder: Path | str, area: Area, *, edition: str, council: str | None = None, packs: tuple[str, ...] = ("sample",)
) -> tuple[Path, ...]:
    """Write a project for `area` into `folder`, and return the files written. `edition` is a month (`2026-11`).

    Raises `SettingsError` if the folder holds anything already, `InvalidValueError` if the edition is not a month.
    """
    from jsnakit.model import Period

    if Period.parse(edition).duration != "P1M":
        raise InvalidValueError(f"{edition!r} is not an edition", hint="an edition is a month: 2026-11", value=edition)
    target = Path(folder)
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise SettingsError(
                f"{target} is not an empty folder", hint="choose a folder that does not exist yet; nothing was written", file=str(target)
            )
        (target / "chapters").mkdir(parents=True, exist_ok=True)
        written = [_write(target / "jsna.toml", _settings(area, edition, council if council is not None else f"{area.name} Council", packs))]
        package = resources.files(__package__)
        for name in CHAPTERS:
            written.append(_write(target / "chapters" / name, package.joinpath("chapters", name).read_text(encoding="utf-8")))
    except OSError as error:
        raise SettingsError(f"{target} cannot be written: {error.strerror}", hint="choose another folder", file=str(target)) from error
    return tuple(written)


def _settings(area: Area, edition: str, council: str, packs: tuple[str, ...]) -> str:
    # JSON strings and lists are TOML strings and lists.
    def quoted(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    # A comment may hold no control character, and ends with its line.
    name = "".join(c if c.isprintable() else " " for c in area.name)
    return _SETTINGS.format(
        area=quoted(area.code), name=name, area_type=quoted(area.type), council=quoted(council), edition=quoted(edition), packs=quoted(list(packs))
    )


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
