#!/usr/bin/env python3
"""Writes the fixtures of ApusDatasetsTests with the libraries that write the originals.

    pip install numpy ase h5py
    python Tools/make_dataset_fixtures.py

All hold the same two molecules, whose numbers follow the simple rules below; the tests repeat the rules. Every number
is a multiple of a power of two, so that nothing is lost in 32 bits.
"""
import bz2
import hashlib
import io
import json
import lzma
import shutil
import sqlite3
import tarfile
from pathlib import Path

import h5py
import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms, FixBondLength, FixCartesian
from ase.db import connect
from ase.db.row import AtomsRow
from ase.io import write
from ase.io.jsonio import encode

FOLDER = Path(__file__).resolve().parent.parent / "Tests" / "ApusDatasetsTests" / "Fixtures"
MOLECULES = {"water": ([8, 1, 1], 3), "fluorane": ([9, 1], 2)}
SYMBOLS = {1: "H", 8: "O", 9: "F"}


def positions(numbers, count):
    m, i, c = np.meshgrid(range(count), range(len(numbers)), range(3), indexing="ij")
    return i * (3 + c) / 4 + m * (c + 1) / 64


def energies(numbers, count):
    return -10.0 * numbers[0] - 0.125 * np.arange(count)


def forces(numbers, count):
    m, i, c = np.meshgrid(range(count), range(len(numbers)), range(3), indexing="ij")
    return (m + 1) * (2 * i - 1) * (c + 1) / 8


def dipoles(numbers, count):
    m, c = np.meshgrid(range(count), range(3), indexing="ij")
    return (m + c) / 16


def charges(numbers, count):
    return np.tile([(1 - len(numbers)) / 4] + [0.25] * (len(numbers) - 1), (count, 1))


def molecules():
    for name, (numbers, count) in MOLECULES.items():
        yield name, numbers, count, len(numbers)


def spice():
    smiles = {"water": "[O:1]([H:2])[H:3]", "fluorane": "[F-:1].[H+:2]"}
    with h5py.File(FOLDER / "spice.hdf5", "w") as file:
        for name, numbers, count, _ in molecules():
            group = file.create_group(name)
            group.create_dataset("subset", data=["test"], dtype=h5py.string_dtype())
            group.create_dataset("smiles", data=[smiles[name]], dtype=h5py.string_dtype())
            group.create_dataset("atomic_numbers", data=np.array(numbers, "int16"))
            arrays = {"conformations": (positions(numbers, count).astype("f4"), "bohr"),
                      "formation_energy": (energies(numbers, count) + 5, "hartree"),
                      "dft_total_energy": (energies(numbers, count), "hartree"),
                      "dft_total_gradient": (-forces(numbers, count).astype("f4"), "hartree/bohr"),
                      "scf_dipole": (dipoles(numbers, count).astype("f4"), "elementary_charge*bohr")}
            if name == "water":
                arrays["mbis_charges"] = (charges(numbers, count).astype("f4")[..., None], "elementary_charge")
            for key, (array, unit) in arrays.items():
                group.create_dataset(key, data=array).attrs["units"] = unit


def ani():
    with h5py.File(FOLDER / "ani1.h5", "w") as file:
        for name, numbers, count, _ in molecules():
            group = file.create_group(f"gdb11_s01/{name}")
            group["species"] = np.array([SYMBOLS[n].encode() for n in numbers])
            group["coordinates"] = positions(numbers, count)
            group["energies"] = energies(numbers, count)
            group["coordinatesHE"] = positions(numbers, count + 1)
            group["energiesHE"] = energies(numbers, count + 1)
            group["smiles"] = np.array([c.encode() for c in "[H]O[H]"])
    with h5py.File(FOLDER / "ani1x.h5", "w") as file:
        for name, numbers, count, _ in molecules():
            group = file.create_group({"water": "H2O1", "fluorane": "F1H1"}[name])
            group["atomic_numbers"] = np.array(numbers, "u1")
            group["coordinates"] = positions(numbers, count).astype("f4")
            group["wb97x_dz.energy"] = energies(numbers, count)
            group["wb97x_dz.forces"] = forces(numbers, count).astype("f4")
            dipole = dipoles(numbers, count).astype("f4")
            dipole[1] = np.nan
            group["wb97x_dz.dipole"] = dipole
            group["wb97x_tz.energy"] = np.full(count, np.nan)
    for file_name, by_count in (("ani2x.h5", True), ("torchani.h5", False)):
        with h5py.File(FOLDER / file_name, "w") as file:
            if not by_count:
                file.attrs["grouping"] = "by_formula"
            for name, numbers, count, atoms in molecules():
                group = file.create_group(f"{atoms:03}" if by_count else {"water": "H2O", "fluorane": "FH"}[name])
                for key, array in {"species": np.tile(numbers, (count, 1)), "coordinates": positions(numbers, count),
                                   "energies": energies(numbers, count), "forces": forces(numbers, count)}.items():
                    group.create_dataset(key, data=array, chunks=(1,) + array.shape[1:], compression="gzip")


