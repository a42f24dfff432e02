"""Benchmarks/scaling: how the time of Apus grows with batch, width, neighbours, system and threads.

Writes Benchmarks/results/scaling-<machine>.md and .json.
"""

import argparse
import json
import math
import os
import pathlib
import shlex
import statistics

import environment
import machine
import processes
import table
import workloads
from benchmark import positive, words
from workloads import Workload

MODELS = {"schnet": "SchNet", "painn": "PaiNN"}
# Cells of a cube of water molecules along an edge.
EDGES = [1, 2, 3, 4, 5, 7, 10, 15]


def mixed(count):
    return Workload(f"mixed-{count}", f"{count} × 18 atoms", count, "training")


def water(edge):
    return Workload(f"water-{3 * edge**3}", f"water, {3 * edge**3:,} atoms", edge**3, "inference")


class Point:
    """One measurement: molecules and what differs from the usual options of `apus benchmark`."""

    def __init__(self, workload, **options):
        self.workload, self.options = workload, options

    def line(self, apus, model, paths, options):
        given = {"threads": options.threads, **self.options}
        line = [apus, "benchmark", "--potential", model, "--data", paths[self.workload.name],
                "--seconds", options.seconds, "--json"]
        for name, value in given.items():
            line += [f"--{name}", value]
        return line + ["--inference"] * (self.workload.purpose == "inference")


class Series:
    """Measurements along one quantity.

    `quantity` and `per` take what a measurement printed: the abscissa, and what its time is divided by.
    """

    def __init__(self, name, title, text, quantity, per, points):
        self.name, self.title, self.text = name, title, text
        self.quantity, self.per, self.points = quantity, per, points


def all_series():
    training = "A step of training on energies and forces"
    return [
        Series("batch", "Batch size", f"{training}, molecules of 18 atoms.",
               ("molecules", lambda found: found["systems"]), ("molecule", lambda found: found["systems"]),
               [Point(mixed(count)) for count in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)]),
        Series("features", "Feature width", f"{training}, 100 molecules of 18 atoms.",
               ("features", lambda found: found["options"]["features"]),
               ("molecule", lambda found: found["systems"]),
               [Point(mixed(100), features=features) for features in (32, 64, 96, 128, 192, 256)]),
        Series("neighbours", "Number of neighbours",
               "Energy and forces of 1,029 atoms of water with cutoffs of 2 to 8 Å.",
               ("neighbours of an atom", lambda found: 2 * found["pairs"] / found["atoms"]),
               ("atom", lambda found: found["atoms"]),
               [Point(water(7), cutoff=cutoff) for cutoff in (2, 3, 4, 5, 6, 7, 8)]),
        Series("size", "Size of one system", "Energy and forces of cubes of water, cutoff 5 Å.",
               ("atoms", lambda found: found["atoms"]), ("atom", lambda found: found["atoms"]),
               [Point(water(edge)) for edge in EDGES]),
    ]


def shared_work():
    """What is measured on one thread up to all, and profiled for more."""
    return [
        (Workload("ethanol-10", "10 × ethanol", 10, "training"), "training"),
        (mixed(100), "training"),
        (Workload("aspirin-1", "aspirin", 1, "inference"), "prediction"),
        (water(7), "prediction"),
    ]


def seconds(found):
    """The median of a step or call."""
    return found["call_median [ms]" if "call_median [ms]" in found else "step_median [ms]"] / 1000


def measured(point, model, apus, paths, options, *further):
    """What `apus benchmark` printed, with the options that were given."""
    line = point.line(apus, model, paths, options) + list(further)
    found = json.loads(processes.run(line).output)
    # Folders of this machine say nothing elsewhere.
    command = shlex.join(map(str, line[1:])).replace(f"{environment.ROOT}/", "")
    return {**found, "options": point.options, "command": command}


def series_results(options, apus, paths):
    """For each series and model the points in their order, each with the findings of all rounds."""
    results = {}
    for number in range(options.rounds):
        for series in all_series():
            if series.name not in options.series:
                continue
            environment.say(f"round {number + 1} of {options.rounds}: {series.title.lower()}")
            for model in options.models:
                rows = results.setdefault(series.name, {}).setdefault(model, [[] for _ in series.points])
                for row, point in zip(rows, series.points):
                    row.append(measured(point, model, apus, paths, options))
    return results


def thread_results(options, apus, paths):
    """For each work and model the findings by number of threads, and the profile on all of them."""
    results = []
    counts = sorted({min(count, options.threads) for count in (1, 2, 4, 8, 16, 32, 64, options.threads)})
    for workload, kind in shared_work() if "threads" in options.series else []:
        environment.say(f"threads: {workload.title}")
        for model in options.models:
            entry = {"work": f"{kind}, {workload.title}", "model": model, "measured": {count: [] for count in counts}}
            for _ in range(options.rounds):
                for count in counts:
                    entry["measured"][count].append(
                        measured(Point(workload, threads=count), model, apus, paths, options))
            entry["profile"] = measured(Point(workload), model, apus, paths, options, "--profile")["profile"]
            results.append(entry)
    return results


def median(rounds):
    return statistics.median(seconds(found) for found in rounds)


