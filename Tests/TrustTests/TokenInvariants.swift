@testable import Trust

/// What holds for every input that is offered as a token. Run over mutated tokens by the tests and by the fuzzer.
///
/// An input that begins with `{` is a payload, and one with a NUL in it is a header and a payload: of these a token is
/// made whose signature is 64 bytes of ones, and the policy relaxes the rules on signature and algorithm, so that what
/// follows them is reached. Any other input is the token itself.
enum TokenInvariants {
    /// The time at which the vectors are good.
    static let now = UnixTime(1_795_208_400) ?? .zero

    private static let relaxed: TokenVerifier = {
        var policy = Policy.compatible
        policy.relaxed = [.tokenSignature, .tokenAlgorithm, .tokenHeader]
        policy.accountSigning = .byOperatorOrSelf
        return TokenVerifier(policy: policy, zones: TwoTimeZones())
    }()
    private static let strict = TokenVerifier(policy: .strict, zones: TwoTimeZones())
    private static let compatible = TokenVerifier(policy: .compatible, zones: TwoTimeZones())

    /// What is wrong with how this input was judged; nil if nothing is.
    static func violation(for input: [UInt8]) -> String? {
        if input.first == UInt8(ascii: "{") { return violation(for: token(usualHeader, input), relaxed) }
        if let nul = input.firstIndex(of: 0) {
            return violation(for: token(Array(input[..<nul]), Array(input[(nul + 1)...])), relaxed)
        }
        let strictly = report(input, strict)
        if let violation = violation(for: input, strict, strictly) { return violation }
        guard strictly.version == .one || strictly.isAccepted else { return nil }
        // A policy that refuses less accepts whatever the strict one does.
        let report = report(input, compatible)
        if strictly.isAccepted, !report.isAccepted { return "what is strictly accepted is compatibly refused" }
        return violation(for: input, compatible, report)
    }

    // MARK: Tokens of parts

