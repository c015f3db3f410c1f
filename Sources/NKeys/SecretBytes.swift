import CSodium

/// Bytes that must not be swapped out, printed or left behind.
///
/// They stand in memory of their own between guard pages, locked as far as the process may lock memory
/// (`RLIMIT_MEMLOCK`), left out of core dumps, read-only once filled, and wiped when the last reference goes. Each
/// instance costs a few pages and as many mappings, of which a process has some 65,000.
///
///     let file = SecretBytes(capacity: size) { buffer in read(descriptor, buffer.baseAddress, buffer.count) }
///     if let file { try CredentialsFile(parsing: file) }
public final class SecretBytes: @unchecked Sendable {
    // Sendable because nothing writes to the memory between the end of `init` and `deinit`; it is read-only then.
    private let memory: UnsafeMutableRawPointer
    private let capacity: Int

    /// The number of bytes.
    public let count: Int

    /// Takes memory for at most `capacity` bytes and lets the body fill it; what the body throws is thrown on.
    ///
    /// Nil when no memory is to be had.
    ///
    /// - Parameters:
    ///   - capacity: the size of the buffer, in bytes.
    ///   - fill: writes from the beginning of the buffer, which holds zeros, and returns how many bytes it wrote.
    public init?<E: Error>(
        capacity: Int, filling fill: (UnsafeMutableRawBufferPointer) throws(E) -> Int
    ) throws(E) {
        guard capacity >= 0, Sodium.isReady, let memory = sodium_malloc(capacity) else { return nil }
        sodium_memzero(memory, capacity)
        do {
            count = min(max(try fill(UnsafeMutableRawBufferPointer(start: memory, count: capacity)), 0), capacity)
        } catch {
            SecretBytes.release(memory, capacity)
            throw error
        }
        sodium_mprotect_readonly(memory)
        self.memory = memory
        self.capacity = capacity
    }

    deinit {
        sodium_mprotect_readwrite(memory)
        SecretBytes.release(memory, capacity)
    }

    private static func release(_ memory: UnsafeMutableRawPointer, _ capacity: Int) {
        sodium_memzero(memory, capacity)
        #if DEBUG
            released?(UnsafeRawBufferPointer(start: memory, count: capacity))
        #endif
        sodium_free(memory)
    }

    /// Calls the body with the bytes, which are valid during the call only. Whoever copies them answers for the copy.
    public func withUnsafeBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(unsafeBytes)
    }

    /// The bytes, valid for as long as the caller holds this object.
    var unsafeBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory, count: count) }

    /// Calls the body with the address of the bytes, which is there even when there are none.
    func reading<R>(_ body: (UnsafePointer<UInt8>) -> R) -> R {
        body(UnsafePointer(memory.assumingMemoryBound(to: UInt8.self)))
    }

    /// Overwrites a buffer of the caller's with zeros, in a way that the compiler does not leave out.
    public static func wipe(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let start = buffer.baseAddress else { return }
        sodium_memzero(start, buffer.count)
    }

    /// Overwrites an array with zeros and empties it. Copies made before, also by growing the array, are not reached.
    public static func wipe(_ array: inout [UInt8]) {
        array.withUnsafeMutableBytes { wipe($0) }
        array.removeAll(keepingCapacity: false)
    }

    #if DEBUG
        /// What tests look at memory with, after it was wiped and before it is given back; set for one task's deinits.
        @TaskLocal package static var released: (@Sendable (UnsafeRawBufferPointer) -> Void)?
    #endif
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// How many bytes there are, never which.
    public var description: String { "\(count) secret bytes" }
    /// How many bytes there are, never which.
    public var debugDescription: String { description }
    /// A mirror without children, so that `dump` finds nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
