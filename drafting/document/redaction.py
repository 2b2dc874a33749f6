"""What a committee types freely and the public edition prints: names, numbers and persons are taken out or pointed at.

A name is found in its full form, however spaced and wide, and by the part of it that no other enterprise's name has.
What cannot be judged by rules – a short form, a person – is left as it stands and said, cell by cell.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from drafting.document.editions import INTERNAL, Names
from drafting.model.characters import fold
from drafting.model.inputs import Inputs

LEFT_OUT = "（号码略）"
PATH_LEFT_OUT = "（路径略）"
_ENDINGS = (
    "总公司", "分公司", "股份", "有限", "责任", "集团", "控股", "实业", "工业",
    "科技", "发展", "公司", "总厂", "分厂", "企业", "厂",
)  # fmt: skip
_REGION = re.compile(r"^(?:.{2,8}?(?:自治区|自治州|省|市|县|区|镇))+")
_SHORTEST_CORE, _PIECE = 4, 2
_NUMBERS = re.compile(
    r"(?<![0-9.])(?:(?:\+|00)?(?:86-?)?1[3-9]\d(?:-?\d{4}-?|([–—./])\d{4}\1)\d{4}"
    r"|(?:\+|00)86-?[1-9]\d{1,2}[-–—]\d{7,8}|(?:0\d{2,3}[-–—]|\(0\d{2,3}\))\d{7,8}(?:-\d{1,5})?"
    r"|(?:电话|手机|座机|传真|tel|phone|mobile)(?:号码?)?[:.]?\+?\d(?:-?\d){6,14}"
    r"|(?:微信|wechat|weixin|vx)号?:?[a-z][a-z0-9_-]{5,19}"
    r"|[〇○零一二三四五六七八九]{11,18}"
    r"|\d{6}(?:-?\d{4}){2}-?\d{3}[\dx]|qq号?:?\d{5,12}|\d{9,12}"
    r"|(?=[0-9a-z]{18}(?![0-9a-z]))(?=.{0,17}[a-z])\d[0-9a-z]\d{6}[0-9a-z]{10}|[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,253}\.[a-z]{2,})"
    r"(?![0-9a-z吨万元千百亿立平米度家件个])"
)
"""Mobile and fixed telephones, identity numbers, credit codes, long digits such as QQ, addresses of mail."""
_PATHS = re.compile(
    r"(?:file:/{1,4}|(?<![a-z])[a-z]:[\\/](?!/)|\\\\(?=[^\\])|(?<![a-z0-9./:])/(?:home|users|root|mnt|media|volumes|var|tmp)/)"
    r"[^,;!?()<>|\"“”。、]{0,260}?(?:\.(?:xls[xmb]?|docx?|csv|pdf|txt|zip|wps|et|json)|(?=[,;!?()<>|\"“”。、])|$)"
)
"""Where a file lay on somebody's computer: it tells the account, often the person."""
_PERSONS = re.compile(
    r"(?:联系人|负责人|经办人|填表人|填报人|法人代表|法定代表人|厂长|总工|经理|主任|工程师)[:：为是]?[\u4e00-\u9fff]{2,3}"
    r"|[\u4e00-\u9fff]{1,3}(?:先生|女士|厂长|经理|总工程师|总工|主任|工程师|同志)"
)
_MOST_NAMES = 20_000
"""Enterprises up to which parts of names are looked for; the register of a whole country is no circle to be told."""


