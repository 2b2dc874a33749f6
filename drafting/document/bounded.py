"""Templates are code of whoever wrote them: a Jinja environment whose templates end, in time and in size.

The sandbox of Jinja keeps templates from attributes and files, not from working for ever: 'a' * 3000000000, loops in
loops, files that include themselves twice. Here every turn of a loop, macro, block and file counts against one budget,
operators are looked at before they compute, and only filters and methods whose result is no larger than what goes in
are known.
"""

from __future__ import annotations

from typing import Any

from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

STEPS = 50_000
"""Turns of loops and what they may write: the longest text of ours takes some hundred."""
CHARACTERS = 1_000_000
"""Of everything that one text writes: a long draft has 50,000 in all."""
_LONGEST = 100_000
"""Characters or items of one value."""
_MOST_NUMBER = 10**15
"""Of one number: nothing that a draft prints comes near, and a double holds every whole number up to here."""
_MOST_POWER = 64
_DEEPEST = 80
"""Files, macros and loops within each other: Python itself ends at some hundred."""

FILTERS = {
    "abs", "capitalize", "count", "d", "default", "first", "float", "int", "last", "length", "list", "lower", "map",
    "max", "min", "reject", "rejectattr", "reverse", "select", "selectattr", "sort", "string", "title", "trim",
    "unique", "upper", "escape", "e", "join", "replace",
}  # fmt: skip
"""Filters that are known; ``join`` and ``replace`` are our own."""
METHODS = {
    "startswith", "endswith", "strip", "lstrip", "rstrip", "lower", "upper", "split", "rsplit", "splitlines", "count",
    "find", "rfind", "index", "isdigit", "isdecimal", "isalpha", "title", "removeprefix", "removesuffix", "partition",
    "rpartition", "replace",
}  # fmt: skip
"""Methods of texts that are known."""
_BODIES = (nodes.Template, nodes.For, nodes.Macro, nodes.Block, nodes.CallBlock)


