import ApusFiles
import ApusTestSupport
import Testing

@testable import ApusRun

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

@Suite struct InputPathTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        for name in ["project/data", "project/runs/first", "elsewhere/runs"] {
            try createFolder("\(folder.path)/\(name)")
        }
        _ = try folder.write("here", to: "project/data/a.xyz")
    }

    @Test(arguments: [
        ("data/a.xyz", "project", "project/runs/first", "../../data/a.xyz"),
        ("../data/a.xyz", "project/runs/", "project/runs/first", "../../data/a.xyz"),
        ("a.xyz", "project/data", "project/data", "a.xyz"), ("./a.xyz", "project/data", "project", "data/a.xyz"),
        ("a.xyz", "project/data", "elsewhere/runs", "../../project/data/a.xyz"),
    ])
    func relativePathsLeadToTheSameFile(text: String, from: String, to: String, expected: String) throws {
        let path = InputPath(text: text, folder: "\(folder.path)/\(from)")
        let moved = try path.seen(from: "\(folder.path)/\(to)")
        #expect(moved.text == expected)
        #expect(try readFile(path: moved.path) == Array("here".utf8))
    }

    /// The parent of a folder behind a link is the parent of its target.
    @Test func linksAreFollowed() throws {
        #expect(symlink("\(folder.path)/elsewhere/runs", "\(folder.path)/project/linked") == 0)
        let path = InputPath(text: "data/a.xyz", folder: "\(folder.path)/project")
        let moved = try path.seen(from: "\(folder.path)/project/linked")
        #expect(moved.text == "../../project/data/a.xyz")
        #expect(try readFile(path: moved.path) == Array("here".utf8))
    }

    @Test func absolutePathsStay() throws {
        let moved = try InputPath(text: "/data/a.xyz", folder: "x").seen(from: "y")
        #expect(moved == InputPath(text: "/data/a.xyz", folder: "y") && moved.path == "/data/a.xyz")
    }

    @Test func foldersThatAreGoneAreNamed() {
        #expect {
            try InputPath(text: "a.xyz", folder: "").seen(from: "\(folder.path)/none")
        } throws: {
            ($0 as? ApusError)?.description
                == "\(folder.path)/none: the folder cannot be found (No such file or directory); check the path."
        }
    }

    /// Every file that a configuration names is found from the run folder too, and is an input that nothing may overwrite.
    @Test func configurationsMoveWithAllTheirFiles() throws {
        try createFolder("\(folder.path)/run")
        var configuration = RunConfiguration()
        func path(_ name: String) throws -> InputPath {
            _ = try folder.write("", to: name)
            return InputPath(text: name, folder: folder.path)
        }
        configuration.dataset.file = try path("a.xyz")
        configuration.dataset.validationFile = try path("v.xyz")
        configuration.dataset.testFile = try path("t.xyz")
        configuration.dataset.isolatedAtomsFile = try path("i.xyz")
        configuration.training.split.indexFiles = [try path("0.txt"), try path("1.txt")]
        let names = ["a.xyz", "v.xyz", "t.xyz", "i.xyz", "0.txt", "1.txt"]
        #expect(configuration.inputs == names.map { "\(folder.path)/\($0)" })
        let moved = try configuration.moved(to: "\(folder.path)/run")
        #expect(moved.inputs == names.map { "\(folder.path)/run/../\($0)" })
    }
}
