"""Looks at XML in one pass: every element is shown once to a handler, nothing is kept, no document type is allowed."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


class XmlError(ValueError):
    """XML that is none, or that declares a document type."""


def parser_of(start: Start, end: End | None = None, text: Text | None = None) -> expat.XMLParserType:
    """Make a parser that calls the handlers; names come as they stand, with their prefix.

    A parser can be given further handlers, or lose them, while it runs.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    return parser


def stream(content: bytes, start: Start, end: End | None = None, text: Text | None = None) -> None:
    """Show every element to the handlers.

    Raises XmlError when the content is not well-formed.
    """
    run(parser_of(start, end, text), content)


def run(parser: expat.XMLParserType, content: bytes) -> None:
    """Let a parser go through the whole content; see :func:`stream`."""
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, UnicodeError, LookupError) as fault:
        raise XmlError(str(fault)) from fault


def local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


def _refuse(*_: object) -> None:
    raise XmlError("document type")
