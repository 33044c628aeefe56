"""HTML -> PDF bytes by WeasyPrint: its fonts, its stylesheet, and a fetcher that fetches nothing.

Import it only through `pdf.py`, which says what is missing where WeasyPrint cannot be loaded.
"""

from collections.abc import Mapping
from typing import Any

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse


class AddressRefused(RuntimeError):
    """A document asked for something that is not part of it."""


class OwnChartsOnly(URLFetcher):  # type: ignore[misc]  # WeasyPrint ships no types
    """Gives out the document's own charts; every other address stops the rendering.

    A report has no pictures, styles or fonts from anywhere. An address in a document can only
    come from a name that slipped through escaping, and must reach neither network nor disk.
    """

    def __init__(self, charts: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self.charts = charts

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:  # noqa: ARG002 – theirs
        """Return the SVG of `chart:<name>`; raises AddressRefused for anything else."""
        if url not in self.charts:
            raise AddressRefused(url)
        return URLFetcherResponse(url, self.charts[url], {"Content-Type": "image/svg+xml"})


class DocumentWriter:
    """Fonts and stylesheet, read once for many documents."""

    def __init__(self, stylesheet: str) -> None:
        self.font_config = FontConfiguration()
        self.css = CSS(
            string=stylesheet, font_config=self.font_config, url_fetcher=OwnChartsOnly({})
        )

    def write(
        self, html: str, *, charts: Mapping[str, bytes], images: Mapping[str, Any], ident: bytes
    ) -> bytes:
        """Return the document as PDF/UA-1; the same input gives the same bytes.

        `charts` are SVG files and `images` ready images, both by address. Raises
        AddressRefused when the document asks for anything that is in neither.
        """
        try:
            pdf: bytes = HTML(string=html, url_fetcher=OwnChartsOnly(charts)).write_pdf(
                stylesheets=[self.css],
                font_config=self.font_config,
                cache=dict(images),
                pdf_variant="pdf/ua-1",
                pdf_identifier=ident,
            )
        except FatalURLFetchingError as refused:
            # Theirs is a BaseException and would end the worker process.
            raise AddressRefused(str(refused.__cause__)) from refused
        return pdf
