"""The table of publications. Its columns are found by; what is shown stands in the document, whose hash verifies."""

from datetime import date, datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel

from shared.database import UtcDateTime


class Publication(SQLModel, table=True):
    """`fingerprint` is that of the request, by which posting it twice is noticed."""

    __tablename__ = "publications"

    id: str = Field(primary_key=True)
    table_id: str = Field(index=True)
    title: str
    area: str
    dataset: str
    ends_on: date
    status: str
    release_on: date
    embargo_until: datetime = Field(sa_type=UtcDateTime, index=True)
    frozen_at: datetime = Field(sa_type=UtcDateTime)
    fingerprint: str
    hash: str
    document: bytes = Field(sa_type=LargeBinary)
