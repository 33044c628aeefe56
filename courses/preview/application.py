"""The preview's WSGI application: pages, assets with ranges, and a stream that says "changed"."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.utils import send_from_directory
from werkzeug.wrappers import Request, Response

from courses.course import SOURCE_LANGUAGE, pick
from courses.preview import pages
from courses.preview.watching import stamp
from courses.preview.words import WORDS
from courses.render import render

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_HERE = Path(__file__).parent
# The portal's stylesheets, as files: the preview looks like it where both lie in one checkout.
_PORTAL = _HERE.parents[1] / "portal" / "static"
_STYLES = ("vendor/tabler.min.css", "app.css", "learning.css")
_LOOK_EVERY_S = 0.3
_BEAT_EVERY_S = 10.0
_HOSTS = {"127.0.0.1", "localhost", "::1"}
_ROUTES = Map(
    [
        Rule("/", endpoint="index"),
        Rule("/changes", endpoint="changes"),
        Rule("/static/<name>", endpoint="static"),
        Rule("/portal/<path:name>", endpoint="portal"),
        Rule("/courses", endpoint="index"),
        Rule("/courses/<course>", endpoint="course"),
        Rule("/courses/<course>/assets/<path:name>", endpoint="asset"),
        Rule("/courses/<course>/<name>", endpoint="lesson"),
        Rule("/about/<name>", endpoint="about"),
    ],
    strict_slashes=False,
)


class Application:
    """Shows the courses under `folder`; `today` is asked for each page, `stopped` ends streams."""

    def __init__(self, folder: Path, *, today: Callable[[], date]) -> None:
        self.folder = folder
        self.stopped = Event()
        self._today = today
        self._lock = Lock()
        self._read: tuple[str, pages.Library] | None = None
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request. Other hosts' names are refused: a page elsewhere could use them."""
        request = Request(environ)
        if urlsplit(f"//{request.host}").hostname not in _HOSTS:
            return Response("127.0.0.1", 421)(environ, start_response)
        try:
            endpoint, values = _ROUTES.bind_to_environ(environ).match()
            response: Response = getattr(self, f"_{endpoint}")(request, **values)
        except HTTPException as problem:
            code = problem.code or 500
            response = self._page(request, "missing.html", title=str(code), status=code)
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            "media-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        )
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response(environ, start_response)

    def library(self) -> tuple[str, pages.Library]:
        """Return the courses as they are now, read again only after a change."""
        now = stamp(self.folder)
        with self._lock:
            if self._read is None or self._read[0] != now:
                self._read = now, pages.read(self.folder, today=self._today())
            return self._read

    def _index(self, request: Request) -> Response:
        _, library = self.library()
        language = _language(request)
        shown = [pages.course_link(library, source, language) for source in library.courses]
        return self._page(request, "index.html", title="", courses=shown, paths=library.paths)

    def _course(self, request: Request, course: str) -> Response:
        _, library = self.library()
        source = library.folder(course)
        if source is None:
            raise NotFound
        shown = pages.course_link(library, source, _language(request))
        return self._page(request, "course.html", title=shown.title, course=shown)

    def _lesson(self, request: Request, course: str, name: str) -> Response:
        _, library = self.library()
        source = library.folder(course)
        lessons = source.lessons if source else ()
        names = [pages.lesson_name(files) for files in lessons]
        if source is None or name not in names:
            raise NotFound
        at, language = names.index(name), _language(request)
        link = pages.course_link(library, source, language)
        shown = pages.lesson_shown(library, lessons[at], language)
        return self._page(
            request,
            "lesson.html",
            title=shown.title,
            course=link,
            lesson=shown,
            fields=lessons[at].source.fields.values,
            film=pages.film(lessons[at].source.fields.values),
            task=pages.task(lessons[at], shown.file, language),
            number=at + 1,
            previous=link.lessons[at - 1] if at else None,
            following=link.lessons[at + 1] if at + 1 < len(lessons) else None,
        )

    def _about(self, request: Request, name: str) -> Response:
        language = _language(request)
        folder = self.folder / "pages"
        names = [f"{name}.{language}.md", f"{name}.{SOURCE_LANGUAGE}.md"]
        found = next((folder / n for n in names if (folder / n).is_file()), None)
        # The name comes from the address; only files that lie in the folder itself are pages.
        if found is None or found.resolve().parent != folder.resolve():
            raise NotFound
        html = render(found.read_text(encoding="utf-8"), language=language)
        body = Markup(html)  # noqa: S704 – render() ends in the allow-list
        return self._page(request, "about.html", title=name, body=body)

    def _asset(self, request: Request, course: str, name: str) -> Response:
        _, library = self.library()
        source = library.folder(course)
        if source is None:
            raise NotFound
        return send_from_directory(source.folder.resolve() / "assets", name, request.environ)

    def _static(self, request: Request, name: str) -> Response:
        return send_from_directory(_HERE / "static", name, request.environ)

    def _portal(self, request: Request, name: str) -> Response:
        if name not in _STYLES:
            raise NotFound
        return send_from_directory(_PORTAL, name, request.environ)

    def _changes(self, request: Request) -> Response:
        since = request.args.get("since", "")
        return Response(self._stream(since), mimetype="text/event-stream", direct_passthrough=True)

    def _stream(self, since: str) -> Iterator[bytes]:
        """Say "changed" once, when the files are no longer those of `since`; beat until then."""
        yield b"retry: 500\n\n"
        beat = time.monotonic()
        before = since
        while not self.stopped.wait(_LOOK_EVERY_S):
            now = stamp(self.folder)
            # A file that is still being written changes again: wait until it is quiet.
            if now != since and now == before:
                yield f"event: changed\ndata: {now}\n\n".encode()
                return
            before = now
            if time.monotonic() - beat > _BEAT_EVERY_S:
                beat = time.monotonic()
                yield b": still there\n\n"

    def _page(
        self, request: Request, template: str, *, title: str, status: int = 200, **values: object
    ) -> Response:
        language = _language(request)
        known = self._read[0] if self._read else stamp(self.folder)
        html = self._templates.get_template(template).render(
            title=title,
            language=language,
            other="en" if language == SOURCE_LANGUAGE else SOURCE_LANGUAGE,
            words=WORDS[language],
            styles=[name for name in _STYLES if (_PORTAL / name).is_file()],
            stamp=known,
            path=request.path,
            pick=pick,
            markup=Markup,
            **values,
        )
        return Response(html, status, mimetype="text/html")


def _language(request: Request) -> str:
    return "en" if request.args.get("lang") == "en" else SOURCE_LANGUAGE
