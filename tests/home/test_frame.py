"""The frame around every page: each role's navigation opens, static pages read, health answers."""

import re

import pytest

ROLES = ["dealer_a", "consultant", "supplier_a", "operator", "author"]


@pytest.mark.parametrize("who", ROLES)
def test_every_entry_of_a_roles_navigation_opens(cast, sign_in, who):
    client = sign_in(getattr(cast, who))
    bar = client.get("/").text.partition('class="tabbar"')[2].partition("</nav>")[0]
    links = re.findall(r'<a href="([^"]+)"', bar)

    answers = {link: client.get(link).status_code for link in links}

    assert len(links) >= 2
    assert set(answers.values()) == {200}, answers


@pytest.mark.parametrize("who", ROLES)
def test_the_start_page_is_marked_as_the_current_one_and_only_it(cast, sign_in, who):
    bar = sign_in(getattr(cast, who)).get("/").text.partition('class="tabbar"')[2]

    assert bar.partition("</nav>")[0].count('aria-current="page"') == 1


@pytest.mark.parametrize("who", ROLES)
def test_a_start_page_holds_nothing_that_the_content_policy_refuses(cast, sign_in, who):
    page = sign_in(getattr(cast, who)).get("/").text

    assert not re.search(r"\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)


@pytest.mark.parametrize("name", ["help", "privacy", "about"])
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_static_pages_read_in_both_languages(app, cast, name, language):
    client = app.test_client()
    client.post(f"/language/{language}")

    answer = client.get(f"/about/{name}")

    assert answer.status_code == 200
    assert "prose" in answer.text


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fREADME", "help.en"])
def test_no_other_static_page_exists(app, cast, name):
    assert app.test_client().get(f"/about/{name}").status_code == 404


def test_the_health_check_needs_no_sign_in(app):
    assert app.test_client().get("/healthz").json == {"status": "ok"}
