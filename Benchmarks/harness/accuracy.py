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

# Properties that are compared, and what their mean absolute errors are called in the results.
MEASURES = {"per_system_energy": "energy_mae [meV]", "per_atom_force": "force_mae [meV/Å]"}

# Mean absolute errors of energies in meV and of forces in meV/Å.
PUBLISHED = {
    "PaiNN, MD17 (arXiv 2102.03150)": {
        "ethanol": (2.8, 9.7), "aspirin": (7.2, 14.7), "malonaldehyde": (3.9, 13.8), "toluene": (4.1, 4.1)},
    "NequIP, rMD17 (doi 10.1038/s41467-023-36329-y, table 1)": {
        "aspirin": (2.3, 8.2), "azobenzene": (0.7, 2.9), "benzene": (0.04, 0.3), "ethanol": (0.4, 2.8),
        "malonaldehyde": (0.8, 5.1), "naphthalene": (0.2, 1.3), "paracetamol": (1.4, 5.9), "salicylic": (0.7, 4.0),
        "toluene": (0.3, 1.6), "uracil": (0.4, 3.1)},
    # The rows that two sources agree on.
    "MACE, rMD17 (arXiv 2206.07697)": {
        "aspirin": (2.2, 6.6), "benzene": (0.4, 0.3), "ethanol": (0.4, 2.1), "toluene": (0.5, 1.5)},
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


def training_part(apus, model, data, validation, threads):
    """Errors of the 950 geometries, which their means over all 1,000 and over the 50 of `validation` tell."""
    found = processes.run([apus, "evaluate", model, data, "--threads", threads, "--json"])
    of_all = {entry["property"]: 1000 * entry["mae"] for entry in json.loads(found.output)}
    return {key: (1000 * of_all[key] - 50 * error) / 950 for key, error in validation.items()}


def train(apus, potential, molecule, files, options):
    """Errors of the test part in meV and meV/Å, and what the training took."""
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
    metrics = json.loads((run / "metrics.json").read_text())
    # Components of the loss stand beside the properties. The run is in eV and Å.
    errors = {
        (entry["split"], entry["property"]): 1000 * entry["mae"]
        for entry in metrics["results"] if "property" in entry}
    parts = {part: {key: errors[part, key] for key in MEASURES} for part in ("test", "validation")}
    if "dataset.test_file" in files:
        parts["training"] = training_part(
            apus, run / "model.apus", files["dataset.file"], parts["validation"], options.threads)
    return {
        **{f"{part}_{MEASURES[key]}": error for part, found in parts.items() for key, error in found.items()},
        "training [min]": metrics["run"]["training_time"]["value"] / 60,
        "epochs": len((run / "metrics.jsonl").read_text().splitlines()), "threads": options.threads,
        "at most [min]": options.minutes, "date": processes.now(),
        "commit": machine.commit(environment.ROOT),
    }


def pair(errors):
    return f"{errors[0]:.2f} / {errors[1]:.1f}" if errors else "–"


def measured(entry, part):
    """Errors of a part of the data in a training's entry, None where there are none."""
    errors = [entry.get(f"{part}_{name}") for name in MEASURES.values()] if entry else [None]
    return None if None in errors else errors


def page(results):
    """The table of all trainings so far as Markdown."""
    columns = [f"Apus, {title}, rMD17" for title in POTENTIALS.values()]
    body, details = [], []
    for molecule in MOLECULES:
        row = results["trainings"].get(molecule, {})
        if not row:
            continue
        trainings = [row.get(potential) for potential in POTENTIALS]
        body.append([
            molecule,
            *(pair(measured(entry, "test")) for entry in trainings),
            *(pair(column.get(molecule)) for column in PUBLISHED.values())])
        details += [
            [molecule, title, f"{entry['training [min]']:.1f}", str(entry["epochs"]), str(entry["threads"]),
             pair(measured(entry, "training")), pair(measured(entry, "validation")), entry["commit"], entry["date"]]
            for title, entry in zip(POTENTIALS.values(), trainings) if entry]
    return "\n\n".join([
        f"# Errors on rMD17, trained on {results['processor']}",
        "Mean absolute errors of the 1,000 test geometries of split 01, energy in meV / forces in meV/Å. Trained on 950 "
        "geometries, the best of all epochs chosen on 50 others. Made by `Benchmarks/accuracy`.",
        table.rows([["molecule", *columns, *PUBLISHED], *body]),
        "## Trainings",
        "Errors of the 950 geometries and of the 50, minutes on the clock.",
        table.rows([["molecule", "potential", "min", "epochs", "threads", "training", "validation", "commit", "date"], *details]),
    ]) + "\n"


def arguments(line):
    parser = argparse.ArgumentParser(
        prog="Benchmarks/accuracy",
        description="Trains on rMD17 (950 + 50 geometries, split 01), prints test errors beside published ones and "
        "keeps them in Benchmarks/results; trainings that were done before stay in the table.")
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
    parser.add_argument(
        "--output", type=pathlib.Path, default=environment.BENCHMARKS / "results",
        help="folder of the results")
    return parser.parse_args(line)


def earlier(path):
    """Results of trainings that were done before."""
    try:
        return json.loads(path.read_text())
    except FileNotFoundError:
        return {"processor": f"{machine.processor()}, {machine.cores()} cores", "trainings": {}}
    except ValueError:
        raise processes.Failure(f"{path} is no JSON of this command: move it away, then start again") from None


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
    path = options.output / f"rmd17-{machine.name()}.json"
    results = earlier(path)
    apus = (options.apus or environment.build_apus()).resolve()
    options.output.mkdir(parents=True, exist_ok=True)
    for potential in options.potentials:
        for molecule in (molecule for molecule in files if files[molecule]):
            found = train(apus, potential, molecule, files[molecule], options)
            results["trainings"].setdefault(molecule, {})[potential] = found
            # After every training, so that an end before the last loses none.
            path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
            path.with_suffix(".md").write_text(page(results))
    print(json.dumps(results, ensure_ascii=False) if options.json else page(results), end="")
    environment.say(f"written: {path} and {path.with_suffix('.md').name}")


if __name__ == "__main__":
    processes.command(main, "interrupted; trainings that ended before are kept")
