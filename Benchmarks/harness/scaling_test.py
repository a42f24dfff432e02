"""Tests of the page about scaling."""

import unittest

import scaling


def found(milliseconds, systems):
    return {"step_median [ms]": milliseconds, "systems": systems, "peak_memory [MB]": 40.0}


class ScalingTests(unittest.TestCase):
    def test_exponent_is_that_of_a_whole_step(self):
        series = next(series for series in scaling.all_series() if series.name == "batch")
        # Four times the molecules in twice the time, the median of three rounds: half the time for each, power 1/2.
        rows = [[found(10, 5), found(9, 5), found(30, 5)], [found(20, 20)]]
        lines = scaling.series_table(series, {"schnet": rows}).splitlines()
        self.assertEqual(lines[2], "| 5 | 2,000 | – | 40.0 |")
        self.assertEqual(lines[3], "| 20 | 1,000 | 0.50 | 40.0 |")

    def test_speedups_and_serial_part(self):
        entry = {
            "work": "training", "model": "painn", "measured": {1: [found(10, 1)], 2: [found(6, 1)]},
            "profile": {"serial_part [ms]": 1.0, "speedups": [
                {"threads": 1, "amdahl": 1.0, "as_batch_divides": 1.0},
                {"threads": 2, "amdahl": 1 / 0.55, "as_batch_divides": 1.5}]},
        }
        line = scaling.thread_table([entry]).splitlines()[2]
        self.assertEqual(line, "| training | PaiNN | 10.0 | 1.67 | 1.50 | 1 ms, 10.0 % |")

    def test_series_reach_what_they_promise(self):
        series = {series.name: series for series in scaling.all_series()}
        counts = [point.workload.count for point in series["batch"].points]
        self.assertEqual((counts[0], counts[-1]), (1, 1000))
        widths = [point.options["features"] for point in series["features"].points]
        self.assertEqual((widths[0], widths[-1]), (32, 256))
        atoms = [3 * point.workload.count for point in series["size"].points]
        self.assertTrue(atoms[0] <= 10 and atoms[-1] >= 10_000)


if __name__ == "__main__":
    unittest.main()
