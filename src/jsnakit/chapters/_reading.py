"""The author's format: a folder of Markdown files, TOML between `+++` lines first, figures as fenced TOML."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs
from attrs import field, frozen

from jsnakit.chapters._blocks import Block, Chapter, ChapterState, Figure, Page, Prose
from jsnakit.chapters._kinds import PanelKind
from jsnakit.chapters._prose import CLOSE, OPEN, Measure, placeholders
from jsnakit.chapters.options import PANELS, Options
from jsnakit.errors import ChapterError, InvalidValueError, JsnakitError, SettingsError
from jsnakit.model import Theme, nearest
from jsnakit.settings import structure

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

__all__ = ["read_chapter", "read_chapters", "render_markdown"]

FENCE: Final = "jsnakit"
PanelsOf: TypeAlias = Callable[[str], PanelKind | None]
MAX_CHAPTER_BYTES: Final = 1_000_000
_NAME = re.compile(r"(?:(?P<order>\d{1,4})-)?(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)*)\.md")


@frozen(kw_only=True)
class _Front:
    """The keys of the front matter."""

    title: str
    order: int | None = None
    theme: Theme | None = None
    state: ChapterState = ChapterState.DRAFT
    owner: str = ""
    review_by: dt.date | None = None
    first_page: str = field(default="Summary")
    approved_by: str = ""
    approved_on: dt.date | None = None
    indicators: Mapping[str, Any] = field(factory=dict)


@frozen(kw_only=True)
class _Named:
    """The keys of a measure under `[indicators]`."""

    indicator: str
    sex: str = ""
    age: str = ""


def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    made.core.ruler.push("marks", _marks)
    return made


def _marks(state: StateCore) -> None:
    """Words that `write` marked become a mark; its signs that stand where no mark can (in code, in an address) are dropped."""
    from markdown_it.token import Token

    for token in state.tokens:
        children: list[Token] = []
        for child in token.children or ():
            child.attrs = {k: re.sub("%EE%80%8[01]", "", v) if isinstance(v, str) else v for k, v in child.attrs.items()}
            parts = re.split(f"([{OPEN}{CLOSE}])", child.content) if child.type == "text" else []
            if len(parts) < 2:
                children.append(child)
                continue
            for part in parts:
                if part in (OPEN, CLOSE):
                    children.append(Token("mark_open", "mark", 1, attrs={"class": "jp-untrue"}) if part == OPEN else Token("mark_close", "mark", -1))
                elif part:
                    children.append(Token("text", "", 0, content=part))
        if token.children is not None:
            token.children = children


def render_markdown(text: str) -> str:
    r"""Markdown as safe HTML: raw HTML is shown as text, script links are refused. Words that `write` marked stand in a `mark`.

    >>> render_markdown("*Plain* <b>words</b>")
    '<p><em>Plain</em> &lt;b&gt;words&lt;/b&gt;</p>\n'
    """
    rendered: str = _markdown().render(text)
    return rendered.replace(OPEN, "").replace(CLOSE, "")


def read_chapters(folder: Path, *, panels: PanelsOf | None = None) -> tuple[Chapter, ...]:
    """Every chapter of a project's `chapters/` folder, in order; `panels` answers for the names of panels that are none of jsnakit's own.

    Raises `ChapterError` with file, line and the nearest valid key.
    """
    if not folder.is_dir():
        raise ChapterError(f"{folder} does not exist", hint="`jsnakit new FOLDER --area NAME` makes a project with four chapters", file=str(folder))
    chapters = sorted((read_chapter(path, panels=panels) for path in sorted(folder.glob("*.md"))), key=lambda c: (c.order, c.slug))
    if not chapters:
        raise ChapterError(f"{folder} has no chapter", hint="a chapter is a file such as 01-living-well.md", file=str(folder))
    for what in ("slug", "order"):
        seen: dict[Any, Chapter] = {}
        for chapter in chapters:
            other = seen.setdefault(getattr(chapter, what), chapter)
            if other is not chapter:
                raise ChapterError(
                    f"{chapter.file} and {other.file} have the same {'place in the order' if what == 'order' else 'name'}",
                    hint="begin each file name with a number of its own", file=chapter.file, line=1,
                )  # fmt: skip
    return tuple(chapters)


def read_chapter(path: Path, *, panels: PanelsOf | None = None) -> Chapter:
    """One chapter file. Its order and address come from its name (`01-living-well.md`) unless the front matter says otherwise.

    Raises `ChapterError` with file, line and, for a misspelt key, the nearest valid one.
    """
    name = _NAME.fullmatch(path.name)
    if name is None:
        raise ChapterError(f"{path.name} is not a chapter's name", hint="use small letters, digits and hyphens: 01-living-well.md", file=str(path))
    try:
        if path.stat().st_size > MAX_CHAPTER_BYTES:
            raise ChapterError(f"{path} is larger than {MAX_CHAPTER_BYTES:,} bytes", hint="split the chapter", file=str(path))
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ChapterError(f"{path} is not UTF-8 text", hint="save it as UTF-8", file=str(path)) from error
    except OSError as error:
        raise ChapterError(f"{path} cannot be read: {error.strerror}", file=str(path)) from error
    reader = _Reader(str(path), text.replace("\r\n", "\n").split("\n"), panels)
    front, first_line = reader.front_matter()
    order = front.order if front.order is not None else int(name["order"] or 0)
    measures = reader.measures(front, first_line)
    try:
        return Chapter(
            title=front.title, slug=name["slug"], order=order, theme=front.theme, state=front.state, owner=front.owner, review_by=front.review_by,
            pages=reader.pages(first_line, front.first_page, measures), file=str(path), approved_by=front.approved_by, approved_on=front.approved_on,
            indicators=measures,
        )  # fmt: skip
    except InvalidValueError as error:
        raise reader.about(error, first_line) from error


@frozen
class _Reader:
    """One file being read: its name and lines, so that every error can say where."""

    file: str
    lines: list[str]
    panels: PanelsOf | None = None

    def front_matter(self) -> tuple[_Front, int]:
        """The front matter, and the index of the first line after it."""
        if not self.lines or self.lines[0].strip() != "+++":
            raise self._error(1, "the first line must be +++", hint='begin with +++, then title = "...", then +++')
        end = next((i for i, line in enumerate(self.lines[1:], 1) if line.strip() == "+++"), None)
        if end is None:
            raise self._error(1, "the front matter is not closed", hint="end it with a line of +++")
        values = self._toml(self.lines[1:end], 2)
        return self._structured(values, _Front, "front matter", 2, end), end + 1

    def measures(self, front: _Front, end: int) -> dict[str, Measure]:
        """The measures that the front matter names, each with its line."""
        begin = next((i for i, line in enumerate(self.lines[:end], 1) if re.match(r"\s*\[?\s*indicators\b", line)), 1)
        found = {}
        for name, given in front.indicators.items():
            pattern = re.compile(rf"\s*(?:\[\s*)?(?:indicators\s*[.=]\s*\{{?\s*)?[\"']?{re.escape(name)}[\"']?\s*[=.\]]")
            line = next((i for i in range(begin, end) if pattern.match(self.lines[i - 1])), begin)
            if not isinstance(given, (str, dict)) or not given:
                raise self._error(
                    line, f"{name} names no measure", hint=f'write {name} = "healthindex.smoking", or {name} = {{ indicator = "...", sex = "F" }}'
                )
            if isinstance(given, str):
                found[name] = Measure(given, line=line)
                continue
            try:
                told = structure(given, _Named, where=f"the measure {name}", file=self.file)
            except SettingsError as error:
                at = next((i for i in range(line, end) if error.key and re.search(rf"(?<!\w){re.escape(error.key)}\s*=", self.lines[i - 1])), line)
                close = nearest(error.key, [a.name for a in attrs.fields(_Named)], 1) if error.key else ()
                raise self._error(at, error.message, hint=error.hint, nearest_word=close[0] if close else None) from error
            if not told.indicator:
                raise self._error(line, f"{name} names no measure", hint='give its id: indicator = "healthindex.smoking"')
            found[name] = Measure(told.indicator, told.sex, told.age, line)
        return found

    def about(self, error: InvalidValueError, end: int) -> ChapterError:
        """What is wrong with a chapter as a whole, at the line of the front matter that it is about."""
        return self._error(self._line_of(str(error.value), 2, end), error.message, hint=error.hint)

    def pages(self, first: int, first_page: str, measures: Mapping[str, Measure]) -> tuple[Page, ...]:
        """The body split at level-one headings; fences become figures, the rest prose."""
        body = self.lines[first:]
        tokens = _markdown().parse("\n".join(body))
        pages: list[tuple[str, list[Block]]] = [(first_page, [])]
        begin = 0

        def prose(until: int) -> None:
            text = "\n".join(body[begin:until]).strip("\n")
            if text.strip():
                lead = next(i for i in range(begin, until) if body[i].strip())
                placeholders(text, measures, file=self.file, line=first + lead + 1)
                pages[-1][1].append(Prose(text, first + lead + 1))

        for i, token in enumerate(tokens):
            if token.type == "fence":
                self._check_fence(token, first)
            if token.map is None or token.level != 0:
                continue
            if token.type == "heading_open" and token.tag == "h1":
                prose(token.map[0])
                begin = token.map[1]
                pages.append((tokens[i + 1].content, []))
            elif token.type == "fence" and token.info.strip() == FENCE:
                prose(token.map[0])
                begin = token.map[1]
                pages[-1][1].append(self._figure(token, first, measures))
        prose(len(body))
        return self._named(pages, first)

    def _named(self, pages: list[tuple[str, list[Block]]], first: int) -> tuple[Page, ...]:
        made: list[Page] = []
        for i, (title, blocks) in enumerate(pages):
            slug = "index" if i == 0 else re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
            if not slug or slug in {p.slug for p in made}:
                raise self._error(first + 1, f"two pages are called {title!r}", hint="give each level-one heading words of its own")
            made.append(Page(title, slug, tuple(blocks)))
        return tuple(made)

    def _check_fence(self, token: Token, first: int) -> None:
        info = token.info.strip()
        line = first + (token.map or [0])[0] + 1
        if info != FENCE:
            word = info.split(" ")[0]
            if word == FENCE or nearest(word, [FENCE], 1) == (FENCE,):
                raise self._error(line, f"a figure's fence begins with ```{FENCE}, not ```{info}", nearest_word=FENCE)
            return
        if token.level != 0:
            raise self._error(line, "a figure cannot stand inside a list or a quotation", hint="begin its fence at the margin")
        closing = self.lines[first + (token.map or [0, 0])[1] - 1].strip()
        if not (set(closing) == {token.markup[0]} and len(closing) >= len(token.markup)):
            raise self._error(line, "the figure's fence is not closed", hint="end it with a line of ```")

    def _figure(self, token: Token, first: int, measures: Mapping[str, Measure]) -> Figure:
        line = first + (token.map or [0])[0] + 1
        end = first + (token.map or [0, 0])[1]
        values = self._toml(token.content.split("\n"), line + 1)
        panel = values.pop("panel", None)
        if panel is None:
            raise self._error(line, "the figure does not say which panel it is", hint='write panel = "ranked", for example')
        known = panel if isinstance(panel, str) else ""
        offered = self._offered(known, self._line_of("panel", line, end)) if known not in PANELS else None
        if known not in PANELS and offered is None:
            close = nearest(str(panel), sorted(PANELS), 1)
            hint = None if close else f"the panels are {', '.join(sorted(PANELS))}"
            raise self._error(self._line_of("panel", line, end), f"there is no panel {panel!r}", hint=hint, nearest_word=close[0] if close else None)
        kind: type[Options] = PANELS[known] if offered is None else offered.options
        for key in ("indicator", "indicators", "measures"):
            if key in values:
                values[key] = self._by_name(values[key], measures, self._line_of(key, line + 1, end - 1))
        for group in values["group"] if isinstance(values.get("group"), list) else ():
            if isinstance(group, dict) and "indicators" in group:
                group["indicators"] = self._by_name(group["indicators"], measures, self._line_of("indicators", line + 1, end - 1))
        return Figure(known, self._structured(values, kind, f"the {known} panel", line + 1, end - 1), line, offered)

    def _offered(self, panel: str, line: int) -> PanelKind | None:
        """The panel that a plugin offers under a name; what is wrong with the plugin is said at the figure's line."""
        if self.panels is None or not panel:
            return None
        try:
            return self.panels(panel)
        except JsnakitError as error:
            raise self._error(line, error.message, hint=error.hint) from error

    def _by_name(self, asked: Any, measures: Mapping[str, Measure], line: int) -> Any:
        """Ids in the place of the short names that a figure uses; ids have a full stop, and short names none."""
        if isinstance(asked, list):
            return [self._by_name(one, measures, line) for one in asked]
        if not isinstance(asked, str) or "." in asked or "*" in asked:
            return asked
        if asked not in measures:
            close = nearest(asked, sorted(measures), 1)
            hint = "give its id (healthindex.smoking), or name it under [indicators]"
            raise self._error(line, f"no measure is called {asked!r}", hint=hint, nearest_word=close[0] if close else None)
        if measures[asked].sex or measures[asked].age:
            raise self._error(line, f"{asked!r} is of one sex or age, and a figure shows a measure as it is published", hint="give the measure's id")
        return measures[asked].indicator

    def _structured(self, values: dict[str, Any], kind: type[Any], what: str, begin: int, end: int) -> Any:
        for a in attrs.fields(kind):
            if a.name in values and str(a.type).startswith("tuple") and not isinstance(values[a.name], list):
                at = self._line_of(a.name, begin, end)
                raise self._error(at, f"{what}: {a.name} must be a list", hint=f'write {a.name} = ["...", "..."]')
        try:
            return structure(values, kind, where=what, file=self.file)
        except SettingsError as error:
            known = [a.name for a in attrs.fields(kind)]
            named = error.key or next((k for k in values if re.search(rf"\b{re.escape(k)}\b", error.message)), None)
            close = nearest(error.key, [*known, "panel"] if issubclass(kind, Options) else known, 1) if error.key else ()
            at = self._line_of(named, begin, end) if named else begin
            raise self._error(at, error.message, hint=error.hint, nearest_word=close[0] if close else None) from error

    def _toml(self, lines: list[str], first: int) -> dict[str, Any]:
        try:
            return tomllib.loads("\n".join(lines))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            match = re.search(r"at line (\d+)", str(error))
            at = first + (int(match[1]) if match else 1) - 1
            raise self._error(at, f"this is not valid TOML: {error}", hint='text stands in quotation marks: key = "value"') from error

    def _line_of(self, key: str, begin: int, end: int) -> int:
        pattern = re.compile(rf"\s*(?:\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*(?:=|\.|\])")
        return next((i for i in range(begin, end + 1) if pattern.match(self.lines[i - 1])), begin)

    def _error(self, line: int, message: str, *, hint: str | None = None, nearest_word: str | None = None) -> ChapterError:
        if nearest_word is not None:
            hint = f"did you mean {nearest_word!r}?"
        return ChapterError(f"{self.file}, line {line}: {message}", hint=hint, file=self.file, line=line, nearest=nearest_word)
