import Subjects
import Trust

extension BrokerCore {
    /// A client may not do what it tried: operators are told, at a bounded rate.
    func violated(
        _ session: Session, _ operation: DecisionRecord.Operation, _ subject: String, queue: String?,
        _ decision: Decision?, _ note: String?
    ) {
        counters.violations &+= 1
        guard decisions.takesRefused(settings.decisionLog, at: now) else { return }
        let record = record(session, operation, subject, queue: queue, decision, note)
        host.note(.decision(record))
        observer?.violated(session, record, in: self)
    }

    /// An operation was allowed: one of so many is written down.
    @inline(__always)
    func sample(
        _ operation: DecisionRecord.Operation, _ decision: Decision, _ subject: @autoclosure () -> String,
        _ queue: [UInt8]?, _ session: Session
    ) {
        guard decisions.takesAllowed(settings.decisionLog) else { return }
        let queue = queue.map { String(decoding: $0, as: UTF8.self) }
        host.note(.decision(record(session, operation, subject(), queue: queue, decision, nil)))
    }

    private func record(
        _ session: Session, _ operation: DecisionRecord.Operation, _ subject: String, queue: String?,
        _ decision: Decision?, _ note: String?
    ) -> DecisionRecord {
        let cause = decision.flatMap { decision in
            session.permissions?.cause(of: decision, in: operation == .publish ? .publish : .subscribe)
        }
        let user = session.user?.claims.common
        let account = session.user?.account
        return DecisionRecord(
            operation: operation, isAllowed: decision?.isAllowed ?? false, subject: subject, queue: queue, cause: cause,
            note: note, session: session.id, user: user?.subject.text ?? "", userToken: user?.id ?? "",
            account: account?.key.text ?? "", accountToken: account?.claims.common.id ?? "")
    }
}
