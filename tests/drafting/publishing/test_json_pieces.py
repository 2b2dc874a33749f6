"""JSON in pieces: the standard library's text, but long lists an item a line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drafting.files import OutputError
from drafting.publishing import outputs
from drafting.publishing.outputs import json_pieces, write_json

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5)
)
values = st.recursive(
    scalars,
    lambda of: st.one_of(
        st.lists(of, max_size=5),
        st.dictionaries(st.one_of(st.text(max_size=3), st.integers(), st.none()), of, max_size=5),
        st.lists(of, max_size=3).map(tuple),
    ),
    max_leaves=20,
)


@given(values)
@settings(max_examples=100, deadline=None)
def test_short_content_is_written_as_by_the_standard_library(content):
    assert "".join(json_pieces(content)) == json.dumps(content, ensure_ascii=False, indent=1)


@given(values)
@settings(max_examples=60, deadline=None)
def test_long_lists_have_an_item_a_line_and_the_same_content(content):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outputs, "LONG", 2)
        text = "".join(json_pieces({"all": [content] * 3}))
    assert json.loads(text) == json.loads(json.dumps({"all": [content] * 3}))
    assert text.count("\n") == 6  # a line break inside a text is written as two letters


def test_what_is_no_json_leaves_the_old_file(tmp_path):
    target = write_json(tmp_path / "a.json", {"企业": [1] * 2000})
    before = target.read_bytes()
    assert before.count(b"\n") == 2004
    with pytest.raises((ValueError, OutputError)):
        write_json(target, {"x": float("nan")})
    assert target.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]
