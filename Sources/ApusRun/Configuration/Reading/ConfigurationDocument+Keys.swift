import ApusFiles

extension ConfigurationDocument {
    /// The key that a setting belongs to.
    ///
    /// - Returns: nil for an empty table, which sets nothing.
    /// - Throws: `ApusError` for unknown keys, for values in place of tables and tables in place of values.
    package func key(for path: String) throws -> ConfigurationKey? {
        if let key = keys.first(where: { $0.path == path }) { return key }
        if let outer = keys.first(where: { path.hasPrefix($0.path + ".") }) {
            if case .stored = outer.rule {
                throw error(at: path, "\(outer.path) is \(outer.expected), not a table")
            }
            return outer
        }
        guard keys.contains(where: { $0.path.hasPrefix(path + ".") }) else {
            throw unknownKeyError(path)
        }
        guard settings[path]?.value == .table([:]) else {
            let found = settings[path]?.value.found ?? "nothing"
            throw error(at: path, "\(path) is a table of keys, found \(found)")
        }
        return nil
    }

    /// Names the first component that is wrong and what may be meant.
    private func unknownKeyError(_ path: String) -> ApusError {
        let paths = keys.map { $0.path.split(separator: ".").map(String.init) }
        var known: [String] = []
        for component in path.split(separator: ".").map(String.init) {
            let siblings = paths.filter { $0.count > known.count && Array($0.prefix(known.count)) == known }
            let names = siblings.map { $0[known.count] }
            if names.contains(component) {
                known.append(component)
                continue
            }
            let problem = "unknown key '\((known + [component]).joined(separator: "."))'"
            if let name = nearest(to: component, among: names) {
                return error(at: path, problem + " (did you mean '\(name)'?)")
            }
            if let elsewhere = paths.first(where: { $0.last == component }) {
                return error(at: path, problem + " (did you mean '\(elsewhere.joined(separator: "."))'?)")
            }
            let table = known.isEmpty ? "the tables are" : "the keys of [\(known.joined(separator: "."))] are"
            return error(at: path, problem, remedy: "\(table) \(names.uniqued().joined(separator: ", "))")
        }
        fatalError("\(path) is a known table")
    }
}

extension [String] {
    /// The same without repetitions.
    fileprivate func uniqued() -> [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
