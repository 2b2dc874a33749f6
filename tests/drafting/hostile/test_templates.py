"""Templates are code: whatever stands in one, filling it in ends soon and small, with a finding that names it."""

from __future__ import annotations

import time

import pytest

from drafting.document.faults import finding_of
from drafting.document.texts import TextError, Texts
from drafting.document.tree import plain
from drafting.findings import Provenance
from drafting.project.folder import Project
from drafting.publishing.overlay import find_overlay
from drafting.run import Run
from tests.drafting.document import factory

FACTS = {"rows": [{"a": "甲"}, {"a": "乙"}], "word": "字", "number": 7}
DOUBLING = "{% set x = 'ab' %}" + "{% set x = x ~ x %}" * 60
MANY = "{% for a in 'aaaaaaaaaa' %}"
ENDLESS = {
    "times": "{{ 'a' * 3000000000 }}",
    "times list": "{{ ([1] * 3000000000)|length }}",
    "power": "{{ 9 ** (9 ** 9) }}",
    "power of power": "{{ 9**9**9**9 }}",
    "power of float": "{{ (9.5**64) ** 64 }}",
    "product": "{{ 2**64*2**64*2**64 }}",
    "no number": "{{ 1e308*10 - 1e308*10 }}",
    "negative": "{{ -9**9**9 }}",
    "written number": "{{ " + "9" * 60 + " }}",
    "written float": "{{ 1e400 }}",
    "digits": "{{ " + "9" * 5000 + " }}",
    "read number": "{{ ('9' * 4000)|int }}",
    "number as text": "{{ ('9' * 400)|int|string }}",
    "number put together": "{{ 'a' ~ ('9' * 400)|int }}",
    "number joined": "{{ [('9' * 400)|int, 1]|join }}",
    "format": "{{ '%3000000000d' % 1 }}",
    "format method": "{{ '{:3000000000}'.format(1) }}",
    "ljust": "{{ 'a'.ljust(3000000000) }}",
    "center": "{{ 'a'|center(3000000000) }}",
    "indent": "{{ 'a'|indent(3000000000, true) }}",
    "zfill": "{{ 'a'.zfill(3000000000) }}",
    "doubling": DOUBLING + "{{ x }}",
    "adding": "{% set x = 'ab' %}" + "{% set x = x + x %}" * 60,
    "big": "{% set x = 99 %}" + "{% set x = x * x %}" * 60,
    "loops": MANY * 9 + "x" + "{% endfor %}" * 9,
    "silent loops": MANY * 9 + "{% set y = 1 %}" + "{% endfor %}" * 9,
    "long loops": "{% for a in 'a' * 90000 %}" + "长" * 5000 + "{% endfor %}",
    "itself": "{% include 'scope.j2' %}",
    "itself twice": "{% include 'scope.j2' %}{% include 'scope.j2' %}",
    "macro": "{% macro m(n) %}{{ m(n + 1) }}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}",
    "nested lists": "{% set x = [1] %}" + "{% set x = [x, x] %}" * 60 + "{{ x }}",
    "nested tuples": "{% set x = (1, 2) %}" + "{% set x = (x, x) %}" * 60 + "{{ x|string }}",
    "compare": "{% set x = [1] %}{% set y = [1] %}" + "{% set x = [x, x] %}{% set y = [y, y] %}" * 40 + "{{ x == y }}",
    "join": "{{ ('a' * 50000)|list|join('b' * 50000) }}",
    "replace": "{{ ('a' * 90000)|replace('a', 'b' * 90000) }}",
    "replace method": "{{ ('a' * 90000).replace('', 'b' * 90000) }}",
    "round": "{{ 1.5|round(2000000000, 'ceil') }}",
    "bytes": "{{ (1).to_bytes(3000000000) }}",
    "batch": "{{ rows|batch(3000000000, 0)|list }}",
    "expand": "{{ 'a\t'.expandtabs(3000000000) }}",
    "list out": "{{ rows }}",
    "width": "{{ 'a'|wordwrap(1, wrapstring='b' * 90000) }}",
    "range": "{% for i in range(10**9) %}x{% endfor %}",
    "lipsum": "{{ lipsum(n=100000) }}",
    "translate": "{{ ('a' * 9000).translate({97: 'b' * 90000}) }}",
    "xmlattr": "{{ {'a': 'b'}|xmlattr }}",
    "large": "{# " + "x" * 400_000 + " #}",
}


