import ApusChemistry
import ApusFiles

/// Which array of a file holds which property.
struct ArrayKeys {
    /// The array of each property that the file has.
    private(set) var keys: [Property: String] = [:]
    private let names: [String]
    private let order: [Property]
    private let settings: SettingNames

    /// Chooses among the names of arrays, by what the user assigns and by what is usual.
    ///
    /// - Throws: `ApusError` when an assigned array is missing, and when two usual names are both there.
    init(_ names: [String], usual: [Property: [String]], options: ReadingOptions, file: String) throws {
        self.names = names
        order = options.properties
        settings = options.names
        let all = Set(names)
        for property in options.properties {
            if let assigned = options.assignment[property] {
                if assigned.isEmpty { continue }
                guard all.contains(assigned) else {
                    throw settings.error(
                        assigning: property, file: file, "there is no array '\(assigned)'", remedy: listing)
                }
                keys[property] = assigned
                continue
            }
            let found = property.keys(named: usual[property, default: []], among: names)
            guard found.count <= 1 || !options.needs(property) else {
                throw ApusError(
                    .data, file: file,
                    problem: "both '\(found[0])' and '\(found[1])' could be the \(property.name)",
                    remedy: "choose one with \(settings.assignment(property))")
            }
            keys[property] = found.first
        }
    }

    /// The array of a property.
    subscript(property: Property) -> String? { keys[property] }

    /// The array of a property that must be there.
    ///
    /// - Throws: `ApusError` of kind `data`.
    func required(_ property: Property, file: String) throws -> String {
        guard let key = keys[property] else {
            throw ApusError(
                .data, file: file, problem: "no array has the usual name of the \(property.name)",
                remedy: "\(listing); choose one with \(settings.assignment(property))")
        }
        return key
    }

    /// The properties that the file has.
    var properties: [Property] { order.filter { keys[$0] != nil } }

    /// The properties that the file has, apart from elements and positions.
    var labels: [Property] { properties.filter { $0 != .positions && $0 != .atomicNumbers } }

    /// The names that no property was taken from, apart from some.
    func unused(except others: [String]) -> [String] {
        let used = Set(keys.values).union(others)
        return names.filter { !used.contains($0) }
    }

    private var listing: String { "the arrays are \(names.joined(separator: ", "))" }
}

extension ApusError {
    /// An error about an array whose shape is not that of its property.
    static func wrongShape(
        _ property: Property, array: String, found: [Int], wanted: String, file: String
    ) -> ApusError {
        ApusError(
            .data, file: file, place: "array '\(array)'",
            problem: "the \(property.name) must have the shape \(wanted), but it is \(found)",
            remedy: "correct the file, or choose another array with --assign or dataset.properties_assignment")
    }
}
