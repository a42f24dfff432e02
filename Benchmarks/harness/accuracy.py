"""Benchmarks/accuracy: trains PaiNN and SchNet on rMD17 and prints errors of the test part beside published ones.

Split 01, 950 geometries for training and 50 for validation. All molecules and both potentials have the same
hyper-parameters, those of `Benchmarks/rmd17.toml`.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess

import environment
import machine
import processes
import table
from benchmark import positive, words

# The names of the files, and those of the command line.
MOLECULES = ["aspirin", "azobenzene", "benzene", "ethanol", "malonaldehyde", "naphthalene", "paracetamol", "salicylic",
             "toluene", "uracil"]
POTENTIALS = {"painn": "PaiNN", "schnet": "SchNet"}

# Mean absolute errors of energies in meV and of forces in meV/Å.
PUBLISHED = {
    "PaiNN, MD17 (arXiv 2102.03150)": {
        "ethanol": (2.8, 9.7), "aspirin": (7.2, 14.7), "malonaldehyde": (3.9, 13.8), "toluene": (4.1, 4.1)},
    "NequIP, rMD17 (doi 10.1038/s41467-023-36329-y, table 1)": {
        "aspirin": (2.3, 8.2), "azobenzene": (0.7, 2.9), "benzene": (0.04, 0.3), "ethanol": (0.4, 2.8),
        "malonaldehyde": (0.8, 5.1), "naphthalene": (0.2, 1.3), "paracetamol": (1.4, 5.9), "salicylic": (0.7, 4.0),
        "toluene": (0.3, 1.6), "uracil": (0.4, 3.1)},
}


def split_files(folder, molecule):
    """Settings of the data set: files of the parts, or the whole file with the indices of split 01.

    Returns None where the folder does not have the molecule.
    """
    train = folder / f"rmd17_{molecule}_train_01.npz"
    test = folder / f"rmd17_{molecule}_test_01.npz"
    if train.exists() and test.exists():
        return {"dataset.file": train, "dataset.test_file": test,
                "training.splitting_strategy.data_split": "[950, 50, 0]", "training.splitting_strategy.seed": 42}
    whole = folder / f"npz_data/rmd17_{molecule}.npz"
    lists = [folder / f"splits/index_{part}_01.csv" for part in ("train", "test")]
    if not (whole.exists() and all(path.exists() for path in lists)):
        return None
    training, testing = ([int(line) for line in path.read_text().split()] for path in lists)
    random.Random(42).shuffle(training)
    paths = []
    for part, indices in (("training", training[:950]), ("validation", training[950:]), ("test", testing)):
        paths.append(environment.BENCHMARKS / f".work/accuracy/{part}.txt")
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        paths[-1].write_text("".join(f"{index}\n" for index in indices))
    quoted = ", ".join(f'"{path}"' for path in paths)
    return {"dataset.file": whole, "training.splitting_strategy.index_files": f"[{quoted}]"}


def train(apus, potential, molecule, files, options):
    """Errors of the test part: energy in meV and forces in meV/Å."""
    run = environment.BENCHMARKS / f".work/accuracy/{potential}-{molecule}"
    shutil.rmtree(run, ignore_errors=True)
    settings = {
        "potential.potential_name": POTENTIALS[potential], **files,
        "training.maximum_time": f"{options.minutes * 60:g} s",
        "runtime.output_directory": run, "runtime.threads": options.threads,
    }
    command = [apus, "train", environment.BENCHMARKS / "rmd17.toml"]
    for key, value in settings.items():
        command += ["--set", f"{key}={value}"]
    environment.say(f"training {POTENTIALS[potential]} on {molecule}, at most {options.minutes:g} min")
    if subprocess.run([str(part) for part in command], stdout=subprocess.DEVNULL).returncode:
        raise processes.Failure(f"training {POTENTIALS[potential]} on {molecule} failed, see above")
    # Components of the loss stand beside the properties.
    errors = {
        entry["property"]: entry["mae"] for entry in json.loads((run / "metrics.json").read_text())["results"]
        if entry["split"] == "test" and "property" in entry}
    # The run is in eV and Å.
    return tuple(1000 * errors[name] for name in ("per_system_energy", "per_atom_force"))


def pair(errors):
    return f"{errors[0]:.2f} / {errors[1]:.1f}" if errors else "–"


def arguments(line):
    parser = argparse.ArgumentParser(
        prog="Benchmarks/accuracy",
        description="Trains on rMD17 (950 + 50 geometries, split 01) and prints test errors beside published ones.")
    parser.add_argument(
        "--data", type=pathlib.Path, required=True,
        help="folder with rmd17_<molecule>_train_01.npz and _test_01.npz, or the archive's npz_data and splits")
    parser.add_argument(
        "--molecules", type=words(MOLECULES),
        help="such as ethanol,aspirin (default: all in the folder)")
    parser.add_argument("--potentials", type=words(list(POTENTIALS)), default=list(POTENTIALS), help="painn,schnet")
    parser.add_argument("--minutes", type=positive(float), default=55.0, help="of each training (default: 55)")
    parser.add_argument("--threads", type=positive(int), default=machine.cores(), help="(default: all cores)")
    parser.add_argument("--apus", type=pathlib.Path, help="a built program, in place of building one")
    parser.add_argument("--json", action="store_true", help="prints JSON in place of the table")
    return parser.parse_args(line)


def main(line):
    options = arguments(line)
    folder = options.data.resolve()
    files = {molecule: split_files(folder, molecule) for molecule in options.molecules or MOLECULES}
    absent = [molecule for molecule, found in files.items() if found is None]
    if len(absent) == len(files) or (options.molecules and absent):
        raise processes.Failure(
            f"--data {options.data}: there is no rMD17 with split 01 of {', '.join(absent)}; take the archive from "
            "figshare (article 12672038) and name the folder with npz_data and splits")
    if options.apus and not os.access(options.apus, os.X_OK):
        raise processes.Failure(f"--apus {options.apus}: there is no such program")
    apus = (options.apus or environment.build_apus()).resolve()
    found = {}
    for molecule in files:
        if files[molecule]:
            found[molecule] = {
                potential: train(apus, potential, molecule, files[molecule], options)
                for potential in options.potentials}
    if options.json:
        print(json.dumps({
            molecule: {potential: {"energy_mae [meV]": errors[0], "force_mae [meV/Å]": errors[1]}
                       for potential, errors in row.items()} for molecule, row in found.items()}, ensure_ascii=False))
        return
    head = ["molecule", *(f"Apus, {POTENTIALS[name]}, rMD17" for name in options.potentials), *PUBLISHED]
    body = [
        [molecule, *(pair(row[name]) for name in options.potentials),
         *(pair(column.get(molecule)) for column in PUBLISHED.values())] for molecule, row in found.items()]
    print("Mean absolute errors of the 1,000 test geometries, energy in meV / forces in meV/Å; at most "
          f"{options.minutes:g} min for each training, {options.threads} threads of {machine.processor()}.\n")
    print(table.rows([head, *body]))


if __name__ == "__main__":
    processes.command(main, "interrupted")
