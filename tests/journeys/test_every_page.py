"""Every page of every role: both languages, phone and desk, keyboard, no browser error."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from portal.demo.command import busiest_dealer

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]
WIDTHS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 800}}
# A pair is a page and the links in it of which the first is opened too.
PAGES: dict[str, list[str | tuple[str, str]]] = {
    "nobody": [
        "/sign-in", "/join", "/join/received", "/forgot", "/forgot/sent", "/certificates/check",
        "/about/help", "/about/privacy", "/about/about",
    ],
    "dealer": [
        "/", "/first-steps", "/courses", "/courses/repurchase-101",
        "/courses/repurchase-101/layering", "/courses/open-shop-101",
        "/courses/open-shop-101/first-sum", "/courses/search?q=%E9%80%80%E6%AC%BE",
        "/courses/paths/newcomer",
        "/review", ("/actions", "a.row-link"),
        "/certificates", "/courses/notes", "/courses/questions", "/booking",
        "/booking/consultants/1", ("/booking", "button[name=starts]"), "/rounds",
        ("/feedback", "a.row-link"), "/feedback/new",
        "/reports", "/notices", "/notices/settings", "/notices/endpoints",
        "/notices/endpoints/new/dingtalk", "/organisation", "/organisation/profile",
        "/organisation/invite", "/organisation/leave", "/memberships", "/about/help",
        "/account", "/account/security", "/account/devices", "/account/factors",
        "/account/factors/authenticator", "/account/mail", "/account/name", "/account/phone",
        "/account/password", "/account/privacy", "/account/privacy/delete", "/my-learning",
        "/calendars",
        ("/team", "a.row-link"),
    ],
    "consultant": [
        "/", ("/sessions", "a.row-link"), "/sessions/past", "/booking/hours", "/courses",
        "/notices", "/calendars", "/calendars/outside", "/calendars/outside/new/ics",
        "/calendars/outside/new/caldav",
        "/booking/hours/dates", "/booking/hours/rhythm", "/booking/hours/why",
    ],
    "supplier": [
        "/", ("/feedback/inbox", "a.row-link"), ("/tickets", "a.row-link"), "/releases",
        "/releases/new", "/notices",
    ],
    "operator": [
        "/", ("/imports", "a.row-link"), "/imports/new", "/reports/builds",
        "/feedback/unassigned", "/courses", "/notices/deliveries", "/audit", "/audit/1",
        "/privacy", ("/members", "a.row-link"), "/members/new", "/members/applications",
        "/members/resets", "/admin", "/jobs", "/system", ("/certificates/issued", "a.row-link"),
        "/teaching/cohorts", "/teaching/records", "/rounds/manage", "/rounds/manage/new",
        "/booking/holidays", "/booking/kinds/new",
    ],
    "author": [
        "/", "/courses", "/courses/after-sales-101", "/teaching",
        "/teaching/courses/repurchase-101", "/teaching/courses/repurchase-101/read-the-figure",
        "/teaching/publish", ("/teaching/reports", "a.row-link"),
        ("/teaching/questions", "a.row-link"),
    ],
}  # fmt: skip
# WCAG 2.2 level A and AA, as axe-core names them.
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def identity(world) -> dict[str, str | None]:
    return {
        "nobody": None,
        "dealer": busiest_dealer(world).phone,
        "consultant": world.consultants[0].mail,
        "supplier": world.suppliers[0].owner.mail,
        "operator": world.operators[0].mail,
        "author": world.author.mail,
    }


def faults(page: Page, path: str) -> list[str]:
    answer = page.goto(path)
    sideways = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    found = []
    if answer is None or answer.status != 200:
        found.append(f"{path}: status {answer.status if answer else None}")
    if sideways > 0:
        found.append(f"{path}: scrolls sideways by {sideways} px")
    if page.locator("h1").count() != 1:
        found.append(f"{path}: {page.locator('h1').count()} main headings")
    return [*found, *barriers(page, path)]


def barriers(page: Page, path: str) -> list[str]:
    """Return what axe-core finds on the page that some people could not use."""
    told = Axe().run(
        page,
        options={"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": LEVELS}},
    )
    return [
        f"{path}: {each['id']} ({each['help']}): {each['nodes'][0]['html'][:160]}"
        for each in told.response["violations"]
    ]


def addresses(page: Page, entries: list[str | tuple[str, str]]) -> list[str]:
    """Return the paths to open; what a page leads to is read from it once."""
    found: list[str] = []
    for entry in entries:
        if isinstance(entry, str):
            found.append(entry)
            continue
        path, links = entry
        page.goto(path)
        found_there = page.locator(f"main {links}").first
        link = found_there.get_attribute("href") or _kept_for(found_there)
        found += [path, link]
    return list(dict.fromkeys(found))


def _kept_for(start: Locator) -> str:
    """Return where a button leads that keeps a time: the page on which it is confirmed."""
    consultant = start.locator("xpath=ancestor::form//input[@name='consultant']")
    who, when = consultant.get_attribute("value"), start.get_attribute("value")
    assert who and when  # noqa: PT018 – both or neither
    return f"/booking/new?consultant={who}&starts={when}"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("role", PAGES)
def test_every_page_of_the_role_is_whole_in_both_languages(role, width, visit, identity):
    page = visit(identity[role], "/sign-in" if role == "nobody" else "/", width=WIDTHS[width])
    paths = addresses(page, PAGES[role])
    found = [fault for path in paths for fault in faults(page, path)]
    page.goto(paths[0])
    page.get_by_role("button", name="EN", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    found += [f"en {fault}" for path in paths for fault in faults(page, path)]

    assert found == []


def test_a_keyboard_alone_signs_in_and_skips_to_the_text(visit, identity):
    page = visit(None, "/sign-in")
    page.locator("#identity").focus()
    page.keyboard.type(identity["dealer"])
    page.keyboard.press("Tab")
    page.keyboard.type("tongtu-demo")
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_what_can_be_pressed_on_a_phone_is_large_enough_for_a_thumb(visit, identity):
    page = visit(identity["dealer"], "/")
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, .btn, .tabbar a, .icon-button, summary")]
            .filter((e) => e.offsetParent !== null && e.getBoundingClientRect().height < 43.5)
            .map((e) => e.outerHTML.slice(0, 90))"""
    )

    assert small == []


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_report_draws_its_charts_under_the_strict_policy(language, visit, world, identity):
    ref = busiest_dealer(world).ref
    page = visit(identity["dealer"], f"/reports/dealers/{ref}/report.{language}.html")

    page.locator("figure[data-chart]").last.scroll_into_view_if_needed()

    expect(page.locator("figure[data-chart=trend] .js-plotly-plot")).to_be_visible(timeout=30_000)


def test_the_report_is_whole_without_scripts(visit, world, identity):
    ref = busiest_dealer(world).ref
    page = visit(identity["dealer"], f"/reports/dealers/{ref}/report.zh-CN.html", scripts=False)

    expect(page.locator("figure[data-chart=trend] svg:visible").first).to_be_visible()
