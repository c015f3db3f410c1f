import NATSWire
import Synchronization

/// One consumer of a bucket's stream, from its beginning until something about it is out of order.
final class OrderedConsumer: Sendable {
    enum Step: Sendable {
        case entry(NATSMessage, revision: UInt64)
        /// The server says that there is nothing more at the moment.
        case idle
        /// A message is missing, the server is silent, or the subscription ended.
        case broken
    }

    private let bucket: KeyValueBucket
    private let subscription: Subscription
    private let watchdog: Task<Void, Never>
    /// How often something was heard, for the watchdog.
    private let heard: Heard
    private let order = Mutex(ConsumerOrder())

    private final class Heard: Sendable {
        let count = Atomic<Int>(0)
    }

    private init(_ bucket: KeyValueBucket, _ subscription: Subscription) {
        (self.bucket, self.subscription) = (bucket, subscription)
        let (heard, silence) = (Heard(), bucket.settings.heartbeat * 3)
        self.heard = heard
        watchdog = Task { [weak subscription] in
            var known = -1
            while !Task.isCancelled {
                let count = heard.count.load(ordering: .relaxed)
                if count == known {
                    subscription?.unsubscribe()
                    return
                }
                known = count
                try? await Task.sleep(for: silence)
            }
        }
    }

    deinit { watchdog.cancel() }

    static func begin(on bucket: KeyValueBucket, after revision: UInt64) async throws(BucketFault) -> OrderedConsumer {
        var random = SystemRandomNumberGenerator()
        let name = String(random.next(), radix: 36) + String(random.next(), radix: 36)
        let connection = bucket.api.connection
        let inbox = "\(await connection.inboxPrefix()).\(name)"
        let subscription: Subscription
        do throws(NATSFault) { subscription = try await connection.subscribe(to: inbox) } catch {
            throw .connection(error)
        }
        let heartbeat = nanoseconds(of: bucket.settings.heartbeat)
        let configuration: WireJSON = [
            "name": .string(name), "deliver_subject": .string(inbox), "deliver_policy": "by_start_sequence",
            "opt_start_seq": WireJSON(revision &+ 1), "ack_policy": "none", "max_deliver": 1, "flow_control": true,
            "idle_heartbeat": WireJSON(heartbeat), "inactive_threshold": WireJSON(10_000_000_000),
            "mem_storage": true, "num_replicas": 1, "replay_policy": "instant",
        ]
        _ = try await bucket.api.ask(
            "CONSUMER.CREATE.\(bucket.stream).\(name)",
            ["stream_name": .string(bucket.stream), "config": configuration, "action": "create"])
        return OrderedConsumer(bucket, subscription)
    }

    private static func nanoseconds(of duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return max(seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue, 0)
            + attoseconds / 1_000_000_000
    }

    func stop() { subscription.unsubscribe() }

    /// What comes next.
    func next() async -> Step {
        while true {
            let message: NATSMessage?
            do throws(NATSFault) { message = try await subscription.next() } catch { return .broken }
            guard let message else { return .broken }
            heard.count.add(1, ordering: .relaxed)
            // Judged by where it comes from: whoever writes to the bucket may put any status into a message.
            guard let place = ConsumerPlace(message.reply) else {
                guard let step = await control(message) else { continue }
                return step
            }
            let isNext = order.withLock { $0.take(place) }
            guard isNext, message.subject.hasPrefix(bucket.prefix) else { return .broken }
            return .entry(message, revision: place.revision)
        }
    }

    /// A word of the server about the consumer: it is alive, or waits to hear that what it sent was taken.
    private func control(_ message: NATSMessage) async -> Step? {
        guard let headers = try? message.headers(), headers.status?.code == 100 else { return .broken }
        let wanted = message.reply ?? headers["Nats-Consumer-Stalled"]
        if let wanted { try? await bucket.api.connection.publish(wanted) }
        guard let text = headers["Nats-Last-Consumer"] else { return nil }
        return order.withLock { $0.agrees(withLast: text) } ? .idle : .broken
    }
}

/// What has come of one consumer: every message, in order, or it is broken.
struct ConsumerOrder {
    /// The number of the last message that was taken; 0 for none.
    private(set) var last: UInt64 = 0

    /// Whether this message is the next one; then it is taken.
    mutating func take(_ place: ConsumerPlace) -> Bool {
        guard last < .max, place.number == last + 1 else { return false }
        last = place.number
        return true
    }

    /// Whether the server, which says what it sent last, has sent nothing that did not come.
    func agrees(withLast text: String) -> Bool { UInt64(text) == last }
}

/// Where a message stands, as the reply subject of a consumer's message says it.
struct ConsumerPlace: Equatable {
    /// The number of the message within the stream.
    let revision: UInt64
    /// Its number within the consumer, from 1.
    let number: UInt64

    /// Reads `$JS.ACK.STREAM.CONSUMER.DELIVERED.REVISION.NUMBER.TIME.PENDING`, or the longer form that begins with a
    /// domain and an account behind `$JS.ACK`.
    init?(_ reply: String?) {
        guard let fields = reply?.split(separator: ".", omittingEmptySubsequences: false),
            fields.starts(with: ["$JS", "ACK"])
        else { return nil }
        let start = fields.count == 9 ? 5 : 7
        guard fields.count == 9 || fields.count >= 11, let revision = UInt64(fields[start]),
            let number = UInt64(fields[start + 1])
        else { return nil }
        (self.revision, self.number) = (revision, number)
    }
}