def series_table(series, results):
    """Time per molecule or atom, and the power of the abscissa with which a step's time grows from row to row."""
    lines = [[series.quantity[0]]]
    for model in results:
        lines[0] += [f"{MODELS[model]}, µs per {series.per[0]}", "exponent", "MB"]
    before = {}
    for rows in zip(*results.values()):
        quantity = series.quantity[1](rows[0][0])
        line = [f"{quantity:,}" if isinstance(quantity, int) else table.digits(quantity)]
        for model, rounds in zip(results, rows):
            x, time = series.quantity[1](rounds[0]), median(rounds)
            exponent = "–"
            if model in before:
                exponent = f"{math.log(time / before[model][1]) / math.log(x / before[model][0]):.2f}"
            before[model] = x, time
            memory = max(found["peak_memory [MB]"] for found in rounds)
            line += [table.digits(1e6 * time / series.per[1](rounds[0])), exponent, table.digits(memory)]
        lines.append(line)
    return table.rows(lines)


def thread_table(results):
    """Measured speed-ups, and those that the profile lets expect on more threads."""
    counts = list(results[0]["measured"])
    expected = [entry["threads"] for entry in results[0]["profile"]["speedups"] if entry["threads"] > 1]
    head = ["work", "model", "ms on 1 thread"]
    head += [f"measured on {count}" for count in counts[1:]] + [f"expected on {count}" for count in expected]
    lines = [head + ["serial part"]]
    for entry in results:
        times = [median(rounds) for rounds in entry["measured"].values()]
        speedups = {row["threads"]: row for row in entry["profile"]["speedups"]}
        serial = entry["profile"]["serial_part [ms]"]
        # Amdahl's law on two threads, solved for the time of one: the serial part's share is 2/S - 1.
        share = 2 / speedups[2]["amdahl"] - 1
        lines.append([
            entry["work"], MODELS[entry["model"]], table.digits(1000 * times[0]),
            *(f"{times[0] / time:.2f}" for time in times[1:]),
            *(f"{speedups[count]['as_batch_divides']:.2f}" for count in expected),
            f"{table.digits(serial)} ms, {100 * share:.1f} %"])
    return table.rows(lines)


def page(results):
    parts = [
        f"# How the time of Apus grows, on {results['machine']['processor']}, {results['machine']['cores']} cores",
        f"Made by `{results['command']}` on {results['date']}; float32, {results['options']['threads']} threads, "
        "128 features, 3 interactions, 20 radial functions and cutoff 5 Å where nothing else is said. Medians of "
        f"{results['options']['rounds']} rounds of {results['options']['seconds']:g} s. The exponent is the power of the "
        "first column with which the time of a whole step or call grew since the row above. Memory is that of the process.",
    ]
    for series in all_series():
        if series.name in results["series"]:
            parts += [f"## {series.title}", series.text, series_table(series, results["series"][series.name])]
    if results["threads"]:
        parts += [
            "## Threads",
            "Speed-ups over one thread. Expected ones come from a profile on all threads: each part of a step is shared by "
            "no more threads than it divides into, and the memory is taken to keep up.",
            thread_table(results["threads"])]
    parts += ["## Machine", table.rows([["", ""]] + [[name, str(value)] for name, value in results["machine"].items()])]
    return "\n\n".join(parts) + "\n"


def arguments(line):
    names = [series.name for series in all_series()] + ["threads"]
    parser = argparse.ArgumentParser(
        prog="Benchmarks/scaling", description="Measures how the time of Apus grows with what it has to do.")
    parser.add_argument("--threads", type=positive(int), default=machine.cores(), help="(default: all cores)")
    parser.add_argument("--rounds", type=positive(int), default=3, help="times that all is measured (default: 3)")
    parser.add_argument("--seconds", type=positive(float), default=1.0, help="time of one measurement (default: 1)")
    parser.add_argument("--series", type=words(names), default=names, help=f"of {', '.join(names)} (default: all)")
    parser.add_argument("--models", type=words(list(MODELS)), default=list(MODELS), help="schnet,painn")
    parser.add_argument("--apus", type=pathlib.Path, help="a built program, in place of building one")
    parser.add_argument(
        "--output", type=pathlib.Path, default=environment.BENCHMARKS / "results", help="folder of the results")
    return parser.parse_args(line)


def main(line):
    options = arguments(line)
    machine.warn_of_load()
    if options.apus and not os.access(options.apus, os.X_OK):
        raise processes.Failure(f"--apus {options.apus}: there is no such program")
    apus = (options.apus or environment.build_apus()).resolve()
    needed = [point.workload for series in all_series() for point in series.points] + [
        workload for workload, _ in shared_work()]
    paths = workloads.write(environment.BENCHMARKS / ".work/molecules", needed)
    results = {
        "command": shlex.join(["Benchmarks/scaling", *line]), "date": processes.now(),
        "machine": {**machine.description(environment.ROOT), "apus": machine.answer([apus, "--version"], "not known")},
        "options": {name: getattr(options, name) for name in ("threads", "rounds", "seconds", "series", "models")},
        "series": series_results(options, apus, paths), "threads": thread_results(options, apus, paths),
    }
    options.output.mkdir(parents=True, exist_ok=True)
    path = options.output / f"scaling-{machine.name()}.md"
    path.with_suffix(".json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    path.write_text(page(results))
    print(page(results), end="")
    environment.say(f"written: {path} and {path.with_suffix('.json').name}")


if __name__ == "__main__":
    processes.command(main, "interrupted; nothing was written")
