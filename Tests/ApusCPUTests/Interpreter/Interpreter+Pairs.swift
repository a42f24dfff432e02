@testable import ApusCPU
@testable import ApusGraph

extension Interpreter {
    /// The operations over pairs, from the sums that they are derivatives of.
    func overPairs(_ tensor: Tensor, _ a: [[Estimate]], _ part: Batch.Part, _ zeros: [Estimate]) -> [Estimate] {
        let length = tensor.shape.count
        var out = zeros
        let ends = tensor.operation.maps.map { part[$0] }
        for (p, (first, second)) in zip(ends[0], ends[1]).enumerated() {
            let (i, j) = (Int(first), Int(second))
            switch tensor.operation {
            case is PairDifference:
                for k in 0..<length { out[p * length + k] = a[0][j * length + k] + -a[0][i * length + k] }
            case is PairScatter:
                for k in 0..<length {
                    out[j * length + k] += a[0][p * length + k]
                    out[i * length + k] += -a[0][p * length + k]
                }
            case let coupling as PairCoupling: add(coupling, tensor, a, pair: (p, i, j), to: &out)
            default: preconditionFailure("no definition of \(tensor.operation.label)")
            }
        }
        return out
    }

    /// The terms of a form that a pair adds to its derivative by the first argument: both directions, those of odd terms with
    /// opposite signs.
    private func add(
        _ coupling: PairCoupling, _ tensor: Tensor, _ a: [[Estimate]], pair: (p: Int, i: Int, j: Int),
        to out: inout [Estimate]
    ) {
        let tensors = [tensor] + tensor.inputs
        let ends = tensors.indices.filter { tensors[$0].rows == .atoms }
        for (first, second, isTurned) in [(pair.i, pair.j, false), (pair.j, pair.i, true)] {
            addTerms(coupling.form, tensor, a, to: &out, isTurned: isTurned) { argument in
                argument == ends[0] ? first : argument == ends[1] ? second : pair.p
            }
        }
    }

    /// The coupling of rows.
    func coupled(_ form: Coupling, _ tensor: Tensor, _ a: [[Estimate]], _ zeros: [Estimate]) -> [Estimate] {
        var out = zeros
        for row in 0..<zeros.count / tensor.shape.count {
            addTerms(form, tensor, a, to: &out, isTurned: false) { _ in row }
        }
        return out
    }

    /// Adds the products of all terms, argument k being read in row `row(k)`.
    private func addTerms(
        _ form: Coupling, _ tensor: Tensor, _ a: [[Estimate]], to out: inout [Estimate], isTurned: Bool,
        row: (Int) -> Int
    ) {
        let tensors = [tensor] + tensor.inputs
        let features = tensors.map(\.shape.features).max()!
        for term in form.terms {
            for f in 0..<features {
                let places = tensors.indices.map { k in
                    let shape = tensors[k].shape
                    return row(k) * shape.count + term.components[k] * shape.features + f % shape.features
                }
                let start = Estimate(value: isTurned && term.isOdd ? -term.coefficient : term.coefficient)
                let product = zip(a, places.dropFirst()).reduce(start) { $0 * $1.0[$1.1] }
                out[places[0]] += product
            }
        }
    }
}
