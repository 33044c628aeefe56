"""What a visitor sees when something cannot be answered: a sentence, never a traceback.

The database gone or the disk full is a 503. It says "may not have been saved": a commit whose
answer was lost on the way may have been one. Every page carries the request's id, by which its
log lines are found.
"""

import errno
from http import HTTPStatus

import structlog
from flask import Flask, Response, g, render_template
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    InternalServerError,
    TooManyRequests,
)

from portal import observing
from portal.i18n import gettext as _

log = structlog.get_logger()
RETRY_AFTER_S = "30"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
LAST_RESORT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>同途</title>
<h1>系统出了点问题</h1><p>请稍后再试。编号 {request_id}</p>
<p lang="en">Something went wrong. Please try again later. Reference {request_id}</p></html>"""


class Unstorable(BadRequest):
    """A text holds a character that no database of ours can store."""


def _texts(status: int) -> tuple[str, str]:
    texts = {
        400: (_("这个请求没看懂"), _("返回上一页再试一次。")),
        401: (_("请先登录"), _("登录后再继续，刚才填写的内容不会丢。")),
        403: (_("这里不对你开放"), _("如果你觉得应该能看到，请联系联盟运营。")),
        404: (_("没有找到这个页面"), _("可能已经移走，或者地址不完整。")),
        405: (_("这个地址不能这样打开"), _("返回上一页再试一次。")),
        413: (_("文件太大了"), _("请拆成几份，或者压缩成 .gz 再上传。")),
        429: (_("操作太频繁了"), _("歇一分钟再试。")),
        503: (
            _("系统暂时连不上"),
            _("刚才的内容可能没有存上。过一会儿返回上一页再提交一次：填好的还在，也不会重复。"),
        ),
    }
    fallback = (_("出了点问题"), _("请稍后再试；如果一直这样，把下面的编号发给我们。"))
    return texts.get(status, fallback)


def _page(status: int, *, title: str = "", advice: str = "") -> tuple[str, int]:
    standard = _texts(status)
    html = render_template(
        "errors/error.html",
        status=status,
        title=title or standard[0],
        advice=advice or standard[1],
        request_id=observing.request_id(),
    )
    return html, status


def _on_http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        response: Response = error.response  # type: ignore[assignment]  # Flask's own class
        return response
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        # What fails after the view, such as the commit, comes wrapped.
        return _on_crash(error.original_exception)  # type: ignore[arg-type]  # only Exceptions are caught
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    return _with_retry_after(error, _page(status, advice=_how_long(error)))


def _how_long(error: HTTPException) -> str:
    """Return when to try again where the error knows it, else nothing."""
    if isinstance(error, TooManyRequests) and isinstance(error.retry_after, int):
        minutes = -(-error.retry_after // 60)
        return str(_("请等 %(minutes)s 分钟再试，填好的内容还在上一页。", minutes=minutes))
    return ""


def _with_retry_after(error: HTTPException, page: tuple[str, int]) -> ResponseReturnValue:
    waits = dict(error.get_headers()).get("Retry-After")
    return (*page, {"Retry-After": waits}) if waits else page


def _on_unstorable(_error: Unstorable) -> ResponseReturnValue:
    return _page(
        HTTPStatus.BAD_REQUEST,
        title=_("有一个字符没法保存"),
        advice=_("内容里夹带了看不见的控制字符（编码 0）。返回上一页删掉它，再提交一次。"),
    )


def _on_csrf_error(_error: CSRFError) -> ResponseReturnValue:
    return _page(
        HTTPStatus.BAD_REQUEST,
        title=_("页面放得太久，已经失效"),
        advice=_("返回上一页刷新后再提交，浏览器会保留你填的内容。"),
    )


def is_unavailable(error: Exception) -> bool:
    """Tell whether the database or the disk refuses work for now: a retry may well succeed."""
    if isinstance(error, OSError):
        return error.errno in FULL
    return isinstance(error, (OperationalError, InterfaceError, PoolTimeout))


def _on_crash(error: Exception) -> ResponseReturnValue:
    if is_unavailable(error):
        observing.UNAVAILABLE.inc()
        log.error("request.unavailable", path=observing.told_path(), exc_info=error)
        return (
            *_page_without_database(HTTPStatus.SERVICE_UNAVAILABLE),
            {"Retry-After": RETRY_AFTER_S},
        )
    log.error("request.failed", path=observing.told_path(), exc_info=error)
    return _page_without_database(HTTPStatus.INTERNAL_SERVER_ERROR)


def _page_without_database(status: HTTPStatus) -> tuple[str, int]:
    """Return the page with nobody signed in: asking the database who asks may fail again."""
    g.member = None
    g._login_user = AnonymousUserMixin()  # noqa: SLF001 – where Flask-Login keeps who is signed in
    try:
        return _page(status)
    except Exception as error:  # whatever is broken, the visitor gets a sentence
        log.error("error_page.failed", exc_info=error)
        return LAST_RESORT.format(request_id=observing.request_id()), status


def init_app(app: Flask) -> None:
    """Answer every error of `app` with a page in the visitor's language."""
    app.register_error_handler(CSRFError, _on_csrf_error)
    app.register_error_handler(Unstorable, _on_unstorable)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_crash)
