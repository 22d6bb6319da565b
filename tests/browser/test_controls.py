"""What scripts add: colours, full screen, pictures, embedding, and a state that lives in the address; all of it by keyboard, in frames, and in both modes."""

from __future__ import annotations

import io
import re
import struct
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jsnakit.publish import scripts
from jsnakit.settings import Assets

PALETTE = "document.documentElement.dataset.palette || ''"
FOCUS = """() => { const e = document.activeElement; return e === document.body ? '' : (e.id || e.textContent.trim().slice(0, 40) || e.tagName); }"""
INLINE, SPLIT = Assets.INLINE, Assets.SPLIT


@pytest.fixture(params=Assets, ids=lambda a: a.value)
def folder(request: pytest.FixtureRequest, made: Callable[[Assets], Path]) -> Path:
    """The made-up country's site, in either mode."""
    return made(request.param)


# -- both modes, file and server -----------------------------------------------------------------------------------------------------


def test_every_page_opens_from_a_file_in_both_modes(folder: Path, open_page: Any) -> None:
    page = open_page(folder / "index.html")
    for path in sorted(folder.rglob("*.html")):
        page.goto(path.as_uri())
        # The sheet and the script are at work; `open_page` fails for anything that was refused.
        assert page.evaluate("getComputedStyle(document.querySelector('h1')).fontSize") == "42px", path
        assert page.locator("#jp-controls button").first.is_visible(), path


@pytest.mark.enable_socket
def test_every_page_opens_from_a_server_in_both_modes(folder: Path, open_page: Any, serve: Any) -> None:
    home = serve(folder)
    page = open_page(f"{home}/index.html")
    for path in sorted(folder.rglob("*.html")):
        page.goto(f"{home}/{path.relative_to(folder).as_posix()}")
        assert page.locator("#jp-controls button").first.is_visible(), path


def test_the_rule_of_a_page_refuses_any_other_script(folder: Path, open_page: Any) -> None:
    page = open_page(folder / "index.html", watched=False)
    page.evaluate("() => { const s = document.createElement('script'); s.textContent = 'self.owned = 1'; document.body.append(s); }")
    page.evaluate(
        "() => { document.body.setAttribute('style', 'color: red'); document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"self.owned=1\">'); }"
    )
    page.evaluate("() => fetch('https://example.org/').catch(() => null)")
    assert page.evaluate("self.owned") is None
    refused = " ".join(page.evaluate("self.refused"))
    for directive in ("script-src-elem", "style-src-attr", "connect-src"):
        assert directive in refused


def test_a_page_alone_is_whole(made: Callable[[Assets], Path], open_page: Any, tmp_path: Path) -> None:
    """Sent by mail, one file opens as it was."""
    alone = tmp_path / "page.html"
    alone.write_bytes((made(INLINE) / "health" / "index.html").read_bytes())
    page = open_page(alone)
    page.get_by_role("button", name="Colour-blind safe colours").click()
    assert page.evaluate(PALETTE) == "safe"
    assert page.locator("svg.jk-map").first.is_visible()


# -- colours and the address ---------------------------------------------------------------------------------------------------------


def test_the_palette_is_one_click_away_and_in_the_address(folder: Path, open_page: Any) -> None:
    page = open_page(folder / "health" / "index.html")
    mark = "getComputedStyle(document.querySelector('.jk-m-worse')).fill"
    rag = page.evaluate(mark)
    button = page.get_by_role("button", name="Colour-blind safe colours")
    assert button.get_attribute("aria-pressed") == "false"
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert page.url.endswith("#palette=safe")
    assert page.evaluate(mark) != rag
    # The other pages of the site, and a link that was sent to somebody.
    for link in ("../index.html#chapters", "../data.html"):
        assert page.locator(f"a[href^='{link}']").first.get_attribute("href").endswith("palette=safe")
    again = open_page(page.url)
    assert again.evaluate(PALETTE) == "safe"
    assert again.get_by_role("button", name="Colour-blind safe colours").get_attribute("aria-pressed") == "true"
    page.get_by_role("link", name="Glossary").first.click()
    page.wait_for_url("**/glossary.html*", wait_until="load")
    page.wait_for_function(f"({PALETTE}) === 'safe'")
    page.go_back()
    button.click()
    assert "#" not in page.url
    assert page.evaluate(mark) == rag


def test_a_place_on_the_page_and_a_choice_stand_in_one_address(folder: Path, open_page: Any) -> None:
    page = open_page(folder / "health" / "index.html", fragment="#trends&palette=safe")
    assert page.evaluate(PALETTE) == "safe"
    assert page.evaluate("Math.abs(document.getElementById('trends').getBoundingClientRect().top) < innerHeight")
    assert page.evaluate("scrollY") > 400
    page.get_by_role("button", name="Colour-blind safe colours").click()
    assert page.url.endswith("#trends")


