"""The classes of libraries whose subclasses are tables."""

TABLES = (
    "sqlalchemy.orm.DeclarativeBase", "flask_sqlalchemy.model.Model", "django.db.models.Model",
    "tortoise.models.Model", "peewee.Model", "sqlmodel.SQLModel", "sqlmodel.main.SQLModel",
)  # fmt: skip
