"""The site as a folder: whole or not there, not redone for nothing, closed to markup and third parties, each figure with its source."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import attrs
import pandas as pd
import pyarrow as pa
import pytest

from jsnakit.chapters import ChapterState
from jsnakit.errors import CacheWriteError, ChapterError, SettingsError
from jsnakit.exports import TIDY_COLUMNS
from jsnakit.publish import SiteInfo, SiteReport, build, scripts
from jsnakit.publish.site import MANIFEST
from jsnakit.settings import Assets

LIFE = "t.life"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Reader(HTMLParser):
    """A page as a browser takes it: its elements, ids, addresses and text; elements that do not close are an error."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    @property
    def ids(self) -> list[str]:
        return [a["id"] or "" for _, a in self.tags if "id" in a]

    @property
    def words(self) -> str:
        return " ".join("".join(self.text).split())


def _pages(folder: Path) -> Iterator[tuple[Path, Reader]]:
    for path in sorted(folder.rglob("*.html")):
        yield path, Reader(path.read_text(encoding="utf-8"))


@pytest.fixture
def make(country: Any, site: SiteInfo, make_chapters: Any, tmp_path: Path) -> Any:
    """A function that builds the made-up country's site."""

    def build_site(**options: Any) -> SiteReport:
        info = options.pop("info", site)
        state = options.pop("state", ChapterState.PUBLISHED)
        out = options.pop("out", tmp_path / "site")
        return build(options.pop("chapters", make_chapters(state)), country, out, info, **options)

    return build_site


@pytest.fixture
def small(make: Any, one_chapter: Any) -> Any:
    """As `make`, with a chapter of one figure."""

    def build_site(**options: Any) -> SiteReport:
        report: SiteReport = make(**{"chapters": one_chapter, **options})
        return report

    return build_site


def _snapshot(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


# -- what a site is ------------------------------------------------------------------------------------------------------------------


def test_a_site_has_every_page_and_every_figure(built: SiteReport) -> None:
    report = built
    assert {p.relative_to(report.folder).as_posix() for p in report.folder.rglob("*.html")} == {
        "index.html", "publications.html", "how-to-read.html", "glossary.html", "about.html", "data.html", "search.html", "health/index.html", "health/explore.html", "waiting/index.html",
        "waiting/specialties.html", "waiting/specialty-c-100.html", "waiting/specialty-c-430.html",
    }  # fmt: skip
    assert report.missing == ()
    assert report.pages == 13
    assert str(report.figures) in str(report)
    index = Reader(report.index.read_text(encoding="utf-8")).words
    for expected in (
        "Two chapters",
        "More than four in ten Blackpool waits for treatment are over 18 weeks",
        "What is a needs assessment?",
        "Publications",
        "Edition of November 2026",
    ):
        assert expected in index


def test_links_lead_somewhere_in_the_site(built: SiteReport) -> None:
    folder = built.folder
    pages = dict(_pages(folder))
    for path, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), path
        for tag, given in page.tags:
            for name in ("href", "src"):
                address = given.get(name)
                if address is None or (tag == "use" and address.startswith("#")):
                    continue
                parts = urlsplit(address)
                if parts.scheme or parts.netloc:
                    assert (tag, parts.scheme) == ("a", "https"), (path, tag, address)
                    continue
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                assert target.is_file(), (path, address)
                assert target.is_relative_to(folder.resolve())
                if parts.fragment and "=" not in parts.fragment:
                    assert parts.fragment in pages[target if target in pages else folder / target.relative_to(folder.resolve())].ids, (path, address)


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _scripts(page: Reader) -> list[dict[str, str | None]]:
    """The script elements that a browser runs, not those that hold data."""
    return [a for t, a in page.tags if t == "script" and a.get("type") not in {"application/json", "application/octet-stream"}]


