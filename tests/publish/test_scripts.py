"""Scripts as they are joined and embedded: in the stated order, with what they need, and nothing in them that ends their element."""

from __future__ import annotations

import json
import re
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsnakit.publish import scripts

FOLDER = resources.files("jsnakit.publish.scripts")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda s: st.lists(s) | st.dictionaries(st.text(), s),
)


def test_every_file_is_listed_once_and_after_what_it_needs() -> None:
    assert {p.name for p in FOLDER.iterdir() if p.name.endswith(".js")} == {f"{name}.js" for name in scripts.FILES}
    order = list(scripts.FILES)
    for name, needs in scripts.FILES.items():
        assert all(order.index(need) < order.index(name) for need in needs), name


def test_a_page_carries_what_it_uses_and_what_that_needs() -> None:
    assert scripts.source(["core"]) == FOLDER.joinpath("core.js").read_text(encoding="utf-8")
    whole = scripts.source(["palette", "core"])
    assert [whole.index(FOLDER.joinpath(f"{n}.js").read_text(encoding="utf-8")) for n in ("core", "state", "palette")] == sorted(
        whole.index(FOLDER.joinpath(f"{n}.js").read_text(encoding="utf-8")) for n in ("core", "state", "palette")
    )
    assert whole == scripts.source(["core", "palette"])


@pytest.mark.parametrize("name", scripts.FILES)
def test_a_script_makes_no_markup_and_asks_for_nothing(name: str) -> None:
    text = FOLDER.joinpath(f"{name}.js").read_text(encoding="utf-8")
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
        "fetch(",
        "XMLHttpRequest",
        "import(",
        "localStorage",
        "cookie",
        ".style.",
    ):
        assert word not in code, word
    assert code.count('"use strict"') == 1
    assert len(text.splitlines()) <= 400
    assert max(map(len, text.splitlines())) <= 300


@given(JSON)
def test_what_is_embedded_is_read_back_and_ends_no_element(value: object) -> None:
    element = scripts.embedded("x", value)
    match = re.fullmatch(r'<script type="application/json" id="jk-data-x">(.*)</script>', element, re.DOTALL)
    assert match
    assert not re.search("[<\u2028\u2029\ud800-\udfff]", match[1])
    assert json.loads(match[1]) == value
    element.encode()


@pytest.mark.parametrize("payload", ["</script><script>alert(1)</script>", "<!--<script>", "\u2028", "]]>", "\ud800", "\x00"])
def test_a_payload_is_only_text(payload: str) -> None:
    text = scripts.embedded("x", {payload: [payload]})
    assert text.count("<") == 2
    assert json.loads(text[text.index("{") : text.rindex("<")]) == {payload: [payload]}


def test_numbers_that_are_none_and_names_from_data_are_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        scripts.embedded("x", float("nan"))
    with pytest.raises(AssertionError, match="never made from data"):
        scripts.embedded('x"><script>', 1)
