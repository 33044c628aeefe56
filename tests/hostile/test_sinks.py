"""Texts that would be live if a page took them for markup, wherever a page shows a text.

Seen in Chromium, with the policy against scripts taken off. In each run every string is put into
every context once, and a choice of them into every place of every page. Every check has its
control: with the lock taken away, the same eyes find what is live.
"""

from collections import Counter

import pytest
from flask import render_template_string
from hostile.planting import typed_columns
from hostile.strings import markup
from hostile.watching import Watch

from courses.render import to_unsafe_html
from portal.markdown import to_html

PUBLIC = markup()
# Enough of every kind for every place of every page; all of them go through every context.
CHOICE = "\n".join(dict.fromkeys([*PUBLIC[:22], *PUBLIC[22::90]]))
CALM = "平常的一句话，没有别的意思"
A_PAGE = 700
CONTEXTS = """<!doctype html><title>{{ texts[0] }}</title>
{% for text in texts %}
<p title="{{ text }}" data-x="{{ text|tojson|forceescape }}">{{ text }}</p>
<textarea name="a">{{ text }}</textarea><input value="{{ text }}">
<a href="{{ url_for('home.start', q=text) }}">{{ text }}</a><option>{{ text }}</option>
{% endfor %}"""

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def watch(browser, alliance):
    watch = Watch.over(browser, alliance.answer)
    yield watch
    watch.close()


def in_pieces(texts, size=A_PAGE):
    return [texts[at : at + size] for at in range(0, len(texts), size)]


def made_live(alliance, watch, bodies) -> Counter[str]:
    found = Counter()
    for body in bodies:
        alliance.shows["/shown"] = body
        found += watch.live("/shown")
    return found


def shown(alliance, watch, body) -> Counter[str]:
    return made_live(alliance, watch, [body])


# ---- every string in every context ----


def contexts(alliance, texts=PUBLIC):
    with alliance.app.test_request_context():
        return [render_template_string(CONTEXTS, texts=piece) for piece in in_pieces(texts)]


@pytest.mark.asvs("V1.1.2", "V1.2.1")
def test_no_string_gets_out_of_the_place_that_a_template_gives_it(alliance, watch):
    assert made_live(alliance, watch, contexts(alliance)) == Counter()


def test_without_escaping_they_do(alliance, watch):
    # Our own few alone: among the public ones are some that end the page or lead away from it.
    with alliance.without_escaping():
        assert made_live(alliance, watch, contexts(alliance, PUBLIC[:22])).total() > 20


def pages_of_markdown(render):
    head = "<!doctype html><title>x</title>"
    return [
        head + "".join(f"<div>{render(text)}</div>" for text in texts)
        for texts in in_pieces(PUBLIC)
    ]


@pytest.mark.asvs("V1.3.5")
def test_no_string_is_live_after_markdown(alliance, watch):
    assert made_live(alliance, watch, pages_of_markdown(to_html)) == Counter()


@pytest.mark.asvs("V1.3.5")
def test_without_the_sanitizer_some_are(alliance, watch):
    body = "".join(to_unsafe_html(text) for text in PUBLIC[:22])

    assert made_live(alliance, watch, [body]).total() > 0


# ---- a choice of them in every place ----


def test_every_table_with_words_has_a_row_to_plant_them_in(alliance):
    words = {table.name for table, _ in typed_columns()}

    assert words - alliance.tables_with_rows() == set()


def live_by_words(alliance, watch, pages, text) -> dict[str, Counter[str]]:
    """Return what `text` makes live on these pages: more than a calm one does."""
    with alliance.words(text):
        found = {path: live for path in pages if (live := watch.live(path))}
    with alliance.words(CALM):
        more = {path: live - watch.live(path) for path, live in found.items()}
    return {path: live for path, live in more.items() if live}


@pytest.mark.asvs("V1.2.1")
@pytest.mark.parametrize("who", ["dealer_a", "supplier_a", "consultant", "operator", "author", ""])
def test_nothing_is_live_on_any_page_and_every_page_opens(alliance, watch, who):
    pages = alliance.enter(who)

    assert len(pages) >= 3
    assert live_by_words(alliance, watch, pages, CHOICE) == {}
    assert alliance.failed == []


def test_without_escaping_the_same_pages_are_live(alliance, watch):
    pages = alliance.enter("supplier_a")[:12]
    with alliance.without_escaping():
        live = live_by_words(alliance, watch, pages, CHOICE)

    assert len(live) > len(pages) / 2


# ---- what a refused form shows again ----


def test_nothing_is_live_in_a_form_that_comes_back(alliance, watch):
    forms = alliance.refused(CHOICE * 3)  # longer than any field takes
    found = {name: live for name, page in forms.items() if (live := shown(alliance, watch, page))}
    calm = alliance.refused(CALM * 1000) if found else {}
    more = {name: live - shown(alliance, watch, calm[name]) for name, live in found.items()}

    assert len(forms) > 20
    assert {name: live for name, live in more.items() if live} == {}


def test_the_eyes_see_a_dialog_a_request_and_a_handler(alliance, watch):
    found = made_live(
        alliance,
        watch,
        ["<img src=//x.example/a.png><p onclick=x()>a</p><script>alert(1);location</script>"],
    )

    assert {each.split()[0] for each in found} >= {"asked", "onclick", "ran", "<script>"}


def test_a_shops_name_is_only_a_name_on_its_report(alliance, watch):
    for text in ("\n".join(PUBLIC[:300]), *PUBLIC[1:6]):
        calm, hostile = (alliance.report_page(name) for name in (CALM, text))

        assert (
            made_live(alliance, watch, [hostile]) - made_live(alliance, watch, [calm]) == Counter()
        )


def test_a_shops_name_brings_nothing_active_into_its_pdf(alliance):
    drawn = alliance.report_pdf(
        "\n".join([*PUBLIC[:22], "<link rel=attachment href=file:///etc/hosts>"])
    )

    for mark in (
        b"/JavaScript",
        b"/JS",
        b"/Launch",
        b"/EmbeddedFile",
        b"/OpenAction",
        b"/SubmitForm",
    ):
        assert mark not in drawn


def test_the_mail_of_a_notice_holds_nothing_live(alliance, watch):
    letters = [alliance.mail_page(text) for text in ("\n".join(PUBLIC[:300]), *PUBLIC[:22])]
    calm = made_live(alliance, watch, [alliance.mail_page(CALM)])

    for letter in letters:
        assert made_live(alliance, watch, [letter]) - calm == Counter()
