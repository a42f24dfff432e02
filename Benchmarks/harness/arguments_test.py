"""Tests of the command lines and of what is measured."""

import contextlib
import io
import unittest

import accuracy
import benchmark
import cases
import environment
import scaling


class ArgumentsTests(unittest.TestCase):
    def test_every_command_explains_itself(self):
        for command in (accuracy, benchmark, scaling):
            with self.assertRaises(SystemExit) as ending, contextlib.redirect_stdout(io.StringIO()) as text:
                command.arguments(["--help"])
            self.assertEqual(ending.exception.code, 0)
            self.assertIn("--threads", text.getvalue())

    def test_words_that_do_not_exist_are_refused(self):
        for command, option in ((benchmark, "--models"), (benchmark, "--settings"), (scaling, "--series")):
            with self.assertRaises(SystemExit), contextlib.redirect_stderr(io.StringIO()) as text:
                command.arguments([option, "nonsense"])
            self.assertIn("'nonsense' is not one of", text.getvalue())

    def test_cases(self):
        options = benchmark.arguments(["--settings", "malloc,single,compile"])
        found = cases.all_cases(options, dict.fromkeys(environment.PEERS))
        settings = {mode: {case.setting for case in found if case.mode == mode} for mode in cases.MODES}
        self.assertEqual(settings["forces"], {None, "malloc"})
        self.assertEqual(settings["energy"], {None, "malloc", "compile"})
        self.assertEqual(settings["inference"], {None, "malloc", "single", "compile"})
        # Apus and all settings of its peer follow one another.
        group = [case.package for case in found if case.group == ("painn", "aspirin-1", "inference")]
        self.assertEqual(group, ["apus", "schnetpack", "schnetpack", "schnetpack"])
        self.assertEqual({case.package for case in found if case.model == "mace"}, {"mace-torch"})


if __name__ == "__main__":
    unittest.main()
