"""Choosing the language, and going back to where one was and nowhere else."""

import pytest


def language_of(client, path: str = "/sign-in", **options) -> str:
    text = client.get(path, **options).text
    return text.partition('<html lang="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        (None, "zh-CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-GB,en;q=0.9", "en"),
        ("fr-FR", "zh-CN"),  # neither is known: the source language
    ],
)
def test_a_visitor_reads_the_language_of_the_browser(app, cast, accepted, expected):
    headers = {"Accept-Language": accepted} if accepted else {}

    assert language_of(app.test_client(), headers=headers) == expected


def test_a_chosen_language_stays_and_stands_before_the_browsers(app, cast):
    client = app.test_client()

    client.post("/language/en", data={"next": "/sign-in"})

    assert language_of(client, headers={"Accept-Language": "zh-CN"}) == "en"


def test_one_can_go_back_to_chinese(app, cast):
    client = app.test_client()
    client.post("/language/en")
    client.post("/language/zh_CN")

    assert language_of(client, headers={"Accept-Language": "en"}) == "zh-CN"


def test_an_unknown_language_is_not_found_and_changes_nothing(app, cast):
    client = app.test_client()

    answer = client.post("/language/tlh")

    assert answer.status_code == 404
    assert language_of(client) == "zh-CN"


@pytest.mark.asvs("V3.5.3")
def test_a_link_cannot_change_the_language(app, cast):
    assert app.test_client().get("/language/en").status_code == 405


@pytest.mark.parametrize("where", ["/notices?page=2", "/about/help", "/"])
def test_one_comes_back_to_where_one_was(app, cast, where):
    answer = app.test_client().post("/language/en", data={"next": where})

    assert answer.headers["Location"] == where


@pytest.mark.asvs("V3.7.2")
@pytest.mark.parametrize(
    "where",
    [
        "https://evil.example/x",
        "//evil.example/x",
        "///evil.example/x",
        "/\\evil.example/x",
        "\\\\evil.example/x",
        "/\t/evil.example/x",
        "javascript:alert(1)",
        "evil.example",
        "",
    ],
)
def test_one_is_never_led_to_another_site(app, cast, where):
    answer = app.test_client().post("/language/en", data={"next": where})

    assert answer.headers["Location"] == "/"
