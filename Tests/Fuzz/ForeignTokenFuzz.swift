// Tokens of foreign issuers, their headers and claims, and key sets, as they come from outside: everything that is judged
// before a signature is. Run with `.ci/fuzz ForeignTokenFuzz`; not a target of the package.
//
// modules: NKeys Subjects Trust
// with: Sources/Identity/Rules/IdentityRule.swift Sources/Identity/Rules/IdentityFinding.swift
// with: Sources/Identity/Foreign/CompactToken.swift Sources/Identity/Foreign/JSONMembers.swift
// with: Sources/Identity/Foreign/NumericDate.swift Sources/Identity/Foreign/OneTimeTokens.swift
// with: Sources/Identity/Foreign/ForeignAlgorithm.swift Sources/Identity/Foreign/ForeignClaims.swift
// with: Sources/Identity/Foreign/ForeignIssuer.swift Sources/Identity/Foreign/ForeignJudge.swift
// with: Sources/Identity/Foreign/ForeignJudge+Claims.swift
// with: Sources/Identity/Foreign/Keys/KeyDescription.swift Sources/Identity/Foreign/Keys/KeyDocument.swift
// with: Tests/IdentityTests/Foreign/ForeignInvariants.swift
// corpus: Testdata/jose
// tokens: Testdata/jose/rfc_examples.json
// payloads: Testdata/jose/rfc_examples.json

/// Offers the input as each of them, and dies of a broken invariant.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzForeignToken(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let violation = ForeignInvariants.violation(for: Array(UnsafeBufferPointer(start: start, count: count)))
    if let violation { fatalError(violation) }
    return 0
}
