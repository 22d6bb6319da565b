"""Linked panels as a page: `nox -s bench -- publish [--json FILE]`, beside the same three panels (map, ranking, line) made with Altair and with Plotly in the same run.

153 upper-tier authorities x 60 measures x 15 years with limits (137,700 figures), invented, on the real outlines of the sample pack; then 296 lower-tier ones. What is measured: the page in bytes, raw and gzip;
CPU seconds to build it (the site with that one page); in Debian's Chromium at full speed and throttled to a quarter, milliseconds from navigation until all can be used, and from a choice of another measure until
what can be seen is painted (median of 12) and, for ours, until the panels out of sight are drawn as well. Aims: at most 0.9 MB raw and 0.65 MB gzip, 3 s to build, 60 ms an update at full speed.
Altair draws with `inline=True` and Plotly with `include_plotlyjs=True`, so that all three are files that stand alone. Both are installed for this session alone.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import plotly.graph_objects as go
from playwright.sync_api import sync_playwright
from plotly.subplots import make_subplots

from jsnakit import geography, observations
from jsnakit._site_data import WorkspaceData
from jsnakit.chapters import Chapter, ChapterState, Figure, Page
from jsnakit.chapters.options import Dashboard
from jsnakit.errors import NoDataError, UnknownIndicatorError
from jsnakit.model import AREA_TYPES, Area, Indicator, Polarity, Theme
from jsnakit.publish import SiteInfo, build
from jsnakit.publish.data import Citation
from jsnakit.publish.panels.geometry import rings
from jsnakit.workspace import Workspace

MEASURES, YEARS = 60, range(2010, 2025)
OWN = "E06000009"
ORIGIN = "sha256:bbbbbbbbbbbb"
AIMS = {"raw": 900_000, "gzip": 650_000, "build": 3.0, "update": 60.0}
CHANGES = 12


class Invented:
    """Invented figures on real outlines: a `jsnakit.publish.data.Data` of one area type."""

    def __init__(self, outlines: Any, kind: str) -> None:
        self.kind, self._outlines = kind, outlines
        self.codes = [r["area"] for r in outlines.shapes(kind).to_pylist() if r["valid_to"] is None]
        themes = list(Theme)
        self._known = {
            f"bench.m{k:02d}": Indicator(
                f"bench.m{k:02d}", f"Invented measure {k + 1}", "%" if k % 3 else "per 1,000", definition="Invented.", theme=themes[k * len(themes) // MEASURES],
                polarity=Polarity.LOWER_IS_BETTER if k % 2 else Polarity.HIGHER_IS_BETTER, polarity_source="invented", decimals=1, area_types=("country", "region", kind),
            )
            for k in range(MEASURES)
        }  # fmt: skip

    @property
    def place(self) -> Area:
        return geography.get(OWN, type=self.kind)

    def indicators(self) -> list[Indicator]:
        return list(self._known.values())

    def indicator(self, indicator: str) -> Indicator:
        if indicator not in self._known:
            raise UnknownIndicatorError(f"nothing answers for {indicator!r}", indicator=indicator, suggestions=())
        return self._known[indicator]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Levels by place, walks through the years, limits that shrink with the size of the place."""
        dice = np.random.default_rng(6)
        n, years = len(self.codes), len(YEARS)
        level = dice.normal(0, 1, n)
        value = dice.uniform(15, 70, (MEASURES, 1, 1)) + dice.uniform(1, 6, (MEASURES, 1, 1)) * (level + dice.normal(0, 0.7, (MEASURES, 1, n)))
        value = np.clip(value + np.cumsum(dice.normal(0, 0.5, (MEASURES, years, n)), axis=1), 0.5, 95)
        half = dice.uniform(0.5, 4, n) * np.sqrt(value / 20)
        return self._rows(self.kind, self.codes, value, value - half, value + half * 1.03)

    def _rows(self, kind: str, codes: Sequence[str], value: Any, lower: Any = None, upper: Any = None) -> pd.DataFrame:
        n, years = len(codes), len(YEARS)
        table = observations.build(
            MEASURES * years * n, indicator=[i for i in self._known for _ in range(years * n)], area_scheme="gss", area_type=kind, area=list(codes) * (MEASURES * years),
            period_start=[dt.date(y, 1, 1) for _ in range(MEASURES) for y in YEARS for _ in range(n)], period_duration="P1Y",
            period=[str(y) for _ in range(MEASURES) for y in YEARS for _ in range(n)], value=value.ravel(), lower=None if lower is None else np.maximum(lower, 0).ravel(),
            upper=None if upper is None else upper.ravel(), origin=ORIGIN,
        )  # fmt: skip
        return observations.to_pandas(table)

    @cached_property
    def wider(self) -> dict[str, pd.DataFrame]:
        """England and the regions: the mean of all places, a little moved."""
        mean = self.frame.groupby(["indicator", "period"], sort=False)["value"].mean().to_numpy().reshape(MEASURES, len(YEARS), 1)
        regions = [a.code for a in geography.areas("region") if a.valid_to is None and a.code.startswith("E12")]
        return {
            "country": self._rows("country", ["E92000001"], mean),
            "region": self._rows("region", regions, mean + np.linspace(-2, 2, len(regions))),
        }

    def observe(self, *indicators: str, area_type: str | None = None, **_: Any) -> pd.DataFrame:
        rows = self.frame if area_type in (None, self.kind) else self.wider.get(str(area_type))
        if rows is None:
            raise NoDataError(f"nothing for {area_type}", available=())
        return rows[rows["indicator"].isin(indicators)].reset_index(drop=True)

    def citations(self, origins: Sequence[str]) -> list[Citation]:
        return [Citation(publisher="Nobody", title="Invented figures", licence="OGL-UK-3.0") for o in origins if o == ORIGIN]

    def area_name(self, code: str, area_type: str) -> str:
        return geography.name_of(code, type=area_type)

    def area_type(self, area_type: str) -> Any:
        return AREA_TYPES.get(area_type)

    def shapes(self, area_type: str) -> Any:
        return self._outlines.shapes(area_type)