@dataclass(frozen=True)
class Redactor:
    """Finds names and numbers in what was typed."""

    names: Names
    inputs: Inputs

    def judge(self, words: str) -> tuple[str, bool]:
        """Give the words as they may be printed, and whether something in them cannot be judged."""
        if not words or self.names.edition == INTERNAL:
            return words, False
        flat, at = _flat(words)
        spans = [*self._named(flat), *_left_out(flat)]
        return _assembled(words, at, spans), self._unsure(_without(flat, spans))

    def judge_name(self, words: str) -> tuple[str, bool]:
        """Give words that name something of the project's own – an indicator, a group – as they may be printed.

        Other words refer to them, and an enterprise may be called after what it does: only full names are replaced,
        what else may name somebody cannot be judged.
        """
        if not words or self.names.edition == INTERNAL:
            return words, False
        flat, at = _flat(words)
        spans = list(self._full(flat))
        rest = _without(flat, spans)
        unsure = self._unsure(rest) or any(True for _ in _left_out(rest)) or any(True for _ in self._named(rest))
        return _assembled(words, at, spans), unsure

    def net(self, words: str) -> str:
        """Give any words of a document with full names replaced, however they are spelt."""
        shown = self.names.net(words)
        if not shown or self.edition == INTERNAL or len(self.names.enterprises) > _MOST_NAMES:
            return shown
        flat, at = _flat(shown)
        return _assembled(shown, at, self._full(flat))

    @property
    def edition(self) -> str:
        """Of the document."""
        return self.names.edition

    def _full(self, flat: str) -> Iterator[Span]:
        for start, length, name in _found(flat, self._known, self._known_lengths):
            yield start, start + length, self.names.enterprise(name)

    def _unsure(self, flat: str) -> bool:
        return (
            _PERSONS.search(flat) is not None
            or (bool(self.names.enterprises) and any(map(_is_rare, flat)))
            or any(piece in flat for piece in self._pieces)
            or any(True for _ in _found(flat, self._ambiguous, self._ambiguous_lengths))
        )

    def _named(self, flat: str) -> Iterator[Span]:
        """Where names and their cores stand, longest first."""
        for start, length, name in _found(flat, self._cores, self._lengths):
            yield start, start + length, self.names.enterprise(name)

    @cached_property
    def _stems(self) -> Mapping[str, str]:
        """Names of enterprises, and what remains of each without the words for companies and places."""
        found = {}
        for name in list(self.names.enterprises)[:_MOST_NAMES]:
            flat = name.translate(_FORMS)
            found[name] = _REGION.sub("", _without_endings(flat)) or flat
        return found

    @cached_property
    def _known(self) -> dict[str, str]:
        """Full names."""
        flat = ((name.translate(_FORMS), name) for name in self.names.enterprises)
        return {form: name for form, name in flat if len(form) >= _SHORTEST_CORE}

    @cached_property
    def _parts(self) -> Mapping[str, str]:
        """Stems, and every longer part of a stem that no other name has."""
        holders: Counter[str] = Counter()
        parts: dict[str, str] = {}
        for name, stem in self._stems.items():
            own = {stem[i:j] for i in range(len(stem)) for j in range(i + _SHORTEST_CORE, min(len(stem), i + 12) + 1)}
            holders.update(own)
            parts.update(dict.fromkeys(own, name))
        return {p: n for p, n in parts.items() if holders[p] == 1 and not p.isdecimal()}

    @cached_property
    def _cores(self) -> Mapping[str, str]:
        """Full names, and parts of names that no word of the project has."""
        vocabulary = self._vocabulary
        return {p: n for p, n in self._parts.items() if p not in vocabulary} | self._known

    @cached_property
    def _ambiguous(self) -> Mapping[str, str]:
        """Beginnings of names that are a word of the project as well: who is meant cannot be judged."""
        vocabulary = self._vocabulary
        return {
            p: n
            for p, n in self._parts.items()
            if p in vocabulary and p not in self._known and self._stems[n].startswith(p)
        }

    @cached_property
    def _lengths(self) -> Mapping[str, list[int]]:
        return _lengths_of(self._cores)

    @cached_property
    def _known_lengths(self) -> Mapping[str, list[int]]:
        return _lengths_of(self._known)

    @cached_property
    def _ambiguous_lengths(self) -> Mapping[str, list[int]]:
        return _lengths_of(self._ambiguous)

    @cached_property
    def _pieces(self) -> frozenset[str]:
        """First two characters of stems that no other stem begins with: 冀东 of 冀东水泥."""
        heads = Counter(stem[:_PIECE] for stem in self._stems.values() if len(stem) > _PIECE)
        vocabulary = self._vocabulary
        return frozenset(
            h for h, n in heads.items() if n == 1 and h not in vocabulary and all("\u4e00" <= c <= "\u9fff" for c in h)
        )

    @cached_property
    def _vocabulary(self) -> str:
        """Words that the project prints anyway: what is common there names nobody."""
        inputs = self.inputs
        said = [inputs.document.title, inputs.document.industry]
        for one in inputs.system.indicators:
            said += [one.name, one.category, one.unit]
        said += [p.name for p in inputs.policies] + [r.name for r in inputs.references]
        said += [t.term for t in inputs.terms]
        return "\n".join(words.translate(_FORMS) for words in said if words)


