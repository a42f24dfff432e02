"""Writes HDF5 files and ASE databases that try to do harm, for the tests of their refusal.

    pip install h5py==3.16.0 numpy
    python Tools/make_hostile_fixtures.py

The databases are made from the fixture schnetpack.db.
"""

import json
import os
import shutil
import sqlite3

import h5py
import numpy as np

fixtures = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Tests", "ApusDatasetsTests", "Fixtures")
folder = os.path.join(fixtures, "hostile")
shutil.rmtree(folder, ignore_errors=True)
os.makedirs(folder)


def molecule(file, energies=True):
    group = file.create_group("mol")
    group["species"] = np.array([b"O", b"H", b"H"])
    group["coordinates"] = np.arange(27, dtype="f4").reshape(3, 3, 3)
    if energies:
        group["energies"] = np.arange(3, dtype="f8")
    return group


def hdf5(name):
    return h5py.File(os.path.join(folder, name), "w", track_order=False)


with hdf5("cycle.h5") as file:
    group = molecule(file)
    group["self"] = file["/"]
    file["again"] = group
    file["loop"] = h5py.SoftLink("/")

with hdf5("diamond.h5") as file:
    above = file.create_group("level0")
    for level in range(1, 31):
        below = file.create_group(f"level{level}")
        above["x"] = below
        above["y"] = below
        above = below
    molecule(above)

with hdf5("deep.h5") as file:
    group = file
    for _ in range(40):
        group = group.create_group("g")
    molecule(group)

with hdf5("external_link.h5") as file:
    file["mol"] = h5py.ExternalLink("cycle.h5", "/mol")

with hdf5("link_behind_link.h5") as file:
    molecule(file, energies=False)["energies"] = h5py.SoftLink("/other/energies")
    file.create_group("hidden")["there"] = h5py.ExternalLink("cycle.h5", "/mol")
    file["other"] = h5py.SoftLink("/hidden/there")

with hdf5("external_storage.h5") as file:
    group = molecule(file, energies=False)
    group.create_dataset("energies", shape=(3,), dtype="i1", external=[("/etc/passwd", 0, 3)])

with hdf5("virtual.h5") as file:
    group = molecule(file, energies=False)
    layout = h5py.VirtualLayout(shape=(3,), dtype="f8")
    layout[:] = h5py.VirtualSource(".", "/mol/energies", shape=(3,))
    group.create_virtual_dataset("energies", layout)

with hdf5("big_chunk.h5") as file:
    group = molecule(file, energies=False)
    group.create_dataset("energies", shape=(3,), maxshape=(None,), dtype="i1", chunks=(300_000_000,))

with hdf5("expansion.h5") as file:
    group = molecule(file, energies=False)
    size = 80_000_000
    data = group.create_dataset("energies", shape=(size,), dtype="i1", chunks=(size // 20,), compression="gzip")
    for start in range(0, size, size // 20):
        data[start : start + size // 20] = np.zeros(size // 20, "i1")

with hdf5("filter.h5") as file:
    group = molecule(file, energies=False)
    group.create_dataset("energies", data=np.zeros(3), chunks=(3,), compression="lzf")

with hdf5("attributes.h5") as file:
    group = molecule(file)
    group["energies"].attrs["units"] = [b"hartree" * 100] * 40


def database(name, *statements):
    path = os.path.join(folder, name)
    shutil.copy(os.path.join(fixtures, "schnetpack.db"), path)
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(*statement) if isinstance(statement, tuple) else connection.execute(statement)
    connection.commit()
    connection.execute("vacuum")
    return connection


endless = "with recursive r(n) as (select 1 union all select n + 1 from r)"
renamed = "alter table systems rename to t"
connection = database("view.db", renamed, "create view systems as select * from t")
connection = database(
    "endless.db", renamed, f"create view systems as {endless} select * from t where (select count(*) from r) > 0"
)
connection = database("virtual.db", renamed, "create virtual table systems using fts5(id, numbers, positions)")
columns = [row[1] for row in database("generated.db").execute("pragma table_info(systems)")]
connection = database(
    "generated.db",
    renamed,
    "create table systems (id integer primary key, positions blob, numbers as (zeroblob(900000000)))",
    "insert into systems (positions) select positions from t",
)
connection = database("trigger.db", "create trigger x after insert on systems begin delete from systems; end")
connection = database("infinite.db")
metadata = json.loads(connection.execute("select value from information where name = 'metadata'").fetchone()[0])
metadata["atomrefs"] = {"energy": [0.0, float("inf")] + [1.0] * 10}
connection.execute("update information set value = ? where name = 'metadata'", (json.dumps(metadata),))
connection.commit()

connection = database("log.db", "pragma journal_mode = wal")
connection.close()
connection = sqlite3.connect(os.path.join(folder, "log.db"))
connection.execute("update systems set key_value_pairs = ?", (json.dumps({"name": "in the log"}),))
connection.commit()
for suffix in ["", "-wal"]:
    shutil.copy(os.path.join(folder, "log.db" + suffix), os.path.join(folder, "copy.db" + suffix))
connection.close()
for suffix in ["", "-wal"]:
    os.replace(os.path.join(folder, "copy.db" + suffix), os.path.join(folder, "log.db" + suffix))
