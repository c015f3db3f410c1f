import Testing

/// A script of who says what, which takes place on the real server and on the product's.
struct Conversation: Sendable {
    /// Begins the ids of what is seen.
    let name: String
    /// The accounts that the servers know from the start.
    let prepare: @Sendable (Cast) throws -> Void
    let script: @Sendable (Stage) throws -> Void
    /// What it wants in the servers' configuration, beside what its group does.
    var settings: @Sendable (Cast) throws -> String = { _ in "" }

    /// - Parameter prepare: one account `A` without limits, unless others are made.
    init(
        _ name: String, accounts prepare: @escaping @Sendable (Cast) throws -> Void = { try $0.preload("A") },
        script: @escaping @Sendable (Stage) throws -> Void
    ) {
        (self.name, self.prepare, self.script) = (name, prepare, script)
    }

    /// Runs it; what was seen, up to where it broke off.
    func run(_ cast: Cast, at port: Int) -> [Observation] {
        let stage = Stage(cast, at: port)
        do { try script(stage) } catch { stage.note(breakingOff: error) }
        return stage.observations
    }
}

/// Conversations that share their servers, because they want the same settings of them.
struct ConversationGroup: Sendable, CustomTestStringConvertible {
    /// Where the servers keep accounts.
    enum Resolver {
        case memory
        case folder
    }

    let name: String
    /// What stands in the servers' configuration beside whom they trust.
    var settings = ""
    /// The seconds that a client has to say who it is. Few where the server is to give up; a machine that does much
    /// besides may need many.
    var authenticationTime = 60
    var isStrict = false
    var resolver = Resolver.memory
    let conversations: [Conversation]

    var testDescription: String { name }

    static let all: [ConversationGroup] = [
        plain,
        ConversationGroup(
            name: "limits",
            settings: """
                max_payload: 64
                max_subscriptions: 3
                max_sub_tokens: 4
                """, conversations: serverLimits),
        ConversationGroup(name: "silence", authenticationTime: 6, conversations: [authenticationTimeout]),
        // The only one to be refused.
        ConversationGroup(name: "events", conversations: [events]),
        ConversationGroup(name: "callout", authenticationTime: 5, conversations: callout),
        ConversationGroup(name: "a folder", resolver: .folder, conversations: [accountFolder]),
        ConversationGroup(name: "strict", isStrict: true, conversations: [strictOperator]),
        ConversationGroup(name: "pinned", conversations: [pinned]),
        ConversationGroup(name: "stale", settings: "ping_interval: \"1s\"", conversations: [staleConnection]),
        ConversationGroup(name: "connections", settings: "max_connections: 2", conversations: [serverConnections]),
    ]

    static let plain = ConversationGroup(
        name: "plain",
        conversations: grammar + start + texts + limits + permissions + users + templates + streams + services
            + authorization + mappings + live + [order] + system + advisories)
}
