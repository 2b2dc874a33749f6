"""Compiled clause texts are shared by environments, and never a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from drafting.document.texts import Texts, environment


def test_another_environment_need_not_compile_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mine.j2").write_text("甲{{ words }}", "utf-8")
    assert Texts(tmp_path).render("mine", {"words": "一"}).startswith("甲")
    second = environment(tmp_path)

    def compiles(*_: object, **__: object) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(type(second), "compile", compiles)
    assert second.get_template("mine.j2").render(words="二").endswith("二")


def test_a_changed_text_and_a_folder_laid_over_are_seen(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours, theirs):
        folder.mkdir()
        (folder / "mine.j2").write_text(f"{folder.name} 甲", "utf-8")
    assert Texts(variant=ours).render("mine", {}) == "ours 甲"
    assert Texts(theirs, variant=ours).render("mine", {}) == "theirs 甲"
    assert Texts(variant=ours).render("mine", {}) == "ours 甲"
    (ours / "mine.j2").write_text("ours 乙", "utf-8")
    assert Texts(variant=ours).render("mine", {}) == "ours 乙"
