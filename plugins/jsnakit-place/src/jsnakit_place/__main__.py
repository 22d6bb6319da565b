"""`python -m jsnakit_place layout FILE [--year YEAR] [--layouts FOLDER] [--out FOLDER]`: drafts a layout from a new file, and shows what it could not place.

Exits with 0 where the file is read already or the draft places every heading, with 1 where a person must place some, with 2 where the file is no table.
`python -m jsnakit_place columns` lists the columns and every heading they are known by.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from jsnakit.errors import JsnakitError
from jsnakit.files import SourceFile
from jsnakit_place.draft import Draft, described, draft
from jsnakit_place.layouts import columns, register

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m jsnakit_place", description="Layouts of PLACE and PEAT files.")
    commands = parser.add_subparsers(dest="command", required=True)
    layout = commands.add_parser("layout", help="draft a layout from a new workbook or CSV file")
    layout.add_argument("file", type=Path)
    layout.add_argument("--year", type=int, help="the year of the assessments, where the file does not say it")
    layout.add_argument("--layouts", type=Path, help="a folder of layouts of your own, beside those of the package")
    layout.add_argument("--out", type=Path, help="write each draft into this folder instead of printing it")
    commands.add_parser("columns", help="list the columns and their known headings")
    given = parser.parse_args(arguments)
    if given.command == "columns":
        sys.stdout.write("".join(f"{described(c)}\n" for c in columns().values()))
        return 0
    try:
        made, left = draft(SourceFile.from_path(given.file), register(given.layouts), year=given.year)
    except JsnakitError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for one in made:
        _tell(one, given.out)
    for sheet in left:
        sys.stderr.write(f"{sheet}: no table recognised\n")
    return 0 if made and all(one.reads for one in made) else 1 if made else 2


def _tell(one: Draft, out: Path | None) -> None:
    """One draft, where it was asked for, and what it lacks, to the person."""
    if one.known_as is not None:
        sys.stderr.write(f"{one.where}: read by layout {one.known_as} already\n")
        return
    if out is None:
        sys.stdout.write(one.toml)
    else:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{one.id}.toml").write_text(one.toml, encoding="utf-8")
    sys.stderr.write(
        f"{one.where}: drafted as {one.id}" + ("" if one.reads else "; not yet ready: name the year and the columns that hold scores") + "\n"
    )
    for heading, samples, perhaps in one.unplaced:
        asked = f"; is it {perhaps}?" if perhaps else ""
        sys.stderr.write(f"  could not place {heading!r} (cells: {', '.join(samples) or 'none'}){asked}\n")


if __name__ == "__main__":
    raise SystemExit(main())