# -- three pages ---------------------------------------------------------------------------------------------------------------------


def ours(data: Invented, folder: Path) -> tuple[Path, float]:
    """The page, and the CPU seconds to build the site that holds it."""
    data.frame, data.wider  # noqa: B018  # invented before the clock starts
    figure = Figure("dashboard", Dashboard(indicators=("bench.*",)), 1)
    chapter = Chapter(
        title="Bench", slug="bench", order=1, state=ChapterState.PUBLISHED, pages=(Page("Explore", "index", (figure,)),), file="bench.md"
    )
    begin = time.process_time()
    build([chapter], data, folder, SiteInfo(council="Nobody", edition="2026-11"))  # type: ignore[arg-type]  # as much of `Data` as this page asks for
    return folder / "bench" / "index.html", time.process_time() - begin


def _features(data: Invented, *, degrees: bool) -> list[dict[str, Any]]:
    """Outlines as GeoJSON; in degrees only about right, which is enough to draw the same number of points."""

    def at(x: float, y: float) -> list[float]:
        return [round(-2 + (x - 400_000) / 68_000, 4), round(49.77 + (y + 100_000) / 111_200, 4)] if degrees else [round(x), round(y)]

    found = []
    for r in data.shapes(data.kind).to_pylist():
        if r["valid_to"] is None:
            parts = [[[at(x, y) for x, y in (*ring, ring[0])]] for ring in rings(r["path"])]
            found.append(
                {"type": "Feature", "id": r["area"], "properties": {"name": r["name"]}, "geometry": {"type": "MultiPolygon", "coordinates": parts}}
            )
    return found


