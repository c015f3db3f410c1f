import NKeys
import Subjects
import Trust

/// The subjects of one account: who is connected, who listens to what, and what comes in and goes out through imports.
/// Lives on the broker's loop.
final class AccountSpace {
    let key: PublicKey
    /// The key as text.
    let name: [UInt8]
    /// Whether it is the servers' own; a reload may change that.
    var isSystem: Bool
    /// The account as it stands; nil while it is not in force.
    var inForce: AccountInForce?

    private(set) var interest = Interest()
    private var places: [Subscription?] = []
    private var free: [Int] = []
    /// Raised by everything that routes are worked out from.
    private(set) var generation: UInt64 = 0
    let routes = RouteTable()
    private var matches = InterestMatches()

    /// Who is connected, by number.
    var sessions: [UInt64: Session] = [:]
    var mappings: [WeightedMapping] = []
    /// The service imports in force.
    var services: [Binding] = []
    /// The stream imports of other accounts from this one.
    private(set) var streamImporters: [StreamLink] = []
    /// Answers that are awaited, by the subject that they come on.
    var awaited = AwaitedReplies()
    /// The first part of the reply subjects that it hands out.
    let replyPrefix: [UInt8]
    var counters = TrafficCounters()
    var totalConnections: UInt64 = 0
    var slowConsumers: UInt64 = 0
    /// Subscriptions that came and went.
    private(set) var inserts: UInt64 = 0
    private(set) var removes: UInt64 = 0

    /// An import of one of this account's streams.
    struct StreamLink {
        let binding: Binding
        let importer: AccountSpace
    }

    init(key: PublicKey, isSystem: Bool) {
        self.key = key
        self.isSystem = isSystem
        name = Array(key.text.utf8)
        replyPrefix = Array("_R_.".utf8) + RandomText.base62(6) + Array(".".utf8)
    }

    /// Routes have to be worked out anew.
    func change() { generation &+= 1 }

    // MARK: Subscriptions

    func subscribe(_ session: Session, sid: [UInt8], to pattern: SubjectPattern, queue: QueueName?) -> Subscription {
        let place = free.popLast() ?? places.count
        let subscription = Subscription(
            session: session, sid: sid, pattern: pattern, queue: queue, id: SubscriptionID(UInt64(place)))
        if place == places.count { places.append(subscription) } else { places[place] = subscription }
        interest.insert(subscription.id, to: pattern, queue: queue)
        inserts &+= 1
        change()
        return subscription
    }

    func unsubscribe(_ subscription: Subscription) {
        guard subscription.isLive else { return }
        subscription.isLive = false
        interest.remove(subscription.id, from: subscription.pattern, queue: subscription.queue)
        removes &+= 1
        let place = Int(subscription.id.rawValue)
        places[place] = nil
        free.append(place)
        if free.count == places.count { (places, free) = ([], []) }
        change()
    }

    /// How many subscriptions there are.
    var subscriptionCount: Int { interest.count }

    /// The subscriptions, in no order.
    var subscriptions: [Subscription] { places.compactMap { $0 } }

    func setStreamImporters(_ links: [StreamLink]) {
        streamImporters = links
        change()
    }

    // MARK: Routes

    /// Works out where messages on `subject` go.
    func makeRoute(_ subject: Subject, services brokerServices: [BrokerService]) -> Route {
        var draft = RouteDraft(subject)
        match(subject, as: nil, into: &draft)
        for link in streamImporters where link.binding.exporterPattern.matches(subject) {
            guard let local = link.binding.localSubject(of: subject) else { continue }
            if link.importer !== self { draft.depends(on: link.importer) }
            link.importer.match(local, as: local.withUTF8 { Array($0) }, into: &draft)
        }
        for service in services where service.localPattern.matches(subject) {
            guard let target = service.exporterSubject(of: subject), let exporter = exporters[service.exporter] else {
                continue
            }
            draft.crossings.append(ServiceCrossing(binding: service, exporter: exporter, target: target))
        }
        return Route(draft, in: self, services: brokerServices.filter { $0.pattern.matches(subject) })
    }

    /// The accounts that services are imported from.
    var exporters: [PublicKey: AccountSpace] = [:]

    /// Adds to `route` who listens here to `subject`, as far as what it may not have lets it.
    private func match(_ subject: Subject, as local: [UInt8]?, into route: inout RouteDraft) {
        interest.match(subject, into: &matches)
        for id in matches.plain {
            guard let subscription = places[Int(id.rawValue)], subscription.mayHave(subject) else { continue }
            route.plain.append(Delivery(subscription: subscription, localSubject: local))
        }
        for group in matches.queues {
            var members: [Delivery] = []
            for id in group.members {
                guard let subscription = places[Int(id.rawValue)], subscription.mayHave(subject) else { continue }
                members.append(Delivery(subscription: subscription, localSubject: local))
            }
            if members.isEmpty { continue }
            if let known = route.queues.firstIndex(where: { $0.name == group.name }) {
                route.queues[known].members += members
            } else {
                route.queues.append(QueueDelivery(name: group.name, members: members))
            }
        }
    }
}

extension Subscription {
    /// Whether no deny of its session stands against a message on `subject`.
    fileprivate func mayHave(_ subject: Subject) -> Bool {
        guard let rules = session.permissions?.rules else { return false }
        return !rules.filtersDeliveries || rules.delivers(subject, queue: queue)
    }
}
