import NATSClient
import NKeys
import Synchronization

/// What servers answer to one push, as it comes: from the loop of the connection, for the one who pushes.
final class PushAnswers: Sendable {
    private struct State {
        var awaited: Set<PublicKey>
        var outcomes: [PublicKey: (PushOutcome, DistributionReport.Server.Resolver?)] = [:]
        var unread = 0
    }

    private let account: String
    private let limit: Int
    private let state: Mutex<State>

    init(to account: PublicKey, from servers: Set<PublicKey>, limit: Int) {
        (self.account, self.limit) = (account.text, limit)
        state = Mutex(State(awaited: servers))
    }

    /// Takes an answer; whether it was the last that is waited for. What cannot be read, or speaks of another account,
    /// counts for nothing.
    func take(_ message: NATSMessage) -> Bool {
        guard message.payload.count <= limit, let reply = ServerReply(message.payload),
            let (outcome, resolver) = PushOutcome.reading(reply.content),
            // A server that cannot read the token names no account.
            reply.account == account || reply.account == "n/a"
        else {
            state.withLock { $0.unread += 1 }
            return false
        }
        return state.withLock { state in
            // The first word of a server counts: whoever speaks in its name later changes nothing.
            if state.outcomes[reply.server.id] == nil, state.awaited.remove(reply.server.id) != nil {
                state.outcomes[reply.server.id] = (outcome, resolver)
            }
            return state.awaited.isEmpty
        }
    }

    var outcomes: [PublicKey: (PushOutcome, DistributionReport.Server.Resolver?)] { state.withLock(\.outcomes) }

    /// Who has not answered.
    var silent: Set<PublicKey> { state.withLock(\.awaited) }

    var unreadCount: Int { state.withLock(\.unread) }
}
