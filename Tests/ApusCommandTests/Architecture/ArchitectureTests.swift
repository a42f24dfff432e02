import ApusFiles
import ApusTestSupport
import Testing

/// The modules by level, as the diagram of the page has them: a line that begins with a level names its modules.
private let levels: [String: Int] = {
    let page = (try? lines(of: "\(packageRoot)/Documentation/Architecture.md")) ?? []
    var levels: [String: Int] = [:]
    for line in page {
        guard let level = line.prefixMatch(of: #/ (\d)   /#).flatMap({ Int($0.output.1) }) else { continue }
        for name in line.matches(of: /\b(?:Apus\w*|C[A-Z]\w+)/) { levels[String(name.output)] = level }
    }
    return levels
}()

/// What belongs to the language or the system.
private let systemModules: Set = [
    "Glibc", "Darwin", "FoundationEssentials", "Foundation", "Dispatch", "Synchronization",
]

/// A target of the manifest, without its tests.
private struct Target {
    let name: String
    let kind: String
    let dependencies: Set<String>
    let products: Set<String>

    static func all() throws -> [Target] {
        let manifest = String(decoding: try readFile(path: "\(packageRoot)/Package.swift"), as: UTF8.self)
        let isComment = { (line: Substring) in line.drop { $0 == " " }.hasPrefix("//") }
        let code = manifest.split(separator: "\n").filter { !isComment($0) }.joined(separator: " ")
        let declaration = /\.(?<kind>\w*[tT]arget|systemLibrary|plugin|macro)\(\s*name:\s*"(?<name>\w+)"/
        let starts = code.matches(of: declaration)
        return starts.enumerated().map { k, start in
            let end = k + 1 < starts.count ? starts[k + 1].range.lowerBound : code.endIndex
            let body = code[start.range.upperBound..<end]
            let list = body.firstMatch(of: /dependencies:\s*\[(?<list>[^\]]*)\]/).map { $0.output.list } ?? ""
            let products = Set(list.matches(of: /\.product\(\s*name:\s*"(\w+)"/).map { String($0.output.1) })
            let packages = list.replacing(/\.product\([^)]*\)/, with: "")
            let dependencies = Set(packages.matches(of: /"(\w+)"/).map { String($0.output.1) })
            return Target(
                name: String(start.output.name), kind: String(start.output.kind), dependencies: dependencies,
                products: products)
        }
    }
}

/// The paths of the files below a folder that end in a suffix.
private func files(below folder: String, suffixes: [String]) -> [String] {
    (names(in: folder) ?? []).flatMap { name in
        let path = "\(folder)/\(name)"
        return names(in: path) == nil
            ? (suffixes.contains(where: name.hasSuffix) ? [path] : []) : files(below: path, suffixes: suffixes)
    }
}

private func lines(of path: String) throws -> [Substring] {
    String(decoding: try readFile(path: path), as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
}

/// The manifest and the sources against the table of modules in `Documentation/Architecture.md`.
@Suite struct ArchitectureTests {
    @Test func theManifestHasTheModulesOfTheTable() throws {
        let targets = try Target.all().filter { $0.kind != "testTarget" }
        #expect(Set(targets.map(\.name)) == Set(levels.keys))
        #expect(Set(names(in: "\(packageRoot)/Sources") ?? []) == Set(levels.keys))
        // Where the manifest could not be read, nothing would be checked below.
        let target = { (name: String) in targets.first { $0.name == name } }
        #expect(
            target("ApusPotentials")?.dependencies == [
                "ApusCPU", "ApusGraph", "ApusChemistry", "ApusFiles", "ApusSystem",
            ])
        #expect(target("ApusCommand")?.products == ["ArgumentParser"])
    }

    @Test func modulesDependOnLowerLevelsOnly() throws {
        for target in try Target.all() where target.kind != "testTarget" {
            let level = try #require(levels[target.name])
            for dependency in target.dependencies {
                let other = try #require(levels[dependency], "\(target.name) uses the unknown \(dependency)")
                #expect(other < level, "\(target.name) (level \(level)) uses \(dependency) (level \(other))")
            }
            // Libraries of others serve the configuration and the command line alone.
            let allowed = ["ApusRun": Set(["TOMLKit"]), "ApusCommand": Set(["ArgumentParser"])]
            #expect(target.products == allowed[target.name] ?? [], "\(target.name): \(target.products)")
        }
    }

    /// A program that predicts needs a model file and no data set, so it links no library of data formats.
    @Test func predictionsNeedNoLibraryOfDataFormats() throws {
        let targets = Dictionary(uniqueKeysWithValues: try Target.all().map { ($0.name, $0) })
        func reach(_ name: String) -> Set<String> {
            (targets[name]?.dependencies ?? []).reduce(into: [name]) { $0.formUnion(reach($1)) }
        }
        let libraries = Set(targets.values.filter { $0.kind == "systemLibrary" }.map(\.name))
        // What is looked for is there, and the way to it is found.
        #expect(libraries.count > 5 && reach("ApusDatasets").isSuperset(of: libraries))
        #expect(reach("ApusPotentials").isSuperset(of: ["ApusFiles", "ApusGraph"]))
        #expect(reach("ApusPotentials").isDisjoint(with: libraries))
    }

    @Test func everyModuleHasTests() throws {
        let targets = try Target.all()
        for target in targets where target.kind == "target" && target.name != "Apus" {
            let tests = targets.first { $0.kind == "testTarget" && $0.name == "\(target.name)Tests" }
            #expect(tests?.dependencies.contains(target.name) == true, "\(target.name)")
        }
    }

    @Test func sourcesImportWhatIsDeclared() throws {
        for target in try Target.all() where target.kind != "testTarget" {
            let declared = target.dependencies.union(target.products).union(systemModules)
            var imported: Set<String> = []
            for file in files(below: "\(packageRoot)/Sources/\(target.name)", suffixes: [".swift"]) {
                for module in try lines(of: file).compactMap(importedModule) {
                    imported.insert(module)
                    #expect(declared.contains(module), "\(file) imports \(module), which is not declared")
                    // The whole of Foundation makes a static program three times as large.
                    if module == "Foundation" { #expect(try guardsFoundation(file), "\(file) imports all of it") }
                }
            }
            if target.name == "ApusCommand" { #expect(imported.isSuperset(of: ["ApusTraining", "ArgumentParser"])) }
        }
    }

    /// `B` of `import B`, `@testable import B` and `private import struct B.C`.
    private func importedModule(_ line: Substring) -> String? {
        let words = line.split(separator: " ")
        guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count,
            words[..<keyword].allSatisfy({ $0.hasPrefix("@") || ["public", "package", "private"].contains($0) })
        else { return nil }
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        let names = words[(keyword + 1)...].drop { kinds.contains($0) }
        return names.first?.split(separator: ".").first.map(String.init)
    }

    private func guardsFoundation(_ file: String) throws -> Bool {
        try lines(of: file).contains("#if canImport(FoundationEssentials)")
    }

    @Test func mistakesOfProgrammersKeepTheirText() throws {
        let sources = files(below: "\(packageRoot)/Sources", suffixes: [".swift"])
        #expect(sources.count > 200)
        for file in sources {
            for (number, line) in try lines(of: file).enumerated() {
                let isSilent = line.contains(/\b(precondition|preconditionFailure|assert|assertionFailure)\(/)
                #expect(
                    !isSilent, "\(file):\(number + 1): optimised builds drop the text; use 'require' or 'fatalError'")
            }
        }
    }

    /// What is printed elsewhere would reach the terminal with what files have in their names.
    @Test func resultsArePrintedInOnePlace() throws {
        let places = try files(below: "\(packageRoot)/Sources", suffixes: [".swift"]).filter { file in
            try lines(of: file).contains { $0.contains(/(^|[^.\w])(print|debugPrint|dump|fputs|puts|printf)\(/) }
        }
        #expect(places.map { $0.dropFirst(packageRoot.count) } == ["/Sources/ApusCommand/PrintResult.swift"])
    }

    /// Queues wait for ever where the system makes no more threads.
    @Test func threadsComeFromOnePlace() throws {
        for file in files(below: "\(packageRoot)/Sources", suffixes: [".swift"]) {
            for (number, line) in try lines(of: file).enumerated() {
                let asks = line.contains(/\b(DispatchQueue|DispatchGroup|Task\.detached|pthread_create|Thread\()/)
                #expect(!asks || file.hasSuffix("/Threads.swift"), "\(file):\(number + 1): use 'Threads.run'")
            }
        }
    }

    @Test func filesAreShort() throws {
        let all =
            files(below: "\(packageRoot)/Sources", suffixes: [".swift", ".c", ".h", ".inc"])
            + files(below: "\(packageRoot)/Tests", suffixes: [".swift"])
            + files(below: "\(packageRoot)/Tools", suffixes: [".py"])
        #expect(all.count > 200)
        for file in all {
            let count = try lines(of: file).count
            #expect(count <= 800, "\(file) has \(count) lines; split it by topic")
        }
    }
}
