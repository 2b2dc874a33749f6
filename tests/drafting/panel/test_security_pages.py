"""What replies carry: headers, no inline script, nothing typed as markup; whom the server answers."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.routing import Route

from drafting.panel import records, submitting
from drafting.panel.answering import Answer, save_answers
from drafting.panel.config import Config, ConfigError
from drafting.panel.database import writing
from drafting.panel.definition import Instrument
from tests.drafting.panel.proving import BASE, CODES, LOGIN, PASSWORD, Site, Stage, blank, set_up, site_of
from tests.drafting.weights_projects import project

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
}
SECURE = Config(behind_proxy=True, public_url="https://panel.example.org")
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>{{7*7}}"


class Tags(HTMLParser):
    """All tags of a page with their attributes, and what stands between script tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inline: list[str] = []
        self._in = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._in = tag

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in in ("script", "style") and data.strip():
            self.inline.append(data)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def everything(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Replies of all addresses to all visitors; asked for once, as the tests only read them."""
    folder = tmp_path_factory.mktemp("pages")
    stage = set_up(blank(request, folder), project(folder / "水泥行业"))
    try:
        with site_of(stage) as site:
            return replies_of(site)
    finally:
        stage.engine.dispose()


def replies_of(staged: Site) -> dict[str, object]:
    """Replies of all addresses to all visitors, with hostile text wherever text may be given."""
    stage = staged.stage
    first = stage.round()
    for k, code in enumerate(CODES[:6]):
        given = {"w.0.0": str(40 + 5 * k), "w.0.1": str(40 - 5 * k), "w.0.2": "20", "o.0.0": SCRIPT, "o.0.1": SCRIPT}
        with writing(stage.engine) as c:
            save_answers(c, [Answer(None, first, stage.pseudonyms[code], i, v) for i, v in given.items()], 0)
            submitting.submit(c, records.panel(c, stage.panel_id), first, stage.pseudonyms[code], 0)
    stage.close(first)
    boss, me = staged.organiser(), staged.expert(CODES[0])
    boss.get(f"/o/p/{stage.panel_id}")
    reply = boss.post(
        f"/o/p/{stage.panel_id}/rounds", {"instrument": "allocation", "notice": SCRIPT, "deadline": "2031-12-01T18:00"}
    )
    assert reply.status_code == 303
    with stage.engine.connect() as c:
        second = records.rounds_of(c, stage.panel_id)[-1].id
    boss.get(f"/o/r/{second}/open")
    assert boss.post(f"/o/r/{second}/open").status_code == 303
    compared = stage.round(Instrument.PAIRWISE)
    me.get(f"/e/{second}/0")
    assert me.answer(second, "o.0.0", SCRIPT).status_code == 200
    found: dict[str, object] = {"refused": me.post(f"/e/{second}/0", {"w.0.0": SCRIPT, "base": SCRIPT})}
    boss.get("/login")
    found["login"] = staged.browser().client.post("/login", data={"login": SCRIPT})
    found["typed"] = staged_login(staged, SCRIPT)
    for route in staged.app.routes:
        if not isinstance(route, Route) or "GET" not in (route.methods or ()):
            continue
        for own in (first, second, compared):
            path = route.path.replace("{round:int}", str(own)).replace("{group:int}", "0").replace("{name}", "panel.js")
            path = path.replace("{panel:int}", str(stage.panel_id)).replace("{token}", stage.links[CODES[1]])
            for name, visitor in (("expert", me), ("organiser", boss), ("anyone", staged.browser())):
                if f"{name} {path}" not in found:  # an address without a round
                    found[f"{name} {path}"] = visitor.client.get(path)
    found["report"] = boss.client.get(f"/o/p/{stage.panel_id}/report?to=md")
    found["missing"] = me.client.get("/no/such/page")
    found["method"] = me.client.request("DELETE", "/e")
    boss.get(f"/o/p/{stage.panel_id}/people")
    found["links"] = boss.post(f"/o/p/{stage.panel_id}/people", {"member": ["1", "2"], "days": "3"})
    return found


def staged_login(site: Site, login: str) -> object:
    return site.browser().login(login, "x")


def test_every_reply_carries_the_headers_and_every_page_is_free_of_inline_script(everything: dict[str, object]) -> None:
    pages = 0
    for where, reply in everything.items():
        headers = reply.headers  # type: ignore[attr-defined]  # replies of the test client
        assert headers.items() >= HEADERS.items(), where
        policy = dict(p.strip().partition(" ")[::2] for p in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'", where
        assert policy["script-src"] == policy["style-src"] == "'self'", where
        assert policy["frame-ancestors"] == "'none'", where
        assert policy["base-uri"] == "'none'", where
        assert policy["form-action"] == "'self'", where
        assert "unsafe" not in headers["content-security-policy"]
        if "/static/" not in where or reply.status_code != 200:  # type: ignore[attr-defined]  # as above
            assert headers["cache-control"] == "no-store", where
        assert "server" not in headers
        if "html" in headers.get("content-type", ""):
            pages += 1
            _is_clean(where, reply.text)  # type: ignore[attr-defined]  # as above
    assert pages > 60


def _is_clean(where: str, page: str) -> None:
    tags = Tags(page)
    assert not tags.inline, (where, tags.inline)
    assert "49" not in re.findall(r"svg onload=alert\(3\)&gt;(\S*)", page)
    for tag, attributes in tags.found:
        assert tag not in ("iframe", "object", "embed", "base"), where
        assert not [a for a in attributes if a.startswith("on") or a == "style"], (where, tag, attributes)
        for name in ("src", "href", "action", "formaction"):
            value = attributes.get(name) or ""
            assert not value.startswith(("javascript:", "http:", "https:", "//")), (where, tag, value)
        if tag == "script":
            assert (attributes.get("src") or "").startswith("/static/"), where
        assert attributes.get("src") != "x", where


def test_what_experts_write_is_shown_as_text(everything: dict[str, object]) -> None:
    """Stored script: the opinion is on these pages, as characters."""
    shown = 0
    for reply in everything.values():
        if "html" in reply.headers.get("content-type", ""):  # type: ignore[attr-defined]  # replies of the test client
            text = reply.text  # type: ignore[attr-defined]  # as above
            assert "<script>alert" not in text
            assert "<img src=x" not in text
            assert "<svg onload" not in text
            shown += "&lt;script&gt;alert(1)" in text
    assert shown >= 6  # group page, its feedback, receipt, dissent, home (notice), typed login, …


def test_a_report_in_markdown_carries_no_markup_of_experts(everything: dict[str, object]) -> None:
    reply = everything["report"]
    assert reply.status_code == 200  # type: ignore[attr-defined]  # a reply of the test client
    text = reply.text  # type: ignore[attr-defined]  # as above
    assert "alert(1)" in text  # what the expert wrote is there
    assert "<script>" not in text
    assert "<img" not in text
    assert "<svg onload" not in text


def test_the_receipt_and_static_pages_need_no_other_site() -> None:
    folder = Path(__file__).resolve().parents[3] / "templates" / "panel"
    style = folder.parent / "web" / "static" / "style.css"
    for file in [*folder.glob("*.j2"), style, folder / "static" / "panel.js"]:
        assert not re.search(r"https?://(?!www\.w3\.org)", file.read_text("utf-8")), file.name
        assert "|safe" not in file.read_text("utf-8").replace(" ", ""), file.name


def test_https_is_remembered_by_browsers(stage: Stage) -> None:
    with site_of(stage, SECURE) as site:
        assert "max-age=31536000" in site.browser().get("/").headers["strict-transport-security"]


# --- whom the server answers ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1:8433.evil.example", "", "127.0.0.1:1", "localhost", "[::1]"]
)
def test_another_host_name_is_not_answered(staged: Site, host: str) -> None:
    browser = staged.browser()
    for path in ("/", "/login", f"/l/{staged.stage.links[CODES[0]]}", "/static/panel.js"):
        reply = browser.client.get(path, headers={"host": host})
        assert reply.status_code == 400, path
        assert not reply.headers.get("set-cookie")
    assert browser.client.get("/login").status_code == 200


def test_links_begin_with_the_configured_address_whatever_the_request_says(stage: Stage) -> None:
    with site_of(stage, SECURE) as site:
        browser = site.browser()
        assert browser.client.get("/login", headers={"host": "evil.example"}).status_code == 400
        forged = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example", "x-forwarded-proto": "http"}
        browser.login()
        browser.get(f"/o/p/{stage.panel_id}/people")
        page = browser.post(f"/o/p/{stage.panel_id}/people", {"member": ["1"], "days": "3"}, headers=forged).text
    assert "https://panel.example.org/l/" in page
    assert "evil.example" not in page


def test_redirects_stay_on_the_site(staged: Site) -> None:
    browser = staged.browser()
    browser.get("/login")
    reply = browser.post(
        "/login?next=https://evil.example", {"login": LOGIN, "password": PASSWORD, "next": "//evil.example"}
    )
    assert reply.headers["location"] == "/o"
    for path in ("//evil.example", "/\\evil.example", "/e/", "/o//evil.example"):
        reply = staged.browser().client.get(BASE + path)
        location = reply.headers.get("location", "/")
        assert re.match(r"/(?![/\\])|http://127\.0\.0\.1:8433/(?![/\\])", location), (path, location)


# --- how it may be run ----------------------------------------------------------------------------------
def test_plain_http_beyond_this_machine_is_refused_unless_asked_for() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.10", "10.0.0.1", "panel.example.org", "fe80::1"):
        with pytest.raises(ConfigError, match="--insecure-lan"):
            Config(host=host, public_url="http://192.168.1.10:8433")
    for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost"):
        assert not Config(host=host).plain_lan
    lan = Config(host="192.168.1.10", insecure_lan=True)
    assert lan.plain_lan
    assert lan.cookie("expert") == "plain-expert"
    assert lan.allowed_hosts == {"192.168.1.10:8433"}


def test_plain_http_on_the_network_is_warned_of_on_every_page(stage: Stage) -> None:
    with site_of(stage, Config(host="192.168.1.10", insecure_lan=True)) as site:
        for path in ("/", "/login", f"/l/{stage.links[CODES[0]]}"):
            assert "本站未加密运行（--insecure-lan）" in site.browser().get(path).text
    with site_of(stage) as site:
        assert "--insecure-lan" not in site.browser().get("/").text


@pytest.mark.parametrize(
    "settings",
    [
        {"behind_proxy": True},
        {"behind_proxy": True, "public_url": "http://panel.example.org"},
        {"behind_proxy": True, "public_url": "https://panel.example.org", "host": "0.0.0.0"},
        {"public_url": "https://panel.example.org"},
        {"public_url": "https://panel.example.org/path", "behind_proxy": True},
        {"public_url": "panel.example.org"},
        {"host": "0.0.0.0", "insecure_lan": True},
        {"tls_cert": Path("/nowhere.pem")},
        {"tls_cert": Path("/nowhere.pem"), "tls_key": Path("/nowhere.key")},
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        Config(**settings)  # type: ignore[arg-type]  # wrong on purpose