def altair_page(data: Invented, folder: Path) -> tuple[Path, float]:
    """Map, ranking and line with one selection and two menus."""
    begin = time.process_time()
    rows = data.frame[["indicator", "area", "period", "value", "lower", "upper"]].copy()
    for column in ("value", "lower", "upper"):
        rows[column] = rows[column].round(1)
    rows["name"] = rows["area"].map({c: data.area_name(c, data.kind) for c in data.codes})
    rows["key"] = rows["area"] + "|" + rows["indicator"] + "|" + rows["period"]
    alt.data_transformers.disable_max_rows()
    measure = alt.param("measure", value="bench.m00", bind=alt.binding_select(options=[i.id for i in data.indicators()], name="Measure "))
    period = alt.param("period", value="2024", bind=alt.binding_select(options=[str(y) for y in YEARS], name="Period "))
    pick = alt.selection_point("pick", fields=["area"], value=[{"area": OWN}])
    shown = (alt.datum.indicator == measure) & (alt.datum.period == period)
    # The selection belongs to one panel; the others only ask it.
    land = (
        alt.Chart(alt.InlineData(values={"type": "FeatureCollection", "features": _features(data, degrees=False)}, format=alt.DataFormat(property="features"))).mark_geoshape(stroke="white")
        .transform_calculate(area="datum.id", key="datum.id + '|' + measure + '|' + period")
        .transform_lookup(lookup="key", from_=alt.LookupData(rows, "key", ["value", "name"]))
        .encode(color=alt.Color("value:Q", bin=alt.Bin(maxbins=5)), tooltip=["name:N", "value:Q"], stroke=alt.condition(pick, alt.value("black"), alt.value("white"), empty=False))
        .add_params(pick).project("identity", reflectY=True).properties(width=460, height=560)
    )  # fmt: skip
    base = alt.Chart(rows)
    ranked = (
        base.mark_bar().transform_filter(shown)
        .encode(x="value:Q", y=alt.Y("name:N", sort="-x"), color=alt.condition(pick, alt.value("black"), alt.value("#8a96a1"), empty=False)).properties(width=400)
    )  # fmt: skip
    line = (
        base.mark_line(point=True)
        .transform_filter((alt.datum.indicator == measure) & pick)
        .encode(x="period:O", y=alt.Y("value:Q", scale=alt.Scale(zero=False)))
    )
    whole = ((land | ranked) & line.properties(width=900)).add_params(measure, period)
    text = whole.to_html(inline=True)
    at = text.rindex("vegaEmbed('#vis'")
    path = folder / "altair.html"
    path.write_text(text[:at] + text[at:].replace(".catch(console.error)", ".then(r => { window.shown = r.view; })", 1), encoding="utf-8")
    return path, time.process_time() - begin


_PLOTLY = """
const held = HELD, names = NAMES, years = YEARS, last = years.length - 1;
window.choose = (m, a) => {
  const now = held.value[m][last], order = now.map((_, i) => i).sort((x, y) => now[x] - now[y]);
  return Plotly.restyle("all", {z: [now], x: [null, order.map(i => now[i]), years], y: [null, order.map(i => names[i]), years.map((_, t) => held.value[m][t][a])]}, [0, 1, 2]);
};
window.own = OWN;
document.getElementById("all").on("plotly_click", e => window.choose(0, e.points[0].pointIndex));
window.shown = true;
"""


def plotly_page(data: Invented, folder: Path) -> tuple[Path, float]:
    """The same three traces; the figures stand beside them as lists by measure, year and place, and a short script redraws."""
    begin = time.process_time()
    shape = (MEASURES, len(YEARS), len(data.codes))
    held = {c: np.round(data.frame[c].to_numpy().reshape(shape), 1).tolist() for c in ("value", "lower", "upper")}
    now, names = held["value"][0][-1], [data.area_name(c, data.kind) for c in data.codes]
    order = sorted(range(len(names)), key=lambda a: now[a])
    whole = make_subplots(rows=2, cols=2, specs=[[{"type": "choropleth"}, {"type": "bar"}], [{"type": "scatter", "colspan": 2}, None]])
    land = {"type": "FeatureCollection", "features": _features(data, degrees=True)}
    whole.add_trace(go.Choropleth(geojson=land, locations=data.codes, z=now, text=names, showscale=False), 1, 1)
    whole.add_trace(go.Bar(x=[now[a] for a in order], y=[names[a] for a in order], orientation="h"), 1, 2)
    own = data.codes.index(OWN)
    whole.add_trace(go.Scatter(x=list(YEARS), y=[held["value"][0][t][own] for t in range(len(YEARS))]), 2, 1)
    whole.update_geos(visible=False, fitbounds="locations")
    whole.update_layout(height=1200, showlegend=False)
    script = _PLOTLY
    for word, content in (("HELD", held), ("NAMES", names), ("YEARS", list(YEARS)), ("OWN", own)):
        script = script.replace(word, json.dumps(content, separators=(",", ":")), 1)
    path = folder / "plotly.html"
    path.write_text(whole.to_html(include_plotlyjs=True, div_id="all", post_script=script), encoding="utf-8")
    return path, time.process_time() - begin


# -- in Chromium ---------------------------------------------------------------------------------------------------------------------

