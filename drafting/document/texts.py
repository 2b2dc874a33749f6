"""The sentences of a draft: Jinja templates, sandboxed, with a committee's own folder laid over ours."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import jinja2
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    Undefined,
)
from jinja2.exceptions import SecurityError

from drafting.document import markup
from drafting.document.bounded import BoundedEnvironment, ExcessError
from drafting.document.compiled import clause_texts
from drafting.document.tree import Block
from drafting.inside import kind_of, open_regular
from drafting.resources import templates

FOLDER = "gb-t-43329/draft"
"""Folder of the clause texts below ``templates/``."""

Reason = Literal["undefined", "syntax", "forbidden", "excessive", "missing", "failed", "notation"]


class TextError(ValueError):
    """A clause text that cannot be used.

    Attributes
    ----------
    reason : str
        ``"undefined"`` (a name that does not exist), ``"syntax"`` (broken Jinja), ``"forbidden"`` (stopped by the
        sandbox), ``"excessive"`` (works or writes more than a text may, see :mod:`drafting.document.bounded`),
        ``"missing"`` (no such template), ``"failed"`` (any other fault while filling it in) or
        ``"notation"`` (see :mod:`drafting.document.markup`).
    file : str
        Name of the template, such as ``scope.j2``; with the overlay's folder if it is the committee's.
    line : int or None
        1-based line, if known.
    name : str
        The undefined name, the offending line or what else is at fault.
    """

    def __init__(self, reason: Reason, file: str, line: int | None, name: str) -> None:
        super().__init__(f"{reason} in {file}:{line or '?'}: {name}")
        self.reason = reason
        self.file = file
        self.line = line
        self.name = name


class Texts:
    """Clause texts by name.

    ``overlay``: a committee's folder: a template of the same name in it replaces ours.
    ``folder``: Ours, below ``templates/``.
    ``variant``: folder of the kind of standard: its templates lie between the committee's and the base.
    """

    def __init__(self, overlay: Path | None = None, folder: str = FOLDER, variant: Path | None = None) -> None:
        self._overlay = overlay
        self._folder = folder
        self._environment = environment(overlay, folder, variant)

    @property
    def overridden(self) -> tuple[str, ...]:
        """Names of our templates that the committee's folder replaces, for the report."""
        if self._overlay is None:
            return ()
        ours = {p.name for p in (templates() / self._folder).glob("*.j2")}
        return tuple(sorted(p.name for p in self._overlay.glob("*.j2") if p.name in ours and _own(self._overlay, p)))

    def render(self, name: str, facts: Mapping[str, Any]) -> str:
        """Fill in one template.

        Raises TextError with file, line and name of what is wrong.
        """
        file = f"{name}.j2"
        self._environment.begin()
        try:
            return self._environment.get_template(file).render(facts)
        except TextError:
            raise
        except jinja2.TemplateSyntaxError as error:
            raise TextError("syntax", self._named(error.name or file), error.lineno, _in_chinese(error)) from error
        except jinja2.UndefinedError as error:
            raise TextError("undefined", *self._place(error, file), _undefined_name(error)) from error
        except ExcessError as error:
            raise TextError("excessive", *self._place(error, file), str(error)) from error
        except (MemoryError, RecursionError) as error:
            raise TextError("excessive", *self._place(error, file), "互相引用过深") from error
        except SecurityError as error:
            raise TextError("forbidden", *self._place(error, file), _quoted(str(error))) from error
        except jinja2.TemplateNotFound as error:
            raise TextError("missing", *self._place(error, file), str(error.name or file)) from error
        except Exception as error:  # a template may call anything it was given: whatever fails is the text's fault
            raise TextError("failed", *self._place(error, file), f"{type(error).__name__}：{error}") from error

    def blocks(self, name: str, facts: Mapping[str, Any], inserts: markup.Inserts) -> tuple[Block, ...]:
        """Fill in one template and read it into blocks.

        Raises TextError as :meth:`render`; reason ``"notation"`` if the notation is broken.
        """
        text = self.render(name, facts)
        try:
            return markup.read(text, inserts)
        except markup.MarkupError as error:
            raise TextError(
                "notation", self._named(f"{name}.j2"), None, f"{_NOTATION[error.reason]}“{error.line}”"
            ) from error

    def _named(self, file: str) -> str:
        """Name of a template with the committee's folder, if it is the committee's."""
        own = self._overlay is not None and _own(self._overlay, self._overlay / file)
        return f"{self._overlay.name}/{file}" if own and self._overlay is not None else file

    def _place(self, error: BaseException, file: str) -> tuple[str, int | None]:
        found, line = _place(error, file)
        return self._named(found), line


