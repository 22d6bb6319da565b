"""A plugin adds a panel: an author names it, its options are checked as any, its fault is told as its own, and its figure stands on the page."""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any

import attrs
import pytest
from attrs import frozen

from jsnakit import hookimpl
from jsnakit._plugins import Installed, Plugins
from jsnakit.chapters import Chapter, ChapterState, Options, PanelKind, read_chapters
from jsnakit.errors import ChapterError, InvalidValueError, PluginConflictError, PluginError
from jsnakit.publish import build
from jsnakit.publish.figures import Built, Context, build_figure
from jsnakit.publish.figures.context import Absent
from jsnakit.publish.panels import Drawing, drawing, el, standalone


@frozen(kw_only=True)
class Bubbles(Options):
    """What an author may ask of bubbles."""

    indicator: str
    most: int = 5


@frozen
class BubblePanel(Drawing):
    """Circles in a row: a picture of a plugin's own."""

    title: str
    radii: tuple[float, ...]

    def _inner(self) -> Any:
        return el("g", None, *(el("circle", {"class": "jk-m jk-m-plain", "cx": 20 + 40 * i, "cy": 20, "r": r}) for i, r in enumerate(self.radii)))

    def body(self) -> str:
        return drawing("", 200, 40, self.title, f"{len(self.radii)} circles", self._inner())

    def svg(self, credit: str = "") -> str:
        return standalone(200, 40, self.title, "circles", self._inner(), credit=credit)

    def data(self) -> Any:
        return ("radius",), tuple((r,) for r in self.radii)


def bubbles(context: Context) -> Built:
    o = context.options
    assert isinstance(o, Bubbles)
    indicator = context.indicator(o.indicator)
    rows = context.observe([o.indicator], area_type="ltla")
    known = rows[rows["value"].notna()]
    if known.empty:
        raise Absent("There is nothing to blow.")
    panel = BubblePanel(f"{indicator.name} <b>", tuple(float(v) % 15 + 1 for v in known["value"].head(o.most)))
    return Built(
        kind="headline",
        finding="Bubbles rise",
        panel=panel,
        notes=context.notes([indicator], known, how_to_read="Count them."),
        rows=known.head(o.most),
    )


KIND = PanelKind(name="toy.bubbles", options=Bubbles, build=bubbles, title="Bubbles")


def toy(*kinds: Any, name: str = "toy") -> Plugins:
    module = types.ModuleType("toy_plugin")
    module.jsnakit_panels = hookimpl(lambda: iter(kinds))  # type: ignore[attr-defined]  # a module takes any attribute
    return Plugins([Installed(name=name, module="toy_plugin", distribution="jsnakit-toy", version="0.3", load=lambda: module)])


def written(folder: Path, figure: str) -> Path:
    (folder / "01-toys.md").write_text(f'+++\ntitle = "Toys"\nstate = "published"\n+++\n\n```jsnakit\n{figure}\n```\n', encoding="utf-8")
    return folder


def test_a_plugins_panel_is_named_asked_and_published(tmp_path: Path, country: Any, site: Any) -> None:
    plugins = toy(KIND)
    (chapter,) = read_chapters(written(tmp_path, 'panel = "toy.bubbles"\nindicator = "t.life"\nmost = 3'), panels=plugins.panel)
    (figure,) = chapter.figures
    assert figure.options == Bubbles(indicator="t.life", most=3)
    assert figure.kind is not None
    assert figure.kind.origin == "plugin 'toy' (jsnakit-toy 0.3)"
    report = build((chapter,), country, tmp_path / "site", site)
    page = (report.folder / "toys" / "index.html").read_text(encoding="utf-8")
    assert report.figures == 1
    assert "Bubbles rise" in page
    assert page.count('<circle class="jk-m jk-m-plain"') == 3
    assert "Life expectancy &lt;b&gt;" in page
    assert {p.name for p in (report.folder / "toys" / "data").iterdir()} >= {"toy-bubbles.csv", "toy-bubbles-drawn.csv", "toy-bubbles.svg"}
    assert '<h1 class="jp-h1">Toys</h1>' in page, "a plugin's figure is never the headline of the page"


