import json
import pathlib
import tempfile
import unittest

import accuracy

ENERGY, FORCE = accuracy.MEASURES


class TrainingPart(unittest.TestCase):
    def test_validation_is_taken_out(self):
        """950 geometries with errors 2 and 30 meV, 50 with 4 and 50 meV: 2.1 and 31 over all."""
        entries = [{"property": ENERGY, "mae": 0.0021}, {"property": FORCE, "mae": 0.031}]
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "program"
            program.write_text(f"#!/bin/sh\necho '{json.dumps(entries)}'\n")
            program.chmod(0o755)
            found = accuracy.training_part(program, "model", "data", {ENERGY: 4, FORCE: 50}, 1)
        self.assertAlmostEqual(found[ENERGY], 2)
        self.assertAlmostEqual(found[FORCE], 30)


class Page(unittest.TestCase):
    def entry(self, **errors):
        of_test = {f"test_{name}": 1.25 for name in accuracy.MEASURES.values()}
        return {**of_test, "training [min]": 7.46, "epochs": 10, "threads": 2, "commit": "c", "date": "d", **errors}

    def rows(self, **trainings):
        text = accuracy.page({"processor": "P", "trainings": {"ethanol": trainings}})
        return [line for line in text.splitlines() if line.startswith("| ethanol")]

    def test_errors_stand_beside_published_ones(self):
        errors, details = self.rows(painn=self.entry())
        self.assertTrue(errors.startswith("| ethanol | 1.25 / 1.2 | – | 2.80 / 9.7 | 0.40 / 2.8 | 0.40 / 2.1 |"))
        self.assertEqual(details, "| ethanol | PaiNN | 7.5 | 10 | 2 | – | – | c | d |")

    def test_parts_that_were_measured(self):
        parts = {f"{part}_{name}": 2 for part in ("training", "validation") for name in accuracy.MEASURES.values()}
        self.assertIn("| 2 | 2.00 / 2.0 | 2.00 / 2.0 |", self.rows(schnet=self.entry(**parts))[1])
