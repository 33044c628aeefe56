"""Certificates, the keys that sign them, and their revocations.

Literal SQL on purpose: a migration must not change when the models do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CERTIFICATE_FIXED = "id, number, person_id, slug, version, course_version_id, issue, completed_at, issued_at"
GUARDS = {
    "sqlite": (
        f"CREATE TRIGGER certificate_is_fixed BEFORE UPDATE OF {CERTIFICATE_FIXED} ON certificate\nBEGIN SELECT RAISE(ABORT, 'certificate_is_fixed'); END",
        "CREATE TRIGGER certificate_revocation_is_fixed BEFORE UPDATE OF certificate_id, at ON certificate_revocation\nBEGIN SELECT RAISE(ABORT, 'certificate_revocation_is_fixed'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION certificate_is_fixed() RETURNS trigger LANGUAGE plpgsql AS\n$$ BEGIN RAISE EXCEPTION 'certificate_is_fixed' USING ERRCODE = 'check_violation'; END $$",
        f"CREATE TRIGGER certificate_is_fixed BEFORE UPDATE OF {CERTIFICATE_FIXED} ON certificate\nFOR EACH ROW EXECUTE FUNCTION certificate_is_fixed()",
        "CREATE OR REPLACE FUNCTION certificate_revocation_is_fixed() RETURNS trigger LANGUAGE plpgsql AS\n$$ BEGIN RAISE EXCEPTION 'certificate_revocation_is_fixed' USING ERRCODE = 'check_violation'; END $$",
        "CREATE TRIGGER certificate_revocation_is_fixed BEFORE UPDATE OF certificate_id, at ON certificate_revocation\nFOR EACH ROW EXECUTE FUNCTION certificate_revocation_is_fixed()",
        "ALTER TABLE certificate ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE certificate FORCE ROW LEVEL SECURITY",
        "CREATE POLICY certificate_of_owner ON certificate USING (current_setting('tongtu.role', true) IN ('everyone', 'operator') OR certificate.organisation_id = NULLIF(current_setting('tongtu.organisation', true), '')::integer OR certificate.person_id = NULLIF(current_setting('tongtu.person', true), '')::integer)",
        "CREATE POLICY certificate_of_reader ON certificate FOR SELECT USING (current_setting('tongtu.role', true) IN ('author', 'consultant'))",
        "ALTER TABLE certificate_revocation ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE certificate_revocation FORCE ROW LEVEL SECURITY",
        "CREATE POLICY certificate_revocation_of_owner ON certificate_revocation USING (current_setting('tongtu.role', true) IN ('everyone', 'operator'))",
        "CREATE POLICY certificate_revocation_of_reader ON certificate_revocation FOR SELECT USING (current_setting('tongtu.role', true) IN ('author', 'consultant', 'dealer', 'operator', 'supplier'))",
    ),
}
FUNCTIONS = ("certificate_is_fixed", "certificate_revocation_is_fixed")


def upgrade() -> None:
    """Make the tables and what guards them."""
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("public_jwk", sa.Text(), nullable=False),
        sa.Column("private_sealed", sa.Text(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "NOT current OR withdrawn_at IS NULL", name=op.f("ck_signing_key_current_is_trusted")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("kid", name=op.f("uq_signing_key_kid")),
    )
    op.create_index(
        "uq_signing_key_current",
        "signing_key",
        ["current"],
        unique=True,
        sqlite_where=sa.text("current"),
        postgresql_where=sa.text("current"),
    )
    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("version", sa.String(length=80), nullable=False),
        sa.Column("course_version_id", sa.Integer(), nullable=False),
        sa.Column("issue", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("organisation_name", sa.String(length=120), nullable=False),
        sa.Column("shows_name", sa.Boolean(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("credential", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_version_id"],
            ["course_version.id"],
            name=op.f("fk_certificate_course_version_id_course_version"),
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["signing_key.id"], name=op.f("fk_certificate_key_id_signing_key")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_certificate_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_certificate_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint(
            "key_id", "status_index", name=op.f("uq_certificate_key_id_status_index")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
    )
    op.create_index(
        op.f("ix_certificate_course_version_id"), "certificate", ["course_version_id"]
    )
    op.create_index(op.f("ix_certificate_issued_at"), "certificate", ["issued_at"])
    op.create_index(
        op.f("ix_certificate_organisation_id_issued_at"),
        "certificate",
        ["organisation_id", "issued_at"],
    )
    op.create_index(
        "uq_certificate_once",
        "certificate",
        ["person_id", "slug", "version", "issue"],
        unique=True,
    )
    op.create_table(
        "certificate_revocation",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("revoked_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_revocation_certificate_id_certificate"),
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"],
            ["person.id"],
            name=op.f("fk_certificate_revocation_revoked_by_person"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_revocation")),
    )
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Take the tables away, with every certificate."""
    op.drop_table("certificate_revocation")
    op.drop_table("certificate")
    op.drop_table("signing_key")
    if op.get_bind().dialect.name == "postgresql":
        for name in FUNCTIONS:
            op.execute(f"DROP FUNCTION {name}()")
