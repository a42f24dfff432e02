"""Molecules from standard bond lengths and angles; everything is deterministic.

A molecule is a list of atoms, each placed relative to three earlier ones (a Z-matrix):

    (element, bonded atom, distance, atom of the angle, angle, atom of the dihedral, dihedral)

in Å and degrees; the first three atoms lack what is not there yet.
"""

import math


def ring(elements, length):
    """A flat six-membered ring."""
    rows = [(elements[0],), (elements[1], 0, length), (elements[2], 1, length, 0, 120)]
    return rows + [(elements[k], k - 1, length, k - 2, 120, k - 3, 0) for k in (3, 4, 5)]


def on_ring(element, atom, length, size=6):
    """An atom in the plane of a ring, outside."""
    before, after = (atom - 1) % size, (atom + 1) % size
    return (element, atom, length, before, 120, after, 180)


def methyl(carbon, neighbour, reference, first=60, length=1.09):
    """Three hydrogens on a carbon, staggered with respect to `reference`."""
    return [("H", carbon, length, neighbour, 109.5, reference, first + turn) for turn in (0, 120, 240)]


ETHANOL = [
    ("C",), ("C", 0, 1.52), ("O", 1, 1.43, 0, 109.5), ("H", 2, 0.96, 1, 108.5, 0, 180),
    ("H", 1, 1.09, 0, 109.5, 2, 120), ("H", 1, 1.09, 0, 109.5, 2, -120),
] + methyl(0, 1, 2)

ASPIRIN = ring("CCCCCC", 1.395) + [
    on_ring("C", 0, 1.49), ("O", 6, 1.21, 0, 123, 1, 180), ("O", 6, 1.35, 0, 113, 1, 0), ("H", 8, 0.97, 6, 106, 7, 0),
    on_ring("O", 1, 1.39), ("C", 10, 1.36, 1, 118, 0, 100), ("O", 11, 1.20, 10, 123, 1, 0),
    ("C", 11, 1.50, 10, 111, 1, 180),
] + methyl(13, 11, 10) + [on_ring("H", k, 1.085) for k in (2, 3, 4, 5)]

TERT_BUTYL = [
    ("C",), ("C", 0, 1.53), ("C", 0, 1.53, 1, 109.5), ("C", 0, 1.53, 1, 109.5, 2, 120),
    ("C", 0, 1.53, 1, 109.5, 2, -120),
] + methyl(2, 0, 1) + methyl(3, 0, 1) + methyl(4, 0, 1)

# 18 atoms each, with at most nine of C, N and O, as in QM9.
OF_18_ATOMS = {
    "pivalamide": TERT_BUTYL + [
        ("O", 1, 1.23, 0, 121, 2, 0), ("N", 1, 1.35, 0, 117, 2, 180), ("H", 15, 1.01, 1, 120, 0, 0),
        ("H", 15, 1.01, 1, 120, 0, 180),
    ],
    "3,3-dimethyl-2-oxobutanal": TERT_BUTYL + [
        ("O", 1, 1.22, 0, 122, 2, 0), ("C", 1, 1.53, 0, 117, 2, 180), ("O", 15, 1.21, 1, 121, 0, 180),
        ("H", 15, 1.10, 1, 116, 0, 0),
    ],
    "o-anisidine": ring("CCCCCC", 1.395) + [
        on_ring("O", 0, 1.37), ("C", 6, 1.42, 0, 117.5, 5, 0)] + methyl(7, 6, 0) + [
        on_ring("N", 1, 1.39), ("H", 11, 1.01, 1, 117, 0, 0), ("H", 11, 1.01, 1, 117, 0, 180),
    ] + [on_ring("H", k, 1.085) for k in (2, 3, 4, 5)],
    "p-xylene": ring("CCCCCC", 1.395) + [on_ring("C", 0, 1.51), on_ring("C", 3, 1.51)]
    + methyl(6, 0, 1, 30) + methyl(7, 3, 4, 30) + [on_ring("H", k, 1.085) for k in (1, 2, 4, 5)],
    "2,4-dimethylpyrimidin-5-amine": ring("CCNCNC", 1.36) + [
        on_ring("N", 0, 1.38), ("H", 6, 1.01, 0, 118, 1, 0), ("H", 6, 1.01, 0, 118, 1, 180),
        on_ring("C", 1, 1.50)] + methyl(9, 1, 0, 30) + [
        on_ring("C", 3, 1.50)] + methyl(13, 3, 2, 30) + [on_ring("H", 5, 1.085)],
}

WATER = [("O",), ("H", 0, 0.9572), ("H", 0, 0.9572, 1, 104.52)]


def positions(rows):
    """The coordinates of a Z-matrix in Å."""
    placed = []
    for row in rows:
        if len(row) == 1:
            placed.append((0.0, 0.0, 0.0))
        elif len(row) == 3:
            placed.append((row[2], 0.0, 0.0))
        else:
            bonded, angle = placed[row[1]], math.radians(row[4])
            along = unit(minus(placed[row[3]], bonded))
            # The third atom has no dihedral: any plane through the axis will do.
            third = placed[row[5]] if len(row) == 7 else (bonded[0], bonded[1] + 1, bonded[2])
            dihedral = math.radians(row[6]) if len(row) == 7 else 0.0
            across = minus(third, bonded)
            across = unit(minus(across, scaled(dot(across, along), along)))
            normal = cross(along, across)
            step = [
                row[2] * (math.cos(angle) * a + math.sin(angle) * (math.cos(dihedral) * b + math.sin(dihedral) * c))
                for a, b, c in zip(along, across, normal)
            ]
            placed.append(tuple(p + s for p, s in zip(bonded, step)))
    return placed


def elements(rows):
    return [row[0] for row in rows]


def minus(a, b):
    return tuple(x - y for x, y in zip(a, b))


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def scaled(factor, a):
    return tuple(factor * x for x in a)


def unit(a):
    return scaled(1 / math.sqrt(dot(a, a)), a)


def cross(a, b):
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
