"""The public names and their signatures, as a file: a change of them is seen in review, and a removal fails.

`python tests/test_public_api.py` writes the file anew. A name that goes must have been deprecated for one release: say so in CHANGELOG.md.
"""

from __future__ import annotations

import enum
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

SNAPSHOT = Path(__file__).parent / "public_api.txt"


def public_api() -> list[str]:
    """One line a name: `module.name` and its signature, and one for each public method, field or member of a class."""
    package = importlib.import_module("jsnakit")
    names = ["jsnakit", *(f"jsnakit.{m.name}" for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_"))]
    modules = [importlib.import_module(name) for name in names]
    lines = [line for m in modules for name in m.__all__ if m is not package for line in described(f"{m.__name__}.{name}", getattr(m, name))]
    for name in package.__all__:
        value = getattr(package, name)
        home = next((m.__name__ for m in modules[1:] if name in m.__all__ and getattr(m, name) is value), None)
        lines += [f"jsnakit.{name} = {home}.{name}"] if home else described(f"jsnakit.{name}", value)
    return sorted(set(lines))


def described(path: str, value: object) -> list[str]:
    if isinstance(value, type) and issubclass(value, enum.Enum):
        return [f"{path}: enum", *(f"{path}.{m.name} = {m.value!r}" for m in value)]
    if isinstance(value, type):
        lines = [f"{path}{signature(value)}"]
        for name, member in inspect.getmembers_static(value):
            if name.startswith("_") or not defined_by_us(value, name):
                continue
            target = member.__func__ if isinstance(member, classmethod | staticmethod) else member
            lines.append(f"{path}.{name}{signature(target)}" if callable(target) else f"{path}.{name}")
        return lines
    if inspect.isroutine(value):
        return [f"{path}{signature(value)}"]
    return [f"{path}: {type(value).__name__}"]


def defined_by_us(value: type, name: str) -> bool:
    return any(name in vars(base) and base.__module__.startswith("jsnakit") for base in value.__mro__)


def signature(value: object) -> str:
    try:
        text = str(inspect.signature(value))
    except (TypeError, ValueError):
        return ""
    # A default may be an object whose text holds an address in memory.
    return re.sub(r" at 0x[0-9a-f]+", "", text)


def test_public_api_is_the_one_recorded():
    recorded = SNAPSHOT.read_text(encoding="utf-8").splitlines()
    now = public_api()
    gone = sorted(set(recorded) - set(now))
    new = sorted(set(now) - set(recorded))
    assert not gone, f"gone or changed (deprecate first, then run `python {Path(__file__).name}`): {gone}; new: {new}"
    assert not new, f"new (record it: python tests/{Path(__file__).name}): {new}"


def test_every_public_list_is_true():
    package = importlib.import_module("jsnakit")
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"jsnakit.{info.name}")
        names = getattr(module, "__all__", None)
        if info.name.startswith("_"):
            continue
        assert names is not None, f"{module.__name__} has no __all__"
        assert len(names) == len(set(names)), f"{module.__name__}.__all__ names something twice"
        assert all(hasattr(module, name) for name in names)


def test_every_public_thing_says_what_it_is():
    package = importlib.import_module("jsnakit")
    silent = []
    for info in pkgutil.iter_modules(package.__path__):
        if not info.name.startswith("_"):
            module = importlib.import_module(f"jsnakit.{info.name}")
            named = [getattr(module, name) for name in module.__all__]
            silent += [f"{module.__name__}.{v.__name__}" for v in named if inspect.isclass(v) | inspect.isroutine(v) and not inspect.getdoc(v)]
    assert not silent


# Records that jsnakit alone makes: read, never written by a user.
ANSWERS = {"Coverage"}


def test_every_name_of_the_package_shows_how_it_is_used_or_what_it_raises():
    package = importlib.import_module("jsnakit")
    silent = []
    for name in package.__all__:
        value = getattr(package, name)
        if name in ANSWERS or not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        said = [inspect.getdoc(value) or ""]
        said += [inspect.getdoc(m) or "" for n, m in inspect.getmembers(value, callable) if inspect.isclass(value) and not n.startswith("_")]
        if not any(">>>" in text or "Raise" in text for text in said):
            silent.append(name)
    assert not silent


def test_each_error_is_documented_with_every_fact_that_it_carries():
    errors = importlib.import_module("jsnakit.errors")
    for name in errors.__all__:
        kind = getattr(errors, name)
        own = vars(kind).get("__doc__") or ""
        assert len(own) > 40, f"{name} says too little"
        assert issubclass(kind, errors.JsnakitError)
        if kind is not errors.JsnakitError:
            assert any(not b.__module__.startswith("jsnakit") and b not in (object, Exception, BaseException) for b in kind.__mro__), (
                f"{name} is no builtin"
            )
        told = "".join(inspect.getdoc(b) or "" for b in kind.__mro__ if b.__module__ == errors.__name__)
        silent = [f for f in vars(kind).get("fields", ()) if f not in told and f not in {"key", "value", "allowed", "file", "line"}]
        assert not silent, f"{name} does not say what {silent} are"


def test_each_hook_is_documented_and_says_when_it_is_called():
    hooks = importlib.import_module("jsnakit.hookspecs")
    page = (Path(__file__).parent.parent / "docs" / "how-to" / "write-a-source.md").read_text(encoding="utf-8")
    names = [n for n in hooks.__all__ if n.startswith("jsnakit_")]
    assert names
    for name in names:
        assert "Called only" in inspect.getdoc(getattr(hooks, name)), name
        assert f"`{name}`" in page, f"how to write a plugin does not mention {name}"


if __name__ == "__main__":
    SNAPSHOT.write_text("\n".join(public_api()) + "\n", encoding="utf-8", newline="\n")