class ExcessError(SecurityError):
    """A template that works or writes more than it may; the message says at what, in Chinese."""


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """An environment whose templates end; :meth:`begin` is to be called before each text."""

    intercepted_binops = frozenset({"+", "*", "**", "%", "//", "-", "/"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.filters = {name: made for name, made in self.filters.items() if name in FILTERS}
        self.filters["join"], self.filters["replace"] = _join, _replace
        self.filters["string"] = _text
        self.begin()

    def begin(self) -> None:
        """Begin a text with a whole budget."""
        self._steps, self._written = STEPS, CHARACTERS

    def step(self, cost: int) -> str:
        """Count one turn, with the characters that it writes as they stand."""
        self._steps -= 1
        self.write(cost)
        if self._steps < 0:
            raise ExcessError("循环过多")
        return ""

    def write(self, characters: int) -> None:
        """Count characters."""
        self._written -= characters
        if self._written < 0:
            raise ExcessError(f"写出的文字超过 {CHARACTERS} 字")

    def plain(self, value: object) -> object:
        """A value that may be written: what a list says may be longer than any memory."""
        if isinstance(value, list | tuple | dict | set):
            raise ExcessError("列表不能直接作文字")
        return _within(value)

    def joined(self, parts: list[object]) -> str:
        """Put texts together (``~``)."""
        return "".join(_sized([_text(part) for part in parts]))

    def collected(self, items: Any) -> Any:
        """Make a list or tuple of plain values: one within another could double with every line."""
        if any(isinstance(item, list | tuple | dict | set) for item in items):
            raise ExcessError("列表中的列表")
        return items

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Compute, unless the result would be beyond measure."""
        if operator == "%" and not _number(left):
            raise ExcessError("用 % 排版")
        if operator == "**" and not (_number(left) and _number(right) and abs(right) <= _MOST_POWER):
            raise ExcessError("乘方过大")
        if operator == "*" and not (_number(left) and _number(right)):
            size = _size(left) * abs(right) if _number(right) else _size(right) * abs(left) if _number(left) else 0
            if size > _LONGEST:
                raise ExcessError(f"{size} 个字符或项")
        if operator == "+" and _size(left) + _size(right) > _LONGEST:
            raise ExcessError(f"{_size(left) + _size(right)} 个字符或项")
        _within(left), _within(right)
        try:
            return _within(super().call_binop(context, operator, left, right))
        except OverflowError as error:
            raise ExcessError("数过大") from error

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether an attribute may be reached: of texts only what cannot grow, of numbers nothing."""
        if isinstance(obj, str):
            return attr in METHODS or not callable(value)
        if isinstance(obj, int | float | bytes | bytearray):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> Any:
        """Give nothing for ``format`` of texts: a width may be any number."""
        method = getattr(value, "__self__", None)
        if isinstance(method, str) and getattr(value, "__name__", "") in ("format", "format_map"):
            raise ExcessError("用 format 排版")
        return None

    def call(self, context: Any, obj: Any, /, *arguments: Any, **named: Any) -> Any:
        """Call what a template calls; ``replace`` of a text by our measure."""
        owner = getattr(obj, "__self__", None)
        if isinstance(owner, str) and getattr(obj, "__name__", "") == "replace":
            return _replace(owner, *arguments)
        return super().call(context, obj, *arguments, **named)

    def _parse(self, source: str, name: Any, filename: Any) -> nodes.Template:
        try:
            return super()._parse(source, name, filename)
        except ValueError as error:  # a number of thousands of digits, which Python does not read
            raise ExcessError("数的位数过多") from error

    def _generate(self, source: nodes.Template, name: Any, filename: Any, defer_init: bool = False) -> str:
        # Every file passes here between parsing and compiling.
        _count(source)
        return super()._generate(source, name, filename, defer_init)


def _count(tree: nodes.Template) -> None:
    """Put a count into everything that may be gone through more than once, and a measure around what grows."""
    for const in tree.find_all(nodes.Const):
        _within(const.value)
    for concat in list(tree.find_all(nodes.Concat)):
        _turn(concat, "joined", nodes.List(concat.nodes))
    for kind in (nodes.List, nodes.Tuple):
        for node in list[nodes.Expr](tree.find_all(kind)):
            items = list(node.iter_child_nodes())
            if items and getattr(node, "ctx", "load") == "load":
                _turn(node, "collected", nodes.List(items) if kind is nodes.List else nodes.Tuple(items, "load"))
    bodies: list[Any] = [tree, *tree.find_all(_BODIES)]
    for body in bodies:
        if isinstance(body, nodes.Template) and any(isinstance(n, nodes.Extends) for n in body.body):
            continue
        cost = sum(len(data.data) for data in body.find_all(nodes.TemplateData))
        body.body.insert(0, _call("step", [nodes.Const(cost)], body.lineno))


def _call(name: str, arguments: list[nodes.Expr], line: int) -> nodes.ExprStmt:
    called = nodes.Call(nodes.EnvironmentAttribute(name), arguments, [], None, None)
    made = nodes.ExprStmt(called)
    made.set_lineno(line or 1)
    return made


def _turn(node: nodes.Expr, name: str, argument: nodes.Expr) -> None:
    """Make a node the call of a measure, in place."""
    line, environment = node.lineno, node.environment
    node.__class__ = nodes.Call
    node.__dict__.clear()
    made = nodes.Call(nodes.EnvironmentAttribute(name), [argument], [], None, None)
    node.__dict__.update(made.__dict__)
    node.set_lineno(line or 1, override=True)
    if environment is not None:
        node.set_environment(environment)


def _number(value: object) -> bool:
    return isinstance(value, int | float)


def _within(value: object) -> object:
    """A value as it is, unless it is a number beyond measure."""
    if isinstance(value, int | float) and not abs(value) <= _MOST_NUMBER:  # nor nan
        raise ExcessError("数过大")
    return value


def _size(value: object) -> int:
    return len(value) if isinstance(value, str | bytes | list | tuple) else 0


def _text(value: object) -> str:
    """A plain value as text."""
    if isinstance(value, list | tuple | dict | set):
        raise ExcessError("列表不能直接作文字")
    if isinstance(value, Undefined):
        return str(value)  # raises, as it should
    return value if isinstance(value, str) else str(_within(value))


def _sized(parts: list[str]) -> list[str]:
    size = sum(map(len, parts))
    if size > _LONGEST:
        raise ExcessError(f"{size} 个字符")
    return parts


def _join(items: Any, mark: str = "", attribute: str | None = None) -> str:
    """Join texts."""
    words = [_text(getattr(item, attribute) if attribute and not attribute.startswith("_") else item) for item in items]
    if sum(map(len, words)) + len(mark) * len(words) > _LONGEST:
        raise ExcessError("连接的文字过长")
    return mark.join(words)


def _replace(says: str, old: str, new: str, count: int = -1) -> str:
    """Replace in a text."""
    says, old, new = _text(says), _text(old), _text(new)
    if len(says) + len(new) * (len(says) + 1 if not old else says.count(old)) > _LONGEST:
        raise ExcessError("替换后的文字过长")
    return says.replace(old, new, -1 if count is None else count)
