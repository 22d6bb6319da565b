"""Progress is drawn on a terminal alone, and never into what a program reads."""

from __future__ import annotations

import io
import sys

import pytest

from jsnakit.progress import bar, each
from jsnakit.reading import read_files
from jsnakit.sources import Query


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(monkeypatch):
    """Standard error as a terminal; called in the test itself, since pytest puts its own in place before that."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    return screen


def test_files_are_counted_by_name_on_a_terminal(monkeypatch, falls, falls_files):
    from jsnakit._plugins import Plugins

    screen = terminal(monkeypatch)
    entry = Plugins.only(falls).source("falls")
    read_files(entry, falls_files, Query(breakdowns=("*",)), progress=True)
    drawn = screen.getvalue()
    assert "2020.csv" in drawn
    assert "0/2" in drawn


def test_bytes_are_counted_in_their_unit(monkeypatch):
    screen = terminal(monkeypatch)
    with bar(2_000_000, unit="B", label="x.zip") as drawn:
        drawn.update(1_000_000)
    assert "x.zip" in screen.getvalue()
    assert "/2.00M" in screen.getvalue()


@pytest.mark.parametrize("shown", [True, False])
def test_nothing_is_drawn_where_nobody_looks(monkeypatch, shown):
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stderr", pipe)
    assert list(each([1, 2, 3], label=str, unit="file", shown=shown)) == [1, 2, 3]
    assert pipe.getvalue() == ""


def test_one_file_alone_needs_no_bar(monkeypatch):
    screen = terminal(monkeypatch)
    assert list(each([1], label=str, unit="file", shown=True)) == [1]
    assert screen.getvalue() == ""


def test_without_tqdm_nothing_is_drawn(monkeypatch):
    screen = terminal(monkeypatch)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert list(each([1, 2], label=str, unit="file", shown=True)) == [1, 2]
    assert screen.getvalue() == ""
