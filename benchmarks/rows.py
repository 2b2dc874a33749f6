"""The rows of ``benchmarks/all.py``: each makes its work, measures itself and its peer in turn, and names its goal."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.row import EXAMPLE, ROOT, Row, apart, drafting, enlarged, example, paired, spent, used
from benchmarks.ten_tables import ten_tables

WITHOUT_OFFICE = (
    "import drafting.render.docx.office as o; o.find_program = lambda: None; from drafting.cli import main; main()"
)


def full_build() -> list[Row]:
    """The first build, with and without LibreOffice."""
    from drafting.render.docx.office import find_program

    with tempfile.TemporaryDirectory() as name:
        project = str(example(Path(name)))
        quick = statistics.median(drafting("build", project, "--quick").seconds for _ in range(3))
        bare = used("-c", WITHOUT_OFFICE, "build", project).seconds
        rows = [Row("full build of the example, no LibreOffice", "processor", "build --quick", quick, bare, 2.5)]
        if find_program():
            whole = drafting("build", project).seconds
            rows.append(Row("full build of the example, LibreOffice", "processor", "build --quick", quick, whole, 4))
    return rows


def second_build() -> list[Row]:
    """After nothing, and after one judgement of one expert."""
    import openpyxl

    with tempfile.TemporaryDirectory() as name:
        project, cache = example(Path(name)), Path(name) / "cache"
        first = drafting("build", str(project), cache=cache).seconds
        nothing = drafting("build", str(project), cache=cache).seconds
        file = sorted((project / "判断矩阵").glob("*.xlsx"))[0]
        after = []
        for value in (3, 2):  # the first change begins the list of revisions, a longer paper; the second is like any
            book = openpyxl.load_workbook(file)
            cell = next(c for row in book["一级指标"].iter_rows() for c in row if not c.protection.locked)
            cell.value = value
            book.save(file)
            after.append(drafting("build", str(project), cache=cache).seconds)
    what = "second build, one judgement (weight) changed"
    return [
        Row(what, "processor", "the first build", first, after[-1], 1 / 5),
        Row("second build, nothing changed", "processor", "the first build", first, nothing, 1 / 15),
    ]


def pictures() -> list[Row]:
    """Every picture of the example as PNG; Matplotlib draws the same shapes and words."""
    from drafting.charts.raster import DOTS, png
    from drafting.model.drawing import PER_UNIT
    from drafting.pipeline.running import run_project
    from drafting.publishing.pictures import SUBJECTS, draw_pictures

    os.environ["DRAFTING_CACHE"] = "off"
    run = run_project(EXAMPLE)
    plots = [image.plot for subject in SUBJECTS for image in draw_pictures(run, subject) if image.plot]

    import matplotlib

    matplotlib.use("Agg")
    from benchmarks.matplotlib_peer import draw

    png(plots[:1]), draw(plots[:1], PER_UNIT, DOTS)
    ours, theirs = paired(lambda: spent(lambda: png(plots)), lambda: spent(lambda: draw(plots, PER_UNIT, DOTS)), 1)
    return [
        Row(f"{len(plots)} pictures of the example as PNG", "processor", "Matplotlib, the same", theirs, ours, 1 / 6)
    ]


def verifying() -> list[Row]:
    """``verify`` beside what the build computes."""
    with tempfile.TemporaryDirectory() as name:
        project = enlarged(Path(name), 10_000)
        drafting("build", str(project), "--quick")
        ours = drafting("verify", str(project / "成果" / "结果.json")).seconds
        theirs = used("-c", f"from drafting.pipeline.running import run_project; run_project({str(project)!r})").seconds
    return [Row("verify, 10,000 × 35", "processor", "reading and computing", theirs, ours, 1.5)]


def record() -> list[Row]:
    """结果.json with its 10,000 enterprises in it, and what stands on the disk for each."""
    import json

    from drafting.pipeline.running import run_project
    from drafting.publishing.outputs import json_pieces
    from drafting.record.results import record as recorded

    with tempfile.TemporaryDirectory() as name:
        project = enlarged(Path(name), 10_000)
        content = recorded(run_project(project))
        target = Path(name) / "x.json"

        def ours() -> float:
            with target.open("w", encoding="utf-8") as file:
                return spent(lambda: file.writelines(json_pieces(content)))

        def theirs() -> float:
            return spent(lambda: target.write_text(json.dumps(content, ensure_ascii=False), "utf-8"))

        a, b = paired(ours, theirs)
        drafting("build", str(project), "--quick")
        size = sum(f.stat().st_size for f in (project / "成果").glob("结果*")) / 10_000
    return [
        Row("结果.json at 10,000 enterprises", "processor", "json.dumps of the same", b, a, 1.3),
        Row("结果.json and the table beside it", "disk", "1 KB per enterprise:", 1024, size, 1, "bytes"),
    ]


def documents() -> list[Row]:
    """Word and PDF: tables of 3,000 rows, and a draft of 25 pages."""
    import itertools

    from benchmarks.documents import bare, bare_pdf, ours, pdf

    a, b = paired(lambda: spent(lambda: ours(3000)), lambda: spent(lambda: bare(3000)))
    numbers = itertools.count()
    c, d = paired(lambda: spent(lambda: pdf(next(numbers))), lambda: spent(lambda: bare_pdf(next(numbers))))
    return [
        Row(".docx with a table of 3,000 rows", "processor", "bare XML rows", b, a, 3),
        Row("PDF of 25 pages", "processor", "plain Typst of the same words", d, c, 1.3),
    ]


def large_table() -> list[Row]:
    """Five million rows × 20 × 10 groups beside a scan of the same file by DuckDB, and the memory of it."""
    import json

    found = {}
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "survey.parquet"
        apart(f"from benchmarks.baselines import generate; generate(Path({str(path)!r}), 5_000_000)")
        apart(f"Path({str(path)!r}).read_bytes()")  # into the cache of the system
        for way in ("scan (DuckDB sum)", "baselines.engines", "DuckDB quantile_disc, a column at a time"):
            line = [sys.executable, str(ROOT / "benchmarks" / "baselines.py"), "--child", way, str(path)]
            done = subprocess.run(line, capture_output=True, text=True, check=True)
            found[way] = json.loads(done.stdout.splitlines()[-1])
    scan, ours, columns = found.values()
    what = "5 M × 20 × 10 groups"
    return [
        Row(what, "wall", "DuckDB, warm scan", scan["seconds"], ours["seconds"], 2),
        Row(what, "wall", "quantile_disc by columns", columns["seconds"], ours["seconds"], 1.1),
        Row(what, "memory", "300 MB:", 300, ours["peak"], 1, "MB"),
    ]


def spark() -> list[Row]:
    """200,000 rows × 20 × 10 groups on two local threads of Spark, beside DuckDB; both without their start."""
    from fractions import Fraction

    from baselines.direction import Direction
    from baselines.engines import Question, grades_of_table, grades_on_spark, spark_running
    from benchmarks.baselines import COLUMNS, generate

    shares = (Fraction(1, 20), Fraction(1, 5), Fraction(1, 2))
    with tempfile.TemporaryDirectory() as name, spark_running("local[2]"):
        small, path = Path(name) / "small.parquet", Path(name) / "survey.parquet"
        generate(small, 1_000)
        generate(path, 200_000)
        times = []
        for way in (grades_of_table, grades_on_spark):
            way(small, Question(dict.fromkeys(COLUMNS[:1], Direction.SMALLER), "分组", shares))
            begun = time.perf_counter()
            way(path, Question(dict.fromkeys(COLUMNS, Direction.SMALLER), "分组", shares))
            times.append(time.perf_counter() - begun)
    return [Row("200,000 × 20 × 10 groups, Spark local[2]", "wall", "DuckDB", *times, 3)]


def reading() -> list[Row]:
    """Surveys as workbooks beside bare calamine."""
    from python_calamine import CalamineWorkbook

    from benchmarks.reading import COLUMNS, write
    from drafting.isolation.readers import NoReaderError
    from drafting.model.document import DocumentInfo
    from drafting.model.inputs import Inputs
    from drafting.model.settings import Settings
    from drafting.model.system import Category, Indicator, IndicatorSystem
    from drafting.project.folder import load_survey
    from drafting.workbook.contents import asking

    def no_reader(*_: object, **__: object) -> bytes:
        raise NoReaderError  # the file is read in this process, where its time is counted

    asking.asked = no_reader
    indicators = tuple(Indicator(f"E{n}", f"指标{n}", "能源消耗") for n in range(COLUMNS))
    inputs = Inputs(DocumentInfo(), Settings(), IndicatorSystem((Category("能源消耗"),), indicators))
    rows = []
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "调研数据.xlsx"
        for count in (4_000, 50_000):
            write(path, count, False)

            def bare() -> float:
                return spent(lambda: CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python())

            def whole() -> float:
                return spent(lambda: load_survey(path, inputs))

            ours, theirs = paired(whole, bare)
            rows.append(Row(f"survey .xlsx, {count:,} × 40", "processor", "bare calamine", theirs, ours, 1.3))
    return rows


def evaluation() -> list[Row]:
    """Appendix D."""
    from benchmarks.evaluation import measured

    one, ours = measured()
    return [Row("Appendix D, 100,000 × 40", "processor", "one comparison pass", one, ours, 30)]


def intervals() -> list[Row]:
    """Sixty indicators × three grades."""
    from benchmarks.baselines_core import measured

    ours, theirs = measured(300)
    what = "intervals, 60 indicators"
    return [
        Row(what, "processor", "20 ms:", 20, ours, 1, "ms"),
        Row(what, "processor", "scipy quantile_test", theirs, ours, 1, "ms"),
    ]


def fresh_check() -> list[Row]:
    """``check`` of a project as ``new`` makes it, beside the imports that it needs."""
    libraries = "import numpy, openpyxl, pint, lark, click, msgspec, python_calamine, defusedxml, jinja2, platformdirs"
    with tempfile.TemporaryDirectory() as name:
        project = str(Path(name) / "项目")
        drafting("new", project)
        ours, theirs = paired(lambda: drafting("check", project).seconds, lambda: used("-c", libraries).seconds)
    return [Row("check of a fresh project", "processor", "import of what it needs", theirs, ours, 1.5)]


def straight(sizes: Sequence[int], seconds: Sequence[float]) -> tuple[float, float]:
    """Seconds per further unit between the first two sizes and between the last two."""
    (a, b, c), (x, y, z) = sizes, seconds
    return (y - x) / (b - a), (z - y) / (c - b)


def growth_enterprises() -> list[Row]:
    """A quick build of 1,000 to 50,000 enterprises; its peak at the last."""
    sizes, found = (1_000, 10_000, 50_000), []
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            apart(f"from benchmarks.row import enlarged; enlarged(Path({name!r}), {size})")
            found.append(drafting("build", str(Path(name) / "项目"), "--quick"))
    before, after = (1e3 * each for each in straight(sizes, [f.seconds for f in found]))
    return [
        Row("growth per enterprise, 10,000–50,000", "processor", "1,000–10,000", before, after, 1.1, "ms"),
        Row("build of 50,000 enterprises", "memory", "400 MB:", 400, found[-1].peak, 1, "MB"),
    ]


def growth_indicators() -> list[Row]:
    """A quick build of 35 to 300 indicators with typed weights."""
    from tests.drafting.survey_projects import write_csv, write_project

    sizes, found = (36, 144, 300), []
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "项目"
            groups = {f"第{g}类": 0.25 for g in range(4)}
            each = size // 4
            weights = [round(1 / each, 6)] * (each - 1) + [round(1 - round(1 / each, 6) * (each - 1), 6)]
            indicators = [{"一级指标": g, "权重": w} for g in groups for w in weights]
            write_project(folder, indicators, categories=groups)
            heads = ["企业", *(f"E{n}" for n in range(1, size + 1))]
            write_csv(folder, [heads, *([f"企业{e}", *((e * n) % 97 + 1 for n in range(size))] for e in range(120))])
            found.append(min(drafting("build", str(folder), "--quick").seconds for _ in range(2)))
    before, after = (1e3 * each for each in straight(sizes, found))
    return [Row("growth per indicator, 144–300", "processor", "36–144", before, after, 1.1, "ms")]


def growth_experts() -> list[Row]:
    """Reading and weighing the questionnaires of 12 to 500 experts in one process."""
    from benchmarks.workbooks import make

    sizes, found = (12, 120, 500), []
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            make(Path(name), size)
            code = f"from drafting.pipeline.running import run_project; run_project({name!r}, until='weights')"
            found.append(used("-c", code).seconds)
    before, after = (1e3 * each for each in straight(sizes, found))
    return [Row("growth per expert, 120–500", "processor", "12–120", before, after, 1.1, "ms")]


def answers_during_a_build() -> list[Row]:
    """What an expert waits for on the workbench's server while a colleague's build runs."""
    from benchmarks.committee import seen

    idle, busy = seen(pairs=2)
    return [Row("an expert's answer saved during a build", "p95", "the idle server", idle, busy, 2.0, "ms")]


ROWS: dict[str, Callable[[], list[Row]]] = {
    "full-build": full_build,
    "second-build": second_build,
    "pictures": pictures,
    "verify": verifying,
    "record": record,
    "documents": documents,
    "large-table": large_table,
    "spark": spark,
    "reading": reading,
    "evaluation": evaluation,
    "intervals": intervals,
    "check": fresh_check,
    "growth-enterprises": growth_enterprises,
    "growth-indicators": growth_indicators,
    "growth-experts": growth_experts,
    "answers": answers_during_a_build,
    "tables": ten_tables,
}
"""Name -> what measures it."""
