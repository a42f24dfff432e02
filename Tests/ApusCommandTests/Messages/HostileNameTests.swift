import ApusFiles
import ApusPotentials
import ApusTestSupport
import Testing

/// Names from files, in all that the program prints: they neither act on the terminal nor make lines of their own.
@Suite struct HostileNameTests {
    /// Control sequences by ESC and by C1, line breaks, DEL, a mark of direction, a byte order mark.
    private static let hostile = "a\u{1b}[2Jb\n\rc\u{7f}\u{9b}31m\u{85}\u{202e}d\u{2028}e\u{feff}"

    /// Files that have a name wherever a name can stand.
    private struct Files {
        let folder: TemporaryFolder
        let name: String
        var data: String { "\(folder.path)/\(name).extxyz" }
        var model: String { "\(folder.path)/\(name).apus" }
        var run: String { "\(folder.path)/\(name)" }
        var configuration: String { "\(folder.path)/\(name).toml" }
        var broken: String { "\(folder.path)/broken \(name).xyz" }

        init(_ name: String) throws {
            (self.folder, self.name) = (try TemporaryFolder(), name)
            let quoted = "\"\(name.replacing("\n", with: "\\n"))\""
            // Copies, which `data check` and `data split` name; a key that nothing reads.
            let frames = Molecules.text { lines, _ in lines[1] += " \(quoted)=3 name=\(quoted)" }
            _ = try folder.write(frames + frames, to: "\(name).extxyz")
            _ = try folder.write("1\nenergy=\(quoted)\nH 0 0 0\n", to: "broken \(name).xyz")
            let text = Molecules.configuration(run: Self.escaped(run), data: Self.escaped(data))
            _ = try folder.write(text, to: "\(name).toml")
            let trained = try ModelFile.read(TrainedModel.get().model)
            try ModelFile(
                trained.model, precision: trained.precision, program: name, provenance: [name: .string(name)],
                examplesFrom: trained.examples.map(\.system)
            ).write(to: model)
        }

        /// A text for TOML, which knows characters by their numbers.
        private static func escaped(_ text: String) -> String {
            text.unicodeScalars.map { scalar in
                let code = String(scalar.value, radix: 16)
                return scalar.isASCII && scalar.value >= 0x20 && scalar.value != 0x7f
                    ? String(scalar) : "\\U" + String(repeating: "0", count: 8 - code.count) + code
            }.joined()
        }

        /// Calls of the program, each with whether it ends well.
        var calls: [(arguments: [String], succeeds: Bool)] {
            [
                (["data", "info", data], true), (["data", "info", data, "--json"], true),
                (["data", "check", data], true), (["data", "check", data, "--json"], true),
                (["data", "split", data, "--strategy", "random_conformer_splitting_strategy"], true),
                (["data", "self-energies", data], true),
                (["data", "import", data, "-o", "\(folder.path)/\(name) data.apus"], true),
                (["data", "info", "\(folder.path)/\(name) data.apus"], true),
                (["data", "convert", data, "-o", "\(folder.path)/\(name) copy.extxyz"], true),
                (["model", "info", model], true), (["model", "info", model, "--json"], true),
                (["check", model, data], true),
                (["predict", model, data, "-o", "\(folder.path)/\(name) predicted.extxyz"], true),
                (["evaluate", model, data], true),
                (["train", configuration], true), (["report", run], true),
                (["data", "info", broken], false), (["model", "info", "\(folder.path)/no \(name)"], false),
            ]
        }
    }

    /// What a terminal would act on: all below a space, DEL, C1, breaks of lines and marks of direction.
    private static func acts(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0a: false
        case 0..<0x20, 0x7f...0x9f, 0x2028, 0x2029, 0x202a...0x202e, 0x2066...0x2069, 0x200e, 0x200f, 0x61c, 0xfeff:
            true
        default: false
        }
    }

    private static func lineCount(_ text: String) -> Int { text.utf8.count { $0 == UInt8(ascii: "\n") } }

    /// Where the parser of the command line repeats an argument.
    @Test(arguments: [
        ["\u{1b}[31mRED"], ["data", "\u{1b}[31mRED"], ["init", "x", "--energy-unit", "\u{1b}[31m"],
        ["evaluate", "x", "--part", "\u{1b}[31m"], ["--\u{1b}[31m"],
    ]) func argumentsAreText(_ arguments: [String]) throws {
        let run = try ProgramRun(arguments)
        #expect(run.code == 64 && !run.messages.contains("\u{1b}") && run.messages.contains("u{1b}"), "\(run.messages)")
    }

    @Test(arguments: ["model info /dev/zero", "train /dev/zero --dry-run"]) func devicesAreNoFiles(_ text: String)
        throws
    {
        let run = try ProgramRun(text.split(separator: " ").map(String.init))
        #expect(run.code == 66 && run.messages.contains("this is a device"), "\(run.messages)")
    }

    @Test(arguments: ["[", "", "[["]) func keysOfManyParts(_ bracket: String) throws {
        let folder = try TemporaryFolder()
        let key = repeatElement("a", count: 20_000).joined(separator: ".")
        let end = bracket.isEmpty ? " = 1" : bracket.replacing("[", with: "]")
        let path = try folder.write("# ......\n" + bracket + key + end + "\n", to: "deep.toml")
        let run = try ProgramRun(["train", path, "--dry-run"])
        #expect(run.code == 78 && run.messages.contains("line 2"), "\(run.messages)")
        #expect(run.messages.contains("a key has more than 64 parts"))
    }

    @Test func namesAreTextWhereverTheyArePrinted() throws {
        let (plain, hostile) = (try Files("plain"), try Files(Self.hostile))
        for (usual, call) in zip(plain.calls, hostile.calls) {
            let expected = try ProgramRun(usual.arguments)
            let run = try ProgramRun(call.arguments)
            let command = usual.arguments.joined(separator: " ")
            #expect(expected.code == 0 || !usual.succeeds, "\(command): \(expected.messages)")
            #expect(run.code == expected.code, "\(command): \(run.messages)")
            for (text, usualText) in [(run.output, expected.output), (run.messages, expected.messages)] {
                #expect(!text.unicodeScalars.contains(where: Self.acts), "\(command): \(text.debugDescription)")
                #expect(Self.lineCount(text) == Self.lineCount(usualText), "\(command): \(text.debugDescription)")
            }
        }
        // The name is not left out, but written with escapes.
        let written = #"a\u{1b}[2Jb\n\rc\u{7f}\u{9b}31m\u{85}\u{202e}d\u{2028}e\u{feff}"#
        #expect(try ProgramRun(["data", "info", hostile.data]).output.contains(written))
        #expect(try ProgramRun(["model", "info", hostile.model]).output.contains("\n\(written)  \(written)"))
        let page = String(decoding: try readFile(path: "\(hostile.run)/report.html"), as: UTF8.self)
        // The page quotes the configuration, where TOML has escapes of its own for the lowest characters.
        #expect(!page.unicodeScalars.contains(where: Self.acts) && page.contains(#"\u{85}\u{202e}d\u{2028}e\u{feff}"#))
        // JSON loses nothing.
        let information = try ProgramRun(["model", "info", hostile.model, "--json"]).output
        #expect(try JSONValue(parsing: information)["program"]?.string == Self.hostile)
    }
}
