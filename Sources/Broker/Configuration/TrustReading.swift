import NKeys
import Trust

/// Reads whom a broker trusts.
struct TrustReading {
    /// The newest `nats-server` whose behaviour towards operators this broker keeps to.
    static let serverVersion = [2, 15]

    let verifier: TokenVerifier
    let now: UnixTime
    let file: String
    /// Where the operators are named.
    private(set) var place: ConfigurationPlace?
    /// Where the file begins: what is missing in it is missing there.
    var start: ConfigurationPlace { ConfigurationPlace(file: file, line: 1) }
    /// What the only operator says of an account server; nil where there are several.
    private(set) var accountServer: String?

    init(verifier: TokenVerifier, now: UnixTime, file: String) {
        (self.verifier, self.now, self.file) = (verifier, now, file)
    }

    mutating func read(_ top: inout ConfigurationSection, files: ConfigurationFiles) -> BrokerTrust {
        var trust = BrokerTrust(operators: [], verifier: verifier)
        trust.operators = readOperators(&top, files)
        trust.systemAccount = readSystemAccount(&top, trust.operators)
        trust.pinnedAccounts = readPinned(&top)
        trust.defaultSentinel = readSentinel(&top)
        return trust
    }

    // MARK: Operators

    private mutating func readOperators(
        _ top: inout ConfigurationSection, _ files: ConfigurationFiles
    ) -> [VerifiedToken<OperatorClaims>] {
        let findings = top.findings
        let names = ["operator", "operators", "root", "roots", "root_operator", "root_operators"]
        let before = findings.faults.count
        guard let found = top.texts(names), !found.value.isEmpty else {
            if findings.faults.count == before {
                findings.faults.append(
                    ConfigurationFault(
                        "no operator is named, and this broker trusts nobody else",
                        at: start, key: "operator",
                        hint: "name the operator's token: `operator: FILE`, or the token itself"))
            }
            return []
        }
        place = found.place
        var operators: [VerifiedToken<OperatorClaims>] = []
        for text in found.value {
            do throws(ConfigurationFault) {
                operators.append(try self.operator(text, files))
            } catch {
                findings.faults.append(error)
            }
        }
        if operators.count == 1 { accountServer = operators.first?.claims.accountServerURL }
        return operators
    }

    private func `operator`(
        _ text: ConfigurationSection.Found<String>, _ files: ConfigurationFiles
    ) throws(ConfigurationFault) -> VerifiedToken<OperatorClaims> {
        var token = text.value
        if !token.hasPrefix("eyJ") {
            let bytes: [UInt8]
            do throws(ConfigurationFault) {
                bytes = try files(token)
            } catch {
                throw text.fault("\(ConfigurationText.quoted(token)): \(error.what)", hint: error.hint)
            }
            do throws(DecoratedTextError) {
                token = String(decoding: try DecoratedToken(parsing: bytes).token, as: UTF8.self)
            } catch {
                throw text.fault("\(ConfigurationText.quoted(text.value)): \(error)", hint: "name the operator's token")
            }
        }
        switch verifier.verify(token, as: OperatorClaims.self, at: now) {
        case .refused(let refusal):
            throw text.fault(
                "the operator's token is refused: \(Self.text(of: refusal.failures))",
                hint: "`credence describe jwt` shows it whole")
        case .accepted(let token, _):
            let asserted = token.claims.assertServerVersion
            let numbers = asserted.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) ?? .max }
            if !asserted.isEmpty, Self.serverVersion.lexicographicallyPrecedes(numbers.prefix(2)) {
                throw text.fault(
                    "the operator asks for server \(ConfigurationText.quoted(asserted)), and this broker keeps to 2.15")
            }
            return token
        }
    }

    static func text(of findings: [Finding]) -> String {
        findings.map { finding in
            let place = finding.place.path.isEmpty ? "" : " at \(finding.place.path)"
            return "\(finding.rule.code)\(place): \(finding.message)"
        }.joined(separator: "; ")
    }

    // MARK: Accounts

    private func readSystemAccount(
        _ top: inout ConfigurationSection, _ operators: [VerifiedToken<OperatorClaims>]
    ) -> PublicKey? {
        guard let found = top.text("system_account", "system"), let key = account(found, top.findings) else {
            return nil
        }
        for token in operators {
            guard let said = token.claims.systemAccount, said != key else { continue }
            top.findings.faults.append(
                found.fault(
                    "the operator's token says `\(said)`, and the configuration `\(key)`",
                    hint: "remove it: the operator's word is enough"))
        }
        return key
    }

    private func readPinned(_ top: inout ConfigurationSection) -> Set<PublicKey>? {
        guard let found = top.texts(["resolver_pinned_accounts"]) else { return nil }
        // As with the server, an empty list pins nothing.
        if found.value.isEmpty {
            top.findings.warnings.append(found.fault("has no effect: it names no account"))
            return nil
        }
        return Set(found.value.compactMap { account($0, top.findings) })
    }

    private func account(_ found: ConfigurationSection.Found<String>, _ findings: ConfigurationFindings) -> PublicKey? {
        do throws(KeyTextError) {
            return try PublicKey(found.value, role: .account)
        } catch {
            return findings.refuse(found.fault("an account's key is expected: \(error)"))
        }
    }

    private func readSentinel(_ top: inout ConfigurationSection) -> String? {
        guard let found = top.text("default_sentinel") else { return nil }
        switch verifier.verify(found.value, as: UserClaims.self, at: now) {
        case .refused(let refusal):
            return top.findings.refuse(
                found.fault("a user's token is expected: \(Self.text(of: refusal.failures))"))
        case .accepted(let token, _):
            // A role may make a bearer of its user: then whoever uses it is judged.
            guard token.claims.limits.bearer || token.claims.issuerAccount != nil else {
                return top.findings.refuse(
                    found.fault("the token is no bearer's", hint: "clients have no key for it: make one with --bearer"))
            }
            return token.text
        }
    }
}
