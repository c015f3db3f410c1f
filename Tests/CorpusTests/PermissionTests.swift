import Subjects
import Testing
import Trust

@Suite("Operations that were measured")
struct PermissionTests {
    @Test("an operation is allowed when the real server allowed it")
    func permissions() throws {
        let measured = try Measured.read()
        // Compatible, because one user's name holds a dot (`corpus-template-dot`); nothing else differs by it.
        let realm = try Realm(store: "CORP", policy: .compatible, at: measured.now)
        var comparison = Comparison("operation")
        for operation in measured.permissions {
            let verdict = realm.user(try Corpus.creds(operation.creds))
            let user = try #require(verdict.proof, "\(operation.creds) \(verdict.codes)")
            let isAllowed = try allows(operation, user)
            comparison.compare(
                operation.name, theirs: operation.allowed ? "allowed" : "denied", ours: isAllowed ? "allowed" : "denied")
        }
        comparison.finish()
    }

    private func allows(_ operation: Measured.Operation, _ user: TrustedUser) throws -> Bool {
        let permissions = PlainPermissions(lists: user.permissions.lists)
        switch operation.op {
        case "pub": return permissions.allowsPublish(operation.subject)
        case "sub":
            return try permissions.allowsSubscribe(
                SubjectPattern(operation.subject), queue: operation.queue.map { try QueueName($0) })
        case "sub x3": return user.limits.admitsSubscription(holding: 2)
        case "pub 65 bytes": return user.limits.admitsPayload(bytes: 65)
        default: throw CorpusFault("an operation that this test does not know: \(operation.op)")
        }
    }
}
