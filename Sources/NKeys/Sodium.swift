import CSodium

/// The one initialisation of libsodium, which picks the implementations for this processor and seeds its randomness,
/// and the pointers that its functions take.
enum Sodium {
    /// Whether libsodium may be used. Made once, by whichever thread comes first; later reads are an atomic load.
    static let isReady: Bool = sodium_init() >= 0

    /// Calls the body with the address of the bytes of a value that holds them inline.
    @inline(__always)
    static func reading<T, R>(_ value: T, _ body: (UnsafePointer<UInt8>) -> R) -> R {
        withUnsafePointer(to: value) { body(UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self)) }
    }

    /// Calls the body with the address of the bytes of a value that holds them inline, for a function that writes them.
    @inline(__always)
    static func writing<T, R>(_ value: inout T, _ body: (UnsafeMutablePointer<UInt8>) -> R) -> R {
        withUnsafeMutablePointer(to: &value) { body(UnsafeMutableRawPointer($0).assumingMemoryBound(to: UInt8.self)) }
    }
}
