/// What a broker holds at a moment, counted: what comes and goes has to be back where it was.
struct BrokerCensus: Equatable, Sendable {
    /// Connections of clients.
    var sessions = 0
    /// Accounts that something is known of.
    var accounts = 0
    /// Subscriptions of all of them.
    var subscriptions = 0
    /// Answers that are awaited.
    var awaited = 0
    /// Clients that wait for an account.
    var waiting = 0
    /// Accounts that somebody needs in force.
    var needed = 0
    /// Alarms that are set.
    var alarms = 0
    /// Places of routes that were worked out.
    var routes = 0
    /// Different permissions.
    var permissions = 0

    init(of core: BrokerCore) {
        sessions = core.sessions.count
        accounts = core.spaces.count
        for space in core.spaces.values {
            subscriptions += space.subscriptionCount
            awaited += space.awaited.count
            routes += space.routes.room
        }
        waiting = core.waiting.values.reduce(0) { $0 + $1.count }
        needed = core.needs.count
        alarms = core.alarms.count
        permissions = core.permissionSets.count
    }
}