def test_an_address_that_is_edited_is_followed(folder: Path, open_page: Any) -> None:
    page = open_page(folder / "health" / "index.html", fragment="#palette=safe")
    page.evaluate("location.hash = ''")
    page.wait_for_function(f"({PALETTE}) === ''")
    page.evaluate("location.hash = '#palette=safe'")
    page.wait_for_function(f"({PALETTE}) === 'safe'")


HOSTILE = (
    "#palette=%22onload%3D", "#palette=<script>self.owned=1</script>", "#palette=SAFE", "#palette=safe2", "#palette=", "#palette=rag&palette=safe2", "#__proto__=x&constructor=y", "#toString=1",
    "#only=../../x", "#only=%3Cimg%20src=x%20onerror=self.owned=1%3E", "#only=nosuch", "#only=main", "#%E0%A4%A", "#palette=%E0%A4%A", "#a=b=c&&&==&", "#" + "a" * 5000, "#palette=" + "s" * 5000,
    "#javascript:self.owned=1", "#<svg onload=self.owned=1>&palette=x", "#only=__proto__", "#\u2028palette=x", "#jk-data-pictures",
)  # fmt: skip


@pytest.mark.parametrize("start", range(0, len(HOSTILE), 6))
def test_a_hostile_address_changes_nothing(made: Callable[[Assets], Path], open_page: Any, start: int) -> None:
    path = made(INLINE) / "health" / "index.html"
    before = open_page(path)
    looks = "document.documentElement.getAttributeNames().join() + document.querySelectorAll('*').length + document.querySelector('main').innerText.length"
    plain = before.evaluate(looks)
    for fragment in HOSTILE[start : start + 6]:
        page = open_page(path, fragment=fragment)
        assert page.evaluate(looks) == plain, fragment
        assert page.evaluate("self.owned") is None
        assert page.evaluate("({}).x === undefined")
        # And the page still works.
        page.get_by_role("button", name="Colour-blind safe colours").click()
        assert page.evaluate(PALETTE) == "safe"


# -- full screen ---------------------------------------------------------------------------------------------------------------------


def _full(page: Any) -> Any:
    return page.evaluate("document.fullscreenElement && (document.fullscreenElement.id || document.fullscreenElement.tagName)")


def test_a_figure_and_the_page_fill_the_screen(folder: Path, open_page: Any) -> None:
    page = open_page(folder / "health" / "index.html")
    figure = page.locator("#area-map")
    button = figure.get_by_role("button", name="Full screen")
    # At the right end of the tools, as readers know it.
    tools, at = figure.locator(".jp-tools").bounding_box(), button.bounding_box()
    assert abs(tools["x"] + tools["width"] - at["x"] - at["width"]) < 2
    button.click()
    page.wait_for_function("document.fullscreenElement !== null")
    assert _full(page) == "area-map"
    assert figure.bounding_box()["width"] >= 1280
    figure.get_by_role("button", name="Leave full screen").click()
    page.wait_for_function("document.fullscreenElement === null")
    figure.get_by_role("button", name="Full screen", exact=True).wait_for()
    page.locator("#jp-controls").get_by_role("button", name="Full screen").click()
    page.wait_for_function("document.fullscreenElement !== null")
    assert _full(page) == "HTML"
    page.locator("#jp-controls").get_by_role("button", name="Leave full screen").click()
    page.wait_for_function("document.fullscreenElement === null")


def test_where_full_screen_is_not_allowed_there_is_no_button_for_it(folder: Path, open_page: Any) -> None:
    page = open_page("about:blank", watched=False)
    page.context.add_init_script("Object.defineProperty(document, 'fullscreenEnabled', {value: false})")
    page.goto((folder / "health" / "index.html").as_uri())
    assert page.get_by_role("button", name="Full screen").count() == 0
    assert page.get_by_role("button", name="Picture (PNG)").count() > 0


# -- in another page -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def host(open_page: Any, serve: Any, tmp_path: Path) -> Callable[[str], Any]:
    """A function that opens a page of somebody else with these elements in it, and gives that page and the one in its frame."""
    home = serve(tmp_path)

    def opened(elements: str) -> tuple[Any, Any]:
        (tmp_path / "host.html").write_text(f"<!doctype html><html lang=en><title>Host</title>{elements}", encoding="utf-8")
        page = open_page(f"{home}/host.html", watched=False)
        frame = page.frames[-1]
        frame.locator("#jp-controls button").first.wait_for(state="attached")
        return page, frame

    return opened