_NOTATION = {"symbol": "式中的符号行 ", "insert": "不认识的插入内容 ", "depth": "标题跳过了一级 "}
_SYNTAX = (
    (re.compile(r"Unexpected end of template.*'(\w+)'\.$", re.DOTALL), "{{% {} %}} 没有结束"),
    (re.compile(r"Encountered unknown tag '(\w+)'.*", re.DOTALL), "不认识的标签“{}”"),
    (re.compile(r"unexpected '(.*?)'.*", re.DOTALL), "多出“{}”"),
    (
        re.compile(r"unexpected end of template.*|unexpected end of print.*", re.DOTALL | re.IGNORECASE),
        "写到一半就结束了",
    ),
    (re.compile(r"expected token '(.*?)', got '(.*?)'.*", re.DOTALL), "此处应为“{}”，却是“{}”"),
    (re.compile(r"expected name or number.*", re.DOTALL), "点号后面缺少名称"),
    (re.compile(r"No filter named '(\w+)'.*", re.DOTALL), "没有名为“{}”的过滤器"),
    (re.compile(r"No test named '(\w+)'.*", re.DOTALL), "没有名为“{}”的判断"),
)
_QUOTED = re.compile(r"'([^']*)'")


def _in_chinese(error: TemplateSyntaxError) -> str:
    """Word what Jinja says about syntax; what is not known stays as said."""
    said = (error.message or "").strip()
    for pattern, words in _SYNTAX:
        if match := pattern.fullmatch(said):
            return words.format(*match.groups())
    return said.rstrip(".")


def _quoted(said: str) -> str:
    """Name what the sandbox stopped: the attribute or name it puts into quotes."""
    names = _QUOTED.findall(said)
    return f"访问“{names[0]}”" if names else said.rstrip(".")


def environment(overlay: Path | None = None, folder: str = FOLDER, variant: Path | None = None) -> BoundedEnvironment:
    """Make the sandboxed Jinja environment of the clause texts.

    Values are quoted on output, undefined names are errors, and a template reaches neither files nor attributes with
    an underscore. ``ref``, ``figure`` and ``math`` make notation.
    """
    loaders: list[BaseLoader] = [FileSystemLoader([f for f in (variant, templates() / folder) if f is not None])]
    if overlay is not None:
        loaders.insert(0, _committees(overlay))
    made: BoundedEnvironment = BoundedEnvironment(
        loader=ChoiceLoader(loaders),
        undefined=StrictUndefined,
        finalize=lambda value: _finalize(value, made),
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=clause_texts(),
    )
    made.globals = {"ref": markup.reference, "figure": markup.figure, "math": markup.math, "gap": gap}
    made.filters["listed"] = _listed
    return made


_MOST_BYTES = 256 << 10
"""Of one template of a committee's."""


def _committees(folder: Path) -> BaseLoader:
    """Load the committee's templates: regular files of its folder, never through a link."""

    class Loader(BaseLoader):
        def get_source(self, _: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
            path = folder / template
            try:
                with open_regular(path, folder) as file:
                    content = file.read(_MOST_BYTES + 1)
                if len(content) > _MOST_BYTES:
                    raise TextError(
                        "excessive", f"{folder.name}/{template}", None, f"模板文件超过 {_MOST_BYTES >> 10} KB"
                    )
                return content.decode("utf-8"), str(path), lambda: True
            except (OSError, ValueError) as error:
                if isinstance(error, UnicodeDecodeError | TextError):
                    raise
                raise TemplateNotFound(template) from error

    return Loader()


def _own(folder: Path, path: Path) -> bool:
    """Whether a template of the committee's may be read."""
    return kind_of(path, folder) == "file"


def gap(what: str) -> markup.Marked:
    """Mark what the committee still has to write: 【待补充：…】."""
    return markup.Marked(f"【待补充：{markup.quote(what)}】")


def _finalize(value: object, environment: BoundedEnvironment) -> object:
    if isinstance(value, Undefined):
        return value
    quoted = markup.quote(environment.plain(value))
    environment.write(len(quoted))
    return quoted


def _listed(items: object, mark: str = "、", last: str | None = None) -> markup.Marked:
    """Join with 、 (and ``last`` before the last item), quoting each item."""
    words = [markup.quote(i) for i in items]  # type: ignore[attr-defined]  # templates are untyped
    if last is not None and len(words) > 1:
        return markup.Marked(mark.join(words[:-1]) + last + words[-1])
    return markup.Marked(mark.join(words))


def _place(error: BaseException, file: str) -> tuple[str, int | None]:
    """Template and line: the innermost frame that Jinja has mapped to a template file."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.endswith(".j2"):
            return Path(frame.filename).name, frame.lineno
    return file, None


def _undefined_name(error: BaseException) -> str:
    """Find the name in "'x' is undefined" or "'X object' has no attribute 'y'"."""
    quoted = str(error).split("'")[1::2]
    return quoted[-1] if quoted else str(error)
