import Logging
import Trust

/// What operators read in the log: rules and keys, never a token.
enum BrokerLog {
    static func write(_ note: BrokerNote, to logger: Logger) {
        switch note {
        case .refused(let address, let user, let reason, let rules):
            logger.notice(
                "a client was not let in",
                metadata: [
                    "address": "\(address)", "user": "\(user ?? "")", "reason": "\(reason.reason)",
                    "rules": "\(text(rules))",
                ])
        case .outOfForce(let account, let rules):
            logger.warning(
                "an account is not in force", metadata: ["account": "\(account.text)", "rules": "\(text(rules))"])
        case .unresolved(let account, let fault):
            logger.warning(
                "an account could not be resolved", metadata: ["account": "\(account.text)", "fault": "\(fault)"])
        case .closed(let session, let address, let reason):
            logger.info(
                "a connection was ended",
                metadata: ["connection": "\(session)", "address": "\(address)", "reason": "\(reason.reason)"])
        case .decision(let record):
            logger.log(
                level: record.isAllowed ? .info : .notice, record.isAllowed ? "allowed" : "denied",
                metadata: metadata(of: record))
        }
    }

    private static func text(_ rules: [Finding]) -> String {
        rules.map { "\($0.rule.code) at \($0.place.path): \($0.message)" }.joined(separator: "; ")
    }

    private static func metadata(of record: DecisionRecord) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "operation": "\(record.operation.rawValue)", "subject": "\(ErrorText.quoted(record.subject.utf8))",
            "connection": "\(record.session)", "user": "\(record.user)", "user_token": "\(record.userToken)",
            "account": "\(record.account)", "account_token": "\(record.accountToken)",
        ]
        if let queue = record.queue { metadata["queue"] = "\(ErrorText.quoted(queue.utf8))" }
        if let cause = record.cause { metadata["because"] = "\(cause.message)" }
        if let note = record.note { metadata["note"] = "\(note)" }
        return metadata
    }
}
