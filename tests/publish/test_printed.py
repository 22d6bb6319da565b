"""Printed chapters: what the two standards ask of their structure, the chapter's own words and figures in them, and the same bytes each time."""

from __future__ import annotations

import datetime as dt
import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from jsnakit.chapters import Chapter, ChapterState, Prose
from jsnakit.editions import Shelf
from jsnakit.errors import DataError, MissingExtraError
from jsnakit.publish import SiteInfo, build, pages, publish_edition
from jsnakit.publish.assembly import chapter_of, context_of, site_of
from jsnakit.publish.figures import Built
from jsnakit.publish.pdfs import PdfNote
from jsnakit.publish.printed import chapter_pdf, whole_pdf
from jsnakit.publish.printed._drawings import Drawings
from jsnakit.publish.printed._reading import Reader, words_of

pikepdf = pytest.importorskip("pikepdf")
pdfium = pytest.importorskip("pypdfium2")
pytest.importorskip("typst")

HOSTILE = ('#read("/etc/passwd")', "$x$ *b* _i_", "@ref <label> ]", "#panic() // note", '"); #panic("x', "\\u{41} `raw`", "= heading")


def made(country: Any, site: SiteInfo, chapters: tuple[Chapter, ...]) -> pages.Site:
    context = context_of(chapters, country, site)
    return site_of(context, tuple(chapter_of(context, c, n) for n, c in enumerate(chapters, 1)), site)


def text_of(pdf: bytes) -> str:
    """The text of every page without its spaces: lines break where the paper ends."""
    document = pdfium.PdfDocument(pdf)
    return squeezed("".join(page.get_textpage().get_text_bounded() for page in document))


def squeezed(text: str) -> str:
    # A reader of PDFs may give the hyphen at the end of a line as one that is soft.
    return re.sub(r"[\s\u200b\ufeff]+", "", text).replace("\u00ad", "-").replace("\ufffe", "-").replace("\x02", "-")


