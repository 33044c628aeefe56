"""What an author answers: told once, changed quietly, shown to everybody without who asked."""

import threading

import pytest
from conftest import NOW
from learning.conftest import work_in, write_course
from rows import all_of

from courses.load import load_library
from portal.learning import actions as learning
from portal.notices.models import Notice
from portal.questions import actions
from portal.questions.models import LessonQuestion

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
COURSE = "trial-101"
OF_LESSON = f"/courses/questions/of-lesson/{COURSE}/one"
WAITING = "/teaching/questions"
ASKED = "我们小鹿店的点卡也按 30 天算吗？"
COMMON = "点卡也按 30 天算吗？"
ANSWER = {"answer": "不，点卡按 14 天算。"}
FOR_ALL = ANSWER | {"faq": "y", "faq_text": COMMON}


@pytest.fixture
def question(app, cast, tmp_path):
    """A question of dealer A's about the first lesson; its id."""
    with work_in(app):
        learning.publish(library=load_library(write_course(tmp_path / "content")), at=NOW)
        member = cast.dealer_a.member
        return actions.ask(member=member, slug=COURSE, name="one", text=ASKED, at=NOW).id


@only_sqlite
def test_an_answer_reaches_who_asked_and_is_told_once(cast, question, sign_in):
    author, dealer = sign_in(cast.author), sign_in(cast.dealer_a)
    waiting = author.get(f"{WAITING}?course={COURSE}").text
    assert ASKED in waiting
    assert "学员的提问" in author.get("/teaching").text
    page = author.get(f"{WAITING}/{question}").text
    assert cast.dealer_a.member.organisation_name in page
    assert cast.dealer_a.member.person_name not in page

    empty = author.post(f"{WAITING}/{question}", data={"answer": ""})
    first = author.post(f"{WAITING}/{question}", data=ANSWER)
    late = author.post(f"{WAITING}/{question}", data={"answer": "晚了一步"})

    assert (empty.status_code, first.status_code) == (422, 303)
    assert "已经回答过了" in author.get(late.location).text
    for shown in (dealer.get(OF_LESSON).text, dealer.get("/courses/questions").text):
        assert ANSWER["answer"] in shown
        assert "晚了一步" not in shown
    assert dealer.get("/notices").text.count("作者回答了你在“课时 one”里的提问") == 1
    refused = dealer.post(f"/courses/questions/{question}/withdraw")
    assert "不能再撤回" in dealer.get(refused.location).text
    assert ASKED not in author.get(WAITING).text
    assert ASKED in author.get(f"{WAITING}?state=answered").text


@only_sqlite
def test_a_common_question_is_read_by_everybody_without_who_asked(app, cast, question, sign_in):
    author, other = sign_in(cast.author), sign_in(cast.dealer_b)
    nameless = author.post(f"{WAITING}/{question}", data=ANSWER | {"faq": "y", "faq_text": ""})
    assert nameless.status_code == 422
    assert "写上大家会看到的问题" in nameless.text
    author.post(f"{WAITING}/{question}", data=ANSWER)
    assert ANSWER["answer"] not in other.get(OF_LESSON).text

    author.post(f"{WAITING}/{question}/change", data=FOR_ALL)
    for reader in (other, sign_in(cast.consultant)):
        shown = reader.get(OF_LESSON).text
        assert COMMON in shown
        assert ANSWER["answer"] in shown
        assert "小鹿" not in shown

    author.post(f"{WAITING}/{question}/change", data=ANSWER)
    assert ANSWER["answer"] not in other.get(OF_LESSON).text
    with work_in(app):
        assert len(all_of(Notice)) == 1  # a change tells nobody again


@only_sqlite
def test_a_question_that_is_withdrawn_is_not_answered_any_more(app, cast, question, sign_in):
    author = sign_in(cast.author)
    with work_in(app):
        actions.withdraw(member=cast.dealer_a.member, question_id=question, at=NOW)
    late = author.post(f"{WAITING}/{question}", data=ANSWER)
    assert "对方撤回了这个问题" in author.get(late.location).text
    assert author.post(f"{WAITING}/{question}/change", data=ANSWER).status_code == 404
    assert ASKED not in author.get(f"{WAITING}/{question}").text


def test_of_two_answers_at_once_one_is_kept_and_told(app, cast, question):
    start = threading.Barrier(2)
    refused = []

    def answer(text):
        start.wait()
        try:
            with work_in(app):
                said = actions.Answer(text=text)
                author = cast.author.member
                actions.answer(question_id=question, answer=said, by=author, at=NOW)
        except actions.AnsweredBefore:
            refused.append(text)

    both = [threading.Thread(target=answer, args=(text,)) for text in ("先到的", "后到的")]
    for each in both:
        each.start()
    for each in both:
        each.join()
    with work_in(app):
        (kept,) = all_of(LessonQuestion)
        assert {kept.answer, *refused} == {"先到的", "后到的"}
        assert len(all_of(Notice)) == 1
