@testable import ApusCPU
@testable import ApusGraph

extension Interpreter {
    /// The operations over pairs, from the sums that they are derivatives of.
    func overPairs(_ tensor: Tensor, _ a: [[Estimate]], _ part: Batch.Part, _ zeros: [Estimate]) -> [Estimate] {
        let (length, features) = (tensor.shape.count, tensor.shape.features)
        var out = zeros
        for (p, (first, second)) in zip(part.pairFirst, part.pairSecond).enumerated() {
            let (i, j) = (Int(first), Int(second))
            switch tensor.operation {
            case is PairConvolution:
                for k in 0..<length {
                    out[i * length + k] += a[1][p * features + k % features] * a[0][j * length + k]
                    out[j * length + k] += a[1][p * features + k % features] * a[0][i * length + k]
                }
            case is PairProduct:
                let length = tensor.inputs[0].shape.count
                for k in 0..<length {
                    out[p * features + k % features] += a[0][i * length + k] * a[1][j * length + k]
                    out[p * features + k % features] += a[0][j * length + k] * a[1][i * length + k]
                }
            case is PairDifference:
                for k in 0..<length { out[p * length + k] = a[0][j * length + k] + -a[0][i * length + k] }
            case is PairScatter:
                for k in 0..<length {
                    out[j * length + k] += a[0][p * length + k]
                    out[i * length + k] += -a[0][p * length + k]
                }
            case let form as VectorForm: add(form, tensor, a, pair: (p, i, j), to: &out)
            default: preconditionFailure("no definition of \(tensor.operation.label)")
            }
        }
        return out
    }

    /// The terms that a pair adds to a derivative of V = Σ u_pc w_pf (y_icf x_jf − y_jcf x_if).
    private func add(
        _ form: VectorForm, _ tensor: Tensor, _ a: [[Estimate]], pair: (p: Int, i: Int, j: Int),
        to out: inout [Estimate]
    ) {
        let features = zip(tensor.inputs, a).map(\.0.shape.features).max()!
        let (p, i, j) = pair
        for c in 0..<3 {
            for f in 0..<features {
                let (yi, yj) = ((i * 3 + c) * features + f, (j * 3 + c) * features + f)
                let (xi, xj, w, u) = (i * features + f, j * features + f, p * features + f, p * 3 + c)
                switch form.omitted {
                case .vector:
                    out[yi] += a[2][u] * a[1][w] * a[0][xj]
                    out[yj] += -(a[2][u] * a[1][w] * a[0][xi])
                case .scalar:
                    out[xj] += a[2][u] * a[1][w] * a[0][yi]
                    out[xi] += -(a[2][u] * a[1][w] * a[0][yj])
                case .filter: out[w] += a[2][u] * (a[0][yi] * a[1][xj] + -(a[0][yj] * a[1][xi]))
                case .direction: out[u] += a[2][w] * (a[0][yi] * a[1][xj] + -(a[0][yj] * a[1][xi]))
                }
            }
        }
    }
}
