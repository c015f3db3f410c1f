// Tokens, whole or as header and payload. Run with `.ci/fuzz TokenTextFuzz`; not a target of the package.
//
// modules: NKeys Subjects Trust
// with: Tests/TrustTests/TokenInvariants.swift
// corpus: Testdata/nsc/stores/STRICT
// tokens: Testdata/vectors/jwt_decode.json
// payloads: Testdata/vectors/jwt_decode.json Testdata/vectors/claims_validate.json

/// Offers the input as a token, and dies of a broken invariant.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTokenText(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let violation = TokenInvariants.violation(for: Array(UnsafeBufferPointer(start: start, count: count)))
    if let violation { fatalError(violation) }
    return 0
}
