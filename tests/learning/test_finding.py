"""Search in courses: what a shop types is found, and nothing that gives an answer away."""

import pytest
from conftest import NOW
from learning.conftest import lesson_file

from portal.db import unit_of_work
from portal.learning import actions


@pytest.fixture
def client(cast, published, sign_in):
    return sign_in(cast.dealer_a)


def test_two_characters_of_chinese_are_found_and_marked(client):
    page = client.get("/courses/search?q=课时").text

    assert "找到 3 处" in page
    assert "<mark>课时</mark>" in page
    assert 'href="/courses/trial-101/one"' in page


def test_a_question_is_found_and_leads_to_its_quiz(client):
    page = client.get("/courses/search?q=复购率是百分之几").text

    assert "小测里的题" in page
    assert 'href="/courses/trial-101/one#quiz"' in page


def test_what_gives_an_answer_away_is_not_found(client):
    assert "没有找到" in client.get("/courses/search?q=太短").text  # the feedback of a wrong option
    assert "没有找到" in client.get("/courses/search?q=活跃").text  # a right answer


def test_nothing_found_says_so_and_shows_the_way(client):
    page = client.get("/courses/search?q=火星").text

    assert "没有找到“火星”" in page
    assert 'value="火星"' in page
    assert 'href="/courses"' in page


def test_a_page_beyond_the_last_leads_back_to_the_first(client):
    page = client.get("/courses/search?q=课时&page=99").text

    assert "这一页没有了" in page
    assert "没有找到" not in page


@pytest.mark.parametrize("query", ["", "%20%20", "%E3%80%82%EF%BC%81"])
def test_no_word_is_no_error(client, query):
    assert client.get(f"/courses/search?q={query}").status_code == 200


def test_what_is_typed_is_shown_as_text(client):
    page = client.get("/courses/search", query_string={"q": "<script>alert(1)</script>" * 40}).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_a_learner_finds_what_their_own_version_says(app, cast, published, sign_in, change):
    client = sign_in(cast.dealer_a)
    client.post("/courses/trial-101/enrol")
    with app.app_context(), unit_of_work():
        # A new required lesson: who is enrolled stays with the earlier version.
        library = change(four=lesson_file(name="four", text="讲讲**会员**。"))
        actions.publish(library=library, at=NOW)

    assert "没有找到" in client.get("/courses/search?q=会员").text
    assert "找到 1 处" in sign_in(cast.dealer_b).get("/courses/search?q=会员").text


def test_a_search_asks_few_questions_of_the_database(client, count_queries):
    client.get("/courses/search?q=课时")
    with count_queries() as statements:
        client.get("/courses/search?q=复购率")

    assert len(statements) <= 6


def test_a_supplier_has_no_courses_to_search(cast, published, sign_in):
    assert sign_in(cast.supplier_a).get("/courses/search?q=课时").status_code == 403
