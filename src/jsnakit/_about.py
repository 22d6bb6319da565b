"""What a source is, in words, from what its plugin says of itself: `jsnakit source ID` prints it, and its page in the documentation is made of the same."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from attrs import frozen

from jsnakit._plugins import SourceEntry, catalogue
from jsnakit.errors import JsnakitError
from jsnakit.model import TOTAL, Headline, Indicator
from jsnakit.printing import render_rows
from jsnakit.sources import Support

if TYPE_CHECKING:
    from jsnakit.sources import SourceInfo

__all__ = ["MANY", "About", "about", "headline", "kinds_of", "plain"]

MANY: Final = 60
"""Above this number of indicators they are counted by theme and unit, not listed one by one."""
_WIDTH: Final = 110


@frozen(kw_only=True)
class About:
    """All that a plugin says of one source; `distribution` is the plugin with its version, `groups` the number of named groups of indicators."""

    info: SourceInfo
    distribution: str
    indicators: tuple[Indicator, ...]
    support: Support
    groups: int = 0

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Label and text of what can be said in a line; what the plugin leaves empty is left out."""
        info = self.info
        rows = (
            ("publisher", info.publisher),
            ("licence", info.licence),
            ("attribution", info.attribution),
            ("published", info.cadence),
            ("area types", ", ".join(info.covers)),
            ("fetched from", ", ".join(info.hosts) or "nowhere: it reads files that you have"),
            ("homepage", info.homepage),
            ("plugin", self.distribution),
            ("indicators", f"{len(self.indicators):,}"),
            ("groups", f"{self.groups:,} of them: jsnakit groups {info.id}" if self.groups else ""),
        )
        return tuple((label, plain(text)) for label, text in rows if text)

    def __str__(self) -> str:
        info = self.info
        wide = max(len(label) for label, _ in self.facts) + 2
        lines = [f"{info.id}: {plain(info.title)}", "", *(f"{label.ljust(wide)}{text}" for label, text in self.facts)]
        if len(self.indicators) > MANY:
            lines += ["", *_counts("theme", self.indicators, lambda i: i.theme.value if i.theme else "none")]
        lines += ["", f"jsnakit indicators {info.id} lists what it answers for; jsnakit read {info.id} FILE reads a file that you have"]
        lines += ["", "layouts"]
        if self.support.layouts:
            rows = [[_short(x.files, 56), _short(x.periods, 26), x.tested.words] for x in self.support.layouts]
            lines += textwrap.indent(render_rows(["files", "periods", "tested on"], rows), "  ").splitlines()
        else:
            lines.append("  the plugin does not say")
        if self.support.traps:
            lines += ["", "traps"]
            for trap in self.support.traps:
                lines += textwrap.wrap(plain(trap.what), _WIDTH, initial_indent="- ", subsequent_indent="  ")
                lines += textwrap.wrap(f"Here: {plain(trap.handled)}", _WIDTH, initial_indent="  ", subsequent_indent="  ")
        return "\n".join(lines)


def about(entry: SourceEntry) -> About:
    """What a loaded source says of itself: nothing is fetched. Raises `PluginError` where the plugin cannot say it."""
    indicators = catalogue(entry)
    try:
        support = entry.source.support()
        groups = len(entry.source.groups())
    except JsnakitError as error:
        raise entry.installed.error(f"it cannot say what it supports: {error.message}", hint=error.hint) from error
    except (Exception, SystemExit) as error:  # a fault in a plugin's code is named as that plugin's
        raise entry.installed.error(f"it cannot say what it supports: {type(error).__name__}: {error}") from error
    if not isinstance(support, Support):
        raise entry.installed.error(f"support() gave {type(support).__name__}, not Support", hint='return support_from(__package__, "support.toml")')
    return About(
        info=entry.source.info,
        distribution=f"{entry.installed.distribution} {entry.installed.version}",
        indicators=indicators,
        support=support,
        groups=groups,
    )


def plain(text: str) -> str:
    r"""Text on one line, with nothing in it that a terminal would obey.

    >>> plain("two\n  lines")
    'two lines'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _short(text: str, wide: int) -> str:
    """Text that fits a column: the page in the documentation has the whole."""
    return textwrap.shorten(plain(text), wide, placeholder=" ...")


def headline(value: Headline) -> str:
    """Which breakdown "the" figure means, in words.

    >>> headline(Headline(age="18+ yrs")), headline(Headline())
    ('age 18+ yrs', 'total')
    """
    said = [f"{name} {code}" for name, code in (("sex", value.sex), ("age", value.age)) if code != TOTAL]
    if value.category_type != TOTAL:
        said.append(f"{value.category_type} {value.category}")
    return ", ".join(said) or "total"


def kinds_of(indicators: Iterable[Indicator], kind: Callable[[Indicator], str]) -> Iterator[tuple[str, int]]:
    """How many indicators there are of each kind, the most first."""
    yield from sorted(Counter(kind(i) for i in indicators).items(), key=lambda pair: (-pair[1], pair[0]))


def _counts(what: str, indicators: Sequence[Indicator], kind: Callable[[Indicator], str]) -> list[str]:
    return render_rows([what, "indicators"], [list(pair) for pair in kinds_of(indicators, kind)]).splitlines()
