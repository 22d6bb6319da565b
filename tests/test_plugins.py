"""Plugins: lazy by metadata, isolated from each other, and named whenever they are at fault."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jsnakit import hookimpl
from jsnakit._plugins import Installed, Plugins, catalogue, digest_of, installed_plugins
from jsnakit.errors import PluginConflictError, PluginError, SettingsError, UnknownSourceError
from jsnakit.model import Indicator
from jsnakit.sources import Source, SourceInfo


def installed(name: str, load: Callable[[], Any], distribution: str | None = None) -> Installed:
    return Installed(name=name, module=f"mod_{name}", distribution=distribution or f"dist-{name}", version="1.2", load=load)


def module(name: str, **hooks: Callable[..., Any]) -> types.ModuleType:
    made = types.ModuleType(name)
    for hook, function in hooks.items():
        setattr(made, hook, hookimpl(function))
    return made


def named(source_id: str, *indicators: str) -> Source:
    class Named(Source):
        info = SourceInfo(id=source_id, title=source_id, publisher="x", licence="OGL-UK-3.0", homepage="https://x.example/")

        def indicators(self) -> list[Indicator]:
            return [Indicator(i, i, "x") for i in indicators]

        def parse(self, resource: Any, data: Any) -> Any:
            raise AssertionError

        def assemble(self, parts: Any, query: Any) -> Iterator[Any]:
            raise AssertionError

    return Named()


def offering(*sources: Source) -> types.ModuleType:
    return module("plugin", jsnakit_sources=lambda: iter(sources))


def explode() -> Any:
    raise RuntimeError("boom")


def test_names_come_without_an_import() -> None:
    plugins = Plugins([installed("a", explode), installed("b", explode)])
    assert plugins.names == ("a", "b")


def test_a_plugin_is_imported_once_when_asked_for() -> None:
    calls: list[str] = []

    def load() -> Any:
        calls.append("a")
        return offering(named("a"), named("a.more"))

    plugins = Plugins([installed("a", load), installed("b", explode)])
    assert plugins.source("a").id == "a"
    assert plugins.source("a.more").id == "a.more"
    assert calls == ["a"]


def test_one_broken_plugin_breaks_only_itself() -> None:
    plugins = Plugins([installed("b", explode), installed("a", lambda: offering(named("a")))])
    found = list(plugins.sources())
    assert [type(f).__name__ for f in found] == ["SourceEntry", "PluginError"]
    with pytest.raises(PluginError, match=r"plugin 'b' \(dist-b 1.2\).*boom") as caught:
        plugins.source("b")
    assert (caught.value.plugin, caught.value.distribution, caught.value.version) == ("b", "dist-b", "1.2")


@pytest.mark.parametrize(
    ("plugin", "said"),
    [
        (module("p", jsnakit_source=lambda: [named("p")]), "jsnakit_sources"),
        (module("p", jsnakit_sources=lambda: [3]), "yielded int, not Source"),
        (module("p", jsnakit_sources=lambda: (explode() for _ in range(1))), "boom"),
        (module("p", jsnakit_sources=lambda: [named("other")]), "id 'other'"),
        (module("p", jsnakit_sources=lambda: [named("p.Bad Id")]), "not an id"),
    ],
)
def test_a_plugin_at_fault_is_named(plugin: types.ModuleType, said: str) -> None:
    with pytest.raises(PluginError, match=said) as caught:
        Plugins([installed("p", lambda: plugin)]).source("p")
    assert caught.value.distribution == "dist-p"


def halfway(*sources: Source) -> Iterator[Source]:
    yield from sources
    explode()


def unreadable() -> Source:
    source = named("u")

    def indicators() -> list[Indicator]:
        raise SettingsError("indicators.toml, indicator 3: unknown key 'nmae'", hint="did you mean 'name'?")

    source.indicators = indicators  # type: ignore[method-assign]  # the fault under test
    return source


def nameless() -> Source:
    source = named("n")
    source.info = None  # type: ignore[assignment, misc]  # the fault under test
    return source


def quits() -> Any:
    raise SystemExit(0)


def test_every_kind_of_fault_is_kept_to_its_plugin_when_all_are_listed() -> None:
    plugins = Plugins(
        [
            installed("good", lambda: offering(named("good", "good.x"))),
            installed("half", lambda: module("half", jsnakit_sources=lambda: halfway(named("half")))),
            installed("u", lambda: offering(unreadable())),
            installed("n", lambda: offering(nameless())),
            installed("quits", quits),
            installed("later", lambda: module("later", jsnakit_sources=quits)),
            installed("a.b", lambda: offering(named("a.b"))),
            installed("a", lambda: offering(named("a.b"))),
            installed("none", lambda: module("none", jsnakit_sources=lambda: None)),
        ]
    )
    found = list(plugins.sources())
    assert [e.id for e in found if not isinstance(e, PluginError)] == ["a.b", "good"]
    said = {e.plugin: str(e) for e in found if isinstance(e, PluginError)}
    assert set(said) == {"half", "u", "n", "quits", "later", "a", "none"}
    assert "boom" in said["half"]
    assert "plugin 'u' (dist-u 1.2): indicators() failed: indicators.toml, indicator 3" in said["u"]
    assert "did you mean 'name'?" in said["u"]
    assert "info is not a SourceInfo" in said["n"]
    assert "also offered by dist-a.b" in said["a"]
    with pytest.raises(UnknownSourceError):
        plugins.source("good.more")


def test_a_wrapper_is_refused() -> None:
    made = types.ModuleType("p")

    def jsnakit_sources() -> Any:
        yield

    made.jsnakit_sources = hookimpl(wrapper=True)(jsnakit_sources)  # type: ignore[attr-defined]  # a module takes any attribute
    with pytest.raises(PluginError, match="wrapper"):
        Plugins([installed("p", lambda: made)]).source("p")


def test_two_distributions_with_one_id() -> None:
    plugins = Plugins([installed("a", explode, "one"), installed("a", explode, "two")])
    with pytest.raises(PluginConflictError, match="one and two") as caught:
        plugins.source("a")
    assert caught.value.claimants == ("one", "two")


def test_an_unknown_id_gets_the_nearest_or_the_package_to_install() -> None:
    plugins = Plugins([installed("warehouse", explode)])
    with pytest.raises(UnknownSourceError, match="did you mean 'warehouse'"):
        plugins.source("warehose")
    with pytest.raises(UnknownSourceError, match="pip install jsnakit-fingertips"):
        plugins.source("fingertips")


def test_only_uses_what_was_given() -> None:
    plugins = Plugins.only(named("w", "w.falls"))
    assert plugins.names == ("w",)
    assert [i.id for i in catalogue(plugins.source("w"))] == ["w.falls"]
    with pytest.raises(PluginConflictError):
        Plugins.only(named("w"), named("w"))


@pytest.mark.parametrize("ids", [("w.a", "w.a"), ("x.a",)])
def test_a_catalogue_is_checked(ids: tuple[str, ...]) -> None:
    with pytest.raises(PluginError):
        catalogue(Plugins.only(named("w", *ids)).source("w"))


def test_results_are_sorted_whatever_the_order_of_registration() -> None:
    entries = [installed(n, lambda n=n: offering(named(n))) for n in "cab"]  # type: ignore[misc]  # the default binds the loop's name
    forwards = [e.id for e in Plugins(entries).sources()]  # type: ignore[union-attr]  # none of them is an error
    backwards = [e.id for e in Plugins(entries[::-1]).sources()]  # type: ignore[union-attr]  # none of them is an error
    assert forwards == backwards == ["a", "b", "c"]


def test_an_edited_plugin_has_another_digest(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "edited"
    package.mkdir()
    (package / "__init__.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    import importlib

    made = importlib.import_module("edited")
    before = digest_of(made)
    assert digest_of(made) == before
    (package / "layout.toml").write_text("a = 1\n")
    assert digest_of(made) != before


def test_our_own_plugins_are_found_by_metadata() -> None:
    names = {p.name for p in installed_plugins()}
    assert {"rtt", "sample"} <= names