Span = tuple[int, int, str]
"""Begin and end in the flat text, and what stands there instead."""


def _found(flat: str, cores: Mapping[str, str], lengths: Mapping[str, list[int]]) -> Iterator[tuple[int, int, str]]:
    for start in range(len(flat)):
        for length in lengths.get(flat[start], ()):
            piece = flat[start : start + length]
            if len(piece) == length and (name := cores.get(piece)) is not None:  # at the end a longer length cuts less
                yield start, length, name
                break


def _lengths_of(cores: Iterable[str]) -> dict[str, list[int]]:
    found: dict[str, set[int]] = {}
    for core in cores:
        found.setdefault(core[0], set()).add(len(core))
    return {first: sorted(lengths, reverse=True) for first, lengths in found.items()}


def _without(flat: str, spans: Iterable[Span]) -> str:
    rest = list(flat)
    for begin, stop, _ in spans:
        rest[begin:stop] = "\0" * (stop - begin)
    return "".join(rest)


def _left_out(flat: str) -> Iterator[Span]:
    for match in _PATHS.finditer(flat):
        yield match.start(), match.end(), PATH_LEFT_OUT
    for match in _NUMBERS.finditer(flat):
        yield match.start(), match.end(), LEFT_OUT


def _flat(words: str) -> tuple[str, list[int]]:
    """Text of one width, case and form without blanks and unseen characters, and where each of the rest stands."""
    kept = [(form, i) for i, c in enumerate(words) if (form := _FORMS[ord(c)])]
    return "".join(c for c, _ in kept), [i for _, i in kept]


class _Forms(dict[int, str]):
    """Form of each character, looked up as a text is translated: a million names take seconds, not a minute."""

    def __missing__(self, code: int) -> str:
        form = self[code] = _form(fold(chr(code)))
        return form


_FORMS = _Forms()


def _form(character: str) -> str:
    """The form that is compared; none of blanks, joiners and marks, which part a name unseen."""
    if character.isspace() or unicodedata.category(character) in ("Cc", "Cf", "Mn", "Me"):
        return ""
    if not character.isascii() and (character.isalpha() or unicodedata.category(character) == "So"):
        letter, composed = unicodedata.normalize("NFKD", character)[0], unicodedata.normalize("NFKC", character)
        if letter.isascii() and letter.isalpha():
            character = letter
        elif len(composed) == 1:
            character = composed
    form = _ALIKE.get(character.casefold(), character.casefold())
    return form if len(form) == 1 else ""


# Of the confusables in UTS 39 those that a keyboard types: drawn as Latin letters, small or as capitals.
_ALIKE = dict(zip("авсеніјкморѕтухԁԛԝһαβεζηικμνορτυχɑɡı", "abcehijkmopstyxdqwhabezhikmnoptyxagi", strict=True))


def _is_rare(character: str) -> bool:
    """Whether an ideograph is none of GB/T 2312: it may be the traditional form of one in a name."""
    if not "\u3400" <= character <= "\u9fff":
        return False
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False


def _assembled(words: str, at: list[int], spans: Iterable[Span]) -> str:
    """The words with spans of the flat text replaced; of two that overlap the first and longer one."""
    parts: list[str] = []
    flat_end = end = 0
    for begin, stop, instead in sorted(spans, key=lambda s: (s[0], -s[1])):
        if begin < flat_end:
            continue
        parts += [words[end : at[begin]], instead]
        flat_end, end = stop, at[stop - 1] + 1
    return "".join([*parts, words[end:]])


def _without_endings(flat: str) -> str:
    """A name without the words of its legal form and brackets at its end, taken away one by one: names are hostile."""
    end = len(flat)
    while end:
        if flat[end - 1] == ")":
            begin = flat.rfind("(", 0, end)
            if begin < 0:
                break
            end = begin
            continue
        ending = next((e for e in _ENDINGS if flat.endswith(e, 0, end)), None)
        if ending is None:
            break
        end -= len(ending)
    return flat[:end]
