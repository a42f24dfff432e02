"""Start-up times and sizes on the disk."""

import pathlib
import shutil
import subprocess

import environment
import processes

# MACE needs the first, see peers/adapters.py.
VARIABLES = {"TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1", "PYTHONWARNINGS": "ignore"}

MODEL = """\
# An untrained model is enough for the time of a start: one step makes the file.
[potential]
potential_name = "{potential}"
[potential.core_parameter]
maximum_interaction_radius = "5.0 angstrom"
number_of_radial_basis_functions = 20
number_of_interaction_modules = 3
[potential.core_parameter.featurization.atomic_number]
number_of_per_atom_features = 128
[dataset]
file = "{data}"
[dataset.atomic_self_energies]
H = "0 eV"
C = "0 eV"
O = "0 eV"
[training]
number_of_epochs = 1
lr = 1e-6
[training.splitting_strategy]
data_split = [8, 2, 0]
[runtime]
output_directory = "{folder}"
"""


def model(apus, potential, data, work):
    """A model file with the sizes of the benchmark."""
    folder = work / f"model-{potential}"
    shutil.rmtree(folder, ignore_errors=True)
    path = work / f"model-{potential}.toml"
    path.write_text(MODEL.format(potential=potential, data=data, folder=folder))
    processes.run([apus, "train", path])
    return folder / "model.apus"


def commands(programs, packages, paths, work):
    """What is started: its name and the command."""
    apus = programs["apus"]
    found = {"apus --help": [apus, "--help"]}
    for potential in ("SchNet", "PaiNN"):
        file = model(apus, potential, paths["ethanol-10"], work)
        found[f"apus predict, {potential}, one ethanol"] = [
            apus, "predict", file, paths["ethanol-1"], "--output", work / "predicted.extxyz"]
    for package in ["torch", *environment.PEERS]:
        if package in packages:
            module = environment.PEERS.get(package, (package, []))[0]
            found[f"import {module}"] = [programs["python"], "-c", f"import {module}"]
    return found


def sizes(programs, packages):
    """Bytes on the disk: the program, without its symbols, and each peer with all that it requires."""
    apus = pathlib.Path(programs["apus"])
    found = {"apus": apus.stat().st_size}
    stripped = apus.with_name("apus-stripped")
    if shutil.which("strip") and subprocess.run(["strip", "-o", stripped, apus], capture_output=True).returncode == 0:
        found["apus, without symbols"] = stripped.stat().st_size
        stripped.unlink()
    for package in ["torch", *environment.PEERS]:
        if package in packages:
            found[f"{package} {packages[package]['version']} and what it requires"] = packages[package]["bytes"]
    return found
