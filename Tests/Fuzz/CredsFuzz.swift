// Creds, decorated tokens and seed files. Run with `.ci/fuzz CredsFuzz`; not a target of the package.
//
// modules: NKeys
// with: Tests/NKeysTests/CredentialsInvariants.swift
// corpus: Testdata/nsc/keys/creds Testdata/nsc/tokens
import NKeys

/// Offers the input as a file, and dies of a broken invariant.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCreds(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let violation = CredentialsInvariants.violation(for: UnsafeBufferPointer(start: start, count: count))
    if let violation { fatalError(violation) }
    return 0
}
