import ApusPotentials
import ApusRun
import ArgumentParser

/// The name of a potential, in upper or lower case.
struct PotentialName: ExpressibleByArgument {
    let type: any Potential.Type

    init(_ type: any Potential.Type) { self.type = type }

    init?(argument: String) {
        guard
            let type = standardPotentials.first(where: { $0.name.lowercased() == argument.lowercased() })
        else { return nil }
        self.type = type
    }

    var defaultValueDescription: String { type.name.lowercased() }
    static var allValueStrings: [String] { standardPotentials.map { $0.name.lowercased() } }
}
