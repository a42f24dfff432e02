"""Tests of medians, ratios and the page."""

import unittest

import cases
import table


def entry(seconds, memory=1e8, molecules=10):
    return {"seconds": seconds, "bound": 0.8 * seconds, "molecules": molecules, "atoms": 90, "pairs": 360, "parameters": 7, "memory": memory,
            "foreign": 0.0}


def measurements():
    group = ("schnet", "ethanol-10", "forces")
    times = {("apus", None): (0.01, 0.02, 0.01), ("schnetpack", "plain"): (0.2, 0.3, 0.2),
             ("schnetpack", "malloc"): (0.1, 0.1, 0.15)}
    return [(cases.Case(group, *program), k, entry(value)) for program, values in times.items()
            for k, value in enumerate(values)]


class TableTests(unittest.TestCase):
    def test_the_best_setting_counts_and_ratios_are_of_the_same_round(self):
        summary, = table.summaries(measurements())
        self.assertEqual(summary["peer"]["setting"], "malloc")
        for found, expected in zip(summary["ratios"], (10, 5, 15)):
            self.assertAlmostEqual(found, expected)
        for found, expected in zip(summary["apus"]["molecules_per_second"], (1000, 500, 1000)):
            self.assertAlmostEqual(found, expected)

    def test_the_ratio_at_the_roofline_is_that_of_all_the_time(self):
        self.assertIn("| 10.0 (5–15.0) | 12.5 |", table.speed_table(table.summaries(measurements()), "forces"))

    def test_apus_alone_has_no_ratio(self):
        summary, = table.summaries([row for row in measurements() if row[0].package == "apus"])
        self.assertNotIn("peer", summary)
        self.assertIn("| 10 × ethanol | SchNet | 1,000 (500–1,000) | 100 | 80 % | – | – | – | – | – |",
                      table.speed_table([summary], "forces"))

    def test_a_peer_alone_is_a_reference(self):
        group = ("mace", "ethanol-1", "inference")
        summary, = table.summaries([(cases.Case(group, "mace-torch", "plain"), 0, entry(0.02, molecules=1))])
        self.assertIsNone(table.speed_table([summary], "inference"))
        self.assertIn("| ethanol | MACE | mace-torch | 50.0 | 20.0 | 100 | plain |", table.reference_table([summary]))

    def test_numbers_have_three_digits(self):
        self.assertEqual([table.digits(value) for value in (0.01234, 1.234, 12.34, 123.4, 12345)],
                         ["0.0123", "1.23", "12.3", "123", "12,345"])

    def test_every_model_is_measured_beside_its_peers_in_turn(self):
        class Options:
            workloads, models, settings = ["ethanol-10"], ["schnet"], ["malloc", "compile"]
        order = [(case.package, case.setting, case.mode) for case in cases.all_cases(Options, {"schnetpack": {}})]
        self.assertEqual(order, [
            ("apus", None, "forces"), ("schnetpack", "malloc", "forces"), ("apus", None, "energy"),
            ("schnetpack", "malloc", "energy"), ("schnetpack", "compile", "energy")])


if __name__ == "__main__":
    unittest.main()
