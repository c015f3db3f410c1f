import Logging
import NATSClient
import NKeys
import Trust

/// What is seen of what others do in the system account. Nothing of it is taken over.
extension ClusterSession {
    /// Updates that this server did not make: an account that is kept here gets the token that is kept here, as soon as
    /// others were told otherwise.
    func watchUpdates() async {
        await withTaskGroup(of: Void.self) { group in
            for subject in [
                "$SYS.REQ.CLAIMS.UPDATE", "$SYS.REQ.ACCOUNT.*.CLAIMS.UPDATE", "$SYS.ACCOUNT.*.CLAIMS.UPDATE",
            ] {
                group.addTask { await connection.follow(subject, logger: logger) { seeUpdate($0) } }
            }
        }
    }

    private func seeUpdate(_ message: NATSMessage) {
        let named =
            message.subject == "$SYS.REQ.CLAIMS.UPDATE"
            ? message.payload.withUnsafeBufferPointer { UnverifiedSubject.unsafeSubject(utf8: $0) }
            : accountKey(inSubject: message.subject)
        guard let key = named, key.role == .account else { return }
        let kept = accounts.account(for: key)
        guard kept?.token != message.payload else { return }
        // A token that was pushed from here, and has been replaced since, is told again as it is now, whoever repeats it.
        if !state.isOwn(message.payload) {
            counters.sawForeignUpdate()
            logger.warning(
                kept == nil
                    ? "somebody else updates an account that is not kept here"
                    : "somebody else updates an account; it is told as it is kept here",
                metadata: ["account": "\(key)"])
        }
        guard kept != nil else { return }
        state.withLedger { $0.changed(key) }
        state.wake()
    }

    /// Servers ask one another for connection counts when they begin to use an account. One that stores nothing has then
    /// begun with what it found in its configuration or in its cache.
    func watchUses() async {
        await connection.follow("$SYS.REQ.ACCOUNT.*.CONNS", logger: logger) { message in
            guard let key = accountKey(inSubject: message.subject), accounts.account(for: key) != nil,
                let server = ServerIdentity(heading: message.payload)
            else { return }
            let isDoubted = state.withLedger { ledger in
                guard let known = ledger.servers[server.id], known.resolver != .full else { return false }
                ledger.doubt(key, at: server.id)
                return true
            }
            if isDoubted { state.wake() }
        }
    }

    /// A full resolver asks for all accounts again and again, and says by a hash what it has: so every one of them tells
    /// whether it still has what it had, at the cost of one small message.
    func watchStates() async {
        await connection.follow(ClaimsResponder.packSubject, logger: logger) { message in
            let parts = message.reply?.split(separator: ".") ?? []
            guard message.payload.count == 32, parts.count > 2, parts[0] == "$SYS", parts[1] == "_INBOX" else { return }
            let own = fingerprint.bytes(of: accounts.current(at: clock.now()))
            let difference = zip(own, message.payload).map { $0 ^ $1 }
            let label = String(parts[2])
            guard state.withLedger({ $0.differs(label, by: difference) }) else { return }
            logger.warning(
                "a server's store changed by itself; it is told of everything", metadata: ["server": "\(label)"])
            state.wake()
        }
    }
}
