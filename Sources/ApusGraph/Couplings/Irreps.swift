import ApusSystem

/// The layout of the components of equivariant features: blocks of irreducible representations one after another.
///
/// A row of features is `[components, F]`. A block of degree l has 2l + 1 components in the order m = −l … l of the real
/// spherical harmonics with the polar axis along y, so that the components of degree 1 are x, y, z (as in e3nn).
public struct Irreps: Hashable, Sendable, CustomStringConvertible {
    /// The representation of each block.
    public let blocks: [Irrep]

    /// Blocks in the given order.
    public init(_ blocks: [Irrep]) { self.blocks = blocks }

    /// Degrees 0 to L with natural parity, (L + 1)² components: the layout of the spherical harmonics.
    public init(upTo degree: Int) { self.init((0...degree).map(Irrep.natural)) }

    /// The number of components.
    public var components: Int { blocks.reduce(0) { $0 + $1.dimension } }

    /// The components of each block.
    public var ranges: [Range<Int>] {
        var end = 0
        return blocks.map { block in
            end += block.dimension
            return end - block.dimension..<end
        }
    }

    /// The components of the first block of a representation; nil where there is none.
    public func range(of irrep: Irrep) -> Range<Int>? { blocks.firstIndex(of: irrep).map { ranges[$0] } }

    /// As in `0e+1o+2e`.
    public var description: String { blocks.map(\.description).joined(separator: "+") }
}
