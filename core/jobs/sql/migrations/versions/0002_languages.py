"""Sentences that can be told in another language, the language of whoever asked, and asks that are no jobs yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_COLUMNS = {"locale": sa.String, "error_phrase": sa.Text, "delivery_note_phrase": sa.Text}


def upgrade() -> None:
    for name, kind in _COLUMNS.items():
        op.add_column("jobs", sa.Column(name, kind))
    op.create_table(
        "asks",
        sa.Column("token", sa.String().with_variant(sa.String(collation="C"), "postgresql"), primary_key=True),
        sa.Column("application_id", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locale", sa.String, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("asks")
    for name in _COLUMNS:
        op.drop_column("jobs", name)
