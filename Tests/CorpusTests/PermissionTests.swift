import Subjects
import Testing
import Trust

@Suite("Operations that were measured")
struct PermissionTests {
    @Test("an operation is allowed when the real server allowed it")
    func permissions() throws {
        let measured = try Measured.read()
        // Compatible, because one user's name holds a dot (`corpus-CORP/DEVICES/cam.2`); nothing else differs by it.
        let realm = try Realm(store: "CORP", policy: .compatible, at: measured.now)
        var comparison = Comparison("operation")
        for operation in measured.permissions {
            let verdict = realm.user(try Corpus.creds(operation.creds))
            let user = try #require(verdict.proof, "\(operation.creds) \(verdict.codes)")
            let isAllowed = try allows(operation, user)
            comparison.compare(
                operation.name, theirs: operation.allowed ? "allowed" : "denied", ours: isAllowed ? "allowed" : "denied"
            )
        }
        comparison.finish()
    }

    private func allows(_ operation: Measured.Operation, _ user: TrustedUser) throws -> Bool {
        let permissions = try Self.compiled(user.permissions.lists)
        switch operation.op {
        case "pub":
            // What holds a wildcard is no subject that anything can be published on.
            guard let subject = try? Subject(operation.subject) else { return false }
            return permissions.decide(publish: subject).isAllowed
        case "sub":
            let pattern = try SubjectPattern(operation.subject)
            guard let queue = operation.queue else { return permissions.decide(subscribe: pattern).isAllowed }
            return try permissions.decide(subscribe: pattern, queue: QueueName(queue)).isAllowed
        case "sub x3": return user.limits.admitsSubscription(holding: 2)
        case "pub 65 bytes": return user.limits.admitsPayload(bytes: 65)
        default: throw CorpusFault("an operation that this test does not know: \(operation.op)")
        }
    }

    private static func compiled(_ lists: PermissionClaims) throws -> Permissions {
        try Permissions(
            publish: PermissionLists(allow: lists.publishAllow, deny: lists.publishDeny ?? []),
            subscribe: PermissionLists(allow: lists.subscribeAllow, deny: lists.subscribeDeny ?? []),
            responses: lists.responses.map {
                ResponsePermission(max: Int($0.maximum), ttl: Int($0.timeToLive))
            })
    }
}
