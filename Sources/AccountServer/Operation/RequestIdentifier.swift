import Synchronization

/// Names requests: 24 hexadecimal digits, a number of the process and a number of the request. Nothing that a client
/// sends has a part in it, so that nobody can write another's name into a log.
final class RequestIdentifiers: Sendable {
    private let process: String
    private let last = Atomic<UInt32>(0)

    init() {
        process = Self.digits(UInt64.random(in: .min ... .max), count: 16)
    }

    /// A name that this process has not given before, but for every four thousand millionth.
    func next() -> String {
        let number = last.wrappingAdd(1, ordering: .relaxed).newValue
        return process + Self.digits(UInt64(number), count: 8)
    }

    private static func digits(_ number: UInt64, count: Int) -> String {
        String(unsafeUninitializedCapacity: count) { buffer in
            for position in 0..<count {
                let digit = UInt8(truncatingIfNeeded: number &>> UInt64(4 * (count - 1 - position)) & 0xf)
                buffer[position] = digit < 10 ? 0x30 + digit : 0x57 + digit
            }
            return count
        }
    }
}
