// The texts of public keys and seeds. Run with `.ci/fuzz KeyTextFuzz`; not a target of the package.
//
// modules: NKeys
// with: Tests/NKeysTests/KeyTextInvariants.swift Tests/NKeysTests/PlainKeyText.swift
// corpus: Testdata/nsc/keys/keys
import NKeys

/// Offers the input as a key, and dies of a broken invariant.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzKeyText(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let violation = KeyTextInvariants.violation(for: UnsafeBufferPointer(start: start, count: count))
    if let violation { fatalError(violation) }
    return 0
}
