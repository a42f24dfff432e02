import ApusFiles

extension Split {
    /// The names of the parts, in files and messages.
    public static let partNames = ["training", "validation", "test"]

    /// The three parts in order.
    public var parts: [[Int]] { [training, validation, test] }

    /// Reads the positions of each part, from 0, one number a line as rMD17 has it; a missing third file is an empty
    /// test part.
    ///
    /// - Throws: `ApusError` that names file and line of a position that is no number, not in the data, or
    ///   in two parts.
    public init(indexFiles: [String], count: Int) throws {
        var owner: [Int: String] = [:]
        var parts: [[Int]] = []
        for file in indexFiles {
            var part: [Int] = []
            let text = String(decoding: try readFile(path: file), as: UTF8.self)
            for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                for word in line.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
                    func failure(_ problem: String) -> ApusError {
                        ApusError(
                            .data, file: file, place: "line \(index + 1)", problem: problem,
                            remedy: "write indices of configurations, counted from 0")
                    }
                    guard let position = Int(word) else { throw failure("'\(word)' is not a whole number") }
                    guard (0..<count).contains(position) else {
                        throw failure("there is no configuration with the index \(position), only 0 to \(count - 1)")
                    }
                    if let other = owner[position] {
                        throw failure(
                            "the index \(position) is also in \(other == file ? "an earlier line" : other)")
                    }
                    owner[position] = file
                    part.append(position)
                }
            }
            parts.append(part)
        }
        parts += [[Int]](repeating: [], count: max(0, 3 - parts.count))
        guard !parts[0].isEmpty else {
            throw ApusError(
                .data, file: indexFiles.first, problem: "the training part is empty", remedy: "name configurations")
        }
        self.init(training: parts[0], validation: parts[1], test: parts[2])
    }

    /// Writes a file of positions for each part that is not empty, such as `training.csv`, into a folder.
    ///
    /// - Throws: `ApusError` of kind `io`.
    public func write(to folder: String) throws {
        try createFolder(folder)
        for (name, part) in zip(Split.partNames, parts) where !part.isEmpty {
            let text = part.map { "\($0)\n" }.joined()
            try writeFileAtomically(path: "\(folder)/\(name).csv", bytes: Array(text.utf8))
        }
    }
}

/// What the validation or test part shares with the training part.
public struct SplitLeak: Sendable, Equatable {
    /// The part, `validation` or `test`.
    public let part: String
    /// Molecules of the part, and how many of them are in the training part too.
    public let molecules: (all: Int, shared: Int)
    /// Configurations of the part that repeat one of the training part, atom by atom; the first of them.
    public let copies: (count: Int, first: Int?)

    /// States what is shared.
    public init(part: String, molecules: (all: Int, shared: Int), copies: (count: Int, first: Int?)) {
        (self.part, self.molecules, self.copies) = (part, molecules, copies)
    }

    /// Compares the numbers.
    public static func == (left: SplitLeak, right: SplitLeak) -> Bool {
        left.part == right.part && left.molecules == right.molecules && left.copies == right.copies
    }

    /// What is shared, in words; nil when nothing is.
    public var text: String? {
        guard molecules.shared > 0 || copies.count > 0 else { return nil }
        let isOne = copies.count == 1
        guard molecules.shared > 0 else {
            return isOne
                ? "1 configuration of the \(part) part is an exact copy of a training one"
                : "\(copies.count) configurations of the \(part) part are exact copies of training ones"
        }
        let shared =
            "\(molecules.shared) of \(molecules.all) molecules of the \(part) part are in the training part too"
        guard copies.count > 0 else { return shared }
        return shared + ", "
            + (isOne ? "1 configuration as an exact copy" : "\(copies.count) configurations as exact copies")
    }

    /// What is shared, as something that is probably not wanted where configurations are copied; nil without copies.
    public var finding: Finding? {
        guard copies.count > 0, let text else { return nil }
        return Finding(
            .split,
            text + "; errors of this part say little about others, so leave copies out or put them all into one part")
    }
}

extension Dataset {
    /// Looks for molecules, and for copies of configurations, that are in the training part and in another.
    public func leaks(of split: Split) -> [SplitLeak] {
        let records = configurations.recordIndices
        let known = Set(split.training.map { records[$0] })
        let isDivided = split.parts.dropFirst().contains { !$0.isEmpty }
        let geometries = isDivided ? Set(configurations[split.training].geometryHashes) : []
        return zip(Split.partNames, split.parts).dropFirst().compactMap { name, part in
            guard !part.isEmpty else { return nil }
            let molecules = Set(part.map { records[$0] })
            let copies = zip(part, configurations[part].geometryHashes).filter { geometries.contains($1) }.map(\.0)
            return SplitLeak(
                part: name, molecules: (molecules.count, molecules.intersection(known).count),
                copies: (copies.count, copies.first))
        }
    }
}

extension Configurations {
    /// A hash of elements, positions, cell, charge and multiplicity of each, the same for exact copies.
    var geometryHashes: [Int] {
        enumerated().map { number, configuration in
            if number % 10_000 == 0 { releasePages() }
            return configuration.system.hashValue
        }
    }

    /// What a part that is a file of its own shares with the training part.
    public func leak(into part: Configurations, named name: String) -> SplitLeak {
        let (all, known) = (part.recordNames, recordNames)
        let geometries = Set(geometryHashes)
        let copies = part.geometryHashes.enumerated().filter { geometries.contains($1) }
        return SplitLeak(
            part: name, molecules: (all.count, all.intersection(known).count),
            copies: (copies.count, copies.first?.offset))
    }
}
