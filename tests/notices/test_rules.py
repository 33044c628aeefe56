"""Where a notice may lead."""

import pytest

from portal.notices import rules


@pytest.mark.parametrize("path", ["/", "/feedback/abc", "/booking/x?from=notice"])
def test_a_notice_leads_to_a_page_of_the_portal(path):
    rules.check_path(path)


@pytest.mark.asvs("V1.2.2")
@pytest.mark.parametrize(
    "path", ["", "feedback/abc", "//evil.example/x", "https://evil.example/", "/\\evil.example"]
)
def test_a_notice_that_would_lead_elsewhere_is_refused(path):
    with pytest.raises(rules.ForeignPath):
        rules.check_path(path)
