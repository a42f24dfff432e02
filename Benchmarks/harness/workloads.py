"""The geometries that all programs are timed on, as extended XYZ: deterministic, made from `molecules` with a seed.

Energies and forces in them are random numbers: a step takes as long with them as with true ones.
"""

import math
import pathlib
import random

import molecules

SEED = 20260101
# Displacement of every coordinate in Å, about that of thermal motion.
JITTER = 0.06
# Edge of the cube that holds one molecule of liquid water at 997 kg/m³, in Å.
WATER_SPACING = 3.107


class Workload:
    """Molecules of one kind, which the name begins with; those of water are one system."""

    def __init__(self, name, title, count, purpose):
        self.name, self.title, self.count, self.purpose = name, title, count, purpose


WORKLOADS = [
    Workload("ethanol-10", "10 × ethanol", 10, "training"),
    Workload("ethanol-100", "100 × ethanol", 100, "training"),
    Workload("mixed-100", "100 × 18 atoms", 100, "training"),
    Workload("aspirin-10", "10 × aspirin", 10, "training"),
    Workload("ethanol-1", "ethanol", 1, "inference"),
    Workload("aspirin-1", "aspirin", 1, "inference"),
    Workload("water-1029", "water, 1,029 atoms", 343, "inference"),
]


def turned(points, generator):
    """Points after a random rotation, by a unit quaternion of four normal numbers."""
    q = [generator.gauss(0, 1) for _ in range(4)]
    length = math.sqrt(sum(x * x for x in q))
    w, x, y, z = (value / length for value in q)
    matrix = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    return [tuple(molecules.dot(row, point) for row in matrix) for point in points]


def conformer(rows, generator):
    """Elements and jittered positions of a molecule."""
    points = turned(molecules.positions(rows), generator)
    return molecules.elements(rows), [tuple(x + generator.gauss(0, JITTER) for x in point) for point in points]


def water_cluster(generator, count):
    """A cube of water molecules at the density of the liquid, turned at random."""
    edge = round(count ** (1 / 3))
    elements, points = [], []
    for cell in range(count):
        corner = [WATER_SPACING * (cell // edge**k % edge) + generator.gauss(0, 0.05) for k in range(3)]
        for point in turned(molecules.positions(molecules.WATER), generator):
            points.append(tuple(a + b for a, b in zip(corner, point)))
        elements += molecules.elements(molecules.WATER)
    return elements, points


def systems(workload):
    """Elements and positions of each system of a workload."""
    generator = random.Random(f"{SEED} {workload.name}")
    kind = workload.name.split("-")[0]
    if kind == "water":
        return [water_cluster(generator, workload.count)]
    choices = {
        "ethanol": [molecules.ETHANOL], "aspirin": [molecules.ASPIRIN], "mixed": list(molecules.OF_18_ATOMS.values()),
    }[kind]
    return [conformer(choices[k % len(choices)], generator) for k in range(workload.count)]


def text(workload):
    """A workload as extended XYZ in eV and Å."""
    generator = random.Random(f"{SEED} {workload.name} labels")
    lines = []
    for elements, points in systems(workload):
        lines.append(str(len(elements)))
        lines.append(
            "Properties=species:S:1:pos:R:3:forces:R:3 "
            f"energy={generator.gauss(0, 1):.6f} energy_unit=eV length_unit=angstrom")
        for element, point in zip(elements, points):
            force = [generator.gauss(0, 1) for _ in range(3)]
            lines.append(element + "".join(f" {value:.6f}" for value in (*point, *force)))
    return "\n".join(lines) + "\n"


def write(folder, chosen=WORKLOADS):
    """Writes workloads into a folder and returns their paths by name."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = {workload.name: folder / f"{workload.name}.extxyz" for workload in chosen}
    for workload in chosen:
        paths[workload.name].write_text(text(workload))
    return paths
