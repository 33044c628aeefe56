"""Who must have a second factor: the operators, and the suppliers' owners."""

from flask import current_app

from portal.access import Member, Role


def needs_factor(member: Member) -> bool:
    """Tell whether the settings ask this member for a second factor."""
    asked: str = current_app.extensions["tongtu.settings"].second_factor
    is_one = member.role is Role.OPERATOR or (member.role is Role.SUPPLIER and member.is_owner)
    return asked == "required" and is_one