def modelforge():
    units = {"positions": ("per_atom", "length", "nanometer"), "energies": ("per_system", "energy", "kilojoule_per_mole"),
             "forces": ("per_atom", "force", "kilojoule_per_mole / nanometer"),
             "partial_charges": ("per_atom", "charge", "elementary_charge"),
             "total_charge": ("per_system", "charge", "elementary_charge"),
             "dipole_moment_per_system": ("per_system", "dipole_moment", "elementary_charge * nanometer")}

    def put(group, key, array):
        dataset = group.create_dataset(key, data=array)
        kind, property_type, unit = units[key]
        dataset.attrs["format"], dataset.attrs["property_type"], dataset.attrs["u"] = kind, property_type, unit

    def arrays(numbers, count):
        return {"positions": positions(numbers, count), "energies": energies(numbers, count)[:, None],
                "forces": forces(numbers, count), "partial_charges": charges(numbers, count)[..., None],
                "total_charge": np.zeros((count, 1), int), "dipole_moment_per_system": dipoles(numbers, count)}

    path = FOLDER / "modelforge.hdf5"
    with h5py.File(path, "w") as file:
        for name, numbers, count, atoms in molecules():
            group = file.create_group(name)
            elements = group.create_dataset("atomic_numbers", data=np.array(numbers)[:, None])
            elements.attrs["format"] = elements.attrs["property_type"] = "atomic_numbers"
            group.create_dataset("n_configs", data=count).attrs["format"] = "meta_data"
            for key, array in arrays(numbers, count).items():
                put(group, key, array)
            smiles = group.create_dataset("smiles", data="O", dtype=h5py.string_dtype())
            smiles.attrs["format"] = smiles.attrs["property_type"] = "meta_data"
    description = """\
dataset: "fixture"
latest: full_dataset_v1.0
latest_test: full_dataset_v1.0
description: Two molecules,
  for tests.   # folded
atomic_self_energies:
  H: -13.125 * kilojoule_per_mole
  O: -75.5 * kilojoule_per_mole
full_dataset_v1.0:
  about: >
    All of it.
  hdf5_schema: 2
  available_properties:
    - atomic_numbers
    - positions
  local_dataset:
    hdf5_data_file:
      file_name: modelforge.hdf5
      md5: MD5
"""
    digest = hashlib.md5(path.read_bytes()).hexdigest()
    (FOLDER / "modelforge.yaml").write_text(description.replace("MD5", digest))
    (FOLDER / "wrong_md5.yaml").write_text(description.replace("MD5", "0" * 32))

    # Records with as many atoms stand in one group, one configuration after the other.
    with h5py.File(FOLDER / "modelforge_grouped.hdf5", "w") as file:
        group = file.create_group("group_2")
        records = [("fluorane", [9, 1], 2), ("hydroxyl", [8, 1], 1)]
        elements = group.create_dataset("atomic_numbers", data=np.array([r[1] for r in records])[..., None])
        elements.attrs["format"], elements.attrs["property_type"] = "atomic_numbers_grouped", "atomic_numbers"
        group.create_dataset("n_configs", data=3).attrs["format"] = "meta_data"
        group["grouped_indices"] = np.array([0, 0, 1])
        group["grouped_n_configs"] = np.array([2, 1])
        group.create_dataset("grouped_names", data=[r[0] for r in records], dtype=h5py.string_dtype())
        for key in ("positions", "energies"):
            put(group, key, np.concatenate([arrays(r[1], r[2])[key] for r in records]))


def aimnet():
    with h5py.File(FOLDER / "aimnet.h5", "w") as file:
        for name, numbers, count, atoms in molecules():
            group = file.create_group(f"{atoms:03}")
            group["numbers"] = np.tile(numbers, (count, 1)).astype("i4")
            group["coord"] = positions(numbers, count).astype("f4")
            group["energy"] = energies(numbers, count)
            group["forces"] = forces(numbers, count).astype("f4")
            group["charges"] = charges(numbers, count).astype("f4")
            group["charge"] = np.zeros(count, "i1")
            group["mult"] = np.ones(count, "i1")


