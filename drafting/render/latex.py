r"""Reading LaTeX mathematics strictly, before a lenient converter sees it.

The converter underneath guesses: an unclosed brace, a misspelt command or a lost argument gives some picture, and a
comment sign swallows the rest of the line. A committee's formula must either come out as typed or be answered with the
place where it goes wrong. :func:`read_latex` therefore accepts a closed list of commands, checks every argument and
writes the formula out again with explicit braces::

    group   = { item }
    item    = "{" group "}" | script | prime | command | environment | fence | Chinese words | character
    script  = ("_" | "^") argument            only after something that can carry it, and once each
    fence   = "\left" delimiter group "\right" delimiter

Text (``\text{…}`` or bare Chinese words) is taken out and stands as one private-use character, so that no character of
it is ever read as markup.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

MAX_LENGTH = 2000
MAX_DEPTH = 40

_REASONS = {
    "empty": "公式是空的",
    "too-long": f"公式超过 {MAX_LENGTH} 个字符",
    "too-deep": f"括号嵌套超过 {MAX_DEPTH} 层",
    "command": "不认识命令“{found}”",
    "environment": "不认识环境“{found}”",
    "argument": "“{found}”后面缺少内容，应写作 {found}{{…}}",
    "brace-open": "左花括号“{{”没有对应的“}}”",
    "brace-close": "多出一个右花括号“}}”",
    "left": "“\\left”没有对应的“\\right”",
    "right": "“\\right”前面没有“\\left”",
    "delimiter": "“{found}”后面应是括号，如 ( [ \\{{ | 或表示“无”的 .",
    "begin": "“{found}”没有对应的“\\end”",
    "end": "“{found}”与前面的“\\begin”不对应",
    "script": "“{found}”前面没有可以带上下标的符号",
    "double": "同一符号有两个“{found}”，请用花括号分清层次",
    "row": "“{found}”只能用在 cases、matrix 等环境里",
    "comment": "“%”在 LaTeX 中是注释号，百分号应写作 \\%",
    "character": "这里不能有字符“{found}”",
    "bracket": "左方括号“[”没有对应的“]”",
    "converter": "公式无法转换（{found}）",
}


class FormulaError(ValueError):
    """A formula that cannot be read: the formula, the 0-based position, a stable reason code and its wording."""

    def __init__(self, formula: str, position: int, code: str, found: str = "") -> None:
        self.formula = formula
        self.position = position
        self.code = code
        self.found = found
        self.reason = _REASONS[code].format(found=found)
        super().__init__(f"公式“{formula}”第 {position + 1} 个字符处：{self.reason}")


@dataclass(frozen=True, slots=True)
class Reading:
    """A formula in canonical form, with texts replaced by placeholders that :meth:`restore` resolves."""

    latex: str
    texts: tuple[str, ...]

    def restore(self, text: str) -> str:
        """Put the texts back for the placeholders in `text`."""
        return _PLACEHOLDERS.sub(lambda match: self.texts[ord(match[0]) - _FIRST_PLACEHOLDER], text)


_FIRST_PLACEHOLDER = 0xE000
_PLACEHOLDERS = re.compile(r"[\uE000-\uF8FF]")
_CJK = re.compile(r"[\u2E80-\u2FDF\u3001-\u303F\u3400-\u9FFF\uF900-\uFAFF\uFF00-\uFFEF\U00020000-\U0003FFFF]+")
_LETTERS = re.compile(r"[A-Za-z]+\*?")

# Commands with their number of arguments; \sqrt may take one more in square brackets.
_ARGUMENTS = {
    **dict.fromkeys(("frac", "dfrac", "tfrac", "binom", "overset", "underset", "stackrel"), 2),
    **dict.fromkeys(("bar", "overline", "hat", "widehat", "tilde", "widetilde", "vec", "dot", "ddot"), 1),
    **dict.fromkeys(("mathrm", "mathbf", "mathit", "mathsf", "mathbb", "mathcal", "boldsymbol", "bm", "sqrt"), 1),
}
_TEXT = {"text": "text", "textrm": "text", "mbox": "text", "textnormal": "text", "textbf": "textbf", "textit": "textit"}
_SPACES = {"quad", "qquad", "thinspace", "enspace", "thickspace", "space"}
_LIMITS = {"limits", "nolimits"}
_ENVIRONMENTS = {
    "cases": "cases", "matrix": "matrix", "pmatrix": "pmatrix", "bmatrix": "bmatrix", "Bmatrix": "Bmatrix",
    "vmatrix": "vmatrix", "Vmatrix": "Vmatrix", "split": "split", "aligned": "split",
}  # fmt: skip
_DELIMITERS = set("()[]|/.")
_NAMED_DELIMITERS = {"langle", "rangle", "lfloor", "rfloor", "lceil", "rceil", "vert", "Vert", "lbrace", "rbrace"}
_ESCAPED = set("%#&$_{}|")
_THIN = set(",:;!> ")
# Signs that people paste; the converter would print them as letters.
_SIGNS = {
    "×": "\\times ", "÷": "\\div ", "·": "\\cdot ", "≤": "\\leq ", "≥": "\\geq ", "≠": "\\neq ", "±": "\\pm ",
    "−": "-", "∑": "\\sum ", "∏": "\\prod ", "∈": "\\in ", "…": "\\dots ", "\u3000": "\\ ", "\u00a0": "\\ ",
}  # fmt: skip
_TEXT_ESCAPES = {"%": "%", "#": "#", "&": "&", "$": "$", "_": "_", "{": "{", "}": "}", " ": " ", ",": "\u2009"}


@cache
def _symbols() -> frozenset[str]:
    """Names of commands that stand for one sign or function name and take no argument."""
    from latex2mathml import commands
    from latex2mathml.symbols_parser import SYMBOLS

    structural = {
        *commands.COMMANDS_WITH_ONE_PARAMETER, *commands.COMMANDS_WITH_TWO_PARAMETERS, *commands.EXTENSIBLE_ARROWS,
        *commands.MATRICES, *commands.LOCAL_FONTS, *commands.GLOBAL_FONTS, *commands.STYLES, *commands.MSTYLE_SIZES,
        *commands.BIG, *commands.BIG_OPEN_CLOSE, *commands.CONVERSION_MAP, commands.NOT,
    }  # fmt: skip
    names = ({*SYMBOLS} - structural) | {*commands.FUNCTIONS, *commands.LIMIT}
    return frozenset(name[1:] for name in names if re.fullmatch(r"\\[A-Za-z]+", name))


def read_latex(latex: str) -> Reading:
    r"""Read a formula strictly.

    Raises FormulaError with the position of what cannot be read.

    ``latex``: LaTeX mathematics without ``$``; bare Chinese words are taken as text, bare ``×`` as ``\times``.
    """
    if not latex.strip():
        raise FormulaError(latex, 0, "empty")
    if len(latex) > MAX_LENGTH:
        raise FormulaError(latex, MAX_LENGTH, "too-long")
    return _Reader(latex).read()


class _Reader:
    """Recursive descent over the characters of one formula; the parts written so far lie in nested lists."""

    def __init__(self, formula: str) -> None:
        self._formula = formula
        self._at = 0
        self._depth = 0
        self._texts: list[str] = []

    def read(self) -> Reading:
        written = self._group(end="", opened=0)
        return Reading(written, tuple(self._texts))

    def _fault(self, code: str, position: int | None = None, found: str = "") -> FormulaError:
        return FormulaError(self._formula, self._at if position is None else position, code, found)

    def _looking_at(self, text: str) -> bool:
        return self._formula.startswith(text, self._at)

    def _skip_spaces(self) -> None:
        while self._at < len(self._formula) and self._formula[self._at].isspace():
            self._at += 1

    # --- groups ------------------------------------------------------------------------------------------------------
    def _group(self, end: str, opened: int, rows: bool = False) -> str:
        r"""Read items up to `end` ("" = end of formula, "}", "]", "\right", "\end"), which is consumed."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise self._fault("too-deep", opened)
        written: list[str] = []
        scripts: set[str] | None = None  # those the last item has; None while nothing can carry one
        while True:
            self._skip_spaces()
            if self._at >= len(self._formula):
                if end:
                    raise self._unclosed(end, opened)
                break
            if end and self._ends(end):
                break
            start, character = self._at, self._formula[self._at]
            if character in "_^'":
                if scripts is None:
                    raise self._fault("script", start, character)
                written.append(self._script(character, scripts))
            elif character == "&" or self._looking_at("\\\\"):
                sign = "&" if character == "&" else "\\\\"
                if not rows:
                    raise self._fault("row", start, sign)
                self._at += len(sign)
                written.append(f" {sign} ")
                scripts = None
            elif (name := self._peek_command()) in _LIMITS:
                if scripts is None:
                    raise self._fault("script", start, f"\\{name}")
                self._at += len(name) + 1  # a display sets limits above and below anyway
            else:
                written.append(self._item())
                scripts = set() if self._carries(written[-1]) else None
        self._depth -= 1
        return "".join(written)

    def _ends(self, end: str) -> bool:
        if not self._looking_at(end) or (end[0] == "\\" and self._peek_command() != end[1:]):
            return False
        self._at += len(end)
        return True

    def _unclosed(self, end: str, opened: int) -> FormulaError:
        code = {"}": "brace-open", "]": "bracket", "\\right": "left"}.get(end, "begin")
        found = self._formula[opened : self._formula.find("}", opened) + 1] if code == "begin" else ""
        return self._fault(code, opened, found)

    @staticmethod
    def _carries(item: str) -> bool:
        return item not in ("\\ ", "\\,") and item.strip("\\ ") not in _SPACES

    def _script(self, sign: str, scripts: set[str]) -> str:
        start = self._at
        self._at += 1
        if sign == "'":  # primes add up, but not after a superscript
            if "^" in scripts:
                raise self._fault("double", start, "^")
            return "'"
        if sign in scripts:
            raise self._fault("double", start, sign)
        scripts.add(sign)
        return f"{sign}{self._argument(sign, start)}"

    # --- items -------------------------------------------------------------------------------------------------------
    def _item(self) -> str:
        start, character = self._at, self._formula[self._at]
        if character == "{":
            self._at += 1
            return f"{{{self._group('}', start)}}}"
        if character == "}":
            raise self._fault("brace-close")
        if character == "\\":
            return self._command()
        if character in _SIGNS:
            self._at += 1
            return _SIGNS[character]
        if words := _CJK.match(self._formula, self._at):
            self._at = words.end()
            return self._text("text", words[0])
        if character == "%":
            raise self._fault("comment")
        if character in '$#~"`@' or not character.isprintable() or _PLACEHOLDERS.match(character):
            raise self._fault("character", found=character)
        self._at += 1
        # A number is one item to carry a script; letters are one each.
        if character.isdecimal():
            while self._at < len(self._formula) and self._formula[self._at] in "0123456789.":
                self._at += 1
            return self._formula[start : self._at].rstrip(".") or self._back(start)
        return f"{character} " if character.isalpha() else character

    def _back(self, start: int) -> str:
        self._at = start + 1
        return self._formula[start]

    def _argument(self, owner: str, position: int) -> str:
        """Read one argument, braced or a single item, and write it braced."""
        self._skip_spaces()
        if self._at >= len(self._formula) or self._formula[self._at] in "}&_^']" or self._peek_command() in (
            "right", "end", "left", "begin", "\\",
        ):  # fmt: skip
            raise self._fault("argument", position, owner)
        if self._formula[self._at] == "{":
            return self._item()
        if self._formula[self._at].isdecimal():  # TeX takes one digit: x^10 is x¹0
            self._at += 1
            return f"{{{self._formula[self._at - 1]}}}"
        return f"{{{self._item()}}}"

    # --- commands ----------------------------------------------------------------------------------------------------
    def _peek_command(self) -> str:
        if not self._looking_at("\\"):
            return ""
        letters = _LETTERS.match(self._formula, self._at + 1)
        return letters[0] if letters else self._formula[self._at + 1 : self._at + 2]

    def _command(self) -> str:
        start, name = self._at, self._peek_command()
        self._at += 1 + len(name)
        written = f"\\{name}"
        if name in _ESCAPED:
            return f"{written} "
        if name in _THIN:
            return "\\," if name in "!:;>," else "\\ "
        if name in _TEXT:
            return self._text(_TEXT[name], self._text_argument(written, start))
        if name == "operatorname":
            return f"\\operatorname{{{self._operator_name(written, start)}}}"
        if name == "sqrt":
            return self._root(written, start)
        if name in _ARGUMENTS:
            whole = written + "".join(self._argument(written, start) for _ in range(_ARGUMENTS[name]))
            return f"{{{whole}}}" if name == "binom" else whole  # its brackets are no base for a script
        if name == "left":
            return self._fence(start)
        if name == "right":
            raise self._fault("right", start)
        if name == "begin":
            return self._environment(start)
        if name == "end":
            raise self._fault("end", start, self._formula[start : self._formula.find("}", start) + 1] or written)
        if name in _SPACES or name in _NAMED_DELIMITERS or name in _symbols():
            return f"{written} "
        raise self._fault("command", start, written)

    def _root(self, written: str, start: int) -> str:
        self._skip_spaces()
        degree = ""
        if self._looking_at("["):
            opened = self._at
            self._at += 1
            degree = f"[{self._group(']', opened)}]"
        return f"{written}{degree}{self._argument(written, start)}"

    def _fence(self, start: int) -> str:
        left = self._delimiter("\\left")
        inside = self._group("\\right", start)
        return f"\\left{left} {inside}\\right{self._delimiter(chr(92) + 'right')} "

    def _delimiter(self, owner: str) -> str:
        self._skip_spaces()
        name = self._peek_command()
        character = self._formula[self._at : self._at + 1]
        if name in _NAMED_DELIMITERS or (name and name in "{}|"):
            self._at += 1 + len(name)
            return f"\\{name}"
        if character and character in _DELIMITERS:
            self._at += 1
            return character
        raise self._fault("delimiter", found=owner)

    def _environment(self, start: int) -> str:
        name = self._environment_name("\\begin", start)
        if name not in _ENVIRONMENTS:
            raise self._fault("environment", start, name)
        inside = self._group("\\end", start, rows=True)
        closing = self._at - len("\\end")
        if (closed := self._environment_name("\\end", closing)) != name:
            raise self._fault("end", closing, f"\\end{{{closed}}}")
        return f"\\begin{{{_ENVIRONMENTS[name]}}}{inside}\\end{{{_ENVIRONMENTS[name]}}}"

    def _environment_name(self, owner: str, position: int) -> str:
        if not (match := re.compile(r"\s*\{\s*([A-Za-z]+\*?)\s*\}").match(self._formula, self._at)):
            raise self._fault("argument", position, owner)
        self._at = match.end()
        return match[1]

    # --- text --------------------------------------------------------------------------------------------------------
    def _text(self, command: str, text: str) -> str:
        self._texts.append(text)
        return f"{{\\{command}{{{chr(_FIRST_PLACEHOLDER + len(self._texts) - 1)}}}}}"

    def _text_argument(self, owner: str, position: int) -> str:
        self._skip_spaces()
        if not self._looking_at("{"):
            raise self._fault("argument", position, owner)
        opened, depth, text = self._at, 0, []
        while self._at < len(self._formula):
            character = self._formula[self._at]
            if character == "\\":
                escaped = self._peek_command()
                if escaped not in _TEXT_ESCAPES:
                    raise self._fault("command", found=f"\\{escaped}")
                text.append(_TEXT_ESCAPES[escaped])
                self._at += 2
                continue
            if character == "%":
                raise self._fault("comment")
            printable = character.isprintable() or character.isspace()
            if character == "$" or not printable or _PLACEHOLDERS.match(character):
                raise self._fault("character", found=character)
            self._at += 1
            depth += (character == "{") - (character == "}")
            if depth == 0:
                if not "".join(text).strip():
                    raise self._fault("argument", position, owner)
                return "".join(text)
            if character not in "{}":
                text.append(" " if character.isspace() or character == "~" else character)
        raise self._fault("brace-open", opened)

    def _operator_name(self, owner: str, position: int) -> str:
        if not (match := re.compile(r"\s*\{\s*([A-Za-z][A-Za-z ]*)\}").match(self._formula, self._at)):
            raise self._fault("argument", position, owner)
        self._at = match.end()
        return match[1].strip()
