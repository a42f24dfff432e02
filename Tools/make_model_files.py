#!/usr/bin/env python3
"""Writes Tests/Fixtures/Models/v*/: small model files of the present format version, and what they predict.

    swift build -c release
    python Tools/make_model_files.py .build/release/apus

Each model is trained for two epochs on a few configurations of the example data, on one thread. NAME.json holds energies,
forces and what heads predict for three molecules that were not trained on, in float64, as `apus predict` found them when
the file was written. ModelFileHistoryTests demands that every later program finds them again.

What is there stays as it is, since users have such files: only missing ones are written. When the format version rises,
give the models that need it a line below.
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "Examples" / "small-molecules" / "small-molecules.extxyz"
MODELS = ROOT / "Tests" / "Fixtures" / "Models"
PREDICTED = {"ammonium": 1, "formic_acid": 0, "acetate": -1}  # the last configuration of each, and its charge in e

COMMON = """
[potential]
potential_name = "{potential}"
[potential.core_parameter]
maximum_interaction_radius = "4 angstrom"
number_of_radial_basis_functions = 6
number_of_interaction_modules = {interactions}
featurization.atomic_number.maximum_atomic_number = 8
featurization.atomic_number.number_of_per_atom_features = 4
[dataset]
file = "{data}"
multipole_origin = "coordinates"
[training]
number_of_epochs = 2
lr = 0.01
splitting_strategy.data_split = [80, 20, 0]
[runtime]
output_directory = "{folder}/run"
threads = 1
"""
CHARGES = """
[training.loss_parameter]
loss_components = ["per_system_energy", "per_atom_force", "per_atom_charge"]
weight = { per_system_energy = 1, per_atom_force = 10, per_atom_charge = 10 }
"""
DIPOLES = """
[training.loss_parameter]
loss_components = ["per_system_energy", "per_atom_charge", "per_system_dipole_moment"]
weight = { per_system_energy = 1, per_atom_charge = 10, per_system_dipole_moment = 10 }
"""
CORE = "potential.core_parameter."
FEATURES = ["atomic_number", "atomic_period", "atomic_group", "per_system_total_charge"]
# Format version, name, potential, interactions, further tables, single keys.
FILES = [
    (1, "schnet", "SchNet", 2, "", {CORE + "number_of_filters": 3}),
    (1, "schnet-shared-float64", "SchNet", 2, "", {
        CORE + "shared_interactions": True, CORE + "activation_function_parameter.activation_function_name": "Tanh",
        "runtime.precision": "float64"}),
    (1, "painn", "PaiNN", 2, "", {"runtime.energy_unit": "kilojoule_per_mole", "runtime.length_unit": "nanometer"}),
    (1, "painn-shared", "PaiNN", 2, "", {CORE + "shared_interactions": True, CORE + "shared_filters": True}),
    (2, "schnet-charges", "SchNet", 1, CHARGES, {"training.shift_energies": "mean"}),
    (2, "painn-charges", "PaiNN", 1, CHARGES, {
        CORE + "featurization.properties_to_featurize": FEATURES,
        CORE + "featurization.atomic_period.number_of_per_period_features": 2,
        CORE + "featurization.atomic_group.number_of_per_group_features": 3}),
    (2, "painn-dipoles", "PaiNN", 1, DIPOLES, {
        "potential.postprocessing_parameter.per_atom_energy.keep_per_atom_property": True,
        "potential.postprocessing_parameter.per_atom_charge.atomic_dipoles": True}),
    # Sulfur is claimed, but no configuration has it.
    (3, "schnet-sulfur", "SchNet", 1, "", {
        CORE + "number_of_filters": 3, CORE + "featurization.atomic_number.maximum_atomic_number": 16,
        **{f"dataset.atomic_self_energies.{symbol}": f"{energy} eV" for symbol, energy in [
            ("H", -13.6), ("C", -1030), ("N", -1486), ("O", -2043), ("S", -10834)]}}),
    (3, "painn-charges", "PaiNN", 1, CHARGES, {CORE + "featurization.properties_to_featurize": FEATURES}),
]


def frames(text):
    """The frames of an extended XYZ file: keys, and columns by name as lists of rows."""
    lines = text.splitlines()
    while lines:
        count, comment, rows = int(lines[0]), lines[1], [line.split() for line in lines[2:2 + int(lines[0])]]
        del lines[:2 + count]
        keys = {key: quoted or plain for key, quoted, plain in re.findall(r'(\S+?)=(?:"([^"]*)"|(\S+))', comment)}
        columns, first = {}, 0
        kinds = keys["Properties"].split(":")
        for name, width in zip(kinds[::3], map(int, kinds[2::3])):
            columns[name] = [row[first:first + width] for row in rows]
            first += width
        yield keys, columns


def source():
    """Every fifth frame of the example data as text, and the last one of each predicted molecule."""
    lines, training, predicted, number = DATA.read_text().splitlines(keepends=True), [], {}, 0
    while lines:
        frame = lines[:2 + int(lines[0])]
        del lines[:len(frame)]
        predicted[re.search(r"name=(\S+)", frame[1])[1]] = "".join(frame)
        if number % 5 == 0:
            training.append("".join(frame))
        number += 1
    return "".join(training), "".join(predicted[name] for name in PREDICTED)


def numbers(columns, name):
    return [[float(text) for text in row] for row in columns[name]]


def prediction(keys, columns):
    found = {
        "name": keys["name"], "symbols": [row[0] for row in columns["species"]],
        "total_charge": PREDICTED[keys["name"]], "positions": numbers(columns, "pos"),
        "per_system_energy": [float(keys["energy"])], "per_atom_force": numbers(columns, "forces"),
    }
    for name, column in [("per_atom_charge", "charges"), ("per_atom_energy", "energies")]:
        if column in columns:
            found[name] = numbers(columns, column)
    for key in ["dipole", "quadrupole"]:
        if key in keys:
            found[f"per_system_{key}_moment"] = [float(text) for text in re.findall(r"[^][,\s]+", keys[key])]
    return found


def write(apus, version, name, potential, interactions, tables, keys):
    path = MODELS / f"v{version}" / f"{name}.apus"
    if path.exists():
        print(f"{path.relative_to(ROOT)} stays as it is")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        training, predicted = source()
        (folder / "small-molecules.extxyz").write_text(training)
        (folder / "predicted.extxyz").write_text(predicted)
        configuration = folder / "config.toml"
        configuration.write_text(
            COMMON.format(potential=potential, interactions=interactions, folder=folder,
                          data=folder / "small-molecules.extxyz") + tables)
        # JSON's texts, numbers, truths and lists are TOML too.
        settings = [part for key, value in keys.items() for part in ("--set", f"{key}={json.dumps(value)}")]
        subprocess.run([apus, "train", configuration, "--quiet", *settings], check=True, stdout=subprocess.DEVNULL)
        model = folder / "run" / "model.apus"
        header = model.read_bytes()
        header = json.loads(header[8:8 + int.from_bytes(header[:8], "little")])
        found = header["__metadata__"]["format_version"]
        if found != str(version):
            sys.exit(f"{name}: format version {found}, not {version}; an old version can no longer be made")
        out = folder / "out.extxyz"
        subprocess.run(
            [apus, "predict", model, folder / "predicted.extxyz", "-o", out, "--precision", "float64", "--threads",
             "1"], check=True, stderr=subprocess.DEVNULL)
        systems = [prediction(*frame) for frame in frames(out.read_text())]
        path.write_bytes(model.read_bytes())
        path.with_suffix(".json").write_text(
            "[\n" + ",\n".join(json.dumps(system) for system in systems) + "\n]\n")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size} bytes")


for file in FILES:
    write(sys.argv[1], *file)
