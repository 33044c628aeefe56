"""The page in a real browser, served with the policy that a portal sends."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from reports.render.assets import write_assets
from reports.render.pages import CONTENT_SECURITY_POLICY, render_dealer

COUNT_LIVE = "document.querySelectorAll('.plot.live .main-svg').length"

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


class Served(http.server.SimpleHTTPRequestHandler):
    """Static files under the report's content policy; plotly can be held back."""

    policy = CONTENT_SECURITY_POLICY
    held_back = ""

    def do_GET(self):
        if self.held_back and self.held_back in self.path:
            self.send_error(404)
            return
        super().do_GET()

    def end_headers(self):
        self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_message(self, *_arguments):
        """Say nothing: the test reads the browser's console, not the server's."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, rich, weird) -> Path:
    root = tmp_path_factory.mktemp("site")
    assets = write_assets(root / "assets")
    for slug, report in (("rich", rich), ("weird", weird)):
        folder = root / "dealers" / slug
        folder.mkdir(parents=True)
        for language in ("zh-CN", "en"):
            page = render_dealer(
                report, language=language, home_url=None, assets=assets, languages=("zh-CN", "en")
            )
            (folder / f"report.{language}.html").write_bytes(page.html)
    return root


@pytest.fixture
def served(site: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    changes = getattr(request, "param", {})
    handler = functools.partial(type("Handler", (Served,), changes), directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/dealers"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(**getattr(request, "param", {"viewport": PHONE}))
    opened = context.new_page()
    yield opened
    context.close()


PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


def said_by(page: Page) -> list[str]:
    """Collect what the console says from now on."""
    said: list[str] = []
    page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: said.append(f"error: {error}"))
    return said


def visit_all_charts(page: Page) -> None:
    for chart in page.query_selector_all("[data-chart]"):
        chart.scroll_into_view_if_needed()
        chart.wait_for_selector(".plot.live .main-svg", state="attached")


@pytest.mark.parametrize("page", [{"viewport": PHONE}, {"viewport": DESK}], indirect=True)
@pytest.mark.parametrize("name", ["rich/report.zh-CN", "rich/report.en", "weird/report.zh-CN"])
def test_all_charts_come_alive_under_the_strict_policy(page, served, name):
    said = said_by(page)

    page.goto(f"{served}/{name}.html", wait_until="networkidle")
    visit_all_charts(page)

    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("served", [{"policy": "default-src 'none'"}], indirect=True)
def test_control_a_policy_that_is_broken_is_heard(page, served):
    said = said_by(page)
    page.goto(f"{served}/rich/report.zh-CN.html", wait_until="networkidle")
    assert any("Content Security Policy" in line for line in said)


@pytest.mark.asvs("V3.2.2")
def test_hostile_names_run_nothing_and_are_read_as_written(page, served):
    page.on("dialog", lambda dialog: pytest.fail(f"a name ran as a script: {dialog.message}"))
    page.goto(f"{served}/weird/report.zh-CN.html", wait_until="networkidle")
    visit_all_charts(page)

    ticks = page.locator("[data-chart=mix] .live .ytick text").all_text_contents()
    assert ticks[0].startswith("</script><script>")
    assert ticks[1].startswith("<b>粗体</b>")


def test_a_chart_far_below_costs_nothing_until_it_is_near(page, served):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 390, "height": 300})

    page.goto(f"{served}/rich/report.zh-CN.html", wait_until="networkidle")
    assert not [url for url in asked if "/plotly-" in url and url.endswith(".js")]

    page.locator("[data-chart]").first.scroll_into_view_if_needed()
    page.wait_for_selector(".plot.live .main-svg", state="attached")
    assert [url for url in asked if "/plotly-" in url and url.endswith(".js")]


def test_the_interactive_chart_takes_the_room_of_the_drawing(page, served):
    page.goto(f"{served}/rich/report.zh-CN.html", wait_until="commit")
    page.wait_for_selector("main")
    before = page.evaluate("document.querySelector('.plot').getBoundingClientRect().height")
    page.wait_for_load_state("networkidle")
    visit_all_charts(page)
    after = page.evaluate("document.querySelector('.plot').getBoundingClientRect().height")

    assert abs(before - after) <= 1


@pytest.mark.parametrize("served", [{"held_back": "/plotly-"}], indirect=True)
def test_without_the_library_the_drawings_stay(page, served):
    page.goto(f"{served}/rich/report.zh-CN.html", wait_until="networkidle")
    page.locator("[data-chart]").last.scroll_into_view_if_needed()
    page.wait_for_timeout(300)

    assert page.evaluate(COUNT_LIVE) == 0
    assert page.locator("[data-chart] svg.narrow:visible").count() == 4


@pytest.mark.parametrize("page", [{"viewport": PHONE, "java_script_enabled": False}], indirect=True)
def test_with_scripts_off_the_page_is_complete(page, served):
    page.goto(f"{served}/rich/report.zh-CN.html")

    assert page.locator("[data-chart] svg.narrow:visible").count() == 4
    assert page.locator("[data-chart] svg.wide:visible").count() == 0
    assert page.locator("table").last.locator("tbody tr").count() == 25


def test_everything_a_thumb_touches_is_large_enough(page, served):
    page.goto(f"{served}/rich/report.zh-CN.html", wait_until="networkidle")
    for target in page.locator("header a:visible, summary, .button").all():
        box = target.bounding_box()
        assert box["height"] >= 44, target.inner_text()
        assert box["width"] >= 44, target.inner_text()
