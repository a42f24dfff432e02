import ApusFiles

/// Reading and writing of extended XYZ files: frames of atoms with arbitrary columns and key-value pairs.
///
/// ```
/// 2
/// Lattice="9 0 0 0 9 0 0 0 9" Properties=species:S:1:pos:R:3 energy=-31.7 pbc="T T T"
/// H 0.0 0.0 0.0
/// H 0.0 0.0 0.74
/// ```
///
/// The rules are those of https://github.com/libAtoms/extxyz. Without `Properties` a frame is a plain XYZ frame: a
/// species and a position per atom, further columns ignored, and a second line that may be prose. Numbers are taken as
/// they stand, in whatever unit; `nan` and `inf` are numbers.
public enum ExtendedXYZ {
    /// Reads all frames of a file, which may be compressed, see ``Compression``.
    ///
    /// - Throws: ``ApusError`` that names file, frame and line.
    public static func read(_ path: String) throws -> [Frame] {
        try allFrames(try FrameStream(path: path))
    }

    /// Reads all frames from the bytes of a file whose name is used in messages.
    ///
    /// - Throws: ``ApusError`` that names file, frame and line.
    public static func read(bytes: [UInt8], file: String) throws -> [Frame] {
        try allFrames(FrameStream(bytes: bytes, file: file))
    }

    private static func allFrames(_ stream: FrameStream) throws -> [Frame] {
        var frames: [Frame] = []
        while let frame = try stream.next() { frames.append(frame) }
        return frames
    }

    /// Writes frames to a file, atomically and one after the other; what is written reads back equal.
    ///
    /// - Throws: ``ApusError`` when a string cannot be a column of the file, or writing fails.
    public static func write(_ frames: some Sequence<Frame>, to path: String) throws {
        try write(frames, to: .file(path))
    }

    /// Writes frames to a file, or to standard output as they come.
    ///
    /// - Parameter check: Called after the last frame, before the file gets its name, which it prevents by throwing.
    /// - Throws: ``ApusError`` when a string cannot be a column of the file, or writing fails.
    public static func write(
        _ frames: some Sequence<Frame>, to target: OutputTarget, checking check: () throws -> Void = {}
    ) throws {
        try target.write { writePiece in
            var bytes: [UInt8] = []
            for (index, frame) in frames.enumerated() {
                do throws(FrameWriter.Failure) {
                    try FrameWriter.append(frame, to: &bytes)
                } catch {
                    throw ApusError(.data, file: target.name, place: "frame \(index + 1)", problem: error.problem)
                }
                if bytes.count > 1 << 20 {
                    try writePiece(bytes)
                    bytes.removeAll(keepingCapacity: true)
                }
            }
            try writePiece(bytes)
            try check()
        }
    }

    /// The frames of a file one after the other, of which only one is in memory at a time.
    public final class FrameStream {
        private var reader: FrameReader
        private let file: String
        private var count = 0

        /// Opens a file, which may be compressed, see ``Compression``.
        ///
        /// - Throws: ``ApusError`` when it cannot be opened.
        public init(path: String) throws {
            reader = FrameReader(LineReader(try openByteStream(path: path), file: path), file: path)
            file = path
        }

        /// Reads the bytes of a file whose name is used in messages.
        public init(bytes: [UInt8], file: String) {
            reader = FrameReader(LineReader(bytes), file: file)
            self.file = file
        }

        /// The next frame, nil at the end.
        ///
        /// - Throws: ``ApusError`` that names file, frame and line, also when there is no frame at all.
        public func next() throws -> Frame? {
            if let frame = try reader.next() {
                count += 1
                return frame
            }
            guard count > 0 else {
                throw ApusError(
                    .data, file: file, problem: "the file has no frame", remedy: "check that it is complete")
            }
            return nil
        }
    }
}
