"""Who may open a dealer's report."""

import pytest

from portal.access import Role
from portal.reporting import rules


@pytest.mark.parametrize(
    ("role", "own_shop", "has_session", "may"),
    [
        (Role.DEALER, True, False, True),
        (Role.DEALER, False, False, False),
        (Role.DEALER, False, True, False),
        (Role.CONSULTANT, False, True, True),
        (Role.CONSULTANT, False, False, False),
        (Role.CONSULTANT, True, False, False),
        (Role.OPERATOR, True, True, False),
        (Role.SUPPLIER, True, True, False),
        (Role.AUTHOR, True, True, False),
    ],
)
def test_a_report_is_for_its_shop_and_for_consultants_in_session_with_it(
    role, own_shop, has_session, may
):
    assert rules.may_open(role=role, own_shop=own_shop, has_session=has_session) is may
