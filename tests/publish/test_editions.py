"""Editions: kept once and never changed, compared figure by figure, and laid out beside each other in one site."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pyarrow as pa
import pytest

from jsnakit import observations
from jsnakit.chapters import Chapter, ChapterState, Prose
from jsnakit.editions import Shelf
from jsnakit.errors import DataError, EditionConflictError, InvalidValueError, NoDataError, SettingsError
from jsnakit.publish import SiteInfo, lay_out, publish_edition, since_last
from jsnakit.settings import Coming, Earlier, Lead

ATOM = "{http://www.w3.org/2005/Atom}"
HOME = "E06000009"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "editions")


@pytest.fixture
def publish(country: Any, site: SiteInfo, one_chapter: Any, shelf: Shelf, tmp_path: Path) -> Callable[..., Any]:
    """A function that publishes an edition of one chapter."""

    def made(name: str, **options: Any) -> Any:
        chapters = options.pop("chapters", one_chapter)
        info = options.pop("info", site)
        year, month = int(name[:4]), int(name[5:7])
        return publish_edition(
            chapters,
            options.pop("data", country),
            tmp_path / "published",
            info,
            shelf,
            name=name,
            on=dt.date(year, month, 15),
            home=tmp_path,
            **options,
        )

    return made


def changed(table: pa.Table, change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> pa.Table:
    """The table with each row as `change` gives it; a row of which it makes nothing is gone."""
    rows = [made for row in table.to_pylist() if (made := change(row)) is not None]
    return pa.Table.from_pylist(rows, schema=table.schema)


def files_below(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def with_prose(chapters: tuple[Chapter, ...], words: str) -> tuple[Chapter, ...]:
    (chapter,) = chapters
    (page,) = chapter.pages
    return (attrs.evolve(chapter, pages=(attrs.evolve(page, blocks=(*page.blocks, Prose(words, 9))),)),)


# -- what stands where ---------------------------------------------------------------------------------------------------------------


def test_an_edition_stands_in_a_folder_of_its_name_and_stays_as_it_was(publish: Any, country: Any, tmp_path: Path) -> None:
    first = publish("2026-10")
    before = files_below(tmp_path / "published" / "2026-10")
    assert {"index.html", "health/index.html", "health/data.zip", "data.html", "search.html", "about.html"} <= set(before)
    assert first.new
    assert first.changes is None
    country.table = changed(
        country.table, lambda r: r | {"value": 29.5} if r["indicator"] == "t.smoking" and r["area"] == HOME and r["period"] == "2019" else r
    )
    second = publish("2026-11")
    assert files_below(tmp_path / "published" / "2026-10") == before
    assert second.index.is_file()
    assert json.loads((tmp_path / "published" / "manifest.json").read_text())["editions"] == ["2026-10", "2026-11"]


def test_every_file_is_the_one_that_its_record_names(publish: Any, shelf: Shelf, tmp_path: Path) -> None:
    from jsnakit.editions import digest_of

    publish("2026-10")
    edition = shelf.edition("2026-10")
    assert {path: digest_of(content) for path, content in files_below(tmp_path / "published" / "2026-10").items()} == dict(edition.files)
    assert shelf.damaged() == {}


def test_an_edition_in_which_nothing_changed_shares_everything_but_what_names_it(publish: Any, shelf: Shelf) -> None:
    publish("2026-10")
    again = publish("2026-11")
    assert not again.changes
    assert again.changes.summary == "nothing changed"
    first, second = shelf.edition("2026-10"), shelf.edition("2026-11")
    assert {path for path, sha in second.files.items() if first.files.get(path) != sha} == {"index.html"}
    assert [c.since for c in second.chapters] == ["2026-10"]
    # What is told at length is kept once as well.
    records = [json.loads((shelf.folder / f"{n}.json").read_bytes())["details"] for n in shelf.names()]
    assert records[0] == records[1]


def test_the_same_edition_again_is_left_as_it_is_and_another_of_its_name_is_refused(publish: Any, country: Any, shelf: Shelf) -> None:
    publish("2026-11")
    kept = shelf.edition("2026-11")
    assert not publish("2026-11").new
    assert shelf.edition("2026-11") == kept
    country.table = changed(country.table, lambda r: r | {"value": 29.5} if r["indicator"] == "t.smoking" and r["area"] == HOME else r)
    with pytest.raises(EditionConflictError, match="2026-11 is published already") as caught:
        publish("2026-11")
    assert "2026-11-2" in str(caught.value)
    assert any("health/" in path for path in caught.value.differs)
    assert shelf.edition("2026-11") == kept
    assert publish("2026-11-2").new


@pytest.mark.parametrize("name", ["2026", "2026-13", "../2026-11", "2026-11-1", "November"])
def test_a_name_that_is_no_month_is_refused(publish: Any, name: str, shelf: Shelf) -> None:
    with pytest.raises((InvalidValueError, ValueError)):
        publish(name)
    assert shelf.names() == ()


def test_editions_are_published_in_order(publish: Any) -> None:
    publish("2026-11")
    with pytest.raises(InvalidValueError, match="would be older than 2026-11"):
        publish("2026-10")


def test_an_unknown_edition_lists_those_there_are(publish: Any, shelf: Shelf) -> None:
    publish("2026-11")
    with pytest.raises(NoDataError, match="2026-11"):
        shelf.edition("2025-01")


def test_a_folder_with_a_site_of_another_kind_is_left_alone(publish: Any, country: Any, site: SiteInfo, one_chapter: Any, tmp_path: Path) -> None:
    from jsnakit.publish import build

    build(one_chapter, country, tmp_path / "published", site)
    with pytest.raises(SettingsError, match="a site of the chapters as they stand"):
        publish("2026-11")
    publish_to = tmp_path / "other"
    (tmp_path / "published").rename(publish_to)
    publish("2026-11")
    with pytest.raises(SettingsError, match="a site of editions"):
        build(one_chapter, country, tmp_path / "published", site)


def test_drafts_are_left_out_and_named_as_coming(publish: Any, one_chapter: Any, tmp_path: Path) -> None:
    draft = attrs.evolve(one_chapter[0], title="Growing old", slug="old", state=ChapterState.DRAFT)
    publish("2026-11", chapters=(*one_chapter, draft))
    index = (tmp_path / "published" / "2026-11" / "index.html").read_text()
    assert "Growing old" in index
    assert ">Coming<" in index
    assert not (tmp_path / "published" / "2026-11" / "old").exists()
    with pytest.raises(SettingsError, match="all are drafts"):
        publish("2026-12", chapters=(draft,))


def test_the_first_page_names_who_leads_what_is_coming_and_where_to_write(publish: Any, site: SiteInfo, tmp_path: Path) -> None:
    info = attrs.evolve(
        site, leads=(Lead(name="A. Person", role="Director of Public Health"),), feedback="jsna@council.example", coming=(Coming(title="Housing", expected=dt.date(2027, 3, 1)),)
    )  # fmt: skip
    publish("2026-11", info=info)
    index = (tmp_path / "published" / "2026-11" / "index.html").read_text()
    for words in (
        "A. Person",
        "Director of Public Health",
        "mailto:jsna@council.example",
        "Housing",
        "Expected in March 2027",
        "section 116",
        "health and wellbeing board",
    ):
        assert words in index, words


# -- what leads to them --------------------------------------------------------------------------------------------------------------


def test_latest_leads_to_the_newest_edition_and_old_addresses_lead_somewhere(publish: Any, one_chapter: Any, tmp_path: Path) -> None:
    other = attrs.evolve(one_chapter[0], title="Waiting", slug="waiting")
    publish("2026-10", chapters=(*one_chapter, other))
    publish("2026-11")
    root = tmp_path / "published"
    assert "url=2026-11/index.html" in (root / "index.html").read_text()
    assert "url=../../2026-11/health/index.html" in (root / "latest" / "health" / "index.html").read_text()
    # A chapter that is gone: its address leads to the first page of the newest edition.
    assert "url=../../2026-11/index.html" in (root / "latest" / "waiting" / "index.html").read_text()


def test_every_link_inside_the_site_leads_somewhere(publish: Any, country: Any, tmp_path: Path) -> None:
    import re

    publish("2026-10")
    country.table = changed(country.table, lambda r: r | {"value": 29.5} if r["indicator"] == "t.smoking" and r["area"] == HOME else r)
    publish("2026-11")
    root = tmp_path / "published"
    for path in root.rglob("*.html"):
        for address in re.findall(r'(?:href|url)="?([^"#?>]+)', path.read_text(encoding="utf-8")):
            if not address.startswith(("http", "mailto", "data:")):
                assert (path.parent / address).exists(), (path.relative_to(root), address)


def test_the_list_of_publications_names_every_edition_and_what_came_before(publish: Any, country: Any, tmp_path: Path, shelf: Shelf) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "JSNA 2019.pdf").write_bytes(b"%PDF-1.4 an assessment of 2019")
    earlier = (Earlier(title="Needs assessment 2019", file="old/JSNA 2019.pdf", published=dt.date(2019, 7, 1), description="The last on paper"),)
    publish("2026-10", earlier=earlier)
    country.table = changed(country.table, lambda r: r | {"value": 29.5} if r["indicator"] == "t.smoking" and r["area"] == HOME else r)
    publish("2026-11", earlier=earlier)
    page = (tmp_path / "published" / "publications.html").read_text()
    for words in (
        "November 2026, current",
        "October 2026",
        "15 November 2026",
        "2026-11/changes.html",
        "Needs assessment 2019",
        "The last on paper",
        "earlier/jsna-2019.pdf",
        "1 July 2019",
    ):
        assert words in page, words
    assert (tmp_path / "published" / "earlier" / "jsna-2019.pdf").read_bytes() == b"%PDF-1.4 an assessment of 2019"
    assert dict(shelf.edition("2026-11").earlier).keys() == {"old/JSNA 2019.pdf"}
    (tmp_path / "old" / "JSNA 2019.pdf").write_bytes(b"%PDF-1.4 another")
    with pytest.raises(SettingsError, match="no longer the file that was published"):
        publish("2026-12", earlier=earlier)


@pytest.mark.parametrize(("content", "said"), [(None, "cannot be read"), (b"<html>", "is no PDF")])
def test_a_publication_that_is_none_is_an_error(publish: Any, tmp_path: Path, content: bytes | None, said: str, shelf: Shelf) -> None:
    if content is not None:
        (tmp_path / "a.pdf").write_bytes(content)
    with pytest.raises(SettingsError, match=said):
        publish("2026-11", earlier=(Earlier(title="A", file="a.pdf", published=dt.date(2019, 7, 1)),))
    assert shelf.names() == ()


@pytest.mark.parametrize("url", ["", "https://jsna.example"])
def test_the_feed_is_what_the_standard_asks_for(publish: Any, site: SiteInfo, tmp_path: Path, url: str) -> None:
    info = attrs.evolve(site, url=url)
    publish("2026-10", info=info)
    publish("2026-11", info=info)
    feed = ET.fromstring((tmp_path / "published" / "feed.xml").read_bytes())
    assert feed.tag == f"{ATOM}feed"
    ids = [e.text for e in feed.iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids) == 3
    for one in (feed, *feed.findall(f"{ATOM}entry")):
        # RFC 4287, 4.1: exactly one each of id, title and updated; an author for all; a link to what it speaks of.
        assert [len(one.findall(f"{ATOM}{tag}")) for tag in ("id", "title", "updated")] == [1, 1, 1]
        assert dt.datetime.fromisoformat(one.findtext(f"{ATOM}updated")).tzinfo is not None
        assert one.find(f"{ATOM}link[@rel='alternate']").get("href").startswith(url or ("2026", "publications"))
    assert feed.find(f"{ATOM}author/{ATOM}name").text == "Blackpool Council"
    assert [e.findtext(f"{ATOM}title") for e in feed.iter(f"{ATOM}entry")] == ["Edition of November 2026", "Edition of October 2026"]
    assert (feed.find(f"{ATOM}link[@rel='self']") is not None) == bool(url)
    # The name of an edition is its own for good.
    before = ids
    publish("2026-12", info=info)
    again = ET.fromstring((tmp_path / "published" / "feed.xml").read_bytes())
    assert set(before) < {e.text for e in again.iter(f"{ATOM}id")}


# -- what changed --------------------------------------------------------------------------------------------------------------------


def test_what_changed_names_the_new_the_revised_the_gone_and_the_judged_otherwise(
    publish: Any, country: Any, one_chapter: Any, make_figure: Any, tmp_path: Path
) -> None:
    chapter = one_chapter[0]
    page = attrs.evolve(chapter.pages[0], blocks=(*chapter.pages[0].blocks, make_figure("trends", indicators=("t.smoking",))))
    charted = (attrs.evolve(chapter, pages=(page,)),)
    publish("2026-10", chapters=with_prose(charted, "People smoke a lot.\n\nThey may stop."))

    def change(row: dict[str, Any]) -> dict[str, Any] | None:
        if row["indicator"] != "t.smoking":
            return row
        if row["period"] == "2019" and row["area"] == HOME:
            return row | {"value": 31.5}
        if row["period"] == "2020":
            return None
        if row["period"] == "2021" and row["area"] == HOME:
            return row | {"value": 25.0, "flags": None}
        return row

    # A year later Blackpool, the worst before, is the best.
    later = [
        r | {"period": "2022", "period_start": dt.date(2022, 1, 1)} | ({"value": 1.0, "flags": None} if r["area"] == HOME else {})
        for r in country.table.to_pylist()
        if r["indicator"] == "t.smoking" and r["period"] == "2021"
    ]
    country.table = pa.concat_tables([changed(country.table, change), pa.Table.from_pylist(later, schema=country.table.schema)])
    country.catalogue["t.smoking"] = attrs.evolve(country.catalogue["t.smoking"], definition="Who smokes daily.")
    found = publish("2026-11", chapters=with_prose(charted, "People smoke less.\n\nThey may stop.")).changes
    (measure,) = found.measures
    assert [str(p) for p in measure.new_periods] == ["2022"]
    assert [str(p) for p in measure.gone_periods] == ["2020"]
    # The authorities that the figures compare with, and no others.
    assert 1 < measure.added < len(later)
    assert [(str(r.period), r.before, r.after) for r in measure.own] == [("2019", 30.0, 31.5), ("2021", 24.0, 25.0)]
    assert measure.largest.area == HOME
    (standing,) = found.standings
    assert (standing.before, standing.after) == ("worst fifth", "best fifth")
    assert [(d.what, d.before, d.after) for d in found.definitions] == [("definition", "Who smokes.", "Who smokes daily.")]
    assert [(t.removed, t.added) for t in found.texts] == [(("People smoke a lot.",), ("People smoke less.",))]
    page = (tmp_path / "published" / "2026-11" / "changes.html").read_text()
    for words in (
        "What changed since October 2026",
        "worst fifth",
        "best fifth",
        "2022: ",
        "2019: 30.0% to 31.5%",
        "Who smokes daily.",
        "People smoke less.",
        "../2026-10/index.html",
    ):
        assert words in page, words
    assert (tmp_path / "published" / "2026-11" / "changes.csv").read_bytes().count(b"\n") == 1 + len(found.frame)
    assert json.loads((tmp_path / "published" / "2026-11" / "changes.json").read_bytes())["summary"] == found.summary


def test_a_chapter_that_did_not_change_keeps_the_edition_that_it_names(
    publish: Any, country: Any, one_chapter: Any, make_figure: Any, shelf: Shelf, tmp_path: Path
) -> None:
    from jsnakit.chapters import Page

    other = attrs.evolve(one_chapter[0], title="Life", slug="life", pages=(Page("Summary", "index", (make_figure("ranked", indicator="t.life"),)),))
    publish("2026-10", chapters=(*one_chapter, other))
    country.table = changed(country.table, lambda r: r | {"value": 29.5} if r["indicator"] == "t.smoking" and r["area"] == HOME else r)
    publish("2026-11", chapters=(*one_chapter, other))
    first, second = shelf.edition("2026-10"), shelf.edition("2026-11")
    assert {c.slug: c.since for c in second.chapters} == {"health": "2026-11", "life": "2026-10"}
    assert {p: s for p, s in second.files.items() if p.startswith("life/")} == {p: s for p, s in first.files.items() if p.startswith("life/")}
    assert "November 2026" in (tmp_path / "published" / "2026-11" / "health" / "index.html").read_text()


def test_chapters_that_come_and_go_are_named(publish: Any, one_chapter: Any) -> None:
    other = attrs.evolve(one_chapter[0], title="Waiting", slug="waiting")
    publish("2026-10")
    assert [(c.what, c.title) for c in publish("2026-11", chapters=(*one_chapter, other)).changes.chapters] == [("new", "Waiting")]
    assert [(c.what, c.title) for c in publish("2026-12").changes.chapters] == [("gone", "Waiting")]


def test_what_an_edition_made_now_would_change_is_known_before_it_is_made(
    publish: Any, country: Any, site: SiteInfo, one_chapter: Any, shelf: Shelf
) -> None:
    assert since_last(one_chapter, country, site, shelf) is None
    publish("2026-10")
    before = files_below(shelf.folder)
    assert not since_last(one_chapter, country, site, shelf)
    country.table = changed(country.table, lambda r: r | {"value": 1.0, "flags": None} if r["indicator"] == "t.smoking" and r["area"] == HOME else r)
    found = since_last(one_chapter, country, site, shelf)
    assert found.standings
    assert files_below(shelf.folder) == before


# -- what must not be there ----------------------------------------------------------------------------------------------------------


def test_what_is_suppressed_is_nowhere_on_the_shelf(publish: Any, country: Any, make_chapters: Any, shelf: Shelf) -> None:
    """Nor what it was made of: a count that a careless publisher left beside a suppressed value is in no page, table or record."""
    from jsnakit import disk

    secret = 91_827_364.5
    country.table = changed(country.table, lambda r: r | {"count": secret, "denominator": secret} if r["status"] == "suppressed" else r)
    publish("2026-11", chapters=make_chapters())
    edition = shelf.edition("2026-11")
    hidden = 0
    for measure in edition.measures:
        table = shelf.table(measure.id, edition)
        observations.check(table)
        hidden += table["status"].to_pylist().count("suppressed")
        assert secret not in table["count"].to_pylist()
    assert hidden
    for path in shelf.folder.rglob("*"):
        if path.is_file():
            assert b"91827364" not in path.read_bytes(), path
            assert disk.reason(OSError(28, "")) == "the disk is full"


# -- keeping -------------------------------------------------------------------------------------------------------------------------


def test_an_edition_that_is_withdrawn_is_gone_and_says_why(publish: Any, country: Any, site: SiteInfo, shelf: Shelf, tmp_path: Path) -> None:
    publish("2026-10")
    country.table = changed(country.table, lambda r: r | {"value": 29.5} if r["indicator"] == "t.smoking" and r["area"] == HOME else r)
    publish("2026-11")
    only = shelf.edition("2026-10").objects - shelf.edition("2026-11").objects
    assert only
    shelf.withdraw("2026-10", "It named a hospital by mistake.")
    assert not any(shelf.path(sha).exists() for sha in only)
    assert lay_out(tmp_path / "published", country, site, shelf) == 1
    assert not (tmp_path / "published" / "2026-10").exists()
    assert "Withdrawn: It named a hospital by mistake." in (tmp_path / "published" / "publications.html").read_text()
    assert shelf.damaged() == {}
    with pytest.raises(InvalidValueError):
        shelf.withdraw("2026-11", " ")


def test_the_site_is_made_again_from_the_shelf_alone(publish: Any, country: Any, site: SiteInfo, shelf: Shelf, tmp_path: Path) -> None:
    publish("2026-10")
    publish("2026-11")
    before = files_below(tmp_path / "published")
    country.table = country.table.slice(0, 0)
    assert lay_out(tmp_path / "again", country, site, shelf) == 2
    assert {k: v for k, v in files_below(tmp_path / "again").items() if k != "publications.html"} == {
        k: v for k, v in before.items() if k != "publications.html"
    }
    with pytest.raises(SettingsError, match="holds no edition"):
        lay_out(tmp_path / "none", country, site, Shelf(tmp_path / "empty"))


def test_damage_on_the_shelf_is_found_and_never_laid_out(publish: Any, country: Any, site: SiteInfo, shelf: Shelf, tmp_path: Path) -> None:
    publish("2026-10")
    sha = shelf.edition("2026-10").files["health/index.html"]
    before = files_below(tmp_path / "published")
    path = shelf.path(sha)
    path.unlink()
    path.write_bytes(b"tampered")
    assert shelf.damaged() == {sha: ("2026-10",)}
    with pytest.raises(DataError, match="no longer what its name says"):
        lay_out(tmp_path / "published", country, site, shelf)
    assert files_below(tmp_path / "published") == before
    # The same edition made again heals it.
    assert not publish("2026-10").new
    assert shelf.damaged() == {}


def test_a_record_of_a_later_kind_or_of_none_is_refused(publish: Any, shelf: Shelf) -> None:
    publish("2026-10")
    path = shelf.folder / "2026-10.json"
    kept = path.read_text()
    path.write_text(kept.replace('"schema_version": 1', '"schema_version": 2'))
    with pytest.raises(SettingsError, match="use a newer jsnakit"):
        shelf.edition("2026-10")
    path.write_text("[1]")
    with pytest.raises(SettingsError, match="no record of an edition"):
        shelf.edition("2026-10")


# -- kills ---------------------------------------------------------------------------------------------------------------------------

KILLED = '''
import datetime as dt, importlib.util, json, os, random, signal, sys, time
from pathlib import Path

spec = importlib.util.spec_from_file_location("made_up", sys.argv[1])
made_up = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made_up)
import pyarrow as pa
pa.set_cpu_count(1)
pa.set_io_thread_count(1)
from jsnakit.chapters import Chapter, ChapterState, Page
from jsnakit.editions import Shelf, digest_of
from jsnakit.publish import SiteInfo, publish_edition

home, kills = Path(sys.argv[2]), int(sys.argv[3])
out, shelf = home / "published", Shelf(home / "editions")
table = pa.concat_tables(made_up._places(made_up.authorities()))
page = Page("Summary", "index", (made_up.figure("ranked", indicator="t.smoking"),))
chapters = (Chapter(title="Health", slug="health", order=1, state=ChapterState.PUBLISHED, pages=(page,), file="01-health.md"),)


def build(n):
    country = made_up._country(table.set_column(table.column_names.index("value"), table.schema.field("value"), pa.compute.add(table["value"], n / 1000)))
    publish_edition(chapters, country, out, SiteInfo(council="Council"), shelf, name=f"{2000 + n // 12}-{n % 12 + 1:02d}", on=dt.date(2026, 1, 1))


def child(work):
    pid = os.fork()
    if not pid:
        work()
        os._exit(0)
    return pid


def at_step(n, moment):
    """Killed as it is about to write, rename or share for the n-th time."""
    done = 0
    def counted(real):
        def step(*args, **kwargs):
            nonlocal done
            done += 1
            if done == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)
        return step
    Path.write_bytes, Path.replace, os.link = counted(Path.write_bytes), counted(Path.replace), counted(os.link)
    build(n)


def whole(newest, laid):
    """Every edition that the shelf has is whole, and so is the site, wherever the kill left it; the newest is on the shelf, and what was laid out is in the site."""
    assert not shelf.damaged()
    assert newest in shelf.names(), (newest, shelf.names())
    site = out if out.exists() else out.parent / f".{out.name}.old"
    manifest = json.loads((site / "manifest.json").read_bytes())
    assert laid in manifest["editions"], (laid, manifest["editions"])
    for path, sha in manifest["files"].items():
        assert digest_of((site / path).read_bytes()) == sha, path


import pyarrow.compute
dice = random.Random(7)
n, killed = 0, 0
began = time.monotonic()
os.waitpid(child(lambda: build(0)), 0)
took = time.monotonic() - began
last = laid = "2000-01"
while killed < kills:
    n += 1
    if killed % 2:
        pid = child(lambda: build(n))
        time.sleep(dice.uniform(0.0, took))
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    else:
        pid = child(lambda: at_step(n, dice.randint(1, 90)))
        dice.random()
    _, status = os.waitpid(pid, 0)
    killed += os.WIFSIGNALED(status)
    assert os.WIFSIGNALED(status) or status == 0, status
    whole(last, laid)
    if not os.WIFSIGNALED(status) or n % 4 == 0:
        _, status = os.waitpid(child(lambda: build(n)), 0)
        assert status == 0, status
        last = laid = shelf.names()[-1]
        whole(last, laid)
        # The next build is right, and leaves nothing of what the killed ones wrote.
        assert sorted(p.name for p in home.iterdir()) == ["editions", "published"]
        needed = {s for name in shelf.names() for s in shelf.edition(name).objects} | {shelf._details(name) for name in shelf.names()}
        assert {p.name for p in shelf.folder.rglob("objects/??/*")} == needed
        assert not list(shelf.folder.glob(".*.new"))
    else:
        n -= 1 if shelf.names()[-1] == last else 0
        last = shelf.names()[-1]
print(killed, len(shelf.names()))
'''


def _kills(tmp_path: Path, kills: int) -> None:
    home = tmp_path / "home"
    home.mkdir()
    command = [sys.executable, "-W", "ignore", "-c", KILLED, str(Path(__file__).with_name("conftest.py")), str(home), str(kills)]
    run = subprocess.run(command, check=False, capture_output=True, text=True, cwd=Path(__file__).parent)
    assert run.returncode == 0, run.stderr[-3000:]
    assert int(run.stdout.split()[0]) >= kills


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process cannot be copied here")
def test_a_few_kills_leave_the_last_edition_and_no_orphans(tmp_path: Path) -> None:
    _kills(tmp_path, 6)


@pytest.mark.faults
@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process cannot be copied here")
def test_two_hundred_kills_leave_the_last_edition_and_no_orphans(tmp_path: Path) -> None:
    _kills(tmp_path, 200)