    static let usualHeader = Array(#"{"typ":"JWT","alg":"ed25519-nkey"}"#.utf8)

    /// A token whose signature is none, and is found so at once: its S is not reduced.
    static func token(_ header: [UInt8], _ payload: [UInt8]) -> [UInt8] {
        let signature = Base64URL.encode([UInt8](repeating: 0xff, count: 64))
        let dot = UInt8(ascii: ".")
        return Base64URL.encode(header) + [dot] + Base64URL.encode(payload) + [dot] + signature
    }

    static func report(_ token: [UInt8], _ verifier: TokenVerifier) -> TokenReport {
        token.withUnsafeBufferPointer { verifier.report(utf8: $0, at: now) }
    }

    // MARK: Laws

    private static func violation(for token: [UInt8], _ verifier: TokenVerifier) -> String? {
        violation(for: token, verifier, report(token, verifier))
    }

    private static func violation(for token: [UInt8], _ verifier: TokenVerifier, _ report: TokenReport) -> String? {
        if report.isAccepted != report.failures.isEmpty { return "accepted with failures, or refused without" }
        if report.isAccepted,
            report.claims == nil || report.type == nil || report.version == nil || report.payload == nil
        {
            return "accepted, and not read"
        }
        if report.isAccepted, !report.notJudged.isEmpty { return "accepted, and not judged" }
        if let fault = listFault(report.failures, report.warnings, report.notJudged) { return fault }
        if let fault = textFault(report.failures + report.warnings, token) { return fault }
        let stated = report.type ?? .user
        if let fault = typeFault(stated, token, verifier, report) { return "as \(stated.name): \(fault)" }
        // One other way to read it: all eight for each input would be slow.
        let others = TokenType.allCases.filter { $0 != stated }
        let choice = token.count % (others.count + 1)
        if choice < others.count {
            return typeFault(others[choice], token, verifier, report).map { "as \(others[choice].name): \($0)" }
        }
        let known = token.withUnsafeBufferPointer { verifier.verifyKnown(utf8: $0, at: now) }
        if known.isAccepted != (report.isAccepted && report.type != .generic) {
            return "a token of a known type is accepted by one judgement only"
        }
        return nil
    }

    private static func typeFault(
        _ type: TokenType, _ token: [UInt8], _ verifier: TokenVerifier, _ report: TokenReport
    ) -> String? {
        switch type {
        case .operator: typeFault(OperatorClaims.self, token, verifier, report)
        case .account: typeFault(AccountClaims.self, token, verifier, report)
        case .user: typeFault(UserClaims.self, token, verifier, report)
        case .activation: typeFault(ActivationClaims.self, token, verifier, report)
        case .authorizationRequest: typeFault(AuthorizationRequestClaims.self, token, verifier, report)
        case .authorizationResponse: typeFault(AuthorizationResponseClaims.self, token, verifier, report)
        case .generic: typeFault(GenericClaims.self, token, verifier, report)
        }
    }

    private static func typeFault<Claims: TokenClaims & Equatable>(
        _ type: Claims.Type, _ token: [UInt8], _ verifier: TokenVerifier, _ report: TokenReport
    ) -> String? {
        let verdict = token.withUnsafeBufferPointer { verifier.verify(utf8: $0, as: type, at: now) }
        if verdict.isAccepted != verdict.failures.isEmpty { return "accepted with failures, or refused without" }
        if verdict.failures != report.failures {
            if let fault = listFault(verdict.failures, verdict.warnings, verdict.notJudged) { return fault }
            if let fault = textFault(verdict.failures + verdict.warnings, token) { return fault }
        }
        if verdict.isAccepted != (report.isAccepted && report.type == Claims.type) {
            return "accepted by one judgement only"
        }
        guard let proof = verdict.proof else { return nil }
        guard proof.text.utf8.elementsEqual(token) else { return "the text is another" }
        guard let claims = report.claims as? Claims, claims == proof.claims else { return "the claims are others" }
        guard verifier.verify(proof.text, as: type, at: now).proof?.claims == claims else {
            return "not accepted again"
        }
        let isExpired = claims.common.expires.map { now >= $0 } ?? false
        let isEarly = claims.common.notBefore.map { now < $0 } ?? false
        return isExpired || isEarly ? "accepted outside its time" : nil
    }

    private static func listFault(_ failures: [Finding], _ warnings: [Finding], _ notJudged: [Rule]) -> String? {
        func isSorted(_ rules: [Rule]) -> Bool {
            zip(rules, rules.dropFirst()).allSatisfy { $0.position <= $1.position }
        }
        if !isSorted(failures.map(\.rule)) { return "the failures are not in catalogue order" }
        if !isSorted(warnings.map(\.rule)) { return "the warnings are not in catalogue order" }
        if !isSorted(notJudged) { return "the rules not judged are not in catalogue order" }
        if Set(failures).count != failures.count { return "a failure is named twice" }
        return Set(notJudged).isDisjoint(with: failures.map(\.rule)) ? nil : "a rule failed and was not judged"
    }

    /// Messages are one line each and say nothing of the token's own text.
    private static func textFault(_ findings: [Finding], _ token: [UInt8]) -> String? {
        for finding in findings.prefix(64) {
            for text in [finding.message, finding.place.path] {
                if text.utf8.contains(where: { $0 < 0x20 }) { return "a text has two lines" }
                // Shorter texts hold no segment that matters.
                guard text.utf8.count >= 64 else { continue }
                let segments = token.split(separator: UInt8(ascii: ".")).filter { $0.count >= 64 }
                if segments.contains(where: { Array(text.utf8).holds($0.prefix(64)) }) {
                    return "a finding holds a segment of the token"
                }
            }
            if finding.message.isEmpty { return "a finding has no message" }
            if finding.message.last == "." { return "a message ends in a full stop" }
        }
        return nil
    }
}

/// UTC, and one zone that is an hour ahead.
private struct TwoTimeZones: TimeZones {
    func secondsFromUTC(zone name: String, at unixTime: Int64) -> Int? {
        ["UTC": 0, "Europe/Berlin": 3600][name]
    }
}

extension [UInt8] {
    /// Whether these bytes stand somewhere in it.
    fileprivate func holds(_ other: ArraySlice<UInt8>) -> Bool {
        guard count >= other.count, let first = other.first else { return false }
        return (0...count - other.count).contains {
            self[$0] == first && self[$0..<$0 + other.count].elementsEqual(other)
        }
    }
}