def archives():
    numbers, count = MOLECULES["water"]
    z, r, e, f = np.array(numbers, "u1"), positions(numbers, count), energies(numbers, count), forces(numbers, count)
    np.savez(FOLDER / "md17.npz", z=z, R=r, E=e[:, None], F=f, name=np.array("water"), theory=np.array("PBE"))
    np.savez_compressed(FOLDER / "rmd17.npz", nuclear_charges=z, coords=r, energies=e, forces=f,
                        old_energies=e + 1, old_forces=2 * f)
    np.savez(FOLDER / "sgdml.npz", type=np.array("d"), z=z, R=np.asfortranarray(r), E=e, F=f, name=np.array("water"),
             r_unit=np.array("Ang"), e_unit=np.array("eV"), E_min=e.min(), prov=np.array(None, dtype=object))
    np.savez(FOLDER / "sgdml_model.npz", type=np.array("m"), z=z, c=0.0)


def ase_molecules():
    for name, numbers, count, _ in molecules():
        for k in range(count):
            yield name, k, Atoms(numbers, positions(numbers, count)[k]), numbers, count


def databases():
    for name in ("ase.db", "ase_old.db", "schnetpack.db"):
        (FOLDER / name).unlink(missing_ok=True)
    for version, name in ((9, "ase.db"), (8, "ase_old.db")):
        database = connect(FOLDER / name, append=True)
        with database:
            for molecule, k, atoms, numbers, count in ase_molecules():
                if k == 0 and molecule == "water":
                    database.write(Atoms("H"))  # makes the tables; the row is taken out again
                    del database[1]
                    if version == 8:
                        database.connection.execute("UPDATE information SET value='8' WHERE name='version'")
                        database.version = 8
                atoms.calc = SinglePointCalculator(
                    atoms, energy=energies(numbers, count)[k], forces=forces(numbers, count)[k],
                    dipole=dipoles(numbers, count)[k], charges=charges(numbers, count)[k])
                database.write(atoms, name=molecule, data={"gap": 0.5, "spectrum": np.arange(4.0)})
    database = connect(FOLDER / "schnetpack.db")
    with database:
        for molecule, k, atoms, numbers, count in ase_molecules():
            database.write(atoms, data={
                "energy": energies(numbers, count)[k:k + 1].astype("f4"), "forces": forces(numbers, count)[k],
                "total_charge": np.array([0.0]), "dipole_moment": dipoles(numbers, count)[k]})
    database.metadata = {
        "_property_unit_dict": {"energy": "kcal/mol", "forces": "kcal/mol/Ang", "total_charge": 1.0,
                                "dipole_moment": "eAng"},
        "_distance_unit": "Ang", "atomrefs": {"energy": [0.0, -13.5] + [0.0] * 6 + [-75.25, -100.0]}}
    for name in ("ase.db", "ase_old.db", "schnetpack.db"):
        # Times and identifiers would change the file each time.
        with sqlite3.connect(FOLDER / name) as connection:
            connection.execute("UPDATE systems SET ctime=0, mtime=0, username='x', unique_id=printf('%032d', id)")
        connection.close()
        connection = sqlite3.connect(FOLDER / name)
        connection.execute("VACUUM")
        connection.close()


def qm9():
    folder = FOLDER / "qm9"
    folder.mkdir(exist_ok=True)
    for index, (name, k, atoms, numbers, count) in enumerate(ase_molecules(), 1):
        values = [1.5] * 10 + [energies(numbers, count)[k], -1.0, -2.0, -3.0, 6.5]
        lines = [str(len(numbers)), f"gdb {index}\t" + "\t".join(f"{v:g}" if v % 1 else f"{v:.0f}." for v in values)]
        for symbol, position, charge in zip(atoms.get_chemical_symbols(), atoms.positions, charges(numbers, count)[k]):
            row = [f"{position[0]:.6f}", f"{position[1]:.6f}", f"{position[2] * 1e6:.6f}*^-6", f"{charge:.6f}"]
            lines.append("\t".join([symbol] + row))
        lines += ["1341.307\t1341.3284", "C\tC", "InChI=1S/CH4/h1H4\tInChI=1S/CH4/h1H4", ""]
        (folder / f"dsgdb9nsd_{index:06}.xyz").write_text("\n".join(lines))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as file:
        for path in sorted(folder.iterdir()):
            entry = tarfile.TarInfo(path.name)
            entry.size = path.stat().st_size
            file.addfile(entry, io.BytesIO(path.read_bytes()))
    (FOLDER / "qm9.tar.bz2").write_bytes(bz2.compress(buffer.getvalue()))


