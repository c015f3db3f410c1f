import NKeys
import Trust

/// One attack on uploads themselves, before its tokens are written: or, where it breaks no rule, what is like an attack
/// and good.
struct UploadVector: Sendable {
    typealias Requests = (before: [ReplaySuite.Request], attack: ReplaySuite.Request)

    /// Its name.
    let id: String
    /// What it does, in a line.
    let about: String
    /// The rows of the advisories that it tries.
    let covers: [String]
    /// Every rule that it breaks, by each policy.
    let rules: [Rule]
    /// Whether it is under the operator that demands signing keys.
    let isStrict: Bool
    let requests: @Sendable (UploadScene) throws(KeyUseError) -> Requests

    init(
        _ id: String, _ about: String, covers: [String] = [], _ rules: [Rule], strict isStrict: Bool = false,
        _ requests: @escaping @Sendable (UploadScene) throws(KeyUseError) -> Requests
    ) {
        (self.id, self.about, self.covers, self.rules) = (id, about, covers, rules.sorted())
        (self.isStrict, self.requests) = (isStrict, requests)
    }

    /// All that there are.
    static let all =
        paths + signers + versions + deletions + types + texts + keys + subjects + numbers + circles + exports

    /// Writes the tokens.
    func attack(
        _ company: Company, _ keys: KeySource, _ writing: TokenWriting
    ) throws(KeyUseError) -> ReplaySuite.UploadAttack {
        let scene = try UploadScene(company, keys, writing, id: "upload/\(id)", strict: isStrict)
        let requests = try requests(scene)
        let expectation = ReplaySuite.Expectation(rules: rules.map(\.code))
        return ReplaySuite.UploadAttack(
            id: scene.id, about: about, covers: covers, operatorIndex: isStrict ? 1 : 0, before: requests.before,
            attack: requests.attack, strict: expectation, compatible: expectation)
    }
}
