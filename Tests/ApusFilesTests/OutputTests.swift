import ApusTestSupport
import Testing

@testable import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What is refused before anything is opened for writing.
@Suite struct OutputTests {
    private let option = OutputOption("the data", endings: [".xyz", ".npz"], isStream: true)

    /// The sentence that refuses an output.
    private func refusal(_ output: String, _ inputs: [String] = [], option: OutputOption? = nil) -> String? {
        apusError { _ = try (option ?? self.option).target(output, inputs: inputs) }?.description
    }

    @Test func anInputIsRefusedUnderEveryName() throws {
        try withTemporaryFolder { folder in
            let data = "\(folder)/data.xyz"
            try writeFileAtomically(path: data, bytes: [1])
            link(data, "\(folder)/hard.xyz")
            symlink("data.xyz", "\(folder)/soft.xyz")
            for name in ["hard.xyz", "soft.xyz", "./data.xyz", "../\(folder.split(separator: "/").last!)/data.xyz"] {
                #expect(
                    refusal("\(folder)/\(name)", [data])
                        == "--output \(folder)/\(name): this is the input \(data), which would be lost; name another "
                        + "file.")
            }
            #expect(
                refusal(data, ["\(folder)/none", data])
                    == "--output \(data): this is the input, which would be lost; name another file.")
            // The data may be what is linked, too.
            #expect(refusal(data, ["\(folder)/soft.xyz"])?.contains("this is the input \(folder)/soft.xyz") == true)
            #expect(try option.target("\(folder)/other.xyz", inputs: [data]) == .file("\(folder)/other.xyz"))
            #expect(try readFile(path: data) == [1])
        }
    }

    @Test func nothingIsWrittenIntoAnInputFolder() throws {
        try withTemporaryFolder { folder in
            let system = "\(folder)/system"
            mkdir(system, 0o700)
            try writeFileAtomically(path: "\(system)/energy.npz", bytes: [1])
            link("\(system)/energy.npz", "\(folder)/linked.npz")
            let inside = refusal("\(system)/new.xyz", [system])
            #expect(inside?.contains("into the folder \(system), which is read") == true)
            #expect(refusal("\(folder)/linked.npz", [system])?.contains("input \(system)/energy.npz") == true)
            // A name that only begins like the folder's is another.
            #expect(try option.target("\(folder)/system.xyz", inputs: [system]) == .file("\(folder)/system.xyz"))
        }
    }

    @Test func theEndingFitsTheContent() {
        #expect(
            refusal("a.png")
                == "--output a.png: the data cannot be written to a file with this ending; end the name in .xyz or .npz."
        )
        #expect(refusal("a.XYZ") == nil)
        #expect(refusal("xyz")?.contains("ending") == true)
    }

    @Test func standardOutputIsForStreams() throws {
        #expect(try option.target("-", inputs: []) == .standardOutput)
        #expect(
            refusal("-", option: OutputOption("a store", endings: [".apus"]))
                == "--output -: a store cannot be written to standard output; name a file that ends in .apus.")
    }

    @Test func whatIsNoFileIsRefused() throws {
        try withTemporaryFolder { folder in
            mkfifo("\(folder)/pipe.xyz", 0o600)
            #expect(refusal(folder)?.contains("this is a folder; name a file in it that ends in .xyz or .npz") == true)
            for path in ["/dev/null", "/dev/full", "\(folder)/pipe.xyz"] where fileExists(path) {
                #expect(
                    refusal(path)
                        == "--output \(path): this is a device or a pipe, not an ordinary file; name a file, or write "
                        + "'--output -' and redirect standard output.")
            }
            #expect(
                refusal("\(folder)/no/a.xyz")
                    == "--output \(folder)/no/a.xyz: there is no folder \(folder)/no/ (No such file or directory); "
                    + "create the folder first.")
            try writeFileAtomically(path: "\(folder)/a", bytes: [])
            #expect(refusal("\(folder)/a/b.xyz")?.contains("(Not a directory); choose another folder") == true)
        }
    }

    @Test(.enabled(if: geteuid() != 0, "the superuser may write everywhere"))
    func protectedFilesStay() throws {
        try withTemporaryFolder { folder in
            try writeFileAtomically(path: "\(folder)/a.xyz", bytes: [1])
            chmod("\(folder)/a.xyz", 0o400)
            #expect(refusal("\(folder)/a.xyz")?.contains("protected against writing") == true)
            chmod(folder, 0o500)
            defer { chmod(folder, 0o700) }
            #expect(refusal("\(folder)/b.xyz")?.contains("cannot be written to (Permission denied)") == true)
        }
    }
}
