"""The built-in source `local`: the files of a project's folder `local/`, as described beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from jsnakit.errors import DataError, LayoutError
from jsnakit.files import SourceFile
from jsnakit.local._areas import OwnAreas, read_areas
from jsnakit.local._describe import FOLDER, PREFIX, Described, descriptions
from jsnakit.local._read import read_described
from jsnakit.model import Indicator, Period
from jsnakit.sources import Fetch, Part, Query, Resource, Source, SourceInfo

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["LocalFigures"]

_SCHEME = "snapshot:"


class LocalFigures(Source):
    """The council's own figures: what the folder `local/` of a project describes.

    The files are read anew at each question, so an edited file answers at once; what was made of each (without the counts that must not be seen) is what the lock pins.
    `folder` is the folder with the files. Raises `SettingsError` where a description cannot be used.
    """

    info: ClassVar[SourceInfo] = SourceInfo(
        id=PREFIX,
        title="The council's own figures",
        publisher="The council",
        licence="as each file says",
        homepage="",
        cadence="as the council adds them",
    )

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._read: dict[Path, tuple[str, pa.Table]] = {}

    @cached_property
    def described(self) -> tuple[Described, ...]:
        """The files there are, by name."""
        return descriptions(self.folder)

    @cached_property
    def areas(self) -> OwnAreas:
        """The council's own areas."""
        return read_areas(self.folder)

    def indicators(self) -> Sequence[Indicator]:
        """The indicators of all files."""
        return [indicator for one in self.described for indicator in one.indicators]

    def discover(self, fetch: Fetch, query: Query) -> Iterable[Resource]:  # noqa: ARG002  # nothing is fetched, and all is listed
        """The described files."""
        return [self.resource(one) for one in self.described]

    def resource(self, described: Described) -> Resource:
        """The resource that one file stands for."""
        return Resource(
            url=f"{_SCHEME}{described.name}{'#' + described.path.stem if described.sheet else ''}",
            kind=described.path.stem,
            title=described.title or described.data.name,
            release=described.release,
        )

    def described_as(self, url: str) -> Described | None:
        """The description behind an address of the lock."""
        return next((one for one in self.described if self.resource(one).url == url), None)

    def select(self, listing: Sequence[Resource], query: Query) -> Sequence[Resource]:
        """The files that hold an indicator asked for (all, where none is named)."""
        wanted = {self.resource(one).url for one in self.described if not query.indicators or {i.id for i in one.indicators} & set(query.indicators)}
        return [r for r in listing if r.url in wanted]

    def resource_for(self, name: str) -> Resource:
        """The resource of a file in the folder, by its name."""
        one = next((d for d in self.described if d.data.name == name), None)
        return self.resource(one) if one is not None else Resource(url=name, title=name)

    def figures(self, described: Described) -> pa.Table:
        """What a file says now. Raises `DataError` where it is not there or cannot be read right, `LayoutError` where its table is not found."""
        if not described.data.exists():
            raise DataError(
                f"{described.name} does not exist, and {FOLDER}/{described.path.name} describes it",
                hint='put it there, or mend `file = "..."`',
                file=described.name,
                rule="readable",
            )
        file = SourceFile.from_path(described.data)
        # Many questions are asked of one file while a site is built.
        known = self._read.get(described.path)
        if known is None or known[0] != file.sha256:
            known = self._read[described.path] = (file.sha256, read_described(described, file, self.areas))
        return known[1]

    def parse(self, resource: Resource, data: SourceFile) -> pa.Table:
        """One file by its description, with every breakdown."""
        one = self.described_as(resource.url)
        if one is None:
            raise LayoutError(
                f"{data.name} is described by no TOML file in {FOLDER}/",
                hint=f"`jsnakit local draft {FOLDER}/{data.name} --write` writes one",
                resource=data.name,
                expected=tuple(d.data.name for d in self.described),
                found=data.name,
            )
        return read_described(one, data, self.areas)

    def assemble(self, parts: Iterator[Part], query: Query) -> Iterator[pa.Table]:
        """The rows asked for."""
        import pyarrow as pa
        import pyarrow.compute as pc

        for part in parts:
            table = part.table
            keep = pa.array([True] * table.num_rows)
            if query.indicators:
                keep = pc.and_(keep, pc.is_in(table["indicator"], pa.array(query.indicators)))
            if query.areas is not None:
                asked = {"\0".join(a.key) for a in query.areas}
                keys = pc.binary_join_element_wise(table["area_scheme"], table["area_type"], table["area"], "\0")
                keep = pc.and_(keep, pc.is_in(keys, pa.array(sorted(asked), pa.string())))
            elif query.area_type is not None:
                keep = pc.and_(keep, pc.equal(table["area_type"], query.area_type))
            if query.since is not None or query.until is not None:
                keep = pc.and_(
                    keep,
                    pa.array(
                        [
                            query.in_range(Period(s, d))
                            for s, d in zip(table["period_start"].to_pylist(), table["period_duration"].to_pylist(), strict=True)
                        ],
                        pa.bool_(),
                    ),
                )
            kept = table.filter(keep)
            yield kept.set_column(
                kept.schema.get_field_index("origin"), kept.schema.field("origin"), pa.array([part.origin] * kept.num_rows, pa.string())
            )