@pytest.mark.enable_socket
def test_a_page_in_a_sandboxed_frame_works_and_leads_out(made: Callable[[Assets], Path], host: Any, serve: Any) -> None:
    """`sandbox="allow-scripts"`: no origin of its own, no full screen, no storage."""
    home = serve(made(INLINE))
    _, frame = host(f"<iframe title=x width=900 height=700 src='{home}/health/index.html#palette=safe' sandbox='allow-scripts'></iframe>")
    assert frame.evaluate(PALETTE) == "safe"
    assert frame.evaluate("self.refused") == []
    frame.get_by_role("button", name="Colour-blind safe colours").click()
    assert frame.evaluate(PALETTE) == ""
    assert frame.evaluate("location.hash") == ""
    assert frame.get_by_role("button", name="Full screen").count() == 0
    out = frame.get_by_role("link", name="Open in a new tab")
    assert out.get_attribute("target") == "_blank"
    assert out.get_attribute("href") == f"{home}/health/index.html"


@pytest.mark.enable_socket
def test_a_frame_that_allows_full_screen_has_it(made: Callable[[Assets], Path], host: Any, serve: Any) -> None:
    home = serve(made(SPLIT))
    _, frame = host(f"<iframe title=x width=900 height=700 src='{home}/health/index.html' allow='fullscreen'></iframe>")
    frame.locator("#area-map").get_by_role("button", name="Full screen").click()
    frame.wait_for_function("document.fullscreenElement !== null")
    assert frame.get_by_role("link", name="Open in a new tab").count() == 0


@pytest.mark.enable_socket
def test_the_text_to_embed_shows_one_figure_with_its_notes(made: Callable[[Assets], Path], open_page: Any, serve: Any, host: Any) -> None:
    home = serve(made(INLINE))
    page = open_page(f"{home}/health/index.html", fragment="#palette=safe")
    figure = page.locator("#ranked")
    figure.locator(".jp-embed > summary").click()
    text = figure.get_by_label("Text to paste into a page of yours").input_value()
    title = figure.locator("h2").text_content()
    assert 'allow="fullscreen"' in text
    around, frame = host(text)
    assert around.locator("iframe").get_attribute("title") == title
    assert frame.locator("#ranked").is_visible()
    assert frame.evaluate(PALETTE) == "safe"
    for gone in ("#spine", ".jp-nav", "h1", "footer"):
        assert not frame.locator(gone).first.is_visible(), gone
    # What keeps it honest comes along.
    assert frame.locator("#ranked .jp-notes").get_by_text("Licence").first.is_visible()
    whole = frame.locator("#jp-whole a")
    assert whole.get_attribute("href") == f"{home}/health/index.html#ranked&palette=safe"


# -- pictures ------------------------------------------------------------------------------------------------------------------------


