"""Certificates: can the portal sign them, and is what it prints on them reachable."""

from datetime import datetime
from urllib.parse import urlsplit

from portal.certificates import keys
from portal.doctor.findings import Finding, Level, good
from portal.doctor.machine import settings
from portal.i18n import lazy_gettext as _l

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def signing(_at: datetime) -> Finding:
    """Return whether there is a key that signs, and whether badges name a public address."""
    title, base_url = _l("证书密钥"), settings().base_url
    published = keys.published()
    current = next((each for each in published if each.current), None)
    if current is not None and not keys.is_readable(current.id):
        return Finding(
            name="certificates",
            level=Level.BAD,
            title=title,
            found=_l("签名密钥是用另一个 TONGTU_SECRET_KEY 封存的，打不开"),
            todo=_l("换回原来的密钥；换不回来就运行 flask --app wsgi certificates rotate-key。"),
        )
    if urlsplit(base_url).hostname in _LOCAL:
        return Finding(
            name="certificates",
            level=Level.INFO,
            title=title,
            found=_l("证书和徽章上的网址是 %(url)s，别人打不开", url=base_url),
            todo=_l("签发证书之前，用 TONGTU_BASE_URL 写上对外的网址；签发之后不要再改。"),
        )
    if current is None:
        return good("certificates", title, _l("第一张证书签发时自动生成"))
    return good("certificates", title, _l("在用 1 个，公布 %(count)s 个", count=len(published)))
