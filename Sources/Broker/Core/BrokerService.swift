import Subjects

/// A service that the broker itself offers in an account.
struct BrokerService {
    let pattern: SubjectPattern
    /// Answers a request; on the broker's loop.
    let handle: (BrokerCore, BrokerRequest) -> Void
}

/// A request to the broker itself.
struct BrokerRequest {
    /// The account that it was published in.
    let space: AccountSpace
    let subject: Subject
    /// Where the answer goes; empty for nowhere.
    let reply: [UInt8]
    let headers: [UInt8]
    let payload: [UInt8]
    /// Who asks, where that is a client.
    let publisher: Session?
}
