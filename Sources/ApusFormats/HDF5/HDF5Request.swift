import ApusFiles

/// A question about an HDF5 file.
struct HDF5Request {
    enum Operation: Int {
        /// The links of a group; the numbers are type and address of each.
        case links
        /// Type and address of an object.
        case object
        /// Opens a data set; the numbers are its identifier, its type (``HDF5Dataset/ElementType/init(code:)``) and its
        /// extents.
        case open
        case close
        /// Elements of some rows.
        case reals, integers
        /// All elements as text.
        case texts
        /// An attribute.
        case text, number
    }

    var operation: Operation
    /// The path of the object.
    var name = ""
    var attribute = ""
    /// The identifier of a data set.
    var dataset = 0
    var rows = 0..<0
}

/// What the library says to a question; nothing where there is no such object.
struct HDF5Answer {
    var integers: [Int] = []
    var reals: [Double] = []
    var texts: [String] = []
}

/// Whoever answers questions about one file.
protocol HDF5Session: AnyObject {
    func answer(_ request: HDF5Request) throws -> HDF5Answer
}
