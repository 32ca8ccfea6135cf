"""The tables an Optuna database has, as Optuna makes them: optuna_schema.txt, one object a paragraph.

python3 optuna_schema.py > optuna_schema.txt     (Optuna 4.9.0 and 5.0.0 give the same)
"""
import os
import sqlite3
import tempfile

import optuna

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "x.db")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    optuna.create_study(storage="sqlite:///" + path, study_name="x")
    db = sqlite3.connect(path)
    rows = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name")
    print("\n".join("%s %s %s\n%s\n" % (a, b, c, d) for a, b, c, d in rows))
    print(db.execute("SELECT version_num FROM alembic_version").fetchone()[0],
          db.execute("SELECT schema_version FROM version_info").fetchone()[0])
