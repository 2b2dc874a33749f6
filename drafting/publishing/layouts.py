"""Word files laid out by LibreOffice in a thread of their own, one after another, while other work goes on."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drafting.document.tree import Document
    from drafting.render.docx.office import Office
    from drafting.render.docx.pages import Laid, Laying, Wanted


@dataclass
class Layouts:
    """Makes .docx files with page labels and （续） beside other work.

    Nearly all of that time another program works; a thread of ours only waits for it. One copy of LibreOffice runs at
    a time, with one profile; documents that wait share its starts.
    """

    blueprint: Path | None
    """The committee's own blueprint, or None for ours."""
    _waiting: SimpleQueue[tuple[Laying, Future[Laid]]] = field(default_factory=SimpleQueue)

    def begin(self, document: Document, *, report: bool) -> Future[Laid]:
        """Begin to lay out a document; its tables are cut where pages end."""
        from drafting.render.docx.pages import laying

        def render(wanted: Wanted) -> tuple[bytes, tuple[str, ...]]:
            return word_file(document, wanted, self.blueprint, report=report)

        begun: Future[Laid] = Future()
        self._waiting.put((laying(document, render), begun))
        self._pool.submit(self._work)
        return begun

    def stop(self) -> None:
        """End what has not ended: a conversion that runs is killed."""
        if "_office" in self.__dict__ and self._office is not None:
            self._office.stop()
        if "_pool" in self.__dict__:
            self._pool.shutdown(cancel_futures=True)

    def _work(self) -> None:
        """Lay out all that waits, each step together with what has come meanwhile; nothing where that is done."""
        from drafting.render.docx.pages import Together

        together = Together(self._office)
        begun: dict[int, Future[Laid]] = {}
        try:
            while together or not self._waiting.empty():
                while not self._waiting.empty():
                    one, future = self._waiting.get()
                    begun[id(one)] = future
                    together.take(one)
                for key, laid in together.step():
                    begun.pop(key).set_result(laid)
        except BaseException as fault:
            for future in begun.values():
                future.set_exception(fault)

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, "layout")

    @cached_property
    def _office(self) -> Office | None:
        from drafting.render.docx.office import find_office

        return find_office()


def word_file(
    document: Document, wanted: Wanted, blueprint: Path | None, *, report: bool
) -> tuple[bytes, tuple[str, ...]]:
    """Give a .docx with the page labels that are known, and the names of the styles that the blueprint lacks."""
    from drafting.render.docx.report import report_bytes
    from drafting.render.docx.writer import word_bytes

    if report:
        return report_bytes(document, wanted.labels, blueprint, wanted.breaks, final=wanted.final)
    return word_bytes(document, blueprint, wanted.labels, wanted.breaks, final=wanted.final)
