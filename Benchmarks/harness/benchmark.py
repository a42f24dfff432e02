"""Benchmarks/run: measures Apus and its peers in turn and writes Benchmarks/results/<machine>.md and .json."""

import argparse
import json
import os
import pathlib
import shlex
import statistics

import cases
import environment
import machine
import processes
import startup
import table
import workloads

WORK = environment.BENCHMARKS / ".work"


def words(allowed):
    """A type of options: words from a list, separated by commas."""
    def parse(text):
        chosen = text.split(",")
        for word in chosen:
            if word not in allowed:
                raise argparse.ArgumentTypeError(f"'{word}' is not one of {', '.join(allowed)}")
        return chosen
    return parse


def positive(kind):
    """A type of options: numbers above zero."""
    def parse(text):
        try:
            value = kind(text)
        except ValueError:
            value = 0
        if not value > 0:
            raise argparse.ArgumentTypeError(f"'{text}' is not a number above 0")
        return value
    return parse


def arguments(line):
    names = [workload.name for workload in workloads.WORKLOADS]
    parser = argparse.ArgumentParser(
        prog="Benchmarks/run", description="Measures Apus and its peers on the same molecules, in turn.",
        epilog="APUS_PEERS_PYTHON names a Python that has the peers already; nothing is installed then.")
    parser.add_argument(
        "--quick", action="store_true",
        help="one round of one second, small batches and the setting malloc")
    parser.add_argument("--apus-only", action="store_true", help="without the peers")
    parser.add_argument(
        "--threads", type=positive(int), default=machine.cores(),
        help="of Apus and the peers (default: all cores)")
    parser.add_argument("--rounds", type=positive(int), help="times that everything is measured (default: 5)")
    parser.add_argument("--seconds", type=positive(float), help="time of one measurement (default: 4)")
    parser.add_argument("--workloads", type=words(names), help=f"of {', '.join(names)} (default: all)")
    parser.add_argument(
        "--models", type=words(list(table.MODELS)), default=list(table.MODELS),
        help=f"of {', '.join(table.MODELS)} (default: all)")
    parser.add_argument(
        "--settings", type=words(list(cases.SETTINGS)),
        help=f"of the peers, of {', '.join(cases.SETTINGS)} (default: plain,malloc,single)")
    parser.add_argument("--radial-functions", type=positive(int), default=20, help="of SchNet and PaiNN (default: 20)")
    parser.add_argument("--apus", type=pathlib.Path, help="a built program, in place of building one")
    parser.add_argument(
        "--output", type=pathlib.Path, default=environment.BENCHMARKS / "results",
        help="folder of the results")
    options = parser.parse_args(line)
    quick = options.quick
    options.rounds = options.rounds or (1 if quick else 5)
    options.seconds = options.seconds or (1.0 if quick else 4.0)
    options.workloads = options.workloads or (["ethanol-10", "mixed-100", "ethanol-1"] if quick else names)
    # Tunables of malloc exist in glibc alone.
    best = "malloc" if os.uname().sysname == "Linux" else "plain"
    options.settings = options.settings or ([best] if quick or best == "plain" else ["plain", "malloc", "single"])
    return options


def measured(options, programs, packages, paths):
    """The measurements of all rounds, and what failed; a case that failed is not tried again.

    Models that Apus does not have are measured in the first round alone, since there is nothing to compare them with.
    """
    chosen = cases.all_cases(options, packages)
    measurements, failures = [], {}
    for round_number in range(options.rounds):
        for number, case in enumerate(chosen, 1):
            if str(case) in failures or (round_number and case.model not in cases.SHARED_MODELS):
                continue
            environment.say(f"round {round_number + 1} of {options.rounds}, {number} of {len(chosen)}: {case}")
            try:
                measurements.append((case, round_number, cases.measure(case, programs, paths, options)))
            except processes.Failure as failure:
                failures[str(case)] = str(failure)
                environment.say(f"  failed: {failure}")
    return measurements, failures


def start_times(lines, rounds):
    """Seconds of each start, in turn; the first round warms the cache of files and does not count."""
    times = {name: [] for name in lines}
    failures = {}
    for round_number in range(rounds + 1):
        for name, line in lines.items():
            if name in failures:
                continue
            try:
                seconds = processes.run(line, startup.VARIABLES).seconds
            except processes.Failure as failure:
                failures[name] = str(failure)
                continue
            if round_number:
                times[name].append(seconds)
    return {name: values for name, values in times.items() if values}, failures


def main(line):
    options = arguments(line)
    machine.warn_of_load()
    if options.apus and not os.access(options.apus, os.X_OK):
        raise processes.Failure(f"--apus {options.apus}: there is no such program")
    python, packages, missing = (None, {}, {}) if options.apus_only else environment.prepare_peers()
    programs = {"apus": (options.apus or environment.build_apus()).resolve(), "python": python}
    paths = workloads.write(WORK / "molecules")
    measurements, failures = measured(options, programs, packages, paths)
    environment.say("start-up times")
    lines = startup.commands(programs, packages, paths, WORK)
    times, unstarted = start_times(lines, 3 if options.quick else 9)
    foreign = [result["foreign"] for _, _, result in measurements if result["foreign"] is not None]
    shown = []
    for case, _, _ in measurements:
        command, variables = cases.command(case, programs, paths, options)
        text = " ".join([*(f"{k}={v}" for k, v in variables.items()), shlex.join(map(str, command))])
        # Folders of this machine say nothing elsewhere.
        text = text.replace(f"{environment.ROOT}/", "").replace(str(python), "python")
        shown.append({"package": case.package, "setting": case.setting, "mode": case.mode, "command": text})
    results = {
        "command": shlex.join(["Benchmarks/run", *line]),
        "date": processes.now(),
        "machine": machine.description(environment.ROOT),
        "versions": {
            "apus": machine.answer([programs["apus"], "--version"], "not known"),
            **({"python of the peers": machine.answer([python, "--version"])} if python else {}),
            **{name: entry["version"] for name, entry in packages.items()},
        },
        "options": {
            name: getattr(options, name)
            for name in ("threads", "rounds", "seconds", "workloads", "models", "settings", "radial_functions")
        },
        "summaries": table.summaries(measurements),
        "measurements": [
            {"package": case.package, "setting": case.setting, "model": case.model, "workload": case.workload,
             "mode": case.mode, "round": round_number, **result} for case, round_number, result in measurements
        ],
        "startup": times, "sizes": startup.sizes(programs, packages),
        "foreign": statistics.median(foreign) if foreign else None,
        "missing": {**missing, **failures, **unstarted},
        "commands": list({entry["command"]: entry for entry in shown}.values()),
    }
    options.output.mkdir(parents=True, exist_ok=True)
    path = options.output / f"{machine.name()}.md"
    path.with_suffix(".json").write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    path.write_text(table.page(results))
    print(table.page(results))
    environment.say(f"written: {path} and {path.with_suffix('.json').name}")


if __name__ == "__main__":
    processes.command(main, "interrupted; nothing was written")
