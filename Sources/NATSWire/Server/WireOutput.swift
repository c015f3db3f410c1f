/// Bytes on their way to a client: written to in place, and taken all at once.
///
/// One block of memory that grows and is used again, so that a message costs no allocation. Belongs to one thread.
public final class WireOutput {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// How many bytes wait.
    public private(set) var count = 0

    /// Memory of more than so many bytes is given back when it is emptied.
    private static let kept = 1 << 16

    /// Nothing written, and no memory taken.
    public init() {
        capacity = 0
        base = UnsafeMutablePointer(bitPattern: MemoryLayout<UInt8>.alignment).unsafelyUnwrapped
    }

    deinit {
        if capacity > 0 { base.deallocate() }
    }

    /// What waits.
    public var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

    /// Forgets what waits, because somebody has taken it.
    public func removeAll() {
        count = 0
        if capacity > Self.kept {
            base.deallocate()
            base = UnsafeMutablePointer<UInt8>.allocate(capacity: 4096)
            capacity = 4096
        }
    }

    /// Gives back all memory.
    public func release() {
        if capacity > 0 { base.deallocate() }
        capacity = 0
        count = 0
        base = UnsafeMutablePointer(bitPattern: MemoryLayout<UInt8>.alignment).unsafelyUnwrapped
    }

    @inline(__always)
    private func reserve(_ more: Int) -> UnsafeMutablePointer<UInt8> {
        if capacity &- count < more { grow(more) }
        return base + count
    }

    @inline(never)
    private func grow(_ more: Int) {
        let size = max(max(256, capacity &* 2), count &+ more)
        let block = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
        block.update(from: base, count: count)
        if capacity > 0 { base.deallocate() }
        base = block
        capacity = size
    }

    /// Appends bytes as they are.
    public func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count).update(from: source, count: bytes.count)
        count &+= bytes.count
    }

    /// Appends the UTF-8 of a text.
    public func append(_ text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends bytes as they are.
    public func append(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { append($0) } }

    /// Appends `-ERR`, with its text in quotes.
    public func appendError(_ text: String) { append(Array("-ERR '\(text)'\r\n".utf8)) }

    /// Appends `INFO` with its JSON text.
    public func appendInfo(_ json: [UInt8]) {
        append("INFO ")
        append(json)
        append(" \r\n")
    }

    /// Appends a message for one subscription: `MSG`, or `HMSG` where it has headers.
    ///
    /// None of the fields may hold a blank or a control character; a caller has them from a `ClientFrame` or from a
    /// subject.
    @inline(__always)
    public func appendMessage(
        subject: UnsafeBufferPointer<UInt8>, subscription: UnsafeBufferPointer<UInt8>,
        reply: UnsafeBufferPointer<UInt8>, message: UnsafeBufferPointer<UInt8>, headerCount: Int
    ) {
        let length = subject.count &+ subscription.count &+ reply.count &+ message.count &+ 56
        var end = reserve(length)
        let begin = end
        if headerCount > 0 {
            end.pointee = 0x48
            end += 1
        }
        // `MSG` and a blank.
        UnsafeMutableRawPointer(end).storeBytes(of: UInt32(littleEndian: 0x2047_534D), as: UInt32.self)
        end += 4
        Self.put(subject, &end)
        Self.put(subscription, &end)
        if reply.count > 0 { Self.put(reply, &end) }
        if headerCount > 0 {
            Self.put(headerCount, &end)
            end.pointee = 0x20
            end += 1
        }
        Self.put(message.count, &end)
        UnsafeMutableRawPointer(end).storeBytes(of: UInt16(littleEndian: 0x0A0D), as: UInt16.self)
        end += 2
        if let source = message.baseAddress, message.count > 0 {
            end.update(from: source, count: message.count)
            end += message.count
        }
        UnsafeMutableRawPointer(end).storeBytes(of: UInt16(littleEndian: 0x0A0D), as: UInt16.self)
        end += 2
        count &+= end - begin
    }

    /// A field and a blank.
    @inline(__always)
    private static func put(_ field: UnsafeBufferPointer<UInt8>, _ end: inout UnsafeMutablePointer<UInt8>) {
        if let source = field.baseAddress {
            end.update(from: source, count: field.count)
            end += field.count
        }
        end.pointee = 0x20
        end += 1
    }

    /// A number of at most 19 digits.
    @inline(__always)
    private static func put(_ number: Int, _ end: inout UnsafeMutablePointer<UInt8>) {
        var rest = UInt(truncatingIfNeeded: number)
        var digits = 1
        var bound: UInt = 10
        while rest >= bound, digits < 19 {
            digits &+= 1
            bound = bound &* 10
        }
        var index = digits &- 1
        while index >= 0 {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            end[index] = 0x30 &+ UInt8(truncatingIfNeeded: digit)
            rest = quotient
            index &-= 1
        }
        end += digits
    }
}
