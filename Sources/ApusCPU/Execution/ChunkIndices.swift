import ApusGraph

extension RowCounts {
    /// Elements of a place in the arena; none for a place elsewhere.
    func elements(of place: Place) -> Int {
        switch place {
        case .chunk(let rows, let count): self[rows] * count
        case .block(let count): min(pairs, Program.blockRows) * count
        case .parameter, .shared, .packed, .accumulator: 0
        }
    }
}

/// The index arrays of a chunk as kernels read them.
struct ChunkIndices {
    let kindOfAtom: UnsafePointer<Int32>
    let systemOfAtom: UnsafePointer<Int32>
    let pairFirst: UnsafePointer<Int32>
    let pairSecond: UnsafePointer<Int32>

    /// The indices with the atoms from one on.
    func atoms(from first: Int) -> ChunkIndices {
        ChunkIndices(
            kindOfAtom: kindOfAtom + first, systemOfAtom: systemOfAtom + first, pairFirst: pairFirst,
            pairSecond: pairSecond)
    }

    /// The indices with the pairs from one on.
    func pairs(from first: Int) -> ChunkIndices {
        ChunkIndices(
            kindOfAtom: kindOfAtom, systemOfAtom: systemOfAtom, pairFirst: pairFirst + first,
            pairSecond: pairSecond + first)
    }

    subscript(index: RowIndex) -> UnsafePointer<Int32> {
        switch index {
        case .systemOfAtom: systemOfAtom
        case .kindOfAtom: kindOfAtom
        }
    }
}
