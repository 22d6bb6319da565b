"""Pictures as PNG, drawn without a browser: the size asked for, the same bytes each time, text only as text, and a typed error where the library is missing."""

from __future__ import annotations

import re
import struct
import sys

import pytest

from jsnakit.errors import JsnakitError, MissingExtraError
from jsnakit.publish.panels import ControlChart, Distribution, RankedBars, WaitBand, figure
from jsnakit.publish.panels._raster import _written_out
from jsnakit.publish.panels._svg import _style
from jsnakit.publish.panels.bars import BarRow


def _panel(name: str = "England") -> Distribution:
    return Distribution(name, name, (WaitBand(0, 18, figure(60.0)), WaitBand(18, 52, figure(30.0))))


def _size(png: bytes) -> tuple[int, int]:
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_a_png_has_the_size_of_its_picture_times_the_scale() -> None:
    pytest.importorskip("typst")
    panel = _panel()
    box = re.search(r'width="([\d.]+)" height="([\d.]+)"', panel.svg("Source: a publisher."))
    assert box is not None
    for scale in (1.0, 2.0):
        width, height = _size(panel.png("Source: a publisher.", scale=scale))
        assert abs(width - float(box[1]) * scale) <= 1
        assert abs(height - float(box[2]) * scale) <= 1
    assert panel.png() == panel.png()
    assert panel.png() != _panel("Wales").png(), "the words are on the picture"


def test_text_is_never_a_program() -> None:
    pytest.importorskip("typst")
    for name in ("#panic()", '"); #panic("x', "$x$ @ref <a>", "</style><script>alert(1)</script>", '#read("/etc/passwd")'):
        assert _size(_panel(name).png(scale=0.5))
    bars = RankedBars((BarRow("a", "#panic()", figure(1.0)),), "a", caption="#panic()")
    assert _size(bars.png(scale=0.5))


def test_without_the_library_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtraError, match="typst") as caught:
        _panel().png()
    assert caught.value.extra == "pdf"
    assert "jsnakit[pdf]" in str(caught.value)
    assert isinstance(caught.value, ImportError)
    assert isinstance(caught.value, JsnakitError)


def test_lines_that_do_not_scale_are_written_out_for_programs_that_scale_them() -> None:
    style = _written_out(_style())
    assert "vector-effect" in _style()
    assert "vector-effect" not in style
    own = re.search(r"\.jk-own-line \{([^}]*)\}", style)
    assert own is not None
    assert "stroke-width: 24" in own[1], "2.4 pixels, drawn in tenths"
    label = re.search(r"\.jk-svg \.jk-t-place \{([^}]*)\}", style)
    assert label is not None
    assert "stroke-width: 3px" in label[1], "words are not drawn in tenths"
    assert "Liberation Sans" in style


def test_a_chart_of_nothing_is_still_a_picture() -> None:
    pytest.importorskip("typst")
    assert _size(ControlChart("x", "%", "E", (), (), (), (), (), ()).png())
