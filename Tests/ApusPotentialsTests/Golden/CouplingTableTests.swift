import ApusFiles
import ApusGraph
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The folder of reference tables, which are too large for the repository.
private let tables =
    (getenv("APUS_SHARED").map { String(cString: $0) } ?? "../shared") + "/golden/mace/mace_tables.safetensors"

/// Coupling coefficients against those of e3nn and mace-torch.
@Suite(.enabled(if: access(tables, R_OK) == 0, "APUS_SHARED does not name a folder with reference tables"))
struct CouplingTableTests {
    /// Rows of an I16 tensor, row by row in the file or, as the indices of U, column by column.
    private func indices(_ file: Safetensors, _ name: String, byColumn: Bool = false) throws -> [[Int]] {
        let tensor = try file.tensor(name)
        let values = tensor.bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 2).map {
                Int(Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self)))
            }
        }
        let (rows, columns) = (tensor.shape[0], tensor.shape[1])
        return (0..<rows).map { row in
            (0..<columns).map { values[byColumn ? $0 * rows + row : row * columns + $0] }
        }
    }

    @Test func threeJSymbols() throws {
        let file = try Safetensors.read(tables)
        var expected: [[Int]: [[Int]: Double]] = [:]
        for (index, value) in zip(try indices(file, "w3j/index"), try file.doubles("w3j/value")) {
            expected[Array(index[..<3]), default: [:]][Array(index[3...])] = value
        }
        #expect(expected.count > 30)
        for (l, entries) in expected {
            let symbol = WignerThreeJ(l[0], l[1], l[2])
            #expect(Set(symbol.entries.map(\.components)) == Set(entries.keys), "\(l)")
            let isEqual = symbol.entries.allSatisfy { ($0.value - (entries[$0.components] ?? 9)).magnitude < 1e-15 }
            #expect(isEqual, "\(l)")
        }
    }

    /// Number of paths, independent ones, and every path's symmetric part: the coefficients of U folded over permutations.
    @Test(arguments: [
        (2, 0, 1, 1), (2, 0, 2, 3), (2, 0, 3, 5), (2, 1, 1, 1), (2, 1, 2, 2), (2, 1, 3, 5), (2, 2, 1, 1), (2, 2, 2, 3),
        (2, 2, 3, 6), (3, 0, 1, 1), (3, 0, 2, 4), (3, 0, 3, 8), (3, 1, 1, 1), (3, 1, 2, 3), (3, 1, 3, 12), (3, 2, 1, 1),
        (3, 2, 2, 5),
    ])
    func symmetricProducts(_ degree: Int, _ result: Int, _ count: Int, _ independent: Int) throws {
        let file = try Safetensors.read(tables)
        let name = "U/lmax\(degree)/\(Irrep.natural(result))/\(count)"
        var folded: [[Int]: Double] = [:]  // m, path, factors in ascending order
        let index = try indices(file, "\(name)/index", byColumn: true)
        for (row, value) in zip(index, try file.doubles("\(name)/value")) {
            folded[[row[0], row.last!] + row.dropFirst().dropLast().sorted(), default: 0] += value
        }
        let product = SymmetricProduct(of: Irreps(upTo: degree), to: .natural(result), count: count)
        #expect(product.paths.count == index.map(\.last!).max()! + 1)
        #expect(product.basis.count == independent)
        for (k, path) in product.paths.enumerated() {
            for (m, polynomial) in path.enumerated() {
                for term in polynomial.terms {
                    let expected = folded.removeValue(forKey: [m, k] + term.monomial.factors) ?? 0
                    #expect((term.coefficient - expected).magnitude < 1e-14, "path \(k), \(term.monomial.factors)")
                }
            }
        }
        // What the paths here lack cancels in U.
        #expect(folded.values.allSatisfy { $0.magnitude < 1e-14 })
    }
}
