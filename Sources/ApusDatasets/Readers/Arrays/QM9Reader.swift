import ApusChemistry
import ApusFiles
import ApusFormats

/// Reads the xyz files of QM9: one, a folder of them, or a tar archive such as `dsgdb9nsd.xyz.tar.bz2`, compressed or not.
///
/// The second line holds `gdb`, a number and fifteen properties; the fifth column of an atom is its Mulliken charge.
/// Energies are in hartree, positions in Å. Ramakrishnan et al., Sci. Data 1, 140022 (2014), doi:10.1038/sdata.2014.22.
final class QM9Reader: ConfigurationReader {
    let units: SourceUnits
    private let path: String
    private let options: ReadingOptions
    private let keys: [Property: String]
    private let nextFile: () throws -> (name: String, bytes: [UInt8])?
    private var count = 0

    /// The names of the numbers in the second line.
    static let names = [
        "A", "B", "C", "mu", "alpha", "homo", "lumo", "gap", "r2", "zpve", "U0", "U", "H", "G", "Cv",
    ]

    init(path: String, options: ReadingOptions) throws {
        (self.path, self.options) = (path, options)
        var keys: [Property: String] = [
            .atomicNumbers: "symbols", .positions: "coordinates", .energy: "U0", .charges: "Mulliken charges",
        ]
        for (property, key) in options.assignment {
            guard key.isEmpty || Self.names.contains(key), property.owner == .system || key.isEmpty else {
                throw options.names.error(
                    assigning: property, file: path, "QM9 has no '\(key)'",
                    remedy: "there are \(Self.names.joined(separator: ", "))")
            }
            keys[property] = key.isEmpty ? nil : key
        }
        self.keys = keys
        units = try SourceUnits(
            statements: [:], options: options, convention: ("QM9 convention", .hartreeAngstrom), file: path)
        if isFolder(path) {
            var names = try namesInFolder(path).filter { $0.hasSuffix(".xyz") }.reversed()[...]
            nextFile = {
                try names.popLast().map { ("\(path)/\($0)", try readDecompressedFile(path: "\(path)/\($0)")) }
            }
        } else if try firstDecompressedBytes(of: path, count: 512).count(where: { $0 == 0 }) > 100 {
            let archive = try TarArchive(reading: path)
            nextFile = {
                while let member = try archive.next() {
                    if member.name.hasSuffix(".xyz") { return ("\(path), \(member.name)", member.bytes) }
                }
                return nil
            }
        } else {
            var isDone = false
            nextFile = {
                defer { isDone = true }
                return isDone ? nil : (path, try readDecompressedFile(path: path))
            }
        }
    }

    func next() throws -> SourceFrame? {
        guard let (name, bytes) = try nextFile() else {
            guard count > 0 else {
                throw ApusError(.data, file: path, problem: "there is no .xyz file", remedy: "name QM9's archive")
            }
            return nil
        }
        count += 1
        return try Self.frame(
            bytes, file: name, place: Configuration.Place(file: path, frame: count), keys: keys)
    }

    /// Reads one file, whose name is for messages.
    static func frame(
        _ bytes: [UInt8], file: String, place: Configuration.Place, keys: [Property: String]
    ) throws -> SourceFrame {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        func failure(_ line: Int, _ problem: String) -> ApusError {
            ApusError(.data, file: file, place: "line \(line)", problem: problem, remedy: "copy or download it again")
        }
        func number(_ word: Substring, _ line: Int) throws -> Double {
            // Mathematica wrote powers of ten as 2.1*^-6.
            guard let value = Double(word.replacing("*^", with: "e")) ?? Double(word + "0"), value.isFinite else {
                throw failure(line, "'\(word)' is not a number")
            }
            return value
        }
        guard let atoms = Int(lines[0].filter { !$0.isWhitespace }), atoms > 0, atoms <= lines.count - 2 else {
            throw failure(1, "the number of atoms is '\(lines[0])', but the file has \(lines.count) lines")
        }
        let words = lines[1].split(whereSeparator: \.isWhitespace)
        guard words.count == 2 + names.count, words[0] == "gdb" else {
            throw failure(2, "the line must hold 'gdb', a number and \(names.count) properties")
        }
        var values: [String: Double] = [:]
        for (name, word) in zip(names, words[2...]) { values[name] = try number(word, 2) }
        var frame = SourceFrame(
            numbers: [], positions: [], record: "gdb \(words[1])", place: place)
        var charges: [Double] = []
        for row in 0..<atoms {
            let words = lines[2 + row].split(whereSeparator: \.isWhitespace)
            guard words.count == 5 else {
                throw failure(
                    3 + row, "an atom needs a symbol, a position and a charge, but there are \(words.count) words")
            }
            do { frame.numbers.append(try Element(symbol: String(words[0])).atomicNumber) } catch {
                throw failure(3 + row, "\(error)")
            }
            frame.positions.append(
                SIMD3(try number(words[1], 3 + row), try number(words[2], 3 + row), try number(words[3], 3 + row)))
            charges.append(try number(words[4], 3 + row))
        }
        for (property, key) in keys {
            if let value = values[key] { frame.labels[property] = [value] }
        }
        if keys[.charges] != nil { frame.labels[.charges] = charges }
        return frame
    }

    var interpretation: Interpretation {
        let used = Set(keys.values)
        return Interpretation(
            format: "QM9", count: count,
            entries: options.properties.compactMap { property in
                keys[property].map { units.entry(property, key: $0, count: count) }
            }, unusedKeys: Self.names.filter { !used.contains($0) })
    }
}