def test_an_authors_mistake_in_a_plugins_panel_is_told_as_any(tmp_path: Path) -> None:
    panels = toy(KIND).panel
    for figure, said, line in (
        ('panel = "toy.bubbles"\nindicatr = "t.life"', "indicatr", 8),
        ('panel = "toy.bubbels"', "it offers no panel 'toy.bubbels'", 7),
        ('panel = "tooy.bubbles"', "there is no panel 'tooy.bubbles'", 7),
        ("panel = 3", "there is no panel 3", 7),
    ):
        with pytest.raises(ChapterError, match=said) as caught:
            read_chapters(written(tmp_path, figure), panels=panels)
        assert caught.value.line == line
    with pytest.raises(ChapterError, match=r"there is no panel 'toy\.bubbles'"):
        read_chapters(written(tmp_path, 'panel = "toy.bubbles"'))


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ((attrs.evolve(KIND, name="other.bubbles"),), "its panel is called 'other.bubbles'"),
        ((KIND, KIND), "two of its panels are called"),
        (("bubbles",), "yielded str, not PanelKind"),
    ],
)
def test_a_plugin_whose_panels_do_not_fit_is_named(kinds: tuple[Any, ...], said: str) -> None:
    with pytest.raises(PluginError, match=said) as caught:
        toy(*kinds).panel("toy.bubbles")
    assert caught.value.distribution == "jsnakit-toy"


def test_two_plugins_of_one_name_are_no_panel() -> None:
    one = toy(KIND).installed[0]
    with pytest.raises(PluginConflictError):
        Plugins([one, attrs.evolve(one, distribution="other")]).panel("toy.bubbles")
    assert toy(KIND).panel("nothing.here") is None
    assert toy(KIND).offers(one) == ("panels",)


def test_a_builder_at_fault_is_named_and_an_absence_is_none(context: Any, country: Any) -> None:
    def figure(build_it: Any) -> Built:
        kind = attrs.evolve(KIND, build=build_it, origin="plugin 'toy' (jsnakit-toy 0.3)")
        made = context("ranked", indicator="t.life")
        return build_figure(attrs.evolve(made, figure=attrs.evolve(made.figure, panel="toy.bubbles", options=Bubbles(indicator="t.life"), kind=kind)))

    assert figure(bubbles).kind == "toy-bubbles"
    with pytest.raises(PluginError, match=r"plugin 'toy' \(jsnakit-toy 0.3\): the panel toy.bubbles failed: ZeroDivisionError"):
        figure(lambda _: 1 / 0)
    with pytest.raises(PluginError, match="gave str, not Built"):
        figure(lambda _: "<b>")
    with pytest.raises(PluginError, match="names no source"):
        figure(lambda _: Built(kind="x", finding="x", panel=BubblePanel("x", (1.0,))))
    country.table = country.table.slice(0, 0)
    absent = figure(bubbles)
    assert (absent.finding, absent.panel) == ("Bubbles", None)
    assert absent.absent


@pytest.mark.parametrize(("name", "options"), [("Toy Bubbles", Bubbles), ("toy.bubbles", int), ("toy.bubbles", "Bubbles")])
def test_a_kind_that_cannot_be_one_is_refused(name: str, options: Any) -> None:
    with pytest.raises(InvalidValueError):
        PanelKind(name=name, options=options, build=bubbles)


def test_a_change_of_the_plugins_code_is_a_change_of_the_chapter(tmp_path: Path) -> None:
    """A site is left as it is only where nothing has changed: the code of a panel is part of what it is made of."""
    (chapter,) = read_chapters(written(tmp_path, 'panel = "toy.bubbles"\nindicator = "t.life"'), panels=toy(KIND).panel)
    assert isinstance(chapter, Chapter)
    assert chapter.state is ChapterState.PUBLISHED
    kind = chapter.figures[0].kind
    assert kind is not None
    assert kind.digest
    assert kind.digest in repr(chapter)
