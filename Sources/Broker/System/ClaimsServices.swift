import NATSWire
import NKeys
import Subjects
import Trust

/// The services of the system account about account tokens, answered by the broker's authority.
struct ClaimsServices {
    private let services: SystemServices

    init(_ services: SystemServices) { self.services = services }

    var all: [BrokerService] {
        [
            service("$SYS.REQ.CLAIMS.UPDATE") { update(nil, $1, $0) },
            service("$SYS.REQ.ACCOUNT.*.CLAIMS.UPDATE") { update($1.subject.token(at: 3), $1, $0) },
            service("$SYS.ACCOUNT.*.CLAIMS.UPDATE") { update($1.subject.token(at: 2), $1, $0) },
            service("$SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP") { lookUp($1, $0) },
            service("$SYS.REQ.CLAIMS.LIST") { list($1, $0) },
            service("$SYS.REQ.CLAIMS.DELETE") { delete($1, $0) },
            service("$SYS.REQ.CLAIMS.PACK") { pack($1, $0) },
        ].compactMap { $0 }
    }

    private func service(_ pattern: String, _ handle: @escaping (BrokerCore, BrokerRequest) -> Void) -> BrokerService? {
        services.service(pattern) { _, core, request in handle(core, request) }
    }

    /// Whom the journal names.
    private func caller(_ request: BrokerRequest) -> String {
        guard let session = request.publisher else { return "broker" }
        return "\(session.user?.key.text ?? "")@\(session.peer.host)"
    }

    // MARK: Changes

    private struct Change: Sendable {
        let answer: ClaimsAnswer
        /// What stands now of the accounts that it was about.
        var tokens: [(account: PublicKey, token: String?)] = []
    }

    private func update(_ named: String?, _ request: BrokerRequest, _ core: BrokerCore) {
        let account: PublicKey?
        if let named {
            // A name that is no key is never looked up, nor used to look (CVE-2022-28357).
            guard let key = try? PublicKey(named), key.role == .account else {
                return refuse(request, "jwt update resulted in error", "the subject names no account", nil, [], core)
            }
            account = key
        } else {
            account = nil
        }
        guard !request.payload.isEmpty else {
            return refuse(request, "jwt update error", "request body is empty", account, [], core)
        }
        let (token, caller) = (request.payload, caller(request))
        consult(request, core, "jwt update resulted in error") { authority in
            await authority.update(token, for: account, by: caller)
        }
    }

    private func delete(_ request: BrokerRequest, _ core: BrokerCore) {
        let (token, caller) = (request.payload, caller(request))
        consult(request, core, "delete accounts request failed") { authority in
            await authority.delete(token, by: caller)
        }
    }

    /// Has the authority change something, applies it, and answers then.
    private func consult(
        _ request: BrokerRequest, _ core: BrokerCore, _ what: String,
        _ change: @escaping @Sendable (any AccountAuthority) async -> ClaimsAnswer
    ) {
        core.host.consult { authority in
            var result = Change(answer: await change(authority))
            if case .accepted(_, let accounts) = result.answer {
                for account in accounts {
                    if let token = try? await authority.token(of: account) as String? {
                        result.tokens.append((account, token))
                    } else {
                        result.tokens.append((account, nil))
                    }
                }
            }
            return result
        } then: { [services] result in
            switch result.answer {
            case .accepted(let message, let accounts):
                for (account, token) in result.tokens {
                    core.changed(token.map { .token($0, of: account) } ?? .deleted(account))
                }
                core.enter()
                var data: [WireJSON.Member] = []
                if accounts.count == 1, let account = accounts.first {
                    data.append(.init("account", .string(account.text)))
                }
                data += [.init("code", 200), .init("message", .string(message))]
                services.answer(request, .object(data), core)
            case .refused(let refusal, let account):
                core.enter()
                let reasons = refusal.failures.map { "\($0.rule.code) at \($0.place.path): \($0.message)" }
                refuse(request, what, reasons.joined(separator: "; "), account, refusal.failures, core)
            case .failed(let reason):
                core.enter()
                refuse(request, what, reason, nil, [], core)
            }
            core.leave()
        }
    }

    private func refuse(
        _ request: BrokerRequest, _ what: String, _ why: String, _ account: PublicKey?, _ findings: [Finding],
        _ core: BrokerCore
    ) {
        var error: [WireJSON.Member] = [
            .init("account", .string(account?.text ?? "n/a")), .init("code", 500),
            .init("description", .string("\(what) - \(why)")),
        ]
        if !findings.isEmpty { error.append(.init("failures", UserReport.findings(findings))) }
        services.answer(request, error: .object(error), core)
    }

    // MARK: Questions

    private func lookUp(_ request: BrokerRequest, _ core: BrokerCore) {
        guard let key = request.subject.token(at: 3).flatMap({ try? PublicKey($0) }), key.role == .account else {
            return
        }
        core.host.consult { authority in
            try? await authority.token(of: key) as String?
        } then: { token in
            core.enter()
            // An empty message says that there is none.
            core.respond(to: request, with: Array((token ?? "").utf8))
            core.leave()
        }
    }

    private func list(_ request: BrokerRequest, _ core: BrokerCore) {
        core.host.consult { authority in
            await authority.accounts()
        } then: { [services] accounts in
            core.enter()
            services.answer(request, .array(accounts.map { .string($0.text) }), core)
            core.leave()
        }
    }

    /// Every account in a message of its own and an empty one behind; the empty one alone where the asker's hash says
    /// that it has the same.
    private func pack(_ request: BrokerRequest, _ core: BrokerCore) {
        let known = request.payload
        core.host.consult { authority in
            var lines: [String] = []
            var hash = [UInt8](repeating: 0, count: 32)
            for account in await authority.accounts() {
                guard let token = try? await authority.token(of: account) as String? else { continue }
                lines.append("\(account.text)|\(token)")
                for (index, byte) in SHA256.hash(Array(token.utf8)).enumerated() { hash[index] ^= byte }
            }
            return known.count == 32 && SHA256.areEqual(known, hash) ? [] : lines
        } then: { lines in
            core.enter()
            for line in lines { core.respond(to: request, with: Array(line.utf8)) }
            core.respond(to: request, with: [])
            core.leave()
        }
    }
}
