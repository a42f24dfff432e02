import ApusFiles

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One end of the connection between a process that reads HDF5 and the one that asks.
///
/// A message is eight integers and then bytes, whose numbers stand in those integers.
final class HDF5Socket {
    let descriptor: Int32
    /// No message has more bytes: eight for each of the elements that are asked for at a time, or all texts.
    private static let most = 1 << 30

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        #if !canImport(Glibc)
        var one: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &one, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    deinit { close(descriptor) }

    /// Two connected ends; nil when the system has none.
    static func pair() -> (HDF5Socket, HDF5Socket)? {
        var ends: [Int32] = [-1, -1]
        #if canImport(Glibc)
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #else
        let type = SOCK_STREAM
        #endif
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (HDF5Socket(ends[0]), HDF5Socket(ends[1]))
    }

    /// Whether standard input is such an end, not a terminal, file or pipe.
    static var isStandardInput: Bool {
        var status = stat()
        return fstat(STDIN_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    /// Tells the other end that nothing more comes.
    func shut() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    func send(_ request: HDF5Request) -> Bool {
        let texts = [request.name, request.attribute].joined(separator: "\0")
        return send(
            [
                request.operation.rawValue, request.dataset, request.rows.lowerBound, request.rows.upperBound,
                texts.utf8.count,
            ]) && send(Array(texts.utf8))
    }

    /// The next question; nil when there are no more.
    func receiveRequest() -> HDF5Request? {
        guard let head = receive(5, Int.self), let operation = HDF5Request.Operation(rawValue: head[0]),
            head[2] <= head[3], let bytes = receive(head[4], UInt8.self)
        else { return nil }
        let texts = Self.texts(bytes)
        guard texts.count == 2 else { return nil }
        return HDF5Request(
            operation: operation, name: texts[0], attribute: texts[1], dataset: head[1], rows: head[2]..<head[3])
    }

    func send(_ result: Result<HDF5Answer, any Error>) -> Bool {
        let answer: HDF5Answer
        var failed = 0
        switch result {
        case .success(let value): answer = value
        case .failure(let error):
            failed = 1
            let error = error as? ApusError ?? ApusError(.data, problem: "\(error)")
            answer = HDF5Answer(
                integers: [ApusError.Kind.allCases.firstIndex(of: error.kind) ?? 0],
                texts: [error.place ?? "", error.problem, error.remedy ?? ""])
        }
        let texts = Array(answer.texts.joined(separator: "\0").utf8)
        return send([failed, answer.integers.count, answer.reals.count, answer.texts.count, texts.count])
            && send(answer.integers) && send(answer.reals) && send(texts)
    }

    /// The answer to a question; nil when the other end is gone.
    func receiveAnswer(path: String) -> Result<HDF5Answer, ApusError>? {
        guard let head = receive(5, Int.self), let integers = receive(head[1], Int.self),
            let reals = receive(head[2], Double.self), let bytes = receive(head[4], UInt8.self)
        else { return nil }
        let answer = HDF5Answer(integers: integers, reals: reals, texts: head[3] == 0 ? [] : Self.texts(bytes))
        guard head[0] != 0 else { return .success(answer) }
        let kinds = ApusError.Kind.allCases
        guard answer.texts.count == 3, let kind = integers.first, kinds.indices.contains(kind) else { return nil }
        func optional(_ text: String) -> String? { text.isEmpty ? nil : text }
        return .failure(
            ApusError(
                kinds[kind], file: path, place: optional(answer.texts[0]), problem: answer.texts[1],
                remedy: optional(answer.texts[2])))
    }

    /// Names and texts have no byte of zero.
    private static func texts(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }

    private func send<Element: BitwiseCopyable>(_ elements: [Element]) -> Bool {
        #if canImport(Glibc)
        let flags = Int32(MSG_NOSIGNAL)
        #else
        let flags: Int32 = 0
        #endif
        return elements.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                #if canImport(Glibc)
                let count = Glibc.send(descriptor, bytes.baseAddress! + sent, bytes.count - sent, flags)
                #else
                let count = Darwin.send(descriptor, bytes.baseAddress! + sent, bytes.count - sent, flags)
                #endif
                if count > 0 {
                    sent += count
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }

    private func receive<Element: BitwiseCopyable>(_ count: Int, _: Element.Type) -> [Element]? {
        guard count >= 0, count <= Self.most / MemoryLayout<Element>.stride else { return nil }
        let size = count * MemoryLayout<Element>.stride
        var isComplete = true
        let elements = [Element](unsafeUninitializedCapacity: count) { buffer, filled in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            var received = 0
            while received < size {
                let next = recv(descriptor, bytes.baseAddress! + received, size - received, 0)
                if next > 0 {
                    received += next
                } else if next == 0 || errno != EINTR {
                    isComplete = false
                    return
                }
            }
            filled = count
        }
        return isComplete ? elements : nil
    }
}