def elements(root: Any) -> Iterator[Any]:
    """Every element of a tagged document's structure."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, pikepdf.Dictionary):
            continue
        if "/S" in node:
            yield node
        kids = node.get("/K")
        waiting += list(kids) if isinstance(kids, pikepdf.Array) else [kids] if kids is not None else []


@pytest.fixture(scope="module")
def printed(made_site: pages.Site) -> tuple[pages.Site, list[bytes]]:
    """Two chapters that use every panel there is, each as a PDF."""
    return made_site, [chapter_pdf(made_site, c) for c in made_site.chapters]


# -- structure -----------------------------------------------------------------------------------------------------------------------


def test_a_document_says_what_it_is_built_to(printed: Any) -> None:
    site, documents = printed
    for chapter, content in zip(site.chapters, documents, strict=True):
        with pikepdf.open(io.BytesIO(content)) as pdf:
            assert pdf.Root.MarkInfo.Marked
            assert str(pdf.Root.Lang) == "en-GB"
            assert pdf.Root.ViewerPreferences.DisplayDocTitle
            with pdf.open_metadata() as said:
                assert said["pdfuaid:part"] == "1"
                assert (said["pdfaid:part"], said["pdfaid:conformance"]) == ("2", "A")
                assert said["dc:title"] == f"{chapter.chapter.title}, Blackpool Joint Strategic Needs Assessment"


def test_every_figure_has_words_and_every_head_of_a_column_its_scope(printed: Any) -> None:
    for content in printed[1]:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            found = list(elements(pdf.Root.StructTreeRoot))
            figures = [e for e in found if e.S == "/Figure"]
            heads = [e for e in found if e.S == "/TH"]
            assert figures
            assert heads
            assert all(len(str(e.get("/Alt", ""))) > 3 for e in figures)
            scopes = [a for e in heads for a in (e.A if isinstance(e.A, pikepdf.Array) else [e.A]) if "/Scope" in a]
            assert len(scopes) == len(heads)


def test_headings_are_bookmarks_and_skip_no_level(printed: Any) -> None:
    site, documents = printed
    for chapter, content in zip(site.chapters, documents, strict=True):
        with pikepdf.open(io.BytesIO(content)) as pdf:
            levels = [int(str(e.S)[2:]) for e in elements(pdf.Root.StructTreeRoot) if re.fullmatch(r"/H[1-6]", str(e.S))]
            assert levels.count(1) == 1
            with pdf.open_outline() as outline:
                named = [*outline.root]
                for item in named:
                    named += item.children
        titles = {squeezed(item.title) for item in named}
        assert {squeezed(f.finding) for f in chapter.figures if f.finding and not f.absent and f.kind not in BANNERS} <= titles


BANNERS = ("headline", "waiting_headline", "key_figures", "waiting_figures")


# -- words ---------------------------------------------------------------------------------------------------------------------------


def sentences_of(chapter: pages.BuiltChapter) -> Iterator[str]:
    """Everything that the pages of a chapter say in sentences."""
    reader = Reader(Drawings())
    for page in chapter.pages:
        for block in page.blocks:
            if isinstance(block, Built):
                yield from said_by(block)
            else:
                for node in reader.blocks(pages.prose(block)):
                    yield words_of(node.get("c", ()))


def said_by(built: Built) -> Iterator[str]:
    if built.absent:
        return
    yield from (built.finding, built.lede, built.subtitle) if built.kind not in BANNERS[2:] else ()
    n = built.notes
    if built.kind not in ("headline", "waiting_headline"):
        yield from n.take_care
        yield pages.cited_words(n.cited)
    if built.kind not in BANNERS:
        yield from (n.question, n.how_to_read, n.boundaries, *(t for _, t in n.more))


def test_a_document_holds_every_sentence_of_its_chapter(printed: Any) -> None:
    site, documents = printed
    for chapter, content in zip(site.chapters, documents, strict=True):
        text = text_of(content)
        missing = [s for s in sentences_of(chapter) if s and squeezed(s) not in text]
        assert missing == []


def test_it_holds_the_figures_of_every_table(printed: Any) -> None:
    site, documents = printed
    for chapter, content in zip(site.chapters, documents, strict=True):
        text = text_of(content)
        for built in (b for b in chapter.figures if b.panel is not None and not b.absent and b.kind not in ("dashboard", "lowest")):
            for node in (n for n in Reader(Drawings()).tables(built.panel.body()) if n["b"] == "table"):
                for row in node["rows"]:
                    for cell in row["cells"]:
                        said = squeezed(words_of(cell["bar"]["c"] if "bar" in cell else cell.get("c", ())))
                        assert said in text, (built.kind, said)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_never_a_program(country: Any, site: SiteInfo, one_chapter: Any, name: str) -> None:
    (chapter,) = one_chapter
    country.catalogue["t.smoking"] = attrs.evolve(country.catalogue["t.smoking"], name=name)
    hostile = attrs.evolve(chapter, title=name, owner=name)
    built = made(country, attrs.evolve(site, council=name, title=name), (hostile,))
    text = text_of(chapter_pdf(built, built.chapters[0]))
    assert text.count(squeezed(name)) >= 4
    assert "root:" not in text


def test_prose_keeps_its_structure(country: Any, site: SiteInfo, one_chapter: Any) -> None:
    (chapter,) = one_chapter
    words = Prose(
        "Some **strong** words, a [link](https://example.org).\n\n#### Deep\n\n- one\n- two\n\n1. first\n\n> said\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n`code`\n",
        3,
    )
    page = attrs.evolve(chapter.pages[0], blocks=(words, *chapter.pages[0].blocks))
    built = made(country, site, (attrs.evolve(chapter, pages=(page,)),))
    content = chapter_pdf(built, built.chapters[0])
    with pikepdf.open(io.BytesIO(content)) as pdf:
        kinds = {str(e.S) for e in elements(pdf.Root.StructTreeRoot)}
    assert {"/L", "/LI", "/Link", "/BlockQuote", "/Table"} <= kinds
    assert squeezed("Some strong words, a link.") in text_of(content)


@pytest.mark.parametrize(("places", "turned"), [(13, False), (14, True), (40, True)])
def test_a_rug_of_many_places_is_turned_for_paper(places: int, turned: bool) -> None:  # parametrised
    head = "".join(f'<th scope="col">Place {n}</th>' for n in range(places))
    row = "".join(f'<td class="jk-rugcell">{n}%</td>' for n in range(places))
    body = f'<tr class="jk-group-row"><th colspan="{places + 1}">Adults</th></tr><tr><th scope="row">Smoking</th>{row}</tr><tr><th scope="row">Falls</th>{row}</tr>'
    markup = f'<table class="jk-table jk-rug jk-rug-dense"><thead><tr><th scope="col">Measure</th>{head}</tr></thead><tbody>{body}</tbody></table>'
    (*said, table) = Reader(Drawings()).blocks(markup)
    read = [[words_of(c["c"]) for c in r["cells"]] for r in (*table["head"], *table["rows"])]
    assert len(table["widths"]) == len(read[0])
    if turned:
        assert "each row is a place" in words_of(said[0]["c"])
        assert read == [["Place", "Smoking", "Falls"], *([f"Place {n}", f"{n}%", f"{n}%"] for n in range(places))]
    else:
        assert said == []
        assert read[0] == ["Measure", *(f"Place {n}" for n in range(places))]
        assert [r[0] for r in read[1:]] == ["Adults", "Smoking", "Falls"]


def test_the_contents_of_the_whole_are_chapters_and_their_pages(made_site: pages.Site) -> None:
    first = pdfium.PdfDocument(whole_pdf(made_site))[0].get_textpage().get_text_bounded()
    lines = [" ".join(line.split(".")[0].split()) for line in first.splitlines()]
    begun = lines.index("Contents")
    wanted = [t for c in made_site.chapters for t in (f"Chapter {c.number}: {c.chapter.title}", *(p.title for p in c.pages if p.tab))]
    found = [re.sub(r" ?\d+$", "", line) for line in lines[begun + 1 : begun + 1 + len(wanted)]]
    assert found == ["In detail" if t == "Summary" else t for t in wanted]


# -- what is hidden, and what is a draft ---------------------------------------------------------------------------------------------


def test_what_is_suppressed_is_said_at_the_foot_and_never_shown(country: Any, site: SiteInfo, make_chapters: Any) -> None:
    rows = country.table.to_pylist()
    for row in rows:
        if row["status"] == "suppressed":
            row["value"] = row["count"] = row["lower"] = 13.7000011
    country.table = type(country.table).from_pylist(rows, schema=country.table.schema)
    built = made(country, site, make_chapters())
    content = chapter_pdf(built, built.chapters[0])
    text = text_of(content)
    assert "hidden" in text
    assert squeezed("A figure that the publisher hides because it counts very few people.") in text
    assert "13.7" not in text
    with pikepdf.open(io.BytesIO(content)) as pdf:
        streams = [o.read_bytes() for o in pdf.objects if isinstance(o, pikepdf.Stream) and o.get("/Subtype") != "/CIDFontType0C"]
        assert any(e.S == "/Note" for e in elements(pdf.Root.StructTreeRoot))
        alt = [str(e.Alt) for e in elements(pdf.Root.StructTreeRoot) if "/Alt" in e]
    assert not any(b"13.7000011" in s for s in streams)
    assert not any("13.7" in words for words in alt)


def test_a_draft_says_so_on_every_page(country: Any, site: SiteInfo, one_chapter: Any) -> None:
    (chapter,) = one_chapter
    built = made(country, site, (attrs.evolve(chapter, state=ChapterState.DRAFT),))
    document = pdfium.PdfDocument(chapter_pdf(built, built.chapters[0]))
    for page in document:
        text = squeezed(page.get_textpage().get_text_bounded())
        assert "DRAFT" in text
        assert squeezed("Draft: not approved, and not for use in decisions.") in text
        assert squeezed("Edition November 2026") in text
    assert str(document.get_metadata_value("Title")).startswith("Draft: ")


# -- bytes, and the site -------------------------------------------------------------------------------------------------------------


def test_equal_chapters_give_equal_bytes(printed: Any, country: Any, site: SiteInfo, make_chapters: Any) -> None:
    again = made(country, site, make_chapters())
    assert chapter_pdf(again, again.chapters[0]) == printed[1][0]


def test_the_whole_begins_each_chapter_with_its_summary(printed: Any) -> None:
    site, documents = printed
    content = whole_pdf(site)
    assert content == whole_pdf(site)
    text = text_of(content)
    assert squeezed("What people in Blackpool need to live well") in text
    assert all(squeezed(f"Chapter {c.number}: {c.chapter.title}") in text for c in site.chapters)
    assert len(pdfium.PdfDocument(content)) > sum(len(pdfium.PdfDocument(d)) for d in documents) - len(documents)


def test_a_site_offers_its_documents_with_their_size(country: Any, site: SiteInfo, one_chapter: Any, tmp_path: Path) -> None:
    folder = build(one_chapter, country, tmp_path / "site", attrs.evolve(site, pdf=True)).folder
    data = (folder / "health" / "health.pdf").read_bytes()
    note = PdfNote.of("health/health.pdf", data, "2026-11")
    assert note.pages == len(pdfium.PdfDocument(data))
    assert f'href="health.pdf" type="application/pdf">This chapter ({note.words})' in (folder / "health" / "index.html").read_text()
    index = (folder / "index.html").read_text()
    assert f">{note.words}</a>" in index
    assert f">{PdfNote.of('jsna.pdf', (folder / 'jsna.pdf').read_bytes(), '2026-11').words}</a>" in index
    assert not list(build(one_chapter, country, tmp_path / "plain", site).folder.rglob("*.pdf"))


def test_a_chapter_that_did_not_change_keeps_its_document(country: Any, site: SiteInfo, one_chapter: Any, tmp_path: Path) -> None:
    shelf, info = Shelf(tmp_path / "editions"), attrs.evolve(site, pdf=True)
    for name in ("2026-10", "2026-11"):
        publish_edition(one_chapter, country, tmp_path / "out", info, shelf, name=name, on=dt.date(2026, int(name[-2:]), 15))
    first, second = (shelf.edition(name).files for name in ("2026-10", "2026-11"))
    assert {"health/health.pdf", "jsna.pdf"} <= set(first)
    assert {n: first[n] for n in ("health/health.pdf", "jsna.pdf", "health/index.html")} == {
        n: second[n] for n in ("health/health.pdf", "jsna.pdf", "health/index.html")
    }


# -- what cannot be made -------------------------------------------------------------------------------------------------------------


def test_without_the_library_the_error_names_the_extra(
    country: Any, site: SiteInfo, one_chapter: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtraError) as caught:
        build(one_chapter, country, tmp_path / "site", attrs.evolve(site, pdf=True))
    assert caught.value.extra == "pdf"
    assert not (tmp_path / "site").exists()


def test_a_character_that_no_font_has_is_named(country: Any, site: SiteInfo, one_chapter: Any) -> None:
    built = made(country, site, (attrs.evolve(one_chapter[0], owner="\u6f22"),))
    with pytest.raises(DataError, match="\u6f22"):
        chapter_pdf(built, built.chapters[0])


def test_characters_that_stand_for_nothing_are_left_out(country: Any, site: SiteInfo, one_chapter: Any) -> None:
    built = made(country, site, (attrs.evolve(one_chapter[0], owner="A\ue000B\x01C"),))
    assert "ABC" in text_of(chapter_pdf(built, built.chapters[0]))
