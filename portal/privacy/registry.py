"""Every column of every table that tells of a person; a test finds a table that is left out.

Exports and deletions walk this registry and know no room. A new table with a person in it is
registered here: what it is, why it is kept, what is taken away, and what deletion does.
"""

from collections.abc import Mapping

from portal.privacy.kept import alliance, people, work
from portal.privacy.rules import Table

TABLES: Mapping[str, Table] = {
    table.name: table for table in (*people.TABLES, *work.TABLES, *alliance.TABLES)
}
# Columns whose names sound like a person's, and that are none; each with the reason.
NOT_PERSONAL: Mapping[tuple[str, str], str] = {
    ("action_item", "closed_by"): "what closed it: facts, picture or words",
    ("booking", "answer_by"): "until when the consultant can say yes",
    ("sign_in_attempts", "key"): "a hash of the identity, forgotten after a day",
}