def peak() -> int:
    """The most memory that this process has held so far, MB."""
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def texts_with(folder, source: str) -> Texts:
    (folder / "scope.j2").write_text(source, "utf-8")
    return Texts(folder)


@pytest.mark.parametrize("source", ENDLESS.values(), ids=ENDLESS)
def test_what_would_never_end_ends(tmp_path, source):
    texts = texts_with(tmp_path, source)
    before, began = peak(), time.process_time()
    with pytest.raises(TextError) as fault:
        texts.render("scope", FACTS)
    assert time.process_time() - began < 5
    assert peak() - before < 200
    assert fault.value.reason in ("excessive", "forbidden", "syntax", "undefined", "failed", "missing")
    said = finding_of(fault.value)
    assert tmp_path.name + "/scope.j2" in said.message
    assert "Error" not in said.message


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ word ~ number }}", "字7"), ("{% for r in rows %}{{ r.a }}{% endfor %}", "甲乙"),
        ("{{ rows|map(attribute='a')|join('；') }}", "甲；乙"), ("{{ rows|length * 2 + 1 }}", "5"),
        ("{{ '字'.replace('字', '词') }}", "词"), ("{% set all = ['a', 'b'] %}{{ all|join }}", "ab"),
        ("{{ ('a', 'b')|last }}", "b"), ("{% if word in ['字', '词'] %}有{% endif %}", "有"),
        ("{% macro m(x) %}{{ x }}{% endmacro %}{{ m('甲') }}", "甲"), ("{{ 'a' * 3 }}", "aaa"),
        ("{{ 2 ** 10 }}", "1024"), ("{{ word|replace('字', '词') }}", "词"), ("{{ number / 2 }}", "3.5"),
        ("{{ 7 % 4 }}", "3"), ("{{ 10 ** 15 }}", "1000000000000000"), ("{% set x, y = 1, 2 %}{{ x + y }}", "3"),
    ],
)  # fmt: skip
def test_what_a_text_needs_still_works(tmp_path, source, expected):
    (block,) = texts_with(tmp_path, source).blocks("scope", FACTS, {})
    assert plain(block.runs) == expected


def test_project_templates_can_be_switched_off(tmp_path, monkeypatch):
    (tmp_path / "模板").mkdir()
    (tmp_path / "模板" / "scope.j2").write_text("本文件只管{{ industry }}。", "utf-8")
    inputs = factory.inputs(document=factory.document(template_folder="模板"))
    run = Run(Project(tmp_path, inputs, Provenance()), factory.results(inputs), ())
    assert find_overlay(run.project).folder is not None
    monkeypatch.setenv("DRAFTING_TEMPLATES", "off")
    found = find_overlay(run.project)
    assert (found.folder, found.blueprint, [f.code for f in found.findings]) == (None, None, ["templates-off"])


def test_the_server_switches_them_off(monkeypatch, tmp_path):
    import os

    from drafting.cli.commands import panel
    from drafting.panel import serving

    monkeypatch.delenv("DRAFTING_TEMPLATES", raising=False)
    seen = []
    monkeypatch.setattr(serving, "serve", lambda *_, **__: seen.append(os.environ.get("DRAFTING_TEMPLATES")))
    with pytest.raises(SystemExit):
        panel.command(["serve", "--database", f"sqlite:///{tmp_path}/p.db"])
    assert seen == ["off"]
