import FolderStores
import NKeys
import Trust

/// The first walk: reads and judges accounts, each with its users.
struct AccountWalk: Sendable {
    let listing: AccountListing
    /// Whether files are named after the keys of accounts, and hold no users.
    let isResolver: Bool
    let chain: ChainVerifier
    let now: UnixTime
    var users = Users.judged

    /// Whether the users of an account are judged with it.
    enum Users { case judged, passedOver }

    struct Chunk: Sendable {
        var accounts: [StoreJudge.JudgedAccount] = []
        var faults: [StoreFault] = []
    }

    func judge(_ range: Range<Int>) -> Chunk {
        let reader = StoreReader(listing)
        var chunk = Chunk()
        chunk.accounts.reserveCapacity(range.count)
        for index in range { chunk.accounts.append(judge(index, with: reader, &chunk.faults)) }
        return chunk
    }

    private func judge(
        _ index: Int, with reader: StoreReader, _ faults: inout [StoreFault]
    ) -> StoreJudge.JudgedAccount {
        let name = listing.name(at: index)
        // A refused account is judged again for each of its users, so that they are told their own faults too.
        var refused = OneAccount(token: nil)
        var account: StoreJudge.JudgedAccount
        do {
            account = try reader.withToken(ofAccountAt: index) { token in
                let token = token.bindMemory(to: UInt8.self)
                let account = self.account(token, name: name)
                if case .refused = account.standing {
                    refused = OneAccount(token: String(decoding: token, as: UTF8.self))
                }
                return account
            }
        } catch {
            faults.append(error)
            let entity = StoreReport.Entity(subject: nil, name: name, outcome: .unread)
            account = StoreJudge.JudgedAccount(report: StoreReport.Account(entity: entity))
        }
        guard users == .judged else { return account }
        var users: [StoreReport.Entity] = []
        let standing = account.standing
        reader.forEachUser(ofAccountAt: index) { fault in
            faults.append(fault)
            users.append(StoreReport.Entity(subject: nil, name: Self.userName(of: fault), outcome: .unread))
        } _: { name, token in
            users.append(user(token.bindMemory(to: UInt8.self), name: name, of: standing, or: refused))
        }
        account.report.users = users
        return account
    }

    private func account(_ token: UnsafeBufferPointer<UInt8>, name: String) -> StoreJudge.JudgedAccount {
        let key = isResolver ? try? PublicKey(name, role: .account) : nil
        let verdict = chain.account(utf8: token, for: key, at: now)
        switch verdict {
        case .accepted(let trusted, _):
            let entity = StoreReport.Entity(
                subject: trusted.key, name: trusted.claims.common.displayName(or: name), outcome: Outcome(verdict))
            return StoreJudge.JudgedAccount(report: StoreReport.Account(entity: entity), standing: .accepted(trusted))
        case .refused(let refusal):
            let report = chain.verifier.report(utf8: token, at: now)
            let entity = StoreReport.Entity(report, role: .account, name: name, outcome: Outcome(verdict))
            return StoreJudge.JudgedAccount(
                report: StoreReport.Account(entity: entity),
                standing: .refused(refusal, report.claims as? AccountClaims))
        }
    }

    private func user(
        _ token: UnsafeBufferPointer<UInt8>, name: UnsafeBufferPointer<UInt8>, of standing: StoreJudge.Standing,
        or refused: OneAccount
    ) -> StoreReport.Entity {
        let verdict =
            if case .accepted(let account) = standing {
                chain.user(utf8: token, of: account, at: now)
            } else {
                chain.user(String(decoding: token, as: UTF8.self), resolver: refused, at: now)
            }
        if let user = verdict.proof {
            let name = user.claims.common.displayName(or: String(decoding: name, as: UTF8.self))
            return StoreReport.Entity(subject: user.key, name: name, outcome: Outcome(verdict))
        }
        return StoreReport.Entity(
            chain.verifier.report(utf8: token, at: now), role: .user, name: String(decoding: name, as: UTF8.self),
            outcome: Outcome(verdict))
    }

    /// The name of the user whose file is at fault; `users` for the folder of them.
    private static func userName(of fault: StoreFault) -> String {
        let file = fault.path.split(separator: "/").last ?? ""
        return String(file.hasSuffix(".jwt") ? file.dropLast(4) : file)
    }
}

/// Knows the one account whose folder a user is in, whatever key it is asked for.
struct OneAccount: AccountResolver {
    /// Its token; nil when it cannot be read.
    let token: String?

    func account(for key: PublicKey) throws(AccountResolverError) -> ResolvedAccount? {
        token.map { .token($0) }
    }
}
