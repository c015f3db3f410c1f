import Subjects
import Trust

/// Inboxes that others read: whoever may subscribe to `_INBOX.>` receives the replies to every request made in its
/// account.
enum SharedInbox {
    /// Subscriptions that receive replies to others: everything below the prefix, and the two shapes of inbox that
    /// clients make.
    private static let probes = ["_INBOX.>", "_INBOX.*", "_INBOX.*.*"].compactMap { try? SubjectPattern($0) }

    /// Whether these permissions admit one of the subscriptions. A queue changes nothing: its member receives too.
    static func isRead(by permissions: PermissionClaims) -> Bool {
        probes.contains { probe in
            let isAllowed = permissions.subscribeAllow?.contains { $0.pattern.contains(probe) } ?? true
            let isDenied =
                permissions.subscribeDeny?.contains { $0.queue == nil && $0.pattern.contains(probe) } ?? false
            return isAllowed && !isDenied
        }
    }

    /// The finding on an account of several users, of whom some may.
    static func finding(on account: AccountSurvey) -> AuditFinding? {
        let users = (account.users ?? []).filter(\.isAccepted)
        let readers = users.filter(\.readsInboxes)
        guard users.count > 1, !readers.isEmpty else { return nil }
        let share = Wording.share(readers.count, of: users.count, "user")
        return AuditFinding(
            .audit(.sharedInbox), of: account.subject, at: "users", in: account.origin,
            "\(share) may subscribe to the inboxes of all: \(Wording.list(readers.map(\.name)))")
    }
}
