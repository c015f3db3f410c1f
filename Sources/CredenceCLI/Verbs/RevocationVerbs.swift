import ArgumentParser
import NKeys
import Trust

/// `credence revocations ...`
struct RevocationVerbs: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revocations", abstract: "Take back users, and what was granted to other accounts.",
        discussion: """
            A revocation covers the tokens that were issued until its time, and none that is issued later. It is in \
            force where the changed account is: give it to your servers.
            """,
        subcommands: [
            RevokeUser.self, RestoreUser.self, ListRevokedUsers.self, RevokeActivation.self, RestoreActivation.self,
            ListRevokedActivations.self,
        ])
}

/// From when on tokens count again.
struct RevocationTime: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Tokens issued until then: RFC 3339, or seconds since 1970; now without it.", valueName: "time"))
    var at: Moment = .now

    /// Revokes, and answers the time that holds. An earlier time than the one that is there would readmit tokens.
    func revoke(
        _ key: PublicKey?, in revocations: inout Revocations, covering issued: UnixTime?, _ draft: inout AccountDraft
    ) -> UnixTime {
        let old = key.map { revocations.keys[$0] } ?? revocations.everyone
        var time: UnixTime
        switch at {
        // A token that replaces another may be issued a little ahead of the clock; further ahead it is refused anyway,
        // and its holder must not choose the time.
        case .now: time = max(draft.now, min(issued ?? .zero, draft.now.advanced(by: Policy.strict.issuedAtLeeway)))
        case .at(let given): time = given
        }
        if let old, old > time {
            draft.remarks.append("the revocation until \(old) stays: an earlier one would readmit tokens")
            time = old
        }
        if time > draft.now.advanced(by: Policy.strict.issuedAtLeeway) {
            draft.remarks.append("the time is to come: tokens that are issued until then are revoked too")
        }
        revocations.revoke(key, at: time)
        return time
    }
}

extension Revocations {
    /// Takes a revocation back; what it was.
    mutating func takeBack(_ key: PublicKey?, of what: String) throws(CommandFailure) -> UnixTime {
        guard let old = key.map({ keys[$0] }) ?? everyone else {
            throw CommandFailure(
                .noInput, "there is no revocation of \(what)",
                hint: "`credence revocations list-users` and "
                    + "`list-activations` show those that there are")
        }
        restore(key)
        return old
    }

    /// The revocations, everyone's first and then by key.
    var sorted: [(key: PublicKey?, time: UnixTime)] {
        (everyone.map { [(nil, $0)] } ?? []) + keys.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
