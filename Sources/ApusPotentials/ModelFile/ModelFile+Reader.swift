import ApusCPU
import ApusChemistry
import ApusFiles
import ApusGraph

/// Takes a model file apart and says what is wrong with it.
struct ModelReader {
    let contents: Safetensors
    let file: String

    private static let damaged = "the file is damaged or was edited"

    func failure(_ place: String?, _ problem: String, remedy: String = damaged) -> ApusError {
        ApusError(.data, file: file, place: place, problem: problem, remedy: remedy)
    }

    func failure(key: String, _ problem: String, remedy: String = damaged) -> ApusError {
        failure("metadata '\(key)'", problem, remedy: remedy)
    }

    func failure(tensor: String, _ problem: String, remedy: String = damaged) -> ApusError {
        failure("tensor '\(tensor)'", problem, remedy: remedy)
    }

    func checkFormat() throws {
        guard contents.metadata["format"] == "apus-model" else {
            throw failure(
                nil, "this is not a model: its metadata have no 'format' of 'apus-model'",
                remedy: "name a file that apus train wrote")
        }
        let text = try text("format_version")
        guard let version = Int(text), version > 0 else {
            throw failure(key: "format_version", "'\(text)' is not a version, a whole number from 1 on")
        }
        guard version <= ModelFile.formatVersion else {
            throw failure(
                key: "format_version",
                "format version \(version) is newer than this program understands (\(ModelFile.formatVersion))",
                remedy: "update apus")
        }
        try checkDigest(version: version)
    }

    /// Compares the digest of all that was read. Versions 1 and 2 have none; where one stands, it must be right.
    private func checkDigest(version: Int) throws {
        var rest = contents
        guard let promised = rest.metadata.removeValue(forKey: ModelFile.digestKey) else {
            guard version < 3 else { throw failure(key: ModelFile.digestKey, "the key is missing") }
            return
        }
        guard rest.digest() == promised else {
            throw failure(
                nil, "the checksum is wrong, so something in the file has changed since it was written",
                remedy: "copy it again, or train again")
        }
    }

    // MARK: Metadata

    func text(_ key: String) throws -> String {
        guard let text = contents.metadata[key] else { throw failure(key: key, "the key is missing") }
        return text
    }

    func real(_ key: String) throws -> Double {
        let text = try text(key)
        guard let value = Double(text), value.isFinite else {
            throw failure(key: key, "'\(text)' is not a finite number")
        }
        try checkSize(value, key, "the number")
        return value
    }

    /// Energies beyond what any unit makes of an atom's would overflow in sums.
    private func checkSize(_ value: Double, _ key: String, _ name: String) throws {
        guard abs(value) > 1e15 else { return }
        throw failure(key: key, "\(name) is \(value), but must be from -1e15 to 1e15")
    }

    func object(_ key: String) throws -> [String: JSONValue] {
        let text = try text(key)
        do {
            guard let members = try JSONValue(parsing: text).object else {
                throw failure(key: key, "the JSON text is not an object")
            }
            return members
        } catch let error as JSONValue.SyntaxError {
            throw failure(key: key, "the text is no JSON: \(error)")
        }
    }

    /// The potential, of the types that are known.
    func potential(_ known: [any Potential.Type]) throws -> any Potential {
        let key = "architecture"
        let value = try json(key)
        guard let name = value["name"]?.string else { throw failure(key: key, "the name is missing") }
        guard let type = known.first(where: { $0.name == name }) else {
            let names = known.map { $0.name }
            let words = names.dropLast().joined(separator: ", ") + " and \(names.last ?? "none")"
            throw failure(key: key, "the architecture '\(name)' is unknown (\(words) are known)", remedy: "update apus")
        }
        do throws(HyperparameterFault) {
            return try type.init(json: value)
        } catch {
            throw failure(key: key, error.problem, remedy: error.remedy)
        }
    }

    func units() throws -> UnitSystem {
        func unit(_ key: String, needed: Dimension) throws -> Unit {
            let text = try text(key)
            do throws(UnitError) {
                let unit = try Unit(text)
                guard unit.dimension == needed else { throw .wrongDimension(unit, needed: needed) }
                return unit
            } catch {
                throw failure(key: key, "\(error)")
            }
        }
        return try UnitSystem(
            energy: try unit("energy_unit", needed: .energy), length: try unit("length_unit", needed: .length))
    }

    func selfEnergies() throws -> [Int: Double] {
        let key = "self_energies"
        var energies: [Int: Double] = [:]
        for (symbol, value) in try object(key).sorted(by: { $0.key < $1.key }) {
            let element: Element
            do {
                element = try Element(symbol: symbol)
            } catch {
                throw failure(key: key, "\(error)")
            }
            guard let energy = value.real, energy.isFinite else {
                throw failure(key: key, "the energy of \(symbol) is \(value), not a finite number")
            }
            try checkSize(energy, key, "the energy of \(symbol)")
            energies[element.atomicNumber] = energy
        }
        guard !energies.isEmpty else { throw failure(key: key, "there is no element") }
        let expected = Element.all.filter { energies[$0.atomicNumber] != nil }.map(\.symbol).joined(separator: " ")
        let listed = try text("elements")
        guard listed == expected else {
            throw failure(key: "elements", "'\(listed)' is listed, but there are self-energies of '\(expected)'")
        }
        return energies
    }

    // MARK: Tensors

    /// The parameters in the order of their declarations, and the precision they are stored in.
    func parameters(_ declarations: [ParameterDeclaration]) throws -> ([Double], Precision) {
        var parameters: [Double] = []
        var precision: Precision?
        for declaration in declarations {
            let name = declaration.name
            let tensor = try tensor(name, shape: [declaration.rows, declaration.features])
            let found: Precision
            switch tensor.elementType {
            case .f32: found = .float32
            case .f64: found = .float64
            default:
                throw failure(
                    tensor: name, "the element type is \(tensor.elementType.rawValue), but must be F32 or F64")
            }
            guard found == precision ?? found else {
                throw failure(tensor: name, "the element type is \(tensor.elementType.rawValue), unlike others before")
            }
            precision = found
            parameters += try contents.doubles(name)
        }
        let known = Set(declarations.map(\.name))
        if let name = contents.tensors.keys.filter({ !known.contains($0) && !$0.hasPrefix("golden/") }).min() {
            throw failure(tensor: name, "the architecture has no parameter of this name")
        }
        guard let precision else { throw failure(nil, "there are no parameters") }
        return (parameters, precision)
    }

    func vectors(_ name: String, count: Int) throws -> [SIMD3<Double>] {
        _ = try tensor(name, shape: [count, 3])
        return ApusPotentials.vectors(try contents.doubles(name))
    }

    func tensor(_ name: String, shape: [Int]) throws -> Safetensors.Tensor {
        let tensor = try contents.tensor(name)
        guard tensor.shape == shape else {
            throw failure(tensor: name, "the shape is \(tensor.shape), but must be \(shape)")
        }
        return tensor
    }
}
