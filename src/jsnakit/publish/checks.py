"""What a look at the chapters finds before they are published: sentences that are no longer true, names without a value, figures that cannot be drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

from jsnakit.chapters import Chapter, ChapterState, Said, Written
from jsnakit.publish.data import Citation

__all__ = ["CheckReport", "Missing", "NoValue", "Untrue", "Words"]


@frozen(kw_only=True)
class Missing:
    """A figure that could not be drawn for the area, and why; `file` and `line` are where it is asked for."""

    chapter: str
    figure: str
    reason: str
    file: str = ""
    line: int = 0
    panel: str = ""

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.panel or self.figure} cannot be drawn. {self.reason}"


@frozen(kw_only=True)
class Untrue:
    """A sentence that claims what the figures no longer say: as its author wrote it, the word claimed, the word the figures give, and why."""

    chapter: str
    state: ChapterState
    file: str
    line: int
    sentence: str
    asked: str
    claimed: str
    found: str
    because: str = ""

    def __str__(self) -> str:
        why = f" {self.because}" if self.because else ""
        return f"{self.file}, line {self.line}: \u201c{self.sentence}\u201d\n  {self.asked} is claimed to be \u201c{self.claimed}\u201d, and the figures say \u201c{self.found}\u201d.{why}"


@frozen(kw_only=True)
class NoValue:
    """A name in prose for which there is no figure: what was asked, the word that is printed instead, and why."""

    chapter: str
    file: str
    line: int
    sentence: str
    asked: str
    printed: str
    because: str = ""

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: \u201c{self.sentence}\u201d\n  {self.asked} has no value; printed is \u201c{self.printed}\u201d. {self.because}".rstrip()


@frozen(kw_only=True)
class Words:
    """Prose ready for its page: its Markdown filled in, what each name came out as, and the measures and publishers' files behind it.

    `show_marks` says that the page is for its authors still, so that a claim which does not hold is shown to them.
    """

    markdown: str
    said: tuple[Said, ...] = ()
    measures: tuple[tuple[str, str], ...] = ()
    cited: tuple[Citation, ...] = ()
    show_marks: bool = False

    @classmethod
    def of(cls, written: Written, chapter: Chapter, *, measures: tuple[tuple[str, str], ...] = (), cited: tuple[Citation, ...] = ()) -> Words:
        """The words of one block of a chapter: marked until the chapter is approved."""
        marks = chapter.state in (ChapterState.DRAFT, ChapterState.IN_REVIEW)
        return cls(markdown=written.markdown if marks else written.unmarked, said=written.said, measures=measures, cited=cited, show_marks=marks)

    @property
    def untrue(self) -> tuple[Said, ...]:
        """The claims that do not hold."""
        return tuple(s for s in self.said if s.untrue)


@frozen(kw_only=True)
class CheckReport:
    """What `jsnakit check` found: `untrue` sentences, names without a value, figures that cannot be drawn; and how many chapters, names and claims it looked at."""

    untrue: tuple[Untrue, ...] = ()
    without_value: tuple[NoValue, ...] = ()
    not_drawn: tuple[Missing, ...] = ()
    chapters: int = 0
    names: int = 0
    claims: int = 0

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not (self.untrue or self.without_value or self.not_drawn)

    @property
    def false_claims(self) -> tuple[Untrue, ...]:
        """The untrue sentences of chapters that are no drafts."""
        return tuple(u for u in self.untrue if u.state is not ChapterState.DRAFT)

    def records(self) -> dict[str, Any]:
        """Everything as plain values, for JSON."""
        return {
            "chapters": self.chapters, "names": self.names, "claims": self.claims, "untrue": [asdict(u) for u in self.untrue],
            "without_value": [asdict(n) for n in self.without_value], "not_drawn": [asdict(m) for m in self.not_drawn],
        }  # fmt: skip

    def __str__(self) -> str:
        said = f"{_many(self.chapters, 'chapter')}, {_many(self.names, 'name')} in prose, {_many(self.claims, 'claim')}: "
        if self.clean:
            return said + "every claim holds, every name has a value, every figure can be drawn"
        return said + (
            f"{_many(len(self.untrue), 'sentence')} no longer true, {_many(len(self.without_value), 'name')} without a value, "
            f"{_many(len(self.not_drawn), 'figure')} that cannot be drawn"
        )


def _many(n: int, word: str) -> str:
    return f"{n} {word}" + ("" if n == 1 else "s")


def untrue_of(chapter: Chapter, words: Iterable[Words]) -> tuple[Untrue, ...]:
    """The sentences of a chapter that are not true."""
    return tuple(
        Untrue(
            chapter=chapter.title, state=chapter.state, file=_file(chapter), line=s.asked.line, sentence=s.sentence, asked=str(s.asked),
            claimed=s.asked.claim or "", found=s.value.word or s.value.text, because=s.value.because,
        )
        for w in words for s in w.untrue
    )  # fmt: skip


def without_value_of(chapter: Chapter, words: Iterable[Words]) -> tuple[NoValue, ...]:
    """The names in the prose of a chapter that have no value."""
    return tuple(
        NoValue(
            chapter=chapter.title, file=_file(chapter), line=s.asked.line, sentence=s.sentence, asked=str(s.asked), printed=s.value.text,
            because=s.value.because,
        )
        for w in words for s in w.said if s.value.missing
    )  # fmt: skip


def checked(chapters: Sequence[tuple[Chapter, Sequence[Words], Sequence[Missing]]]) -> CheckReport:
    """What was found in several chapters, in their order."""
    said = [s for _, words, _ in chapters for w in words for s in w.said]
    return CheckReport(
        untrue=tuple(u for c, words, _ in chapters for u in untrue_of(c, words)),
        without_value=tuple(n for c, words, _ in chapters for n in without_value_of(c, words)),
        not_drawn=tuple(m for _, _, missing in chapters for m in missing),
        chapters=len(chapters), names=len(said), claims=sum(s.asked.claim is not None for s in said),
    )  # fmt: skip


def _file(chapter: Chapter) -> str:
    # The name alone: what is said of a site may be read where the author's folders mean nothing.
    return Path(chapter.file).name
