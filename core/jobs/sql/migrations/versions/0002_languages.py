"""Sentences that can be told in another language, and the language of whoever asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_COLUMNS = {"locale": sa.String, "error_phrase": sa.Text, "delivery_note_phrase": sa.Text}


def upgrade() -> None:
    for name, kind in _COLUMNS.items():
        op.add_column("jobs", sa.Column(name, kind))


def downgrade() -> None:
    for name in _COLUMNS:
        op.drop_column("jobs", name)