_FRAME = "const painted = () => new Promise(r => requestAnimationFrame(() => setTimeout(r, 0)));"
READY = {
    "ours": "document.querySelector('[data-ready]')",
    "altair": "window.shown",
    "plotly": "window.shown && document.querySelectorAll('#all .bars .point').length > 1",
}
CHANGE = {
    "ours": "async k => { " + _FRAME + " const s = document.querySelector('select[id$=measure]'), t = performance.now(); s.value = k; s.dispatchEvent(new Event('change')); await painted();"
    " const seen = performance.now() - t; await new Promise(r => requestIdleCallback(r, {timeout: 5000})); return [seen, performance.now() - t]; }",
    "altair": "async k => { " + _FRAME + " const t = performance.now(); await window.shown.signal('measure', 'bench.m' + String(k).padStart(2, '0')).runAsync(); await painted();"
    " return [performance.now() - t, performance.now() - t]; }",
    "plotly": "async k => { " + _FRAME + " const t = performance.now(); await window.choose(k, window.own); await painted(); return [performance.now() - t, performance.now() - t]; }",
}  # fmt: skip


_LAYERS = ("coastlines", "land", "ocean", "lakes", "rivers", "countries", "subunits")
_EMPTY_WORLD = {"type": "Topology", "objects": {name: {"type": "GeometryCollection", "geometries": []} for name in _LAYERS}, "arcs": []}


def measured(name: str, path: Path, chromium: Any) -> dict[str, Any]:
    """Sizes, and times at full speed and at a quarter of it."""
    raw = path.read_bytes()
    found: dict[str, Any] = {"raw": len(raw), "gzip": len(gzip.compress(raw, 9, mtime=0))}
    for slower in (1, 4):
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.set_default_timeout(240_000)
        asked: list[str] = []
        page.on("request", lambda r, asked=asked: asked.append(r.url) if not r.url.startswith(("file:", "data:", "blob:")) else None)
        # Plotly's map does not begin until its maker's server has answered, whatever outlines it was given: here it is answered with an empty world.
        page.route("https://cdn.plot.ly/**", lambda route: route.fulfill(json=_EMPTY_WORLD))
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
        page.goto(path.as_uri(), wait_until="commit")
        ready = page.wait_for_function(f"() => {READY[name]} ? performance.now() : false", polling="raf").json_value()
        page.wait_for_timeout(1500)
        times = [page.evaluate(CHANGE[name], 3 + 4 * k) for k in range(CHANGES)]
        found[f"x{slower}"] = {
            "ready_ms": round(ready), "update_ms": round(statistics.median(t[0] for t in times), 1), "update_worst_ms": round(max(t[0] for t in times), 1),
            "all_ms": round(statistics.median(t[1] for t in times), 1),
        }  # fmt: skip
        found["asked_of_others"] = sorted(set(asked))
        context.close()
    return found


def main() -> None:
    """Measure, print, and write what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        project = folder / "project"
        project.mkdir()
        (project / "jsna.toml").write_text('[jsna]\narea = "E06000009"\npacks = ["sample"]\n', encoding="utf-8")
        outlines = WorkspaceData(Workspace(project))
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        for kind in ("utla", "ltla"):
            data = Invented(outlines, kind)
            pages = {"ours": ours, "altair": altair_page, "plotly": plotly_page} if kind == "utla" else {"ours": ours}
            for tool, make in pages.items():
                target = folder / f"{tool}-{kind}"
                if tool != "ours":
                    target.mkdir()
                path, seconds = make(data, target)
                key = f"{tool}, {len(data.codes)} areas"
                found[key] = {"build_cpu_s": round(seconds, 2), **measured(tool, path, chromium)}
                one, four = found[key]["x1"], found[key]["x4"]
                print(
                    f"{key:22} build {seconds:5.1f} s  raw {found[key]['raw'] / 1e6:5.2f} MB  gzip {found[key]['gzip'] / 1e6:5.2f} MB  ready {one['ready_ms']:6,} / {four['ready_ms']:6,} ms  "
                    f"update {one['update_ms']:6.1f} / {four['update_ms']:7.1f} ms  all {one['all_ms']:6.1f} / {four['all_ms']:7.1f} ms  asked of others: {len(found[key]['asked_of_others'])}",
                    flush=True,
                )
        chromium.close()
    first = found["ours, 153 areas"]
    reached = {"raw": first["raw"], "gzip": first["gzip"], "build": first["build_cpu_s"], "update": first["x1"]["update_ms"]}
    for what, aim in AIMS.items():
        print(f"{what}: {reached[what]:,} (aim {aim:,}){'' if reached[what] <= aim else '  MISSED'}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
