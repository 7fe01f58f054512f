"""Django: an app with migrations, and its operations on a table that it knows as a model."""

import sqlite3
import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState
from django.db.models.functions import Lower

from peer import CANNOT, main, put, took

MIGRATION = """from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [{down}]
    operations = [
        migrations.CreateModel("T{i}", [
            ("id", models.AutoField(primary_key=True)),
            ("name", models.TextField()),
            ("n", models.IntegerField(null=True)),
        ], options={{"db_table": "t{i}"}}),
        migrations.AddIndex("T{i}", models.Index(fields=["name"], name="ix_t{i}_name")),
        migrations.RunSQL("INSERT INTO t{i}(name, n) VALUES ('a', 1)", migrations.RunSQL.noop),
    ]
"""


def start(path, apps=()):
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": path}},
        INSTALLED_APPS=list(apps), USE_TZ=True, DEFAULT_AUTO_FIELD="django.db.models.AutoField")
    django.setup()


def make(folder, n):
    put(folder + "/small/__init__.py", "")
    put(folder + "/small/migrations/__init__.py", "")
    for i in range(int(n)):
        down = '("small", "r%05d")' % (i - 1) if i else ""
        put("%s/small/migrations/r%05d.py" % (folder, i), MIGRATION.format(i=i, down=down))
    put(folder + "/count", n)


def stamp(folder, path):
    """As `migrate --fake`, which takes minutes for 5,000."""
    start(path)
    with open(folder + "/count", encoding="utf-8") as f:
        n = int(f.read())
    from django.db.migrations.recorder import MigrationRecorder
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    recorder.migration_qs.bulk_create(
        recorder.Migration(app="small", name="r%05d" % i) for i in range(n))


def upgrade(folder, path):
    sys.path.insert(0, folder)
    start(path, ["small"])
    took(lambda: call_command("migrate", verbosity=0))


def item():
    names = [("made", None), ("note", None)]
    text = {name: models.TextField(null=True) for name, _ in names}
    return migrations.CreateModel("Item", [
        ("id", models.IntegerField(primary_key=True)),
        ("code", models.TextField()),
        ("name", models.CharField(max_length=50, null=True)),
        ("email", models.TextField(null=True)),
        ("qty", models.IntegerField(default=0, null=True)),
        ("price", models.FloatField(null=True)),
        ("state", models.TextField(default="new")),
        *text.items(),
        ("size", models.IntegerField(null=True)),
        ("weight", models.FloatField(null=True)),
        ("flag", models.IntegerField(null=True)),
    ], options={
        "db_table": "item",
        "constraints": [
            models.UniqueConstraint(fields=["code"], name="item_code"),
            models.CheckConstraint(check=~models.Q(state=""), name="state_ok"),
        ],
        "indexes": [
            models.Index(fields=["state", "made"], name="item_state"),
            models.Index(fields=["qty"], condition=models.Q(qty__gt=900), name="item_many"),
            models.Index(Lower("email"), name="item_email"),
        ],
    })


def line():
    return migrations.CreateModel("Line", [
        ("id", models.IntegerField(primary_key=True)),
        ("item", models.ForeignKey("bench.Item", models.CASCADE, db_column="item", null=True)),
        ("n", models.IntegerField(null=True)),
    ], options={"db_table": "line"})


def operations(kind):
    return {
        "check": [
            migrations.AlterField("Item", "name", models.CharField(max_length=50), preserve_default=False),
            migrations.AddConstraint("Item", models.CheckConstraint(
                check=models.Q(qty__gte=0, qty__lt=100000), name="qty_ok")),
        ],
        "type": [migrations.AlterField("Item", "name", models.CharField(max_length=100, null=True))],
        "convert": [migrations.AlterField("Item", "flag", models.TextField(null=True))],
        "add": [migrations.AddField("Item", "extra", models.IntegerField(null=True))],
        "drop": [migrations.RemoveField("Item", "note")],
        "rename": [migrations.RenameField("Item", "note", "remark")],
    }.get(kind)


def alter(kind, path, foreign_keys, view):
    if not operations(kind):
        sys.exit(CANNOT)
    start(path)
    state = ProjectState()
    item().state_forwards("bench", state)
    if foreign_keys == "on":
        line().state_forwards("bench", state)
    state.apps  # rendered before the clock runs
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE name = 'worth'")
        text = cursor.fetchone()[0]

    def work():
        with connection.schema_editor() as editor:
            if view == "away":
                editor.execute("DROP VIEW worth")
            before = state
            for operation in operations(kind):
                after = before.clone()
                operation.state_forwards("bench", after)
                operation.database_forwards("bench", editor, before, after)
                before = after
            if view == "away":
                editor.execute(text)
    took(work)


def check():
    print("Django %s, SQLite %s" % (django.get_version(), sqlite3.sqlite_version))


if __name__ == "__main__":
    main({"check": check, "make": make, "stamp": stamp, "upgrade": upgrade, "alter": alter})