def _pixels(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and raw data of a PNG."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    sink, at = io.BytesIO(), 8
    width, height = struct.unpack(">II", png[16:24])
    while at < len(png):
        (n,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            sink.write(png[at + 8 : at + 8 + n])
        at += 12 + n
    return width, height, zlib.decompress(sink.getvalue())


def _saved(page: Any, figure: str, role: str, name: str) -> tuple[str, bytes]:
    with page.expect_download() as waiting:
        page.locator(figure).get_by_role(role, name=name).click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


def test_pictures_are_saved_in_the_colours_of_the_page_without_a_request(folder: Path, open_page: Any) -> None:
    page = open_page(folder / "health" / "index.html")
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    name, png = _saved(page, "#area-map", "button", "Picture (PNG)")
    assert name == "health-area-map.png"
    width, height, pixels = _pixels(png)
    assert width > 1200
    assert height > 800
    # A map, not a white sheet.
    assert len({pixels[i : i + 4] for i in range(0, len(pixels), 997)}) > 20
    name, svg = _saved(page, "#area-map", "link", "Picture (SVG)")
    assert name == "health-area-map.svg"
    assert svg.decode() == (folder / "health" / "data" / "area-map.svg").read_text(encoding="utf-8")
    page.get_by_role("button", name="Colour-blind safe colours").click()
    _, safe = _saved(page, "#area-map", "link", "Picture (SVG)")
    assert "#b8470a" in safe.decode()
    assert "#8f0f14" not in safe.decode()
    assert "Licence: Open Government Licence v3.0." in " ".join(" ".join(ET.fromstring(safe.decode()).itertext()).split())
    assert _pixels(_saved(page, "#area-map", "button", "Picture (PNG)")[1])[2] != pixels
    assert [a for a in asked if not a.startswith(("data:", "blob:"))] == []


def test_every_figure_with_a_picture_has_both_and_its_data(demo: Path, open_page: Any) -> None:
    page = open_page(demo / "waiting-for-treatment" / "index.html")
    figures = page.locator(".jp-row:has(a[data-picture])")
    assert figures.count() >= 3
    assert page.get_by_role("button", name="Picture (PNG)").count() == figures.count()
    for n in range(figures.count()):
        assert figures.nth(n).get_by_role("link", name=re.compile("CSV")).count() >= 1
    key = page.locator("a[data-picture]").first.get_attribute("data-picture")
    text = page.evaluate("k => jsnakit.pictures.text(k)", key)
    assert text == (demo / "waiting-for-treatment" / "data" / f"{key}.svg").read_text(encoding="utf-8")


# -- keyboard ------------------------------------------------------------------------------------------------------------------------


def _visible_focus(page: Any) -> bool:
    """Whether the element that has the focus looks different from how it looks without."""
    return bool(
        page.evaluate(
            """() => {
              const e = document.activeElement, look = () => { const s = getComputedStyle(e); return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.backgroundColor, s.left].join(); };
              const with_ = look(); e.blur(); const without = look(); e.focus({preventScroll: true});
              const s = getComputedStyle(e);
              return with_ !== without && (s.outlineStyle !== 'none' || s.boxShadow !== 'none');
            }"""
        )
    )


@pytest.mark.parametrize(
    "name", ["index.html", "health-and-wellbeing/index.html", "waiting-for-treatment/index.html", "place/index.html", "data.html"]
)
def test_tab_walks_every_control_in_the_order_of_the_page(demo: Path, open_page: Any, name: str) -> None:
    page = open_page(demo / name)
    wanted = page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, summary, input, select, textarea, [tabindex="0"], .jk-scroll')]
          .filter(e => e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true}) && e.tabIndex >= 0)
          .map((e, i) => { e.dataset.walk = i; return i; })"""
    )
    assert len(wanted) > 10
    walked, unseen = [], []
    for _ in range(len(wanted) + 5):
        page.keyboard.press("Tab")
        at = page.evaluate("document.activeElement.dataset.walk")
        if at is None:
            # Past the last of them, or in something that ought to have been on the list.
            assert page.evaluate("document.activeElement === document.body || document.activeElement === document.documentElement"), page.evaluate(
                FOCUS
            )
            break
        walked.append(int(at))
        if len(walked) <= 80 and not _visible_focus(page):
            unseen.append(page.evaluate("document.activeElement.outerHTML.slice(0, 120)"))
    assert walked == wanted
    assert unseen == []


def test_the_first_stop_skips_to_the_content(demo: Path, open_page: Any) -> None:
    page = open_page(demo / "index.html")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS) == "Skip to the content"
    assert page.locator(".jp-skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_every_tool_of_a_figure_works_by_keyboard(folder: Path, open_page: Any) -> None:
    page = open_page(folder / "health" / "index.html")
    figure = page.locator("#area-map")
    page.locator("#area-map .jp-tools a").first.focus()
    said = []
    for _ in range(12):
        said.append(page.evaluate("document.activeElement.textContent.trim()"))
        if said[-1] == "Full screen":
            break
        if said[-1] in {"Show as table", "Embed"}:
            page.keyboard.press("Enter")
            assert figure.locator("details[open]").count() >= 1
            page.keyboard.press("Space")
        page.keyboard.press("Tab")
    assert said == ["Definition", "Data (CSV)", "As drawn (CSV)", "Picture (SVG)", "Picture (PNG)", "Show as table", "Embed", "Full screen"]
    page.keyboard.press("Enter")
    page.wait_for_function("document.fullscreenElement !== null")
    assert page.evaluate("document.activeElement.textContent") == "Leave full screen"
    page.keyboard.press("Enter")
    page.wait_for_function("document.fullscreenElement === null")


# -- paper ---------------------------------------------------------------------------------------------------------------------------


def test_paper_has_no_controls_and_keeps_the_notes(folder: Path, open_page: Any) -> None:
    page = open_page(folder / "health" / "index.html")
    page.emulate_media(media="print")
    for gone in ("#jp-controls", ".jp-tools", ".jp-nav", ".jp-skip"):
        assert not page.locator(gone).first.is_visible(), gone
    for kept in (".jp-notes", ".jp-read p", "svg.jk-map", ".jk-spine"):
        assert page.locator(kept).first.is_visible(), kept
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_scripts_that_a_page_does_not_use_are_not_in_it(made: Callable[[Assets], Path]) -> None:
    folder = made(INLINE)
    first, chapter = ((folder / name).read_text(encoding="utf-8") for name in ("index.html", "health/index.html"))
    assert scripts.source(scripts.PAGE) in first
    assert "Picture (PNG)" not in first
    assert "Picture (PNG)" in chapter
    assert (made(SPLIT) / "app.js").read_text(encoding="utf-8") == scripts.source(scripts.FILES)
