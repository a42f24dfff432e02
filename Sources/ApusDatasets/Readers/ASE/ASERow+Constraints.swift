import ApusFiles
import ApusFormats
import ApusSystem

extension ASERow {
    /// 1 for each atom that may move, 0 for those that `FixAtoms` and `FixCartesian` hold; nil when none is held.
    ///
    /// ASE stores forces as the calculator gave them, so only those on held atoms mean something else than in a free
    /// molecule to whoever held them.
    ///
    /// - Throws: `ApusError` when a constraint is about atoms that are not there.
    func forceMask(_ notes: ReadingNotes) throws -> [Double]? {
        var mask = [Double](repeating: 1, count: numbers.count)
        for constraint in try constraintList() {
            let name = constraint["name"]?.string ?? "nothing"
            let arguments = constraint["kwargs"]
            let key = name == "FixAtoms" ? "indices" : "a"
            guard name == "FixAtoms" || name == "FixCartesian" else {
                notes.add("the constraint \(printable(name)) is not a mask of forces and not used")
                continue
            }
            guard let list = try arguments?[key].flatMap({ try numbers(in: $0) }) else {
                throw failure("constraints", "has \(name) without '\(key)'")
            }
            if name == "FixCartesian" {
                let held = try arguments?["mask"].flatMap { try numbers(in: $0) } ?? [1]
                guard held.contains(where: { $0 != 0 }) else { continue }
                if held.contains(0) { notes.add("an atom that is held in one direction counts as fixed") }
            }
            for value in list {
                // As in Python, -1 is the last atom.
                let place = value < 0 ? value + Double(numbers.count) : value
                guard let atom = Int(exactly: place), mask.indices.contains(atom) else {
                    throw failure("constraints", "fixes atom \(shortNumber(value)) of \(numbers.count)")
                }
                mask[atom] = 0
            }
        }
        return mask.contains(0) ? mask : nil
    }

    /// The constraints, which may be JSON in a text.
    private func constraintList() throws -> [JSONValue] {
        guard let text = constraints.string else { return constraints.array ?? [] }
        do { return try JSONValue(parsing: text).array ?? [] } catch {
            throw failure("constraints", "is no JSON: \(error)")
        }
    }

    private func numbers(in value: JSONValue) throws -> [Double]? {
        do { return try ASEData.array(value, key: "constraints")?.values } catch {
            throw failure("constraints", "is damaged: \(error.problem)")
        }
    }
}
