"""Words in prose that come from the figures: `{{ area }}`, `{{ smoking.value }}`, `{{ smoking.compared | claim: worse }}`.

The grammar and the vocabulary are here, so that a misspelt name is told with its line before anything is computed; what the names stand for comes from who has the figures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final

from attrs import field, frozen, validators

from jsnakit.errors import ChapterError
from jsnakit.judgement import COMPARISON_WORDS, FIFTH_WORDS, VALUE_FIFTH_WORDS
from jsnakit.model import nearest

__all__ = ["CLAIMS", "FIELDS", "PLACEHOLDERS", "TREND_WORDS", "Measure", "Placeholder", "Said", "Value", "Written", "fill", "placeholders", "write"]

PLACEHOLDERS: Final = ("area", "council", "edition")
"""The names of the assessment itself that may stand between double braces in prose."""

FIELDS: Final[Mapping[str, str]] = {
    "name": "the measure's name",
    "value": "the latest figure with its unit",
    "period": "the period of the latest figure",
    "interval": "the limits of its 95% interval",
    "count": "how many are counted in the figure",
    "out_of": "how many the count is out of",
    "england": "England's figure of the same period",
    "region": "the region's figure of the same period",
    "compared": "one word: better, similar or worse than England, higher or lower where neither direction is better; its fifth where no interval is published",
    "beside_england": 'the same in words that stand after "is": worse than England, in the worst fifth of 307 authorities',
    "place": "its place among the areas of its type: 9th worst of 307 authorities",
    "fifth": "the fifth of these areas it falls into: worst fifth, middle fifth",
    "trend": 'the recent trend, to stand after "has": risen, fallen, not clearly changed',
    "first_period": "the first period that the trend speaks of; without a trend the first that may be compared with the latest",
    "first_value": "the figure of that first period",
    "source": "who published the figure, and where",
}  # fmt: skip
"""What may be asked of a measure that the front matter names, and what is printed for it."""

TREND_WORDS: Final[Mapping[str, str]] = {
    "INCREASING": "risen",
    "DECREASING": "fallen",
    "NO_CHANGE": "not clearly changed",
    "CANNOT": "no trend that can be told",
}
"""The words of a recent trend, by its direction."""

_FIFTHS: Final = tuple(dict.fromkeys((*FIFTH_WORDS.values(), *VALUE_FIFTH_WORDS.values())))
_COMPARED: Final = (*(COMPARISON_WORDS[w] for w in ("WORSE", "SIMILAR", "BETTER", "HIGHER", "LOWER")), *_FIFTHS)

CLAIMS: Final[Mapping[str, tuple[str, ...]]] = {
    "compared": _COMPARED,
    "beside_england": _COMPARED,
    "fifth": _FIFTHS,
    "trend": tuple(w for k, w in TREND_WORDS.items() if k != "CANNOT"),
}
"""The words that a claim may name, for the fields that have fixed ones; of any other field a claim names what is printed."""

OPEN: Final = "\ue000"
CLOSE: Final = "\ue001"
# Characters of no meaning, taken out of everything that is written: between two of them stand words that their author must look at.
_MARKS: Final = re.compile(f"[{OPEN}{CLOSE}]")
_BRACES: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_INNER: Final = re.compile(r"\s*([^\s.|]+)(?:\.([^\s|]+))?\s*(?:\|\s*(.*?)\s*)?", re.DOTALL)
_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]<>#|&~!]")
_ESCAPED: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|&~])")
NAME: Final = r"[a-z][a-z0-9_]*"
"""What a short name for a measure looks like."""


@frozen
class Measure:
    """A measure that the front matter gives a short name: its id, and whom the figure is of where that is not the measure's usual.

    `sex` is `F`, `M` or `_T` (or `women`, `men`, `persons`); `age` as the publisher writes it (`65+ yrs`).

    >>> Measure("fingertips.93085").sex
    ''
    """

    indicator: str = field(validator=validators.min_len(1))
    sex: str = ""
    age: str = ""
    line: int = field(default=0, eq=False)


@frozen(kw_only=True)
class Value:
    """What one placeholder stands for: the `text` that is printed, the `word` a claim is held against (the text where it is empty), and the reason of a judgement.

    `missing` says that there is no figure: the text is then the word for that, and never a number.
    """

    text: str
    word: str = ""
    because: str = ""
    missing: bool = False

    def bears(self, claim: str) -> bool:
        """Whether a claim holds: it names the word, or all that is printed.

        >>> Value(text="worse than England", word="worse").bears("Worse")
        True
        """
        return not self.missing and claim.casefold() in {(self.word or self.text).casefold(), self.text.casefold()}


@frozen
class Placeholder:
    """What stands between two braces: a name, for a measure the field asked of it, and the word claimed, if any; `line` is where it stands in the file."""

    name: str
    field: str = ""
    claim: str | None = None
    line: int = 0
    start: int = 0
    end: int = 0

    def __str__(self) -> str:
        return f"{self.name}.{self.field}" if self.field else self.name


@frozen(kw_only=True)
class Said:
    """One placeholder as it came out: what was asked, what it stands for, and the sentence it is in (with the claimed word, where there is a claim)."""

    asked: Placeholder
    value: Value
    sentence: str

    @property
    def untrue(self) -> bool:
        """Whether it claims what the figures do not say."""
        return self.asked.claim is not None and not self.value.bears(self.asked.claim)


@frozen(kw_only=True)
class Written:
    """Prose with its placeholders filled: Markdown, and every placeholder as it came out. Words whose claim no longer holds are marked, for `render_markdown`."""

    markdown: str
    said: tuple[Said, ...] = ()

    @property
    def unmarked(self) -> str:
        """The Markdown without marks."""
        return _MARKS.sub("", self.markdown)


def placeholders(
    markdown: str, measures: Collection[str] = (), *, names: Collection[str] = PLACEHOLDERS, file: str = "", line: int = 0
) -> tuple[Placeholder, ...]:
    """The placeholders of some prose, in order. `measures` are the names that the front matter gives.

    Raises `ChapterError` with file, line and the nearest valid word for a name, a field or a claimed word that there is not.

    >>> placeholders("It is {{ smoking.compared | claim: worse }}.", ["smoking"])[0].claim
    'worse'
    """
    return tuple(
        _placeholder(match, measures, names, file, line + markdown.count("\n", 0, match.start())) for match in _BRACES.finditer(markdown)
    )  # fmt: skip


def _placeholder(match: re.Match[str], measures: Collection[str], names: Collection[str], file: str, line: int) -> Placeholder:
    def wrong(message: str, word: str, known: Collection[str], what: str) -> ChapterError:
        close = nearest(word, sorted(known), 1)
        hint = f"did you mean {close[0]!r}?" if close else f"{what} {', '.join(known)}"
        return ChapterError(f"{file or 'text'}, line {line}: {message}", hint=hint, file=file, line=line, nearest=close[0] if close else None)

    inner = match[1].strip()
    parts = _INNER.fullmatch(inner)
    if parts is None:
        raise wrong(f"{{{{ {inner} }}}} cannot be read", inner, (), "write {{ area }}, {{ name.value }} or {{ name.compared | claim: worse }};")
    name, asked, filtered = parts[1], parts[2] or "", parts[3]
    if name in names or f"{name}.{asked}" in names:
        if asked and f"{name}.{asked}" not in names:
            raise wrong(f"{name!r} is a word, and has no {asked!r}", name, (), f"write {{{{ {name} }}}}; the words are")
        return Placeholder(name, asked, _claim(filtered, asked, wrong), line, match.start(), match.end())
    if name not in measures:
        message = f"there is no value {name!r}" if not asked else f"no measure is called {name!r}"
        raise wrong(message, name, (*names, *measures), "name it under [indicators] in the front matter, or use one of")
    if not asked:
        raise wrong(f"{name!r} is a measure, and it is not said what of it is meant", "", FIELDS, f"write {{{{ {name}.value }}}}; there are")
    if asked not in FIELDS:
        raise wrong(f"a measure has no {asked!r}", asked, FIELDS, "there are")
    claim = _claim(filtered, asked, wrong)
    if claim is not None and asked in CLAIMS and claim.casefold() not in CLAIMS[asked]:
        raise wrong(f"{asked} never says {claim!r}", claim.casefold(), CLAIMS[asked], "it may say")
    return Placeholder(name, asked, claim, line, match.start(), match.end())


def _claim(filtered: str | None, asked: str, wrong: Callable[[str, str, Collection[str], str], ChapterError]) -> str | None:
    """The word after `| claim:`, its spaces made single."""
    if filtered is None:
        return None
    word, colon, claimed = filtered.partition(":")
    claim = " ".join(claimed.split())
    if word.strip() != "claim":
        raise wrong(f"there is no {word.strip()!r} after the bar", word.strip(), ("claim",), "write")
    if not colon or not claim:
        raise wrong("the claim names no word", "", CLAIMS.get(asked, ("claim: word",)), "it may be one of")
    return claim


def fill(text: str, values: Mapping[str, str], *, file: str = "", line: int = 0, markdown: bool = True) -> str:
    """The text with each `{{ name }}` replaced, escaped so that a name cannot become Markdown (as it is where the text is no Markdown). Raises `ChapterError` for a name there is not.

    >>> fill("In {{ area }}.", {"area": "Blackpool"})
    'In Blackpool.'
    """
    found = placeholders(text, names=tuple(values), file=file, line=line)
    return _put(text, [(p, values[str(p)], False) for p in found], plain=not markdown)


def write(markdown: str, values: Callable[[Placeholder], Value], measures: Collection[str] = (), *, file: str = "", line: int = 0) -> Written:
    """Prose with every placeholder filled by `values`. What is printed is always what the figures say, whatever was claimed; a word whose claim does not hold is marked.

    Raises `ChapterError` as `placeholders` does.

    >>> found = write("It is {{ s.compared | claim: worse }}.", lambda _: Value(text="better"), ["s"])
    >>> found.unmarked, found.said[0].untrue, found.said[0].sentence
    ('It is better.', True, 'It is worse.')
    """
    clean = _MARKS.sub("", markdown)
    found = placeholders(clean, measures, file=file, line=line)
    filled = [(p, values(p)) for p in found]
    said = tuple(Said(asked=p, value=v, sentence=_sentence(clean, filled, i)) for i, (p, v) in enumerate(filled))
    return Written(markdown=_put(clean, [(s.asked, s.value.text, s.untrue) for s in said]), said=said)


def _put(markdown: str, filled: list[tuple[Placeholder, str, bool]], *, plain: bool = False) -> str:
    """The Markdown (or `plain` text) with each text in the place of its placeholder."""
    parts: list[str] = []
    at = 0
    for p, text, marked in filled:
        line = markdown[markdown.rfind("\n", 0, p.start) + 1 : p.start]
        shown = text if plain else _literal(text, first=not line.strip(" \t>*+-"))
        parts += [markdown[at : p.start], f"{OPEN}{shown}{CLOSE}" if marked else shown]
        at = p.end
    return "".join([*parts, markdown[at:]])


def _literal(text: str, *, first: bool) -> str:
    """Text that Markdown takes as it stands: one line, escaped where it holds a sign, and never the begin of a list or a heading where it is `first` on its line."""
    plain = " ".join(_MARKS.sub("", text).split())
    # A number as an entity begins no list.
    head = f"&#{ord(plain[0])};" if first and plain and not plain[0].isalpha() else ""
    rest = plain[1:] if head else plain
    return head + (_ESCAPED.sub(r"\\\1", rest) if _SPECIAL.search(rest) else rest)


_STOP, _VALUE = "\x00", "\x01"
_END: Final = re.compile(
    r"[.!?][\"\u201d)\]*_]*\s+(?=[\"\u201c(*_\[]*[A-Z0-9\x01])"  # a full stop
    r"|\n(?=[ \t]*(?:[-*+]|\d+[.)]|#{1,6})[ \t])"  # the next item, or a heading
    r"|^#{1,6}[ \t][^\n]*\n",  # a heading above
    re.MULTILINE,
)


def _sentence(markdown: str, filled: list[tuple[Placeholder, Value]], which: int) -> str:
    """The sentence that a placeholder stands in, as plain text: with the word that is claimed, and every other value as it is printed."""
    target = filled[which][0]
    begin = markdown.rfind("\n\n", 0, target.start) + 1
    end = markdown.find("\n\n", target.end)
    end = len(markdown) if end < 0 else end
    row = markdown[markdown.rfind("\n", 0, target.start) + 1 : target.start]
    if row.lstrip().startswith("|"):
        begin, end = target.start - len(row), next((i for i in (markdown.find("\n", target.end),) if i >= 0), len(markdown))
    before, after, at = "", "", begin
    for i, (p, value) in enumerate(filled):
        if p.start < begin or p.end > end:
            continue
        # A full stop in a value ("St. Helens") ends no sentence.
        text = _VALUE + (p.claim if i == which and p.claim is not None else value.text).replace(".", _STOP)
        if i < which:
            before += markdown[at : p.start] + text
        elif i == which:
            before += markdown[at : p.start]
            after = text
        else:
            after += markdown[at : p.start] + text
        at = p.end
    after += markdown[at:end]
    starts = [m.end() for m in _END.finditer(before + after) if m.end() <= len(before)]
    whole = (before + after)[starts[-1] if starts else 0 :]
    stop = next((m for m in _END.finditer(whole) if m.start() >= len(before) - (starts[-1] if starts else 0)), None)
    return _plain(whole[: stop.end()] if stop else whole).replace(_STOP, ".").replace(_VALUE, "")


def _plain(markdown: str) -> str:
    """Markdown as a person would read it aloud: links by their words, no signs of emphasis, one line."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    text = re.sub(r"^[ \t]*(?:#{1,6}|>|[-*+]|\d+[.)])[ \t]+", "", text, flags=re.MULTILINE)
    text = re.sub(r"[*`\\]|(?<!\w)_|_(?!\w)", "", text)
    return " ".join(re.sub(r"\s*\|\s*", "; ", text.strip().strip("|").strip()).split())
