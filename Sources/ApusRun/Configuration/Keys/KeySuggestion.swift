/// The candidate that a misspelt name most likely means; nil when none is near.
package func nearest(to name: String, among candidates: [String]) -> String? {
    let allowed = max(1, name.count / 3)
    let wanted = name.lowercased()
    return candidates.map { (name: $0, distance: editDistance(wanted, $0.lowercased())) }
        .filter { $0.distance <= allowed }
        .min { $0.distance < $1.distance }?.name
}

/// The number of letters to insert, delete, replace or exchange with their neighbour to turn one text into the other.
///
/// This is the Damerau–Levenshtein distance in its restricted form (optimal string alignment).
func editDistance(_ left: String, _ right: String) -> Int {
    let left = Array(left)
    let right = Array(right)
    var rows = [Array(0...right.count)]
    for i in left.indices {
        var row = [i + 1]
        for j in right.indices {
            let replaced = rows[i][j] + (left[i] == right[j] ? 0 : 1)
            var distance = min(replaced, rows[i][j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                distance = min(distance, rows[i - 1][j - 1] + 1)
            }
            row.append(distance)
        }
        rows.append(row)
    }
    return rows[left.count][right.count]
}
