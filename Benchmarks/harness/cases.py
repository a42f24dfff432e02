"""What is measured, and one measurement of it."""

import json

import environment
import processes
from workloads import WORKLOADS

# glibc gives memory back to the system and fetches it again in every step of PyTorch: huge pages and no trimming make
# the peers faster by a quarter up to twice on large batches. It is the best setting that was found.
TUNABLES = ":".join(
    f"glibc.malloc.{key}" for key in (
        "hugetlb=1", "mmap_max=0", "trim_threshold=100000000000", "top_pad=268435456"))

# Meaning, variables of the environment, whether on one thread, whether compiled.
SETTINGS = {
    "plain": ("as installed", {}, False, False),
    "malloc": ("huge pages and no trimming in malloc", {"GLIBC_TUNABLES": TUNABLES}, False, False),
    "single": ("the same on one thread", {"GLIBC_TUNABLES": TUNABLES}, True, False),
    "compile": ("the same with torch.compile", {"GLIBC_TUNABLES": TUNABLES}, False, True),
}

MODES = {
    "energy": "training on energies", "forces": "training on energies and forces",
    "inference": "prediction of energies and forces",
}


# Models that Apus has too.
SHARED_MODELS = ("schnet", "painn")


class Case:
    """One model on one workload in one mode, for Apus or a peer in one of its settings."""

    def __init__(self, group, package, setting):
        self.group = self.model, self.workload, self.mode = group
        self.package, self.setting = package, setting

    def __str__(self):
        program = self.package + (f" ({self.setting})" if self.setting else "")
        return f"{program}, {self.model}, {self.workload}, {self.mode}"


def suits(setting, mode):
    """Whether a setting is worth measuring.

    Batches are faster on all threads, and torch.compile differentiates once only, but training on forces twice.
    """
    _, _, single, compiled = SETTINGS[setting]
    return not (single and mode != "inference") and not (compiled and mode == "forces")


def all_cases(options, packages):
    """The cases in the order of measurement: Apus and its peers in turn for each model, workload and mode."""
    cases = []
    for workload in WORKLOADS:
        if workload.name not in options.workloads:
            continue
        for mode in ("forces", "energy") if workload.purpose == "training" else ("inference",):
            for model in options.models:
                group = (model, workload.name, mode)
                if model in SHARED_MODELS:
                    cases.append(Case(group, "apus", None))
                for package, (_, models) in environment.PEERS.items():
                    if package in packages and model in models:
                        cases += [
                            Case(group, package, setting) for setting in options.settings if suits(setting, mode)]
    return cases


def command(case, programs, paths, options):
    """The command and the variables of its environment."""
    data = paths[case.workload]
    if case.package == "apus":
        shared = ["--potential", case.model, "--data", data, "--features", 128, "--interactions", 3,
                  "--radial-functions", options.radial_functions, "--cutoff", 5, "--precision", "float32",
                  "--threads", options.threads, "--seconds", options.seconds, "--json"]
        targets = {"energy": "energy", "forces": "energy,forces"}
        kind = ["--inference"] if case.mode == "inference" else ["--targets", targets[case.mode]]
        return [programs["apus"], "benchmark", *kind, *shared], {}
    _, variables, single, compiled = SETTINGS[case.setting]
    threads = 1 if single else options.threads
    line = [programs["python"], environment.BENCHMARKS / "peers/measure.py", "--model", case.model, "--data", data,
            "--mode", case.mode, "--threads", threads, "--seconds", options.seconds,
            "--radial-functions", options.radial_functions] + ["--compile"] * compiled
    return line, {"OMP_NUM_THREADS": str(threads), "PYTHONDONTWRITEBYTECODE": "1", **variables}


def measure(case, programs, paths, options):
    """Seconds of a step or call, molecules in it, and the memory of the program in bytes; of Apus also the seconds that
    the machine needs at least for what it does.

    Raises Failure when the program fails.
    """
    line, variables = command(case, programs, paths, options)
    finished = processes.run(line, variables)
    try:
        found = json.loads(finished.output.strip().splitlines()[-1])
        if case.package == "apus":
            median = found["call_median [ms]" if case.mode == "inference" else "step_median [ms]"] / 1000
            molecules = found["systems"]
            # Another run, since the measurement of bandwidths needs memory.
            profile = json.loads(processes.run([*line, "--profile"], variables).output)["profile"]
            bound = profile["roofline"]["bound [ms]"] / 1000
        else:
            median, molecules, bound = found["median"], found["molecules"], None
    except (ValueError, LookupError) as error:
        raise processes.Failure(f"printed something unexpected ({error!r})") from None
    return {
        "seconds": median, "bound": bound, "molecules": molecules, "atoms": found["atoms"], "pairs": found["pairs"],
        "parameters": found["parameters"], "memory": finished.memory, "foreign": finished.foreign,
    }
