import NATSWire
import Synchronization

extension KeyValueBucket {
    /// Where a watch begins.
    public enum WatchStart: Hashable, Sendable {
        /// With everything that stands in the bucket.
        case beginning
        /// With what is written from now on; what was acknowledged before does not come.
        case now
        /// Behind this revision.
        case after(UInt64)
    }

    /// Follows what is written to the bucket.
    ///
    /// - Parameter patience: how long the servers may say nothing before the watch fails; nil for as long as it takes.
    public func watch(from start: WatchStart, patience: Duration? = nil) async throws(BucketFault) -> BucketWatch {
        let last = try await lastEntry()?.revision ?? 0
        let begin: UInt64 =
            switch start {
            case .beginning: 0
            case .now: last
            case .after(let revision): revision
            }
        return BucketWatch(self, after: begin, until: last, patience: patience)
    }
}

/// What a watch tells.
public enum BucketUpdate: Hashable, Sendable {
    /// An entry was written.
    case entry(BucketEntry)
    /// Everything has come that was acknowledged before the watch began. Told once.
    case caughtUp
}

/// The writes to a bucket in their order, each at most once, for one task to take.
///
/// It reads through a consumer that the servers may lose at any time: whatever does not come in unbroken order, and a
/// server that falls silent, begin a new consumer behind the last revision that was told. Of a key that was written
/// several times meanwhile the last state comes: the bucket keeps no other.
public actor BucketWatch {
    private let bucket: KeyValueBucket
    private let patience: Duration?
    private var target: UInt64
    private var last: UInt64
    private var isCaughtUp = false
    private var consumer: OrderedConsumer?
    private var isOver = false

    init(_ bucket: KeyValueBucket, after begin: UInt64, until target: UInt64, patience: Duration?) {
        (self.bucket, self.last, self.target, self.patience) = (bucket, begin, target, patience)
    }

    /// The last revision that was told; before the first, the one that the watch begins behind.
    public var position: UInt64 { last }

    /// The next update; nil when the task is cancelled.
    ///
    /// - Throws: `replaced`; `answer` for an entry that cannot be read; `connection` when the connection is closed, and
    ///   when the patience is at an end.
    public func next() async throws(BucketFault) -> BucketUpdate? {
        while !isOver, !Task.isCancelled {
            if !isCaughtUp, last >= target {
                isCaughtUp = true
                return .caughtUp
            }
            guard let consumer else {
                consumer = try await begin()
                continue
            }
            switch await consumer.next() {
            case .entry(let message, let revision):
                guard revision > last else { continue }
                let key = String(message.subject.dropFirst(bucket.prefix.count))
                let entry = try BucketEntry(key, message.payload, message.headerBytes, revision)
                last = revision
                return .entry(entry)
            case .idle: try await lookAgain()
            case .broken: self.consumer = nil
            }
        }
        return nil
    }

    /// Ends the watch: `next` returns nil, also where it is being waited for.
    public func stop() {
        isOver = true
        consumer?.stop()
    }

    /// Nothing comes and something is missing: whoever rules the stream may have removed it.
    private func lookAgain() async throws(BucketFault) {
        guard !isCaughtUp else { return }
        target = min(target, try await bucket.lastEntry()?.revision ?? 0)
    }

    private func begin() async throws(BucketFault) -> OrderedConsumer? {
        let end = patience.map { ContinuousClock.now + $0 }
        var attempt = 0
        while !isOver, !Task.isCancelled {
            let fault: BucketFault
            do throws(BucketFault) {
                try await checkStream(attempt)
                let consumer = try await OrderedConsumer.begin(on: bucket, after: last)
                // Another of its name may have come between the two.
                do throws(BucketFault) {
                    try await checkStream(attempt)
                } catch {
                    consumer.stop()
                    throw error
                }
                return consumer
            } catch { fault = error }
            if case .refused(APICode.streamNotFound, _) = fault { throw .missing(bucket.settings.name) }
            let isHopeless = end.map { ContinuousClock.now >= $0 } ?? false
            guard JetStreamAPI.passes(fault) || fault == .connection(.slowConsumer), !isHopeless else { throw fault }
            attempt += 1
            do throws(BucketFault) { try await JetStreamAPI.pause(attempt, after: fault) } catch { return nil }
        }
        return nil
    }

    /// The stream has to be the one that was watched, and to hold what was told of it.
    private func checkStream(_ attempt: Int) async throws(BucketFault) {
        let found = try await bucket.api.ask("STREAM.INFO.\(bucket.stream)", [:])
        guard found["created"]?.string == bucket.made else { throw .replaced }
        // A leader that was just chosen may lag for a moment.
        guard let there = found["state"]?["last_seq"]?.unsigned else { throw .answer("the state of a stream") }
        if there < last { throw attempt < 40 ? .connection(.timeout) : .replaced }
    }
}
