/// An entry of a TensorBoard event file: TensorFlow's message `Event`, in the few forms that are written here.
///
/// The numbers of the fields are those of `event.proto`, `summary.proto` and `tensor.proto`.
struct TensorBoardEvent {
    /// Seconds since 1970.
    let time: Double
    /// The position on the horizontal axis.
    let step: Int
    let content: Content

    enum Content {
        /// The first entry of every file.
        case fileVersion
        /// What earlier files say about this step and later ones no longer holds.
        case start
        /// Curves, histograms, pictures and texts.
        case summary([TensorBoardWriter.Value])
    }

    /// The record of the entry: its length, the checksum of the length, the message, the checksum of the message.
    var record: [UInt8] {
        let message = message
        let length = littleEndianBytes(UInt64(message.count))
        return length + littleEndianBytes(CRC32C(length).masked) + message
            + littleEndianBytes(CRC32C(message).masked)
    }

    private var message: [UInt8] {
        var event = ProtobufMessage()
        event.append(1, time)
        event.append(2, step)
        switch content {
        case .fileVersion: event.append(3, "brain.Event:2")
        case .start: event.append(7) { $0.append(1, Self.sessionStart) }
        case .summary(let values):
            event.append(5) { summary in
                for value in values { summary.append(1) { value.write(to: &$0) } }
            }
        }
        return event.bytes
    }

    /// `SessionLog.START`.
    private static let sessionStart = 1
}

extension TensorBoardWriter.Value {
    /// Fills the message `Summary.Value`.
    fileprivate func write(to value: inout ProtobufMessage) {
        value.append(1, tag)
        switch content {
        case .scalar(let number): value.append(2, Float(number))
        case .histogram(let histogram): value.append(5) { histogram.write(to: &$0) }
        case .image(let png, let width, let height, let description):
            let sizes = [width, height].map { Array("\($0)".utf8) }
            value.append(8) { Self.write(sizes + [png], to: &$0) }
            value.append(9) { metadata in
                metadata.append(1) { $0.append(1, "images") }
                metadata.append(3, description)
            }
        case .text(let text):
            value.append(8) { Self.write([Array(text.utf8)], to: &$0) }
            // Which part of TensorBoard shows the tensor.
            value.append(9) { metadata in metadata.append(1) { $0.append(1, "text") } }
        }
    }

    /// Fills the message `TensorProto` with strings in a row.
    private static func write(_ strings: [[UInt8]], to tensor: inout ProtobufMessage) {
        tensor.append(1, stringType)
        tensor.append(2) { shape in shape.append(2) { $0.append(1, strings.count) } }
        for string in strings { tensor.append(8, bytes: string) }
    }

    /// `DT_STRING`.
    private static let stringType = 7
}

extension TensorBoardHistogram {
    /// Fills the message `HistogramProto`.
    fileprivate func write(to message: inout ProtobufMessage) {
        message.append(1, minimum)
        message.append(2, maximum)
        message.append(3, Double(count))
        message.append(4, sum)
        message.append(5, sumOfSquares)
        message.append(6, limits)
        message.append(7, counts.map(Double.init))
    }
}
