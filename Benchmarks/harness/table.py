"""Medians, spreads and ratios of the measurements, and the Markdown page of them."""

import statistics

import cases
from workloads import WORKLOADS

TITLES = {workload.name: workload.title for workload in WORKLOADS}
MODELS = {
    "schnet": "SchNet", "painn": "PaiNN", "ani2x": "ANI-2x, one network", "tensornet": "TensorNet", "mace": "MACE",
}


def digits(value):
    """Three significant digits, whole from 100 on."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 10 else f"{value:.1f}"


def spread(values):
    """Median (least to largest)."""
    if len(values) == 1:
        return digits(values[0])
    return f"{digits(statistics.median(values))} ({digits(min(values))}–{digits(max(values))})"


def summaries(measurements):
    """One summary for each model, workload and mode: Apus, the best setting of each peer, and their ratio.

    A ratio is the median over the rounds of the peer's time over that of Apus in the same round.
    """
    groups = {}
    for case, round_number, result in measurements:
        programs = groups.setdefault(case.group, {})
        programs.setdefault((case.package, case.setting), {})[round_number] = result
    found = []
    for (model, workload, mode), programs in groups.items():
        apus = programs.get(("apus", None))
        for package in dict.fromkeys(package for package, _ in programs if package != "apus") or [None]:
            summary = {"model": model, "workload": workload, "mode": mode, "apus": numbers(apus)}
            settings = {setting: rounds for (name, setting), rounds in programs.items() if name == package}
            if settings:
                best = min(settings, key=lambda setting: median_seconds(settings[setting]))
                summary["peer"] = {"package": package, "setting": best, **numbers(settings[best])}
                if apus:
                    ratios = [
                        settings[best][k]["seconds"] / apus[k]["seconds"] for k in apus if k in settings[best]]
                    summary["ratios"] = ratios
            found.append(summary)
    return found


def median_seconds(rounds):
    return statistics.median(result["seconds"] for result in rounds.values())


def numbers(rounds):
    """The rounds of one program: seconds, molecules per second, memory in bytes."""
    if not rounds:
        return None
    seconds = [result["seconds"] for result in rounds.values()]
    molecules = next(iter(rounds.values()))["molecules"]
    return {
        "seconds": seconds, "molecules_per_second": [molecules / value for value in seconds],
        "bound": [result["bound"] for result in rounds.values()],
        "memory": statistics.median(result["memory"] for result in rounds.values()),
        "parameters": next(iter(rounds.values()))["parameters"],
    }


def rows(lines):
    """A Markdown table; the first line is its head."""
    head, *body = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([head, "|" + "---|" * len(lines[0]), *body])


def share(apus):
    """The part of the time of Apus that the machine needs at least."""
    return statistics.median(bound / seconds for bound, seconds in zip(apus["bound"], apus["seconds"]))


def program_cells(entry, inference):
    """Speed and memory of one program."""
    if entry is None:
        return ["–", "–"]
    speed = [1000 * value for value in entry["seconds"]] if inference else entry["molecules_per_second"]
    return [spread(speed), digits(entry["memory"] / 1e6)]


def speed_table(found, mode):
    """Apus beside the peer that computes the same model."""
    inference = mode == "inference"
    unit = "ms a call" if inference else "molecules/s"
    lines = [["system" if inference else "batch", "model", f"Apus, {unit}", "MB"]]
    if inference:
        lines[0].insert(3, "steps/s")
    lines[0] += ["of roofline", f"peer, {unit}", "MB", "best setting", "ratio", "ratio at the roofline"]
    for summary in found:
        if summary["mode"] != mode or summary["apus"] is None:
            continue
        peer = summary.get("peer")
        apus = program_cells(summary["apus"], inference)
        if inference:
            apus.insert(1, digits(1 / statistics.median(summary["apus"]["seconds"])))
        lines.append([
            TITLES[summary["workload"]], MODELS[summary["model"]], *apus, f"{100 * share(summary['apus']):.0f} %",
            *program_cells(peer, inference), peer["setting"] if peer else "–",
            spread(summary["ratios"]) if summary.get("ratios") else "–",
            digits(statistics.median(summary["ratios"]) / share(summary["apus"])) if summary.get("ratios") else "–"])
    return rows(lines) if len(lines) > 1 else None


def reference_table(found):
    """Models of the peers that Apus does not have."""
    lines = [["mode", "batch or system", "model", "package", "molecules/s", "ms", "MB", "best setting"]]
    for summary in found:
        peer = summary.get("peer")
        if peer is None or summary["model"] in cases.SHARED_MODELS:
            continue
        lines.append([
            cases.MODES[summary["mode"]], TITLES[summary["workload"]], MODELS[summary["model"]], peer["package"],
            spread(peer["molecules_per_second"]), digits(1000 * statistics.median(peer["seconds"])),
            digits(peer["memory"] / 1e6), peer["setting"]])
    return rows(lines) if len(lines) > 1 else None


def page(results):
    """The whole page."""
    options, machine = results["options"], results["machine"]
    parts = [
        f"# Measured on {machine['processor']}, {machine['cores']} cores",
        f"Made by `{results['command']}` on {results['date']}; float32, {options['threads']} threads, "
        f"{options['rounds']} round{'s' * (options['rounds'] > 1)} "
        f"in turn, each program {options['seconds']:g} s a round. Medians of the rounds' "
        "medians, and in parentheses the least and largest; a ratio is that of the same round. A peer is shown in its "
        "best setting of those measured. Memory is the most that the process used. The roofline is the time that the "
        "machine needs at least for the operations of Apus, by its measured peak and bandwidth (`apus benchmark "
        "--profile`); with all of that time, the ratio would be the one in the last column.",
    ]
    for mode, title in cases.MODES.items():
        table = speed_table(results["summaries"], mode)
        if table:
            parts += [f"## {title.capitalize()}", table]
    reference = reference_table(results["summaries"])
    if reference:
        parts += ["## Other models of the peers, for reference", reference]
    if results["startup"]:
        parts += ["## Start-up", rows(
            [["started", "ms"]] + [[f"`{name}`", spread([1000 * value for value in values])]
                                   for name, values in results["startup"].items()])]
    if results["sizes"]:
        parts += ["## On the disk", rows(
            [["program", "MB"]] + [[name, digits(size / 1e6)] for name, size in results["sizes"].items()])]
    parts += ["## Machine and versions", rows(
        [["", ""]] + [[name, str(value)] for name, value in {**machine, **results["versions"]}.items()])]
    parts += ["Settings of the peers: " + "; ".join(
        f"*{name}*, {cases.SETTINGS[name][0]}" for name in options["settings"]) + "."]
    foreign = results["foreign"]
    if foreign is not None:
        parts.append(f"Other programs used {100 * foreign:.0f} % of the machine (median of all runs).")
    problems = [f"- {name}: {reason}" for name, reason in results["missing"].items()]
    if problems:
        parts += ["## Missing", "\n".join(problems)]
    # The first of each kind; the others differ in model and molecules, and stand in the JSON.
    kinds = {}
    for entry in results["commands"]:
        kinds.setdefault((entry["package"], entry["setting"], entry["mode"]), entry["command"])
    parts += ["## Commands", "```\n" + "\n".join(kinds.values()) + "\n```"]
    return "\n\n".join(parts) + "\n"
