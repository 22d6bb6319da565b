"""An SVG document as PNG, without a browser: drawn by typst (extra `pdf`), which is imported only here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from jsnakit.errors import MissingExtraError

__all__ = ["png_of", "written_out"]

# Nothing of the picture is ever written into the program: it reaches it as a value.
_PROGRAM: Final = b"""#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg", width: float(sys.inputs.width) * 1pt)
"""
_RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")
_STROKE: Final = re.compile(r"stroke-width:\s*([\d.]+)px")
_STYLE: Final = re.compile(r"(<style>)(.*?)(</style>)", re.DOTALL)
_WIDTH: Final = re.compile(r'<svg [^>]*?\bwidth="([\d.]+)"')
_FAMILIES: Final = "Arial, sans-serif"
_MORE_FAMILIES: Final = "Arial, Arimo, Liberation Sans, DejaVu Sans, sans-serif"


def written_out(svg: str, families: str = _MORE_FAMILIES) -> str:
    """A picture that `standalone` made, its style in words that every drawing program knows, and its text in the families named."""
    return _STYLE.sub(lambda m: f"{m[1]}{_written_out(m[2], families)}{m[3]}", svg, count=1)


def _written_out(style: str, families: str = _MORE_FAMILIES) -> str:
    """The style in words that every drawing program knows: shapes are drawn in tenths of a pixel, so a line that does not scale is one ten times as wide."""

    def rule(match: re.Match[str]) -> str:
        selector, body = match[1], match[2]
        if "jk-t-" not in selector:
            body = _STROKE.sub(lambda m: f"stroke-width: {float(m[1]) * 10:g}", body)
        return f"{selector}{{{body.replace('vector-effect: non-scaling-stroke;', '')}}}"

    return _RULE.sub(rule, style).replace(_FAMILIES, families)


def png_of(svg: str, scale: float = 2.0, fonts: Iterable[Path | str] = ()) -> bytes:
    """A picture that `standalone` made, `scale` dots a pixel; `fonts` are folders of fonts to use in place of the machine's.

    Raises `MissingExtraError` where typst is not installed.
    """
    try:
        import typst
    except ImportError as error:
        raise MissingExtraError("a PNG needs typst, which is not installed", hint="pip install 'jsnakit[pdf]'", extra="pdf") from error
    width = _WIDTH.search(svg)
    folders = [str(f) for f in fonts]
    made: bytes = typst.compile(
        _PROGRAM,
        format="png",
        ppi=72 * scale,
        font_paths=folders,
        ignore_system_fonts=bool(folders),
        sys_inputs={"svg": written_out(svg), "width": width[1] if width else "856"},
    )
    return made
