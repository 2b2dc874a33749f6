"""Make the pictures of docs/tables.md and docs/earlier.md: ``python packaging/pictures.py`` in the checkout.

The bundled example with two tables is built, its files become pages (LibreOffice), and parts of pages become PNG files
in docs/pictures/ (poppler). A picture shows what the commands write, nothing is drawn by hand.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl

from drafting.cli.app import run
from drafting.project.examples import TABLES_EXAMPLE, write_example
from drafting.workbook.assessment.combination import FRONT

PICTURES = Path(__file__).resolve().parents[1] / "docs" / "pictures"
DOTS = 84
"""Per inch."""
EARLIER = "竹质板材旧标准（虚构）.docx"


def main() -> None:
    """Make all pictures anew."""
    with TemporaryDirectory() as scratch:
        place = Path(scratch)
        project = place / "示例"
        write_example(project, TABLES_EXAMPLE)
        command("build", project, "--quick")
        command("render", project, "--to", "workbook")
        results = project / "成果"
        draft = next(p for p in results.glob("竹*.docx"))
        page(
            "tables-draft",
            pdf_of(draft, place),
            ("表2", "坯板工序清洁生产评价指标体系", "热压成型"),
            (0.06, 0.73, 0.9, 0.16),
        )
        page(
            "tables-draft-2",
            pdf_of(draft, place),
            ("饰面工序清洁生产评价指标体系", "kgce/m³", "m³/m³"),
            (0.1, 0.11, 0.84, 0.64),
        )
        forms = next(p for p in results.glob("*企业自评表.xlsx"))
        filled = fill(forms, place / "选表.xlsx")
        page("tables-front", pdf_of(filled, place), ("本企业适用", "所占份额"), (0.03, 0.08, 0.94, 0.27))
        page("import-word", pdf_of(project / "旧版" / EARLIER, place), ("表1",), (0.1, 0.08, 0.82, 0.52))
        command("import", project / "旧版" / EARLIER, place / "新项目")
        report = pdf_of(place / "新项目" / "导入报告.xlsx", place)
        page("import-report", report, ("原文", "去向", "热压成型≤80"), (0.04, 0.04, 0.92, 0.5))


def command(*arguments: object) -> None:
    """Run a command of the toolkit; findings are no reason to stop."""
    if run([str(a) for a in arguments]) not in (0, 1):
        raise RuntimeError(f"drafting {arguments[0]}")


def fill(form: Path, target: Path) -> Path:
    """A form filled in by an enterprise with both processes."""
    book = openpyxl.load_workbook(form)
    cells = {"C3": "合成企业（示例）", "E3": 2025, "C4": "否", "E9": "是", "E10": "是", "F9": 4.5, "F10": 2.5}
    answers = {"坯板": ("62", "", 72, 77, 39, "Ⅰ级", "达到"), "饰面": (10.8, 30, 0.09, 0.22)}
    for at, value in cells.items():
        book[FRONT][at] = value
    for title, values in answers.items():
        for row, value in enumerate(values, start=9):
            if value != "":
                book[title][f"J{row}"] = float(value) if str(value).replace(".", "").isdigit() else value
    book.save(target)
    return target


def pdf_of(source: Path, place: Path) -> Path:
    """The pages of a file."""
    target = place / f"{source.stem}.pdf"
    if not target.exists():
        program = shutil.which("soffice")
        if program is None:
            raise RuntimeError("LibreOffice is needed")
        profile = f"-env:UserInstallation=file://{place}/profile"
        arguments = [program, profile, "--headless", "--convert-to", "pdf", "--outdir", str(place), str(source)]
        subprocess.run(arguments, check=True, capture_output=True, timeout=300)
    return target


def page(name: str, pdf: Path, words: tuple[str, ...], part: tuple[float, float, float, float]) -> None:
    """Write the part (left, top, width, height as shares) of the first page that holds all the words."""
    number, width, height = _found(pdf, words)
    left, top, wide, high = part
    scale = DOTS / 72
    box = [int(v * scale) for v in (left * width, top * height, wide * width, high * height)]
    arguments = [f for pair in zip("xyWH", map(str, box), strict=True) for f in (f"-{pair[0]}", pair[1])]
    single = ["-f", str(number), "-l", str(number), "-singlefile", "-png", "-r", str(DOTS)]
    subprocess.run(["pdftoppm", *single, *arguments, str(pdf), str(PICTURES / name)], check=True, timeout=60)


def _found(pdf: Path, words: tuple[str, ...]) -> tuple[int, float, float]:
    told = subprocess.run(["pdfinfo", str(pdf)], check=True, capture_output=True, text=True, timeout=60).stdout
    pages = int(next(line.split()[1] for line in told.splitlines() if line.startswith("Pages:")))
    for number in range(1, pages + 1):
        at = ["-f", str(number), "-l", str(number)]
        text = subprocess.run(["pdftotext", *at, str(pdf), "-"], check=True, capture_output=True, timeout=60).stdout
        plain = "".join(text.decode("utf-8").split())
        if all("".join(word.split()) in plain for word in words):
            size = subprocess.run(["pdfinfo", *at, str(pdf)], check=True, capture_output=True, text=True).stdout
            line = next(line for line in size.splitlines() if "size:" in line and "pts" in line)
            numbers = [float(part) for part in line.split() if part.replace(".", "").isdigit()]
            return number, numbers[-2], numbers[-1]
    raise RuntimeError(f"no page of {pdf.name} holds {'、'.join(words)}")


if __name__ == "__main__":
    main()
