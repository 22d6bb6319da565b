"""Evidence that is not a statistic: what people said, with who gathered it, when, how and from how many."""

from __future__ import annotations

from jsnakit.chapters import fill
from jsnakit.chapters import options as asked
from jsnakit.model import Period
from jsnakit.publish._words import day, edition_words, licence_words
from jsnakit.publish.data import Citation
from jsnakit.publish.figures.context import Built, Context, Notes
from jsnakit.publish.panels import Evidence, Quotation
from jsnakit.publish.panels._markup import href_of

__all__ = ["evidence"]


def evidence(context: Context) -> Built:
    """What people said, as the author gives it: no figure of a publisher is asked for."""
    o = context.options
    assert isinstance(o, asked.Evidence)
    if over := [s for s in o.said if s.people > o.people]:
        raise context.mistake(
            f"{over[0].people} people said {over[0].what!r}, and {o.people} were asked", hint="`people` is how many took part in all"
        )
    values = {"area": context.name, "council": context.site.council, "edition": edition_words(context.site.edition)}

    def words(text: str) -> str:
        return fill(text, values, file=context.file, line=context.figure.line, markdown=False)

    fewer = f"fewer than {o.hide_below}"
    people = f"{o.people:,}" if o.people >= o.hide_below else fewer
    address = href_of(o.url) if o.url.startswith("https://") else None
    cited = Citation(publisher=o.source, title=o.report, release=day(o.date), url=address or "", licence=o.licence)
    care = f"This is what {people} people said, in their own words or counted: it shows what happens to people, and not how often it happens to everybody."
    if any(isinstance(n, str) for _, n in _shown(o)):
        care += f" Groups of {fewer} are not counted out, so that nobody can be recognised."
    return Built(
        kind="evidence",
        finding=words(o.finding),
        subtitle=f"{o.source}, {day(o.date)}. {o.method.rstrip('.')}; {people} people.",
        panel=Evidence(
            tuple(words(p) for p in o.text.split("\n\n") if p.strip()), tuple(Quotation(q.text, q.by) for q in o.quote), _shown(o),
            (("Asked by", o.source), ("When", day(o.date)), ("How", o.method), ("How many", f"{people} people")), people, caption=words(o.finding),
        ),
        notes=Notes(
            question=o.question, take_care=tuple(c for c in (o.take_care, care) if c), cited=(cited,), period=day(o.date),
            licence=licence_words(o.licence) if o.licence else "not stated",
            how_to_read="Words in quotation marks are as they were said or written. One person can have said several things.",
        ),
        period=(Period(o.date, "P0D", day(o.date)),),
    )  # fmt: skip


def _shown(o: asked.Evidence) -> tuple[tuple[str, int | str], ...]:
    """What was said, most first, with small counts hidden; where the others would give a single one away, the next smallest is hidden with it."""
    small = {i for i, s in enumerate(o.said) if 0 < s.people < o.hide_below}
    parts = sum(s.people for s in o.said) == o.people
    if len(small) == 1 and parts:
        small |= {i for _, i in sorted((s.people, i) for i, s in enumerate(o.said) if i not in small and s.people)[:1]}
    order = sorted(range(len(o.said)), key=lambda i: (i in small, -o.said[i].people if i not in small else 0, i))
    return tuple(
        (
            o.said[i].what,
            "hidden" if i in small and o.said[i].people >= o.hide_below else f"fewer than {o.hide_below}" if i in small else o.said[i].people,
        )
        for i in order
    )
