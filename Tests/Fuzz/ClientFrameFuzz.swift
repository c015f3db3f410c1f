// What clients send, read by the broker's reader and by the plain one. Run with `.ci/fuzz ClientFrameFuzz`; not a target
// of the package.
//
// modules: NATSWire
// with: Tests/NATSWireTests/ClientFrameInvariants.swift Tests/NATSWireTests/PlainClientReader.swift

/// Offers the input as what a client sends, and dies of a broken invariant.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzClientFrames(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let violation = ClientFrameInvariants.violation(for: Array(UnsafeBufferPointer(start: start, count: count)))
    if let violation { fatalError(violation) }
    return 0
}
