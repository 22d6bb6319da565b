"""The command line as it is typed, and a small source of our own, as a plugin author would write it, for tests of everything that drives sources."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import attrs
import pyarrow as pa
import pytest

from jsnakit import cli, observations
from jsnakit.errors import LayoutError
from jsnakit.files import SourceFile
from jsnakit.model import Headline, Indicator, Period, Polarity
from jsnakit.sources import Part, Query, Resource, Source, SourceInfo


@attrs.frozen
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """`jsnakit` as it is typed, in this process."""

    def typed(*words: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["jsnakit", *map(str, words)])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Ran(left.value.code, said.out, said.err)  # type: ignore[arg-type]  # main always exits with a number

    return typed


FALLS = "indicator,area,year,age,value\n"


class Falls(Source):
    """Figures of one council in a CSV a year: `age` is a breakdown whose headline is 65+."""

    info = SourceInfo(
        id="falls",
        title="Falls",
        publisher="A council",
        licence="OGL-UK-3.0",
        homepage="https://falls.example/",
        covers=("ltla",),
        hosts=("falls.example",),
    )

    def indicators(self) -> tuple[Indicator, ...]:
        return (
            Indicator(
                "falls.rate", "Falls", "per 100,000", definition="Admissions after a fall.", polarity=Polarity.LOWER_IS_BETTER, polarity_source="the test",
                headline=Headline(age="65+"), area_types=("ltla",),
            ),
            Indicator("falls.beds", "Beds", "beds", definition="Beds.", area_types=("ltla",)),
        )  # fmt: skip

    base = "https://falls.example"

    def discover(self, fetch: Any, query: Any) -> Iterator[Resource]:
        for line in fetch(f"{self.base}/index.html", volatile=True).text().splitlines():
            if line.endswith(".csv"):
                yield Resource(url=f"{self.base}/{line}", period=Period.parse(line[:4]), release="original")

    def parse(self, resource: Resource, data: SourceFile) -> pa.Table:
        lines = data.text().splitlines()
        if not lines or lines[0] + "\n" != FALLS:
            raise LayoutError(f"{data.name} is not a falls file", resource=data.name, expected=FALLS.strip(), found=lines[:1])
        if not data.text().endswith("\n"):
            raise LayoutError(f"{data.name} is cut", resource=data.name, expected="a final newline", found=lines[-1])
        rows = [line.split(",") for line in lines[1:]]
        if any(len(row) != 5 for row in rows):
            raise LayoutError(f"{data.name} has a row of the wrong length", resource=data.name, expected="5 fields", found="another number")
        return pa.table({name: [row[i] for row in rows] for i, name in enumerate(FALLS.strip().split(","))})

    def assemble(self, parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
        codes = query.area_codes("ltla")
        for part in parts:
            rows = [
                r
                for r in part.table.to_pylist()
                if (not query.indicators or r["indicator"] in query.indicators)
                and (codes is None or r["area"] in codes)
                and query.in_range(Period.parse(r["year"]))
            ]
            if rows:
                yield observations.build(
                    len(rows), indicator=[r["indicator"] for r in rows], area_scheme="gss", area_type="ltla", area=[r["area"] for r in rows],
                    period_start=[Period.parse(r["year"]).start for r in rows], period_duration="P1Y", period=[r["year"] for r in rows], age=[r["age"] for r in rows],
                    value=[float(r["value"]) if r["value"] else None for r in rows], status=["normal" if r["value"] else "suppressed" for r in rows], origin=part.origin,
                )  # fmt: skip


class Publisher:
    """A web server of files in a folder, which counts what it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, []  # type: ignore[var-annotated]  # paths, in order
        publisher = self

        class Handler(SimpleHTTPRequestHandler):
            def __init__(self, *args: Any) -> None:
                super().__init__(*args, directory=str(folder))

            def do_GET(self) -> None:
                publisher.asked.append(self.path)
                super().do_GET()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    folder = tmp_path / "www"
    folder.mkdir()
    publisher = Publisher(folder)
    yield publisher
    publisher.close()


@pytest.fixture
def falls() -> Falls:
    """The source of this file."""
    return Falls()


@pytest.fixture
def falls_files(tmp_path: Path) -> list[Path]:
    """Two years of it: the second revises nothing, lacks Wyre and suppresses one figure."""
    first = (
        FALLS
        + "falls.rate,E06000009,2020,65+,2100.5\nfalls.rate,E06000009,2020,80+,4000\nfalls.rate,E07000128,2020,65+,1900\nfalls.beds,E06000009,2020,_T,30\n"
    )
    second = FALLS + "falls.rate,E06000009,2021,65+,2200\nfalls.rate,E06000009,2021,80+,\n"
    paths = []
    for year, text in (("2020", first), ("2021", second)):
        path = tmp_path / f"{year}.csv"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths
