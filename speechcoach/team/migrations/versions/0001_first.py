"""The tables of the first release."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "call",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("error_class", sa.String(length=64), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("queue", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("duration_s", sa.Float(), nullable=True),
        sa.Column("channels", sa.Integer(), nullable=True),
        sa.Column("roles_from", sa.String(length=16), nullable=True),
        sa.Column("transcribed_by", sa.Text(), nullable=True),
        sa.Column("screening", sa.String(length=8), nullable=True),
        sa.Column("screening_why", sa.Text(), nullable=True),
        sa.Column("flags", sa.Integer(), nullable=True),
        sa.Column("strengths", sa.Integer(), nullable=True),
        sa.Column("norms", sa.Text(), nullable=True),
        sa.Column("rubric", sa.Text(), nullable=True),
        sa.Column("analysed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
    )
    op.create_index(op.f("ix_call_agent"), "call", ["agent"], unique=False)
    op.create_index(op.f("ix_call_queue"), "call", ["queue"], unique=False)
    op.create_index(op.f("ix_call_recorded_at"), "call", ["recorded_at"], unique=False)
    op.create_index(op.f("ix_call_team"), "call", ["team"], unique=False)
    op.create_table(
        "source",
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stamp", sa.Text(), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("uri", name=op.f("pk_source")),
    )
    op.create_index(op.f("ix_source_call_id"), "source", ["call_id"], unique=False)
    op.create_table(
        "abstention",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("cue", sa.String(length=64), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_abstention_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "cue", name=op.f("pk_abstention")),
    )
    op.create_table(
        "document",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("judged", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_document_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_document")),
    )
    op.create_table(
        "finding",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("cue", sa.String(length=64), nullable=False),
        sa.Column("variant", sa.String(length=64), nullable=False),
        sa.Column("speaker", sa.String(length=16), nullable=False),
        sa.Column("strength", sa.Boolean(), nullable=False),
        sa.Column("start_s", sa.Float(), nullable=True),
        sa.Column("end_s", sa.Float(), nullable=True),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("threshold_value", sa.Float(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("unless", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_finding_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "place", name=op.f("pk_finding")),
    )
    op.create_index("ix_finding_cue", "finding", ["cue", "strength"], unique=False)
    op.create_table(
        "score",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_score_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "name", name=op.f("pk_score")),
    )
    op.create_table(
        "speaker",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("speaker", sa.String(length=16), nullable=False),
        sa.Column("talk_s", sa.Float(), nullable=True),
        sa.Column("talk_share", sa.Float(), nullable=True),
        sa.Column("rate_wpm", sa.Float(), nullable=True),
        sa.Column("articulation_sps", sa.Float(), nullable=True),
        sa.Column("pitch_hz", sa.Float(), nullable=True),
        sa.Column("pitch_sd_st", sa.Float(), nullable=True),
        sa.Column("pitch_range_st", sa.Float(), nullable=True),
        sa.Column("level_db", sa.Float(), nullable=True),
        sa.Column("level_sd_db", sa.Float(), nullable=True),
        sa.Column("median_fto_s", sa.Float(), nullable=True),
        sa.Column("rate_median_wpm", sa.Float(), nullable=True),
        sa.Column("rate_iqr_wpm", sa.Float(), nullable=True),
        sa.Column("articulation_median_sps", sa.Float(), nullable=True),
        sa.Column("articulation_iqr_sps", sa.Float(), nullable=True),
        sa.Column("pitch_iqr_st", sa.Float(), nullable=True),
        sa.Column("pitch_range_median_st", sa.Float(), nullable=True),
        sa.Column("pitch_range_iqr_st", sa.Float(), nullable=True),
        sa.Column("level_median_db", sa.Float(), nullable=True),
        sa.Column("level_iqr_db", sa.Float(), nullable=True),
        sa.Column("noise_db", sa.Float(), nullable=True),
        sa.Column("hnr_db", sa.Float(), nullable=True),
        sa.Column("balance_db", sa.Float(), nullable=True),
        sa.Column("tilt_db_oct", sa.Float(), nullable=True),
        sa.Column("jitter_pct", sa.Float(), nullable=True),
        sa.Column("shimmer_db", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_speaker_call_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "speaker", name=op.f("pk_speaker")),
    )
