"""Alembic: its own project, its own operations, the settings that it comes with."""

import sqlite3
import warnings

import alembic
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations

from peer import main, put, took

warnings.simplefilter("ignore")

ENV = """
from alembic import context
from sqlalchemy import engine_from_config, pool
config = context.config
engine = engine_from_config(config.get_section(config.config_ini_section),
                            prefix="sqlalchemy.", poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
"""

REVISION = """\"\"\"Add table {i}\"\"\"
from alembic import op
import sqlalchemy as sa
revision = "r{i:05d}"
down_revision = {down}


def upgrade():
    op.create_table("t{i}", sa.Column("id", sa.Integer, primary_key=True),
                    sa.Column("name", sa.Text, nullable=False), sa.Column("n", sa.Integer))
    op.create_index("ix_t{i}_name", "t{i}", ["name"])
    op.execute("INSERT INTO t{i}(name, n) VALUES ('a', 1)")


def downgrade():
    op.drop_table("t{i}")
"""


def make(folder, n):
    put(folder + "/env.py", ENV)
    for i in range(int(n)):
        down = '"r%05d"' % (i - 1) if i else None
        put("%s/versions/2026%05d_r%05d.py" % (folder, i, i), REVISION.format(i=i, down=down))


def config(folder, path):
    made = Config()
    made.set_main_option("script_location", folder)
    made.set_main_option("sqlalchemy.url", "sqlite:///" + path)
    return made


def stamp(folder, path):
    command.stamp(config(folder, path), "head")


def upgrade(folder, path):
    took(lambda: command.upgrade(config(folder, path), "head"))


def batch(op, kind):
    """A rebuild, for all but `add`."""
    with op.batch_alter_table("item", recreate="always" if kind in ("recreate", "place") else "auto") as b:
        if kind == "check":
            b.alter_column("name", nullable=False)
            b.create_check_constraint("qty_ok", "qty >= 0 AND qty < 100000")
        elif kind == "type":
            b.alter_column("name", type_=sa.String(100))
        elif kind == "convert":
            b.alter_column("flag", type_=sa.Text())
        elif kind == "place":
            b.add_column(sa.Column("extra", sa.Integer), insert_after="id")
        elif kind == "drop":
            b.drop_column("note")
        elif kind == "rename":
            b.alter_column("note", new_column_name="remark")


def alter(kind, path, foreign_keys, view):
    engine = sa.create_engine("sqlite:///" + path)
    with engine.connect() as connection:
        op = Operations(MigrationContext.configure(connection))
        connection.exec_driver_sql("PRAGMA foreign_keys = " + foreign_keys)

        def work():
            with connection.begin():
                if kind == "add":
                    op.add_column("item", sa.Column("extra", sa.Integer))
                    return
                text = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'worth'").scalar()
                if view == "away":
                    op.execute("DROP VIEW worth")
                batch(op, kind)
                if view == "away":
                    op.execute(text)
        took(work)


users = sa.table("users", *map(sa.column, ("id", "name", "email", "first", "last")))


def split(name):
    return name.partition(" ")[::2]


def usual(op):
    bind = op.get_bind()
    for row in bind.execute(sa.select(users.c.id, users.c.name, users.c.email)).fetchall():
        first, last = split(row.name)
        bind.execute(users.update().where(users.c.id == row.id).values(
            first=first, last=last, email=row.email.lower()))


def many(op):
    bind = op.get_bind()
    rows = bind.execute(sa.select(users.c.id, users.c.name, users.c.email)).fetchall()
    statement = users.update().where(users.c.id == sa.bindparam("i")).values(
        first=sa.bindparam("f"), last=sa.bindparam("l"), email=sa.bindparam("e"))
    bind.execute(statement, [dict(zip("fl", split(r.name)), i=r.id, e=r.email.lower()) for r in rows])


def function(op):
    raw = op.get_bind().connection
    raw.create_function("first_of", 1, lambda name: split(name)[0])
    raw.create_function("last_of", 1, lambda name: split(name)[1])
    raw.create_function("low", 1, str.lower)
    op.execute("UPDATE users SET first = first_of(name), last = last_of(name), email = low(email)")


def data(way, path):
    with sa.create_engine("sqlite:///" + path).connect() as connection:
        op = Operations(MigrationContext.configure(connection))

        def work():
            with connection.begin():
                {"usual": usual, "many": many, "function": function}[way](op)
        took(work)


def diff(change, path):
    """Reads the schema; the target is the same, or with a type changed in each table."""
    engine = sa.create_engine("sqlite:///" + path)
    target = sa.MetaData()
    target.reflect(engine)
    for table in target.tables.values():
        if change == "changed":
            table.c["last"].type = sa.Text()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = []
        took(lambda: found.extend(compare_metadata(context, target)))
        if len(found) < (len(target.tables) if change == "changed" else 0):
            raise SystemExit("only %d differences found" % len(found))


def check():
    print("Alembic %s, SQLAlchemy %s, SQLite %s" % (alembic.__version__, sa.__version__, sqlite3.sqlite_version))


if __name__ == "__main__":
    main({"check": check, "make": make, "stamp": stamp, "upgrade": upgrade, "alter": alter, "data": data, "diff": diff})
