"""What a visitor sees when something cannot be answered: a sentence, never a traceback."""

import secrets
from http import HTTPStatus

import structlog
from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from portal.i18n import gettext as _

log = structlog.get_logger()


def _texts(status: int) -> tuple[str, str]:
    texts = {
        400: (_("这个请求没看懂"), _("返回上一页再试一次。")),
        401: (_("请先登录"), _("登录后再继续，刚才填写的内容不会丢。")),
        403: (_("这里不对你开放"), _("如果你觉得应该能看到，请联系联盟运营。")),
        404: (_("没有找到这个页面"), _("可能已经移走，或者地址不完整。")),
        405: (_("这个地址不能这样打开"), _("返回上一页再试一次。")),
        413: (_("文件太大了"), _("请拆成几份，或者压缩成 .gz 再上传。")),
        429: (_("操作太频繁了"), _("歇一分钟再试。")),
    }
    fallback = (_("出了点问题"), _("请稍后再试；如果一直这样，把下面的编号发给我们。"))
    return texts.get(status, fallback)


def _page(status: int, *, incident: str | None = None) -> tuple[str, int]:
    title, advice = _texts(status)
    html = render_template(
        "errors/error.html", status=status, title=title, advice=advice, incident=incident
    )
    return html, status


def _on_http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        response: Response = error.response  # type: ignore[assignment]  # Flask's own class
        return response
    return _page(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)


def _on_csrf_error(_error: CSRFError) -> ResponseReturnValue:
    html = render_template(
        "errors/error.html",
        status=400,
        title=_("页面放得太久，已经失效"),
        advice=_("返回上一页刷新后再提交，浏览器会保留你填的内容。"),
        incident=None,
    )
    return html, HTTPStatus.BAD_REQUEST


def _on_crash(error: Exception) -> ResponseReturnValue:
    incident = secrets.token_hex(4)
    log.error("request.failed", incident=incident, path=request.path, exc_info=error)
    return _page(HTTPStatus.INTERNAL_SERVER_ERROR, incident=incident)


def init_app(app: Flask) -> None:
    """Answer every error of `app` with a page in the visitor's language."""
    app.register_error_handler(CSRFError, _on_csrf_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_crash)
