import Trust

@testable import Identity

/// An issuer with a key of every asymmetric kind, and the verifier that takes its tokens.
struct ForeignWorld: Sendable {
    static let now = UnixTime.zero.advanced(by: TokenMint.now)
    private static let made = Task { try await ForeignWorld() }

    /// The world that tests share: its keys take a while to make.
    static var shared: ForeignWorld { get async throws { try await made.value } }

    let mint = TokenMint()
    let rsa: MintKey
    let curve: MintKey
    let edwards: MintKey
    /// A key of the same kind as `curve` that is not the issuer's.
    let stranger: MintKey

    private init() async throws {
        rsa = try await .rsa(.rs256, kid: "rsa")
        curve = try await .curve(.es256, kid: "curve")
        edwards = try await .edwards(kid: "edwards")
        stranger = try await .curve(.es256, kid: "curve")
    }

    var keys: [MintKey] { [rsa, curve, edwards] }

    /// The issuer, as a configuration has it.
    var issuer: ForeignIssuer {
        ForeignIssuer(
            issuer: mint.issuer, audiences: ["credence"], algorithms: [.rs256, .es256, .edDSA], keys: .set(keySet(keys))
        )
    }

    var verifier: ForeignTokenVerifier { ForeignTokenVerifier([issuer]) }
}

extension IdentityVerdict {
    /// The codes of what failed, each once.
    var codes: Set<String> { Set(failures.map(\.code)) }
    /// What failed, as `code place`.
    var faults: [String] { failures.map { "\($0.code) \($0.place)" } }
}
