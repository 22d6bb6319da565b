"""Run a page of the documentation as its reader would: files are written, commands are run, Python is executed, and what is shown must be what comes.

- A `{code-block}` with a `:caption:` is a file of that name, written into the working folder.
- In a `console` block, a line that begins with `$ ` is a command; the lines below it are its output, `...` standing for anything. Without such lines only its exit code counts.
- A `python` block is run in one namespace with the others of the page: as doctests where it has prompts, else as a program.
- Every other block is only read.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from attrs import field, frozen

_FENCE = re.compile(r"^(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL)
_OUTPUT = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@frozen
class Block:
    """One fenced block: its language, its text, the file it is, and the line of the page it begins on."""

    language: str
    text: str
    file: str
    line: int


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a Markdown page, in order."""
    for match in _FENCE.finditer(page):
        info, body = match["info"].strip(), match["body"]
        file = ""
        if info.startswith("{code-block}"):
            info = info.removeprefix("{code-block}").strip()
            while option := re.match(r":(\w+): *(.*)\n\n?", body):
                file = option[2].strip() if option[1] == "caption" else file
                body = body[option.end() :]
        yield Block(info, body, file, page.count("\n", 0, match.start()) + 1)


@frozen
class Reader:
    """Somebody who follows a page in `folder`, typing what it says. `extra_path` is where their own packages lie."""

    folder: Path
    extra_path: list[Path] = field(factory=list)
    _at: list[Path] = field(factory=list)
    _names: dict[str, Any] = field(factory=dict)

    @property
    def here(self) -> Path:
        """The folder that the reader is in now."""
        return self._at[-1] if self._at else self.folder

    def follow(self, page: Path, chdir: Callable[[Path], None]) -> int:
        """Do everything the page says; the number of blocks done. Raises `AssertionError` naming the page and line where it is not as the page says."""
        done = 0
        for block in blocks(page.read_text(encoding="utf-8")):
            where = f"{page.name}, line {block.line}"
            if block.file:
                path = self.here / block.file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding="utf-8", newline="\n")
            elif block.language == "console":
                self._console(block, where, chdir)
            elif block.language in ("python", "pycon"):
                chdir(self.here)
                self._python(block, where)
            else:
                continue
            done += 1
        return done

    def _console(self, block: Block, where: str, chdir: Callable[[Path], None]) -> None:
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            words = shlex.split(command)
            if words[0] == "cd":
                self._at.append((self.here / words[1]).resolve())
                chdir(self.here)
                continue
            if words[:4] == ["python", "-m", "pip", "install"]:
                self._install(words[-1])
                continue
            self._command(words, shown, f"{where}: {command}")

    def _command(self, words: list[str], shown: str, where: str) -> None:
        programs = {"jsnakit": [sys.executable, "-c", "from jsnakit.cli import main; main()"], "python": [sys.executable]}
        assert words[0] in programs, f"{where}: pages run jsnakit and python only"
        path = os.pathsep.join([*map(str, self.extra_path), *filter(None, [os.environ.get("PYTHONPATH", "")])])
        environment = os.environ | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", "COLUMNS": "120"}
        run = subprocess.run(
            [*programs[words[0]], *words[1:]],
            cwd=self.here,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert run.returncode == 0, f"{where}: exit code {run.returncode}\n{run.stdout}\n{run.stderr}"
        if shown.strip():
            both = run.stdout + run.stderr
            checker = doctest.OutputChecker()
            assert checker.check_output(shown.strip() + "\n", both.strip() + "\n", _OUTPUT), (
                f"{where}: the page shows\n{shown}\nbut it prints\n{both}"
            )

    def _install(self, project: str) -> None:
        """What `pip install -e` does to a project, as far as jsnakit can tell: its metadata on the path, with its entry points. No network, no build."""
        root = self.here / project
        facts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        info = root / "src" / f"{facts['name'].replace('-', '_')}-{facts['version']}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {facts['name']}\nVersion: {facts['version']}\n", encoding="utf-8")
        points = [f"[{group}]\n" + "\n".join(f"{k} = {v}" for k, v in named.items()) for group, named in facts["entry-points"].items()]
        (info / "entry_points.txt").write_text("\n".join(points) + "\n", encoding="utf-8")
        self.extra_path.append(root / "src")

    def _python(self, block: Block, where: str) -> None:
        if ">>>" not in block.text:
            exec(compile(block.text, where, "exec"), self._names)
            return
        test = doctest.DocTestParser().get_doctest(block.text, self._names, where, where, block.line)
        said: list[str] = []
        runner = doctest.DocTestRunner(optionflags=_OUTPUT)
        runner.run(test, out=said.append, clear_globs=False)
        self._names.update(test.globs)
        assert not runner.summarize(verbose=False).failed, "".join(said)
