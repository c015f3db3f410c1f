/// The order of connections on a page.
enum ConnectionOrder: String, CaseIterable {
    /// Their numbers, the oldest first.
    case number = "cid"
    /// When they came, the first one first.
    case start
    /// The most first, for all of these.
    case subscriptions = "subs"
    case pending
    case messagesTo = "msgs_to"
    case messagesFrom = "msgs_from"
    case bytesTo = "bytes_to"
    case bytesFrom = "bytes_from"
    /// Who was active last.
    case last
    /// Who has been idle for longest.
    case idle
    /// Who has been there for the shortest time.
    case uptime
    /// Who ended last; of connections that ended.
    case stop
    /// The reason of the end; of connections that ended.
    case reason
    /// The longest way first.
    case roundTrip = "rtt"

    /// Reads the option `sort`; nil for the standard order.
    init(_ text: String?, of states: SurveyScope.States) throws(MonitoringFault) {
        guard let text else {
            self = .number
            return
        }
        guard let order = ConnectionOrder(rawValue: text) else {
            throw MonitoringFault("there is no order \(MonitoringFault.quoted(text))")
        }
        if order == .stop || order == .reason, states != .closed {
            throw MonitoringFault("sort by \(order.rawValue) is for connections that ended: state=closed")
        }
        self = order
    }

    /// The connections in this order; those that are equal in the order of their numbers.
    func sorted(_ connections: [ConnectionSurvey], at now: SurveyTime) -> [ConnectionSurvey] {
        switch self {
        case .number: by(connections, .smallestFirst, \.number)
        case .start: by(connections, .smallestFirst, \.started)
        case .uptime: by(connections, .smallestFirst) { ($0.end?.time ?? now).since($0.started) }
        case .reason: by(connections, .smallestFirst) { $0.end?.reason ?? "" }
        case .subscriptions: by(connections, .largestFirst, \.subscriptionCount)
        case .pending: by(connections, .largestFirst, \.pendingBytes)
        case .messagesTo: by(connections, .largestFirst, \.traffic.outMessages)
        case .messagesFrom: by(connections, .largestFirst, \.traffic.inMessages)
        case .bytesTo: by(connections, .largestFirst, \.traffic.outBytes)
        case .bytesFrom: by(connections, .largestFirst, \.traffic.inBytes)
        case .last: by(connections, .largestFirst, \.lastActivity)
        case .idle: by(connections, .largestFirst) { ($0.end?.time ?? now).since($0.lastActivity) }
        case .stop: by(connections, .largestFirst) { $0.end?.time ?? SurveyTime(nanoseconds: 0) }
        case .roundTrip: by(connections, .largestFirst) { $0.roundTrip ?? 0 }
        }
    }

    private enum Direction { case smallestFirst, largestFirst }

    private func by<Value: Comparable>(
        _ connections: [ConnectionSurvey], _ direction: Direction, _ value: (ConnectionSurvey) -> Value
    ) -> [ConnectionSurvey] {
        connections.sorted {
            let (first, second) = (value($0), value($1))
            if first == second { return $0.number < $1.number }
            return direction == .smallestFirst ? first < second : first > second
        }
    }
}
