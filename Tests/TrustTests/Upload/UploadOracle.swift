import NKeys

@testable import Trust

/// What an upload ought to give: every stored account and the new token judged from nothing, rule after rule.
struct UploadOracle {
    /// What is expected, as text that can be compared and read.
    struct Answer: Equatable, CustomStringConvertible {
        /// Codes and places in the order of the catalogue.
        var failures: [String] = []
        /// The imports that are accepted without being in force.
        var deferred: [Int] = []
        /// `account import change`, in the order of keys and imports.
        var dependents: [String] = []

        var isAccepted: Bool { failures.isEmpty }
        var description: String { "failures \(failures), deferred \(deferred), dependents \(dependents)" }
    }

    /// Whether each import of each account that is not refused holds.
    typealias Standings = [PublicKey: [Verdict<Binding>]]

    let chain: ChainVerifier
    let unknownExporters: UploadJudge.UnknownExporters
    let brokenDependents: UploadJudge.BrokenDependents

    func answer(_ candidate: UploadWorld.Candidate, at path: String, _ world: UploadWorld) -> Answer {
        let verdict = chain.account(candidate.text, at: world.now)
        var found = verdict.failures.map { ($0.rule, $0.place.path) }

        let key = try? PublicKey(path, role: .account)
        if key == nil || (!candidate.isForged && key != candidate.subject) { found.append((.uploadPath, "path")) }

        if found.contains(where: { $0.0 == .accountSigner }) { found.append((.uploadSigner, "iss")) }
        guard found.isEmpty, let account = verdict.proof else { return Answer(failures: Self.texts(found)) }

        if let stored = world.stored[account.key], stored.text != account.text,
            (account.claims.common.issuedAt ?? .zero).seconds <= stored.issuedAt
        {
            return Answer(failures: ["U-stale at iat"])
        }
        if let time = world.deleted[account.key], (account.claims.common.issuedAt ?? .zero) <= time {
            return Answer(failures: ["U-stale at iat"])
        }

        var texts = world.stored.mapValues(\.text)
        let before = standings(texts, at: world.now)
        texts[account.key] = account.text
        let after = standings(texts, uploaded: account.key, at: world.now)
        var answer = Answer()
        for (index, import_) in (after[account.key] ?? []).enumerated() {
            let isUnknown = texts[account.claims.imports[index].account] == nil
            let codes = Set(import_.failures.map(\.rule))
            if unknownExporters == .deferred, isUnknown, codes == [.exporterUnknown] {
                answer.deferred.append(index)
            } else if !import_.isAccepted {
                found += import_.failures.map { ($0.rule, $0.place.path) } + [(.uploadBinding, "imports[\(index)]")]
            }
        }
        for (other, index, holds) in Self.changes(before, after, but: account.key) {
            answer.dependents.append("\(other) \(index) \(holds ? "starts" : "stops")")
            if !holds, brokenDependents == .refused { found.append((.uploadDependents, "")) }
        }
        return found.isEmpty ? answer : Answer(failures: Self.texts(found))
    }

    /// What deleting an account changes for others.
    func dependents(ofDeleting key: PublicKey, _ world: UploadWorld) -> [String] {
        var texts = world.stored.mapValues(\.text)
        let before = standings(texts, at: world.now)
        texts[key] = nil
        return Self.changes(before, standings(texts, at: world.now), but: key).map {
            "\($0.0) \($0.1) \($0.2 ? "starts" : "stops")"
        }
    }

    /// Every account's imports from nothing. One that is being uploaded comes last where imports close circles: so it is
    /// judged as if it had been signed after all others.
    func standings(_ texts: [PublicKey: String], uploaded: PublicKey? = nil, at now: UnixTime) -> Standings {
        let verdicts = texts.mapValues { chain.account($0, at: now) }
        let bindings = BindingVerifier(verifier: chain.verifier)
        let judged = verdicts.compactMap { key, verdict -> JudgedImports? in
            guard let account = verdict.proof else { return nil }
            let placed = key == uploaded ? latest(account, at: now) ?? account : account
            return bindings.imports(of: placed, at: now) { verdicts[$0].map(Exporter.init) ?? .unknown }
        }
        let accounts = AccountsInForce.resolve(judged, policy: chain.verifier.policy)
        return Dictionary(uniqueKeysWithValues: accounts.map { ($0.key, $0.imports) })
    }

    /// The same account with an `iat` after all others.
    private func latest(_ account: TrustedAccount, at now: UnixTime) -> TrustedAccount? {
        var parts = account.text.split(separator: ".").map(String.init)
        guard let bytes = try? Array(parts[1].utf8).withUnsafeBufferPointer({ try Base64URL.decode($0) }) else {
            return nil
        }
        let payload = String(decoding: bytes, as: UTF8.self)
        let pieces = payload.split(separator: ",").map { member in
            member.hasPrefix("\"iat\":") || member.hasPrefix("{\"iat\":")
                ? member.prefix { $0 != ":" } + ":\(now.seconds + 1_000_000)" : member
        }
        parts[1] = String(decoding: Base64URL.encode(Array(pieces.joined(separator: ",").utf8)), as: UTF8.self)
        var chain = chain
        chain.verifier.policy.relaxed.insert(.tokenIssuedAt)
        var (text, signature) = (parts.joined(separator: "."), KnownSignature.valid)
        return text.withUTF8 { chain.judgeAccount($0, for: account.key, at: now, signature: &signature).verdict.proof }
    }

    private static func changes(_ before: Standings, _ after: Standings, but key: PublicKey) -> [(PublicKey, Int, Bool)]
    {
        Set(before.keys).union(after.keys).filter { $0 != key }.sorted().flatMap { other in
            let (old, new) = (before[other] ?? [], after[other] ?? [])
            return (0..<max(old.count, new.count)).compactMap { index in
                let held = old.indices.contains(index) && old[index].isAccepted
                let holds = new.indices.contains(index) && new[index].isAccepted
                return held == holds ? nil : (other, index, holds)
            }
        }
    }

    private static func texts(_ found: [(Rule, String)]) -> [String] {
        let ordered = found.enumerated().sorted {
            ($0.element.0.position, $0.offset) < ($1.element.0.position, $1.offset)
        }
        return ordered.map { $0.element.1.isEmpty ? $0.element.0.code : "\($0.element.0.code) at \($0.element.1)" }
    }
}

extension UploadOracle.Answer {
    /// What a judge answered.
    init(_ verdict: Verdict<AcceptedUpload>) {
        failures = verdict.codes
        deferred = verdict.proof?.deferred ?? []
        dependents = (verdict.proof?.dependents ?? []).map { "\($0.account) \($0.index) \($0.change)" }
    }
}