def deepmd():
    root = FOLDER / "deepmd"
    shutil.rmtree(root, ignore_errors=True)

    def system(name, numbers, sets, types=None, periodic=False):
        folder = root / name
        elements = sorted(set(sum(types, [])) - {0} if types else set(numbers))
        folder.mkdir(parents=True)
        (folder / "type_map.raw").write_text("".join(SYMBOLS[n] + "\n" for n in elements))
        (folder / "type.raw").write_text("".join(f"{0 if types else elements.index(n)}\n" for n in numbers))
        if not periodic:
            (folder / "nopbc").touch()
        start = 0
        for index, size in enumerate(sets):
            part, total = folder / f"set.{index:03}", sum(sets)
            part.mkdir()
            rows = slice(start, start + size)
            np.save(part / "coord.npy", positions(numbers, total)[rows].reshape(size, -1))
            np.save(part / "force.npy", forces(numbers, total)[rows].reshape(size, -1))
            np.save(part / "energy.npy", energies(numbers, total)[rows].reshape(size, 1) if index else
                    energies(numbers, total)[rows])
            np.save(part / "box.npy", np.tile((9 * np.eye(3)).ravel(), (size, 1)))
            if types:
                np.save(part / "real_atom_types.npy",
                        np.array([[elements.index(n) if n else -1 for n in row] for row in types[rows]], "i4"))
            start += size

    system("isolated/water", [8, 1, 1], (2, 1))
    system("isolated/fluorane", [9, 1], (2,))
    system("periodic", [8, 1, 1], (3,), periodic=True)
    # The elements differ from frame to frame; -1 fills up.
    system("mixed", [8, 1, 1], (3,), types=[[8, 1, 1], [9, 1, 0], [1, 9, 8]])
    for path in root.rglob("energy.npy"):
        if "mixed" in str(path):
            np.save(path, energies([8, 1, 1], 3).astype("f4"))


def extended_xyz():
    frames = []
    for name, k, atoms, numbers, count in ase_molecules():
        atoms.info.update(name=name, total_charge=0)
        atoms.calc = SinglePointCalculator(atoms, energy=energies(numbers, count)[k], forces=forces(numbers, count)[k],
                                           dipole=dipoles(numbers, count)[k], charges=charges(numbers, count)[k])
        frames.append(atoms)
    write(FOLDER / "ase.extxyz", frames, format="extxyz")


def trajectory():
    frames = []
    for name, k, atoms, numbers, count in ase_molecules():
        atoms.info.update(name=name, total_charge=0)
        atoms.calc = SinglePointCalculator(atoms, energy=energies(numbers, count)[k], forces=forces(numbers, count)[k],
                                           dipole=dipoles(numbers, count)[k], charges=charges(numbers, count)[k],
                                           stress=np.zeros(6), magmoms=np.zeros(len(atoms)))
        frames.append(atoms)
    write(FOLDER / "ase.traj", frames)
    json_database("ase.json", frames, lambda atoms: {
        "key_value_pairs": {"name": atoms.info["name"]}, "data": {"total_charge": 0, "spectrum": np.arange(4.0)}})


def json_database(name, frames, further):
    """What ASE's connect() writes, without times and identifiers, which change."""
    rows = {}
    for identifier, atoms in enumerate(frames, 1):
        row = AtomsRow(atoms)
        rows[identifier] = {key: row[key] for key in row if key not in ("unique_id", "ctime", "mtime", "user")}
        rows[identifier] |= further(atoms)
    text = ",\n".join(f'"{key}": {encode(row)}' for key, row in rows.items())
    (FOLDER / name).write_text(f'{{{text},\n"ids": {list(rows)},\n"nextid": {len(rows) + 1}}}\n')


def constraints():
    """Three times the same water: an atom is fixed, one is held along x, none is."""
    frames = []
    for constraint in ([FixAtoms([-1])], [FixCartesian([0], [True, False, False]), FixBondLength(0, 1)], []):
        atoms = Atoms([8, 1, 1], positions([8, 1, 1], 1)[0], cell=np.eye(3) * 20, pbc=False, constraint=constraint)
        atoms.calc = SinglePointCalculator(atoms, energy=-80.0, forces=forces([8, 1, 1], 1)[0])
        frames.append(atoms)
    write(FOLDER / "fixed.traj", frames)
    json_database("fixed.json", frames, lambda atoms: {"constraints": [c.todict() for c in atoms.constraints]})
    (FOLDER / "fixed.db").unlink(missing_ok=True)
    with connect(FOLDER / "fixed.db") as database:
        for atoms in frames:
            database.write(atoms)
    with sqlite3.connect(FOLDER / "fixed.db") as connection:
        connection.execute("UPDATE systems SET ctime=0, mtime=0, username='x', unique_id=printf('%032d', id)")


def compressed():
    (FOLDER / "newlines.xz").write_bytes(lzma.compress(b"\n" * (1 << 20), preset=9))


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for make in (spice, ani, modelforge, aimnet, archives, databases, qm9, deepmd, extended_xyz, trajectory,
                 constraints, compressed):
        make()