@pytest.mark.parametrize("assets", Assets)
def test_nothing_is_asked_of_anyone_and_only_our_script_runs(make: Any, site: SiteInfo, assets: Assets) -> None:
    folder = make(info=attrs.evolve(site, assets=assets)).folder
    for path, page in _pages(folder):
        rules = [a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv") == "Content-Security-Policy"]
        assert len(rules) == 1, path
        text = path.read_text(encoding="utf-8")
        if assets is Assets.INLINE:
            (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
            (style,) = re.findall(r"<style>(.*?)</style>", text.partition("<script>")[0], re.DOTALL)
            allowed = f"script-src 'sha256-{_digest(script)}'; style-src 'sha256-{_digest(style)}'"
            assert _scripts(page) == [{}]
        else:
            allowed = "script-src 'self'; style-src 'self'"
            assert "<style" not in text
            assert [Path(path.parent / (a["src"] or "")).resolve() for a in _scripts(page)] == [(folder / "app.js").resolve()]
        assert rules == [f"default-src 'none'; {allowed}; img-src 'self' data:; base-uri 'none'; form-action 'none'"]
        assert not {"iframe", "object", "embed", "form", "base", "img"} & {t for t, _ in page.tags}, path
        for tag, given in page.tags:
            assert not [n for n in given if n.startswith("on") or n == "style"], (path, tag, given)
            if tag == "link":
                assert urlsplit(given["href"] or "").netloc == ""
    sheet = scripts.style()
    assert "url(" not in sheet
    assert "@import" not in sheet


def test_every_figure_has_source_period_and_licence_beside_it(built: SiteReport) -> None:
    seen = 0
    for path in sorted(built.folder.glob("*/*.html")):
        text = path.read_text(encoding="utf-8")
        for figure in re.findall(r'<section class="jp-row".*?</section>', text, re.DOTALL):
            words = Reader(figure).words
            seen += 1
            assert re.search(r"Source\s*(Office for Tests, Index|NHS Tests, Extract)", words), words[-600:]
            assert re.search(r"Period\s*\w", words)
            assert re.search(r"Licence\s*Open Government Licence v3\.0\.", words)
        for banner in re.findall(r'<section class="jp-keys".*?</section>', text, re.DOTALL):
            words = Reader(banner).words
            seen += 1
            assert "Source: " in words
            assert "Licence: Open Government Licence v3.0." in words
            assert "Period: " in words
    # Every panel of both chapters but the two headlines, and two maps a specialty.
    assert seen == 20


def test_downloads_hold_the_observation_table_with_the_source_of_each_row(built: SiteReport) -> None:
    folder = built.folder
    rows = list(csv.DictReader(io.StringIO((folder / "health/data/ranked.csv").read_text(encoding="utf-8"))))
    assert list(rows[0]) == list(TIDY_COLUMNS)
    assert {r["source"] for r in rows} == {"Office for Tests, Index"}
    assert {(r["licence"], r["retrieved"]) for r in rows} == {("Open Government Licence v3.0", "2026-01-13")}
    assert next(r["obs_value"] for r in rows if r["area_code"] == "E06000009") == "24"
    # Rows stand in the order of the table's key.
    assert [r["area_code"] for r in rows] == sorted(r["area_code"] for r in rows)
    drawn = list(csv.DictReader(io.StringIO((folder / "health/data/ranked-drawn.csv").read_text(encoding="utf-8"))))
    assert drawn
    pictures = sorted(folder.rglob("*.svg"))
    assert pictures
    for picture in pictures:
        text = " ".join(" ".join(ET.fromstring(picture.read_text(encoding="utf-8")).itertext()).split())
        assert "Licence: Open Government Licence v3.0." in text, picture


def test_hidden_figures_are_in_no_file(make: Any, country: Any, places: Any) -> None:
    """The values behind a suppressed cell do not exist here; what could leak is a bound or a complement, so a marked bound must stay out of the pages."""
    names = country.table.column_names
    hidden = [
        n == "t.hidden" and s == "suppressed"
        for n, s in zip(country.table["indicator"].to_pylist(), country.table["status"].to_pylist(), strict=True)
    ]
    marked = pa.array([0.0 if h else None for h in hidden], pa.float64())
    country.table = country.table.set_column(names.index("value_min"), "value_min", marked)
    country.place = places[2]
    folder = make().folder
    data = list(csv.DictReader(io.StringIO((folder / "health/data/spine.csv").read_text(encoding="utf-8"))))
    assert {r["area_code"] for r in data} == {places[2].code}
    for path, page in _pages(folder):
        assert "hidden (0" not in page.words, path


def test_a_cell_that_a_spreadsheet_would_run_is_text(make: Any, country: Any, one_chapter: Any, make_figure: Any) -> None:
    country.catalogue[LIFE] = attrs.evolve(country.catalogue[LIFE], name="=HYPERLINK(1)")
    page = attrs.evolve(one_chapter[0].pages[0], blocks=(make_figure("trends", indicators=(LIFE,)),))
    folder = make(chapters=(attrs.evolve(one_chapter[0], pages=(page,)),)).folder
    cells = [c for path in folder.rglob("*.csv") for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"))) for c in row]
    assert "'=HYPERLINK(1)" in cells
    assert not [c for c in cells if c.startswith(("=", "@"))]
    # What programs read says what it is.
    with zipfile.ZipFile(folder / "health/data.zip") as package:
        assert "=HYPERLINK(1)" in {r["indicator"] for r in csv.DictReader(io.StringIO(package.read("trends.csv").decode()))}


def test_reasons_stand_once_a_page(make: Any, country: Any) -> None:
    from jsnakit import geography

    country.place = geography.find("Somerset", type="ltla", at="2026-01-01")
    country.waits = None
    report = make()
    assert len(report.missing) > 8
    assert {m.chapter for m in report.missing} == {"Health", "Waiting"}
    words = Reader((report.folder / "health/index.html").read_text(encoding="utf-8")).words
    assert words.count("Somerset (E06000066) is not among them") == 1
    assert "For the reason given above." in words
    assert "figures could not be drawn for this area" in str(report)


# -- drafts --------------------------------------------------------------------------------------------------------------------------


def test_drafts_stay_out_unless_asked_for_and_are_watermarked(make: Any, one_chapter: Any) -> None:
    draft = (attrs.evolve(one_chapter[0], state=ChapterState.DRAFT),)
    with pytest.raises(SettingsError, match="all are drafts"):
        make(chapters=draft)
    report = make(chapters=draft, drafts=True)
    page = (report.folder / "health/index.html").read_text(encoding="utf-8")
    assert "<title>Draft: " in page
    assert 'class="jp-isdraft"' in page
    assert "Draft: not approved, and not for use in decisions." in page
    assert "Draft: not approved" not in report.index.read_text(encoding="utf-8")


def test_one_draft_is_left_out_and_named(make: Any, one_chapter: Any) -> None:
    (first,) = one_chapter
    report = make(chapters=(first, attrs.evolve(first, title="Waiting", slug="waiting", order=2, state=ChapterState.DRAFT)))
    assert report.drafts_left_out == ("Waiting",)
    assert "drafts left out: Waiting" in str(report)
    assert not (report.folder / "waiting").exists()


def test_a_demonstration_says_so_on_every_page(small: Any, site: SiteInfo) -> None:
    folder = small(info=attrs.evolve(site, demonstration=True)).folder
    for path, page in _pages(folder):
        assert "It is not a publication of Blackpool Council." in page.words, path
    shutil.rmtree(folder)
    assert all("Demonstration" not in page.words for _, page in _pages(small().folder))


# -- the same again ------------------------------------------------------------------------------------------------------------------


def test_the_same_inputs_give_the_same_bytes(small: Any, tmp_path: Path) -> None:
    first, second = small(out=tmp_path / "a", fingerprint="x"), small(out=tmp_path / "b", fingerprint="x")
    assert _snapshot(first.folder) == _snapshot(second.folder)


def test_an_unchanged_site_is_not_redone(small: Any, country: Any) -> None:
    first = small(fingerprint="x")
    assert not first.unchanged
    before = {p: p.stat().st_mtime_ns for p in first.folder.rglob("*")}
    country.asked.clear()
    again = small(fingerprint="x")
    assert again.unchanged
    assert country.asked == []
    assert {p: p.stat().st_mtime_ns for p in first.folder.rglob("*")} == before
    assert attrs.evolve(again, unchanged=False) == first
    assert "nothing had changed" in str(again)


@pytest.mark.parametrize("change", ["fingerprint", "words", "chapter", "place", "a page", "a lost page", "no fingerprint", "a broken manifest"])
def test_any_change_is_a_new_site(small: Any, country: Any, site: SiteInfo, one_chapter: Any, change: str) -> None:
    folder = small(fingerprint="x").folder
    options: dict[str, Any] = {"fingerprint": "x"}
    if change == "fingerprint":
        options["fingerprint"] = "y"
    elif change == "no fingerprint":
        options["fingerprint"] = ""
    elif change == "words":
        options["info"] = attrs.evolve(site, council="Another Council")
    elif change == "chapter":
        options["chapters"] = (attrs.evolve(one_chapter[0], title="Wellbeing"),)
    elif change == "place":
        country.place = attrs.evolve(country.place, name="Black Pool")
    elif change == "a page":
        (folder / "about.html").write_text("mine")
    elif change == "a lost page":
        (folder / "about.html").unlink()
    else:
        (folder / MANIFEST).write_text("{")
    assert not small(**options).unchanged
    assert "mine" not in (folder / "about.html").read_text(encoding="utf-8")
    assert json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["pages"] == 8


# -- the folder ----------------------------------------------------------------------------------------------------------------------


def test_a_folder_that_is_no_site_is_left_alone(small: Any, tmp_path: Path, country: Any) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    with pytest.raises(SettingsError, match="holds no site of jsnakit"):
        small(out=mine)
    with pytest.raises(SettingsError, match="holds no site of jsnakit"):
        small(out=mine / "thesis.txt")
    assert (mine / "thesis.txt").read_text() == "years of work"
    assert country.asked == []
    (tmp_path / "empty").mkdir()
    assert small(out=tmp_path / "empty").index.is_file()


def test_a_chapter_with_a_mistake_leaves_the_old_site(small: Any, one_chapter: Any, make_figure: Any) -> None:
    folder = small().folder
    before = _snapshot(folder)
    (first,) = one_chapter
    page = attrs.evolve(first.pages[0], blocks=(*first.pages[0].blocks, make_figure("ranked", indicator="t.lif")))
    with pytest.raises(ChapterError, match="01-health"):
        small(chapters=(attrs.evolve(first, pages=(page,)),))
    assert _snapshot(folder) == before
    assert [p.name for p in folder.parent.iterdir()] == ["site"]


def test_a_disk_that_is_full_leaves_the_old_site(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = small().folder
    before = _snapshot(folder)
    write = Path.write_bytes
    written = []

    def full(self: Path, data: bytes) -> int:
        written.append(self)
        if len(written) == 5:
            raise OSError(28, "No space left on device")
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(CacheWriteError, match="the disk is full"):
        small()
    monkeypatch.undo()
    assert _snapshot(folder) == before
    assert [p.name for p in folder.parent.iterdir()] == ["site"]


@pytest.mark.parametrize("moment", [1, 2])
def test_a_rename_that_fails_leaves_the_old_site(small: Any, monkeypatch: pytest.MonkeyPatch, moment: int) -> None:
    folder = small().folder
    before = _snapshot(folder)
    rename = Path.replace
    done = []

    def failing(self: Path, target: Path) -> Path:
        done.append(self)
        if len(done) == moment:
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(CacheWriteError, match="you may not write there"):
        small()
    monkeypatch.undo()
    assert _snapshot(folder) == before
    assert small().index.is_file()


def test_a_kill_between_the_renames_is_put_right_by_the_next_build(small: Any) -> None:
    folder = small(fingerprint="x").folder
    before = _snapshot(folder)
    old = folder.parent / ".site.old"
    # As a kill leaves it: the old site moved away, the new one not yet in its place.
    folder.replace(old)
    again = small(fingerprint="x")
    assert again.unchanged
    assert _snapshot(folder) == before
    assert not old.exists()
    # And the other way: the new one is in its place, the old one not yet deleted.
    shutil.copytree(folder, old)
    small(fingerprint="y")
    assert not old.exists()
    assert [p.name for p in folder.parent.iterdir()] == ["site"]


KILLED = """
import os, signal, sys
from pathlib import Path
from jsnakit.publish.folder import replace

def counted(real, moment):
    def step(*args, **kwargs):
        global done
        done += 1
        if done == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)
    return step

write, rename = Path.write_bytes, Path.replace
for out in map(Path, sys.argv[1:]):
    done, child = 0, os.fork()
    if not child:
        moment = int(out.parent.name)
        Path.write_bytes, Path.replace = counted(write, moment), counted(rename, moment)
        replace(out, {f"{i}.html": b"new" for i in range(4)} | {"manifest.json": b"{}"})
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL; the renames are the same")
def test_killed_at_any_step_there_is_one_whole_site(tmp_path: Path) -> None:
    from jsnakit.publish.folder import recover, replace

    # Five files are written, then the old site is moved away and the new one into its place; the eighth step is never reached.
    folders = [tmp_path / str(moment) / "site" for moment in range(1, 9)]
    for out in folders:
        replace(out, {f"{i}.html": b"old" for i in range(4)} | {MANIFEST: b"{}"})
    run = subprocess.run([sys.executable, "-c", KILLED, *map(str, folders)], check=True, capture_output=True, text=True)
    assert run.stdout.split() == ["9"] * 7 + ["0"]
    for n, out in enumerate(folders, 1):
        recover(out)
        assert {p.read_bytes() for p in out.glob("*.html")} == {b"new" if n == 8 else b"old"}, n
        assert len(list(out.glob("*.html"))) == 4


# -- names that would be markup ------------------------------------------------------------------------------------------------------

PAYLOADS = (
    "<script>alert(1)</script>", "</title><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", "<svg/onload=alert(1)>", "</style><script>a()</script>",
    "<!--", "-->", "<![CDATA[x]]>", "]]>", "<?xml version='1.0'?>", "&lt;b&gt;", "&#60;script&#62;", "&", "&&amp;", "<", ">", '"', "'", "`", "<b", "</p></section></main></body>",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>x</script>", "//evil.example/x", "https://evil.example/<script>", "\x00\x01\x08", "\u2028\u2029", "\ud7ff\ufffe", "\u202etxt.exe",
    "{{ area }}", "{{constructor}}", "{% if %}", "${7*7}", "#{7*7}", "<%= 7 %>", "%3Cscript%3E", "\\u003cscript\\u003e", "<a href=javascript:x>", "<iframe srcdoc='<script>x</script>'>",
    "<math><mtext><script>x</script>", "<form action=//evil><input name=a>", "<base href=//evil/>", "<link rel=stylesheet href=//evil>", "<meta http-equiv=refresh content=0;//evil>", "<x style=behavior:url(x)>",
    "[x](javascript:alert(1))", "![x](//evil/x.png)", "| a | b |\n|---|---|", "A" * 3000, "\n\r\t<\n", "=cmd|' /C calc'!A0", "\U0001f4a9<\U0001f4a9", "\u00e9\u0301\u200b<script\u200b>",
)  # fmt: skip


def test_there_are_fifty_payloads() -> None:
    assert len(set(PAYLOADS)) >= 50


def _poison(country: Any, payload: str) -> SiteInfo:
    """The payload in every place where a name or a text of somebody else's enters."""
    country.place = attrs.evolve(country.place, name=payload)
    country.catalogue = {
        k: attrs.evolve(
            i, name=payload + i.name, definition=payload, caveats=(payload, *i.caveats), question=payload, publisher=payload, homepage=payload, use=payload, numerator=payload,
            denominator=payload, frequency=payload, polarity_source=payload, unit=i.unit if i.unit == "%" else payload,
        )
        for k, i in country.catalogue.items()
    }  # fmt: skip
    country.cited = {
        k: attrs.evolve(c, publisher=payload, title=payload, release=payload, url=payload, licence=payload) for k, c in country.cited.items()
    }
    country.outlines = [{**r, "name": payload} for r in country.outlines]
    country.waits.frame = country.waits.frame.assign(name=payload)
    country.waits.caveat = payload
    clean = "".join(c for c in payload if not "\ud800" <= c <= "\udfff")
    for column in ("period", "note"):
        at = country.table.column_names.index(column)
        country.table = country.table.set_column(at, column, pa.array([clean or None] * len(country.table), pa.string()))
    return SiteInfo(council=payload, title=payload, edition=payload, contact=payload, attribution=(payload,), demonstration=True)


@pytest.mark.parametrize("start", range(0, len(PAYLOADS), 9))
def test_no_name_becomes_markup(make: Any, country: Any, start: int) -> None:
    group = PAYLOADS[start : start + 9]
    info = _poison(country, " ".join(group))
    # An address is what it begins with, so each has one to itself.
    country.catalogue = {k: attrs.evolve(i, homepage=group[n % len(group)]) for n, (k, i) in enumerate(country.catalogue.items())}
    country.cited = {k: attrs.evolve(c, url=group[n % len(group)]) for n, (k, c) in enumerate(country.cited.items())}
    folder = make(info=info).folder
    for path, page in _pages(folder):
        assert not {"iframe", "img", "form", "base", "object", "input", "math"} & {t for t, _ in page.tags}, path
        assert _scripts(page) == [{}], path
        for tag, given in page.tags:
            assert not [k for k in given if k.startswith("on") or k in {"style", "srcdoc", "action"}], (path, given)
            address = given.get("href") or ""
            assert urlsplit(address).scheme in {"", "https"}, (path, address)
            assert tag == "a" or not urlsplit(address).netloc, (path, address)
        assert [sum(t == name for t, _ in page.tags) for name in ("html", "main", "style")] == [1, 1, 1], path
    for picture in folder.rglob("*.svg"):
        tree = ET.fromstring(picture.read_text(encoding="utf-8"))
        assert not [e.tag for e in tree.iter() if e.tag.rpartition("}")[2] in {"script", "foreignObject", "image", "a"}], picture


def test_an_address_that_is_none_is_no_link(country: Any, site: SiteInfo) -> None:
    from jsnakit.publish import Citation
    from jsnakit.publish.pages import Site, data_page

    measures = [attrs.evolve(country.catalogue[LIFE], id=f"t.m{n}", homepage=payload) for n, payload in enumerate(PAYLOADS)]
    cited = [Citation(publisher="P", title="T", url=payload) for payload in PAYLOADS]
    page = Reader(data_page(Site(site, country.place), measures, {}, cited))
    out = [a["href"] for t, a in page.tags if t == "a" and urlsplit(a["href"] or "").scheme]
    # One payload is an address, though of nobody we know: it is linked to from both places, and is still text.
    assert out == ["https://evil.example/<script>"] * 2


def test_a_payload_is_still_read_as_it_was_written(make: Any, country: Any) -> None:
    payload = "<b>\"Black\" & 'pool'</b>"
    folder = make(info=_poison(country, payload)).folder
    assert payload in Reader((folder / "health/index.html").read_text(encoding="utf-8")).words
    assert isinstance(country.waits.frame, pd.DataFrame)


def test_a_chapter_without_a_headline_is_told_by_its_first_figure(country: Any, site: Any, one_chapter: Any, tmp_path: Path) -> None:
    build(one_chapter, country, tmp_path / "site", site)
    entry = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    chapter = (tmp_path / "site" / "health" / "index.html").read_text(encoding="utf-8")
    assert "On smoking, Blackpool is" in entry
    assert '<h1 class="jp-h1">Health</h1>' in chapter
