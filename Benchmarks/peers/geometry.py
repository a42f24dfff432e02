"""Reads the geometries of the benchmark and finds their pairs."""

import numpy as np

NUMBERS = {"H": 1, "C": 6, "N": 7, "O": 8}


class Batch:
    """Molecules one after the other, in Å; pairs are directed, those of a first atom together."""

    def __init__(self, path, cutoff):
        lines = open(path, encoding="utf-8").read().splitlines()
        numbers, rows, sizes, energies = [], [], [], []
        start = 0
        while start < len(lines):
            count = int(lines[start])
            energies.append(float(lines[start + 1].split("energy=")[1].split()[0]))
            for line in lines[start + 2:start + 2 + count]:
                element, *values = line.split()
                numbers.append(NUMBERS[element])
                rows.append([float(value) for value in values])
            sizes.append(count)
            start += 2 + count
        rows = np.array(rows)
        self.numbers = np.array(numbers)
        self.positions, self.forces = np.ascontiguousarray(rows[:, :3]), np.ascontiguousarray(rows[:, 3:6])
        self.sizes, self.energies = np.array(sizes), np.array(energies)
        self.molecules = len(sizes)
        self.molecule_of_atom = np.repeat(np.arange(len(sizes)), sizes)
        self.first, self.second = self._pairs(cutoff)

    def _pairs(self, cutoff):
        first, second = [], []
        start = 0
        for size in self.sizes:
            points = self.positions[start:start + size]
            # Atom by atom, so that the memory measured is that of the peer.
            for atom, point in enumerate(points):
                near = np.nonzero(np.linalg.norm(points - point, axis=1) <= cutoff)[0]
                near = near[near != atom]
                first.append(np.full(len(near), start + atom))
                second.append(start + near)
            start += size
        return np.concatenate(first), np.concatenate(second)
