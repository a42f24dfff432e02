import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusRun

/// Absurd values of configuration keys end in a sentence or in a training, never in a trap or without a word.
@Suite struct ExtremeValueTests {
    /// Texts in place of a value, as TOML has them: of numbers, and of quantities with a unit.
    private static let numbers = [
        "0", "-1", "1e-300", "1e300", "-1e300", "inf", "nan", "9223372036854775807", "-9223372036854775808",
    ]
    private static let units = [
        "angstrom", "eV", "kilojoule_per_mole", "eV/angstrom", "s", "h",
    ]

    /// The settings of a key that the configuration accepts; what it refuses must be a sentence already.
    private func accepted(_ key: ConfigurationKey, _ text: String) throws -> [String] {
        let quantities = Self.numbers.flatMap { number in Self.units.map { "\"\(number) \($0)\"" } }
        let values = Self.numbers + Self.numbers.map { "[\($0), \($0), \($0)]" } + quantities
        return try values.compactMap { value in
            do {
                let setting = "\(key.path)=\(value)"
                var document = try ConfigurationDocument(toml: text, file: "a.toml")
                try document.apply(override: setting)
                _ = try document.resolve().configuration.toml
                return setting
            } catch let error as ApusError {
                #expect(error.kind == .configuration || error.kind == .usage, "\(error)")
                return nil
            }
        }
    }

    /// Each accepted setting is trained with for a moment, in a process of its own.
    @Test func keysWithAbsurdValues() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write(Molecules.text(frames: 12), to: "data.extxyz")
        let text = Molecules.configuration(run: "\(folder.path)/run", data: "\(folder.path)/data.extxyz")
        let path = try folder.write(text, to: "config.toml")
        var trained = 0
        // More epochs only take longer, and one self-energy is like the other.
        let skipped = ["training.number_of_epochs"]
        for key in ConfigurationKey.all where !skipped.contains(key.path) {
            guard case .stored = key.rule, !key.path.hasPrefix("dataset.atomic_self_energies.") || key.name == "H"
            else { continue }
            for setting in try accepted(key, text) {
                // Some texts name folders, which are then made in the current one.
                let run = try ProgramRun(
                    ["train", path, "--overwrite", "--quiet", "--set", setting],
                    script: "cd \(folder.path) && exec \"$0\" \"$@\"")
                trained += 1
                #expect(run.code < 128, "\(setting): \(run.messages)")
                #expect(run.code == 0 || run.errors.count == 1, "\(setting): \(run.messages)")
            }
        }
        #expect(trained > 20)
    }
}
