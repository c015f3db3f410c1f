import Subjects
import Trust

/// The P rules read aloud, over the lists as they stand.
struct PlainPermissions {
    let lists: PermissionClaims

    /// Whether a message may be published; a text that is no literal subject may not.
    func allowsPublish(_ text: String) -> Bool {
        guard let subject = try? Subject(text) else { return false }
        let isAllowed = lists.publishAllow?.contains { $0.pattern.matches(subject) } ?? (lists.responses == nil)
        return isAllowed && !(lists.publishDeny ?? []).contains { $0.pattern.matches(subject) }
    }

    /// Whether a subscription is allowed, plainly or in a queue group.
    func allowsSubscribe(_ pattern: SubjectPattern, queue: QueueName?) -> Bool {
        isAllowed(pattern, queue) && !(lists.subscribeDeny ?? []).contains { denies($0, pattern, queue) }
    }

    private func isAllowed(_ pattern: SubjectPattern, _ queue: QueueName?) -> Bool {
        guard let entries = lists.subscribeAllow else { return true }
        let containing = entries.filter { $0.pattern.contains(pattern) }
        let queues = containing.compactMap(\.queue)
        guard let queue, !queues.isEmpty else { return containing.contains { $0.queue == nil } }
        return queues.contains { $0.matches(queue) }
    }

    private func denies(_ entry: PermissionEntry, _ pattern: SubjectPattern, _ queue: QueueName?) -> Bool {
        guard entry.pattern.contains(pattern) else { return false }
        guard let denied = entry.queue else { return true }
        return queue.map { denied.matches($0) } ?? false
    }
}
