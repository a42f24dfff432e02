import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Where files are mapped to, for the handler of SIGBUS.
///
/// The system raises SIGBUS when a page is touched that the file does not have any more, because it was cut, its disk
/// fails or its server is gone. The handler puts zeros in the place of what is missing and notes it, so that the reader
/// goes on to where ``MappedFile/requireUnchanged()`` throws.
enum MappedRanges {
    private struct Slot: ~Copyable {
        let start = Atomic(0)
        let end = Atomic(0)
        let isDamaged = Atomic(false)
    }

    private struct Slots: @unchecked Sendable {
        let all: UnsafeMutableBufferPointer<Slot>

        init(count: Int) {
            all = .allocate(capacity: count)
            for k in 0..<count { all.initializeElement(at: k, to: Slot()) }
        }
    }

    /// More than are ever mapped at once; a file beyond them has no protection.
    private static let slots = Slots(count: 1024)
    private static let pageSize = Int(sysconf(Int32(_SC_PAGESIZE)))
    /// What happens at a SIGBUS that is none of ours.
    private static let earlier = install()

    /// Notes a range and returns its place.
    static func add(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard let start = bytes.baseAddress else { return nil }
        // The handler must find all this made.
        _ = (slots.all.count, pageSize, earlier)
        for k in slots.all.indices {
            let end = Int(bitPattern: start + bytes.count)
            guard
                slots.all[k].end.compareExchange(expected: 0, desired: end, ordering: .acquiringAndReleasing).exchanged
            else { continue }
            slots.all[k].isDamaged.store(false, ordering: .relaxed)
            slots.all[k].start.store(Int(bitPattern: start), ordering: .releasing)
            return k
        }
        return nil
    }

    /// Forgets a range.
    static func remove(_ slot: Int?) {
        guard let slot else { return }
        slots.all[slot].start.store(0, ordering: .releasing)
        slots.all[slot].end.store(0, ordering: .releasing)
    }

    /// Whether something was missing in a range.
    static func isDamaged(_ slot: Int?) -> Bool {
        slot.map { slots.all[$0].isDamaged.load(ordering: .acquiring) } ?? false
    }

    /// Puts zeros from the page of an address to the end of its range; false when it is in none.
    static func replace(at address: Int) -> Bool {
        for k in slots.all.indices {
            let start = slots.all[k].start.load(ordering: .acquiring)
            let end = slots.all[k].end.load(ordering: .acquiring)
            guard start != 0, start <= address, address < end else { continue }
            let page = address / pageSize * pageSize
            let zeros = mmap(
                UnsafeMutableRawPointer(bitPattern: page), end - page, PROT_READ, MAP_PRIVATE | MAP_ANON | MAP_FIXED,
                -1,
                0)
            guard zeros != MAP_FAILED else { return false }
            slots.all[k].isDamaged.store(true, ordering: .releasing)
            return true
        }
        return false
    }

    private static func install() -> sigaction {
        var (action, earlier) = (sigaction(), sigaction())
        #if canImport(Glibc)
        action.__sigaction_handler.sa_sigaction = handleMissingPage
        #else
        action.__sigaction_u.__sa_sigaction = handleMissingPage
        #endif
        action.sa_flags = SA_SIGINFO
        sigemptyset(&action.sa_mask)
        sigaction(SIGBUS, &action, &earlier)
        return earlier
    }

    /// The next touch of the page is as if there were no handler.
    static func leaveToOthers() {
        var action = earlier
        sigaction(SIGBUS, &action, nil)
    }
}

/// Handles SIGBUS; does nothing that is not allowed there.
private func handleMissingPage(
    _ number: Int32, _ information: UnsafeMutablePointer<siginfo_t>?, _ context: UnsafeMutableRawPointer?
) {
    #if canImport(Glibc)
    let address = information?.pointee._sifields._sigfault.si_addr
    #else
    let address = information?.pointee.si_addr
    #endif
    if !MappedRanges.replace(at: Int(bitPattern: address)) { MappedRanges.leaveToOthers() }
}
