"""Chromium, and sites to read in it: the demonstration from its own figures, and the made-up country of tests/publish in both modes.

`open_page` opens a page and writes down what goes wrong in it; a test fails where anything did, unless it says that it expects it.
"""

from __future__ import annotations

import functools
import http.server
import importlib.util
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
import filelock
import pytest

from jsnakit.publish import SiteInfo, build
from jsnakit.settings import Assets

# Playwright is in the environment of `nox -s browser` only; that session fails where these files are not collected.
collect_ignore_glob = [] if importlib.util.find_spec("playwright") else ["test_*.py"]

HERE = Path(__file__).resolve()
_spec = importlib.util.spec_from_file_location("made_up_country", HERE.parent.parent / "publish" / "conftest.py")
assert _spec
assert _spec.loader
_made_up = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_made_up)
country, site, make_chapters, one_chapter, make_figure, _tables = (
    getattr(_made_up, name) for name in ("country", "site", "make_chapters", "one_chapter", "make_figure", "_tables")
)

# Written before anything of the page runs: what the page's own rule refused.
_WATCH = "self.refused = []; addEventListener('securitypolicyviolation', e => self.refused.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample), true);"


@attrs.define(slots=False)
class Watched:
    """What a page did that a page of ours must not do."""

    page: Any
    home: str
    problems: list[str] = attrs.field(factory=list)

    def check(self) -> None:
        """Fails where anything was said to the console, thrown, refused by the page's rule, or asked of anybody else."""
        refused = self.page.evaluate("self.refused") if not self.page.is_closed() else []
        assert self.problems + refused == []

    def request(self, request: Any) -> None:
        address = request.url
        # What a page makes of itself (a picture of a drawing) is no request.
        if not address.startswith((self.home, "data:", "blob:", "about:")):
            self.problems.append(f"asked for {address}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The Chromium of this machine."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "there is no Chromium: install it (apt-get install chromium)"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """A function that opens an address or file in a window of its own; whatever goes wrong in it fails the test at its end."""
    opened: list[tuple[Any, Watched]] = []

    def open_it(where: Path | str, *, fragment: str = "", width: int = 1280, height: int = 900, watched: bool = True, **options: Any) -> Any:
        address = where.as_uri() if isinstance(where, Path) else where
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        page = context.new_page()
        parts = urlsplit(address)
        watch = Watched(page, "file:///" if parts.scheme == "file" else f"{parts.scheme}://{parts.netloc}/")
        context.add_init_script(_WATCH)
        page.on("console", lambda m: watch.problems.append(f"console: {m.text}") if m.type in {"error", "warning"} else None)
        page.on("pageerror", lambda e: watch.problems.append(f"thrown: {e}"))
        page.on("dialog", lambda d: (watch.problems.append(f"dialog: {d.message}"), d.dismiss()))
        page.on("request", watch.request)
        if watched and options.get("java_script_enabled", True):
            opened.append((context, watch))
        else:
            opened.append((context, Watched(page, "")))
        page.goto(address + fragment)
        return page

    yield open_it
    try:
        for _, watch in opened:
            if watch.home:
                watch.check()
    finally:
        for context, _ in opened:
            context.close()


def _once(tmp_path_factory: pytest.TempPathFactory, worker_id: str, name: str, make: Callable[[Path], None]) -> Path:
    """A folder made by whichever worker comes first."""
    if worker_id == "master":
        folder = tmp_path_factory.mktemp(name) / "site"
        make(folder)
        return folder
    root = tmp_path_factory.getbasetemp().parent / name
    with filelock.FileLock(f"{root}.lock"):
        if not (root / "site").exists():
            root.mkdir(exist_ok=True)
            make(root / "site")
    return root / "site"


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The demonstration, as `nox -s demo` makes it: a self-contained file a page."""

    def make(out: Path) -> None:
        jsnakit = (sys.executable, "-c", "from jsnakit.cli import main; main()")
        project = out.parent / "project"
        surroundings = {k: v for k, v in os.environ.items() if not k.startswith("JSNAKIT_")} | {"JSNAKIT_CACHE": str(out.parent / "cache")}
        run = functools.partial(subprocess.run, check=True, env=surroundings, capture_output=True)
        run([*jsnakit, "new", str(project), "--area", "Blackpool"])
        shutil.copytree(HERE.parents[2] / "docs" / "tutorials" / "own-figures", project, dirs_exist_ok=True)
        run([*jsnakit, "build", str(project), "--out", str(out)])

    return _once(tmp_path_factory, _worker(request), "demo", make)


def _worker(request: pytest.FixtureRequest) -> str:
    return str(getattr(request.config, "workerinput", {}).get("workerid", "master"))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, _tables: Any, site: SiteInfo) -> Callable[[Assets], Path]:
    """The site of the made-up country, which uses every panel, in either mode."""

    def folder(assets: Assets) -> Path:
        def make(out: Path) -> None:
            build(_made_up.chapters(), _made_up._country(_tables), out, attrs.evolve(site, assets=assets))

        return _once(tmp_path_factory, _worker(request), f"made-{assets.value}", make)

    return functools.cache(folder)


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """A function that serves a folder on this machine and gives its address."""
    servers: list[http.server.ThreadingHTTPServer] = []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Nothing is said of a request."""

        def do_GET(self) -> None:
            """The icon that browsers ask every server for is nothing of ours."""
            if self.path == "/favicon.ico":
                self.send_response(204)
                self.end_headers()
            else:
                super().do_GET()

    def start(folder: Path) -> str:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
        server.daemon_threads = True
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
