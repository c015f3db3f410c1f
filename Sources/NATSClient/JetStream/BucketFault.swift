import NATSWire

/// Why a bucket could not do what it was asked.
public enum BucketFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The connection, or who answers on it.
    case connection(NATSFault)
    /// The servers refused; their number for it, and what they say.
    case refused(code: Int, text: String)
    /// There is no such bucket.
    case missing(String)
    /// The bucket that is there does not keep what it is given in the way that is needed; what is wrong.
    case configuration(String)
    /// Another state of the key is there than was expected; its revision, nil where there is none.
    case conflict(UInt64?)
    /// The name of a bucket or a key cannot be one.
    case name(String)
    /// The bucket was deleted and made again, or went back to an earlier state, while it was watched.
    case replaced
    /// An answer or an entry cannot be understood; why.
    case answer(String)
    /// A write may have been made or not, and it could not be found out; why it was not answered.
    case outcomeUnknown(NATSFault)

    /// One line in lower case.
    public var description: String {
        switch self {
        case .connection(let fault): fault.description
        case .refused(let code, let text): "the servers refuse: `\(text)` (\(code))"
        case .missing(let name): "there is no bucket `\(name)`"
        case .configuration(let text): "the bucket is not fit: \(text)"
        case .conflict(let revision): "another state is there: \(revision.map { "revision \($0)" } ?? "nothing")"
        case .name(let text): "`\(ClientMachine.quoted(text))` cannot be the name of a bucket or a key"
        case .replaced: "the bucket was replaced while it was watched"
        case .answer(let text): "an answer of the servers cannot be understood: \(text)"
        case .outcomeUnknown(let fault): "it is not known whether the write was made: \(fault)"
        }
    }

    /// Whether the same may succeed a moment later: there is no leader, or no connection.
    public var passes: Bool { JetStreamAPI.passes(self) }

    init(_ fault: WireFault) { self = .answer(fault.description) }
}

/// Numbers that servers give to what went wrong.
enum APICode {
    static let streamNotFound = 10059
    static let streamExists = 10058
    static let messageNotFound = 10037
    /// `Nats-Expected-Last-Subject-Sequence` names another message than the last; with the last, or without.
    static let wrongSequence: Set<Int> = [10071, 10164]
    /// No leader at the moment, not enough servers, or the same write is on its way already: it passes.
    static let passing: Set<Int> = [10005, 10006, 10007, 10008, 10009, 10023, 10118, 10158]
}
