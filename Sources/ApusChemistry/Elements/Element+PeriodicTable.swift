extension Element {
    /// The row of the periodic table, 1 to 7.
    public var period: Int { Element.nobleGases.firstIndex { atomicNumber <= $0 }! + 1 }

    /// The column of the periodic table, 1 to 18; nil for the fourteen elements of each row between columns 2 and 3
    /// (La to Yb and Ac to No), which have none.
    public var group: Int? {
        let before = period == 1 ? 0 : Element.nobleGases[period - 2]
        let length = Element.nobleGases[period - 1] - before
        let position = atomicNumber - before
        if position <= 2 { return period == 1 && position == 2 ? 18 : position }
        let group = position + 18 - length
        return group > 2 ? group : nil
    }

    /// The last element of each row.
    private static let nobleGases = [2, 10, 18, 36, 54, 86, 118]
}
