import unittest
from unittest import mock

import machine


class Processor(unittest.TestCase):
    core = "processor\t: {}\ncpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Intel(R) Xeon(R) CPU @ 2.00GHz\nstepping\t: 3\n\n"

    def test_generations_are_told_apart(self):
        found = machine.named(self.core.format(0) + self.core.format(1))
        self.assertEqual(found, "Intel(R) Xeon(R) CPU @ 2.00GHz (family 6, model 85)")

    def test_other_texts(self):
        self.assertEqual(machine.named("model name : ARMv8\n"), "ARMv8")
        self.assertIsNone(machine.named("BogoMIPS : 50\n"))

    def test_name_for_files(self):
        with mock.patch.object(machine, "processor", lambda: machine.named(self.core)), \
                mock.patch.object(machine, "cores", lambda: 2):
            self.assertEqual(machine.name(), "intel-xeon-family-6-model-85-2-cores")
