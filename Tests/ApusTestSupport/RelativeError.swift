/// The largest difference of two arrays over the largest element of the second.
package func relativeError(_ found: [Double], _ expected: [Double]) -> Double {
    precondition(found.count == expected.count, "\(found.count) numbers instead of \(expected.count)")
    let largest = expected.map(abs).max() ?? 0
    let difference = zip(found, expected).map { abs($0 - $1) }.reduce(0) { $1.isNaN ? .nan : max($0, $1) }
    return difference == 0 ? 0 : difference / largest
}
