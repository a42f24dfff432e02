"""Tests of the geometries and of the table: python3 -m unittest discover -s Benchmarks/harness -p '*_test.py'."""

import hashlib
import itertools
import math
import unittest

import molecules
import workloads

# Shortest and longest bonds in Å that the molecules may have, before jitter.
BONDS = {"HH": (1.5, 1.6), "CH": (1.05, 1.12), "HN": (0.98, 1.04), "HO": (0.94, 0.99)}
HEAVY = (1.18, 1.56)


def directed_pairs(points, cutoff=5.0):
    return 2 * sum(math.dist(a, b) <= cutoff for a, b in itertools.combinations(points, 2))


class GeometryTests(unittest.TestCase):
    def test_molecules_are_connected_and_nothing_overlaps(self):
        named = {"ethanol": molecules.ETHANOL, "aspirin": molecules.ASPIRIN, **molecules.OF_18_ATOMS}
        for name, rows in named.items():
            elements, points = molecules.elements(rows), molecules.positions(rows)
            bonds = []
            for (i, a), (j, b) in itertools.combinations(enumerate(points), 2):
                low, high = BONDS.get("".join(sorted(elements[i] + elements[j])), HEAVY)
                distance = math.dist(a, b)
                self.assertGreater(distance, low, f"{name}: atoms {i} and {j}")
                if distance < high and (elements[i], elements[j]) != ("H", "H"):
                    bonds.append((i, j))
            # Every atom after the first is bonded to the atom it was placed on, and a ring closes once.
            placed = {(min(row[1], k), max(row[1], k)) for k, row in enumerate(rows) if k}
            self.assertLessEqual(placed, set(bonds), name)
            self.assertIn(len(bonds) - len(placed), (0, 1), name)
            for atom, element in enumerate(elements):
                count = sum(atom in bond for bond in bonds)
                allowed = {"H": (1,), "O": (1, 2), "N": (2, 3), "C": (3, 4)}[element]
                self.assertIn(count, allowed, f"{name}: atom {atom}")

    def test_sizes(self):
        for workload in workloads.WORKLOADS:
            systems = workloads.systems(workload)
            kind = workload.name.split("-")[0]
            self.assertEqual(len(systems), 1 if kind == "water" else workload.count)
            atoms = {"ethanol": 9, "aspirin": 21, "mixed": 18, "water": 3 * workload.count}[kind]
            self.assertEqual({len(points) for _, points in systems}, {atoms})

    def test_cluster_of_water_keeps_its_density(self):
        for edge in (1, 2, 5):
            count = edge**3
            elements, points = workloads.systems(workloads.Workload(f"water-{3 * count}", "", count, ""))[0]
            self.assertEqual(elements, ["O", "H", "H"] * count)
            oxygens = points[::3]
            spread = [max(point[k] for point in oxygens) - min(point[k] for point in oxygens) for k in range(3)]
            for length in spread:
                # Corners are jittered by 0.05 Å, and molecules turn about them.
                self.assertAlmostEqual(length, (edge - 1) * workloads.WATER_SPACING, delta=0.6)

    def test_jittered_atoms_keep_apart(self):
        for workload in workloads.WORKLOADS[:6]:
            for _, points in workloads.systems(workload):
                nearest = min(math.dist(a, b) for a, b in itertools.combinations(points, 2))
                # An O-H bond of 0.96 Å less five standard deviations of the difference of two coordinates.
                self.assertGreater(nearest, 0.96 - 5 * math.sqrt(2) * workloads.JITTER)

    def test_most_atoms_of_a_molecule_are_neighbours(self):
        mixed = next(workload for workload in workloads.WORKLOADS if workload.name == "mixed-100")
        pairs = sum(directed_pairs(points) for _, points in workloads.systems(mixed))
        # Compact molecules of this size: an atom has some 15 of the 17 others within 5 Å.
        self.assertAlmostEqual(pairs / 1800, 15, delta=0.5)

    def test_every_run_makes_the_same_files(self):
        first, second = (hashlib.sha256(workloads.text(workloads.WORKLOADS[2]).encode()).hexdigest() for _ in "ab")
        self.assertEqual(first, second)
        self.assertNotEqual(workloads.text(workloads.WORKLOADS[0]), workloads.text(workloads.WORKLOADS[1]))


if __name__ == "__main__":
    unittest.main()
