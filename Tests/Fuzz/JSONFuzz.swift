// JSON texts, read by the reader of tokens and by the plain one. Run with `.ci/fuzz JSONFuzz`; not a target of the
// package.
//
// modules: NKeys Subjects Trust
// with: Tests/TrustTests/JSONInvariants.swift Tests/TrustTests/PlainJSON.swift
// payloads: Testdata/vectors/jwt_decode.json Testdata/vectors/claims_validate.json

/// Offers the input as JSON, and dies of a broken invariant.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let violation = JSONInvariants.violation(for: Array(UnsafeBufferPointer(start: start, count: count)))
    if let violation { fatalError(violation) }
    return 0
}
