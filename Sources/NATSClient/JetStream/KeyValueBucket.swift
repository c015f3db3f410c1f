import NATSWire

/// What a bucket is called and how it is kept.
public struct BucketSettings: Hashable, Sendable {
    /// Its name: letters, digits, `-` and `_`.
    public var name: String
    /// Servers that keep it. A write is acknowledged once most of them have it.
    public var replicas: Int
    /// How long one answer is waited for.
    public var timeout: Duration = .seconds(2)
    /// How long a question or a write is tried again while there is no leader or no connection.
    public var patience: Duration = .seconds(15)
    /// How often a watch hears from the server that it is alive; three times without a word begin it anew. At least
    /// 100 ms.
    public var heartbeat: Duration = .seconds(2)

    /// A bucket.
    public init(name: String, replicas: Int = 3) { (self.name, self.replicas) = (name, replicas) }
}

/// A key-value store of a cluster: a stream that keeps the last message of each subject.
///
///     let bucket = try await KeyValueBucket.open(BucketSettings(name: "accounts"), on: connection)
///     let revision = try await bucket.create("a", [1])
///     try await bucket.update("a", [2], expecting: revision)
///
/// The layout is that of every NATS client (stream `KV_NAME`, subjects `$KV.NAME.KEY`), with a history of one. Values
/// are read from the leader. A write whose answer does not come is tried again under the same `Nats-Msg-Id`, so that it
/// is made once, and looked for when it is refused then.
public final class KeyValueBucket: Sendable {
    /// How it is kept.
    public let settings: BucketSettings
    let api: JetStreamAPI
    let stream: String
    let prefix: String
    /// When the stream was made, as the servers say it: another time, another stream.
    let made: String

    private init(_ settings: BucketSettings, _ api: JetStreamAPI, made: String) {
        (self.settings, self.api, self.made) = (settings, api, made)
        (stream, prefix) = ("KV_\(settings.name)", "$KV.\(settings.name).")
    }

    /// Finds the bucket, or makes it.
    ///
    /// - Throws: `configuration` when the bucket that is there would lose entries or has too few replicas.
    public static func open(
        _ settings: BucketSettings, on connection: NATSConnection
    ) async throws(BucketFault) -> KeyValueBucket {
        do throws(BucketFault) { return try await find(settings, on: connection) } catch {
            guard case .missing = error else { throw error }
        }
        let api = JetStreamAPI(connection: connection, timeout: settings.timeout, patience: settings.patience)
        let nanoseconds = 1_000_000_000
        let configuration: WireJSON = [
            "name": .string("KV_\(settings.name)"), "subjects": [.string("$KV.\(settings.name).>")],
            "retention": "limits", "storage": "file", "discard": "new", "num_replicas": WireJSON(settings.replicas),
            "max_msgs_per_subject": 1, "max_msgs": -1, "max_bytes": -1, "max_age": 0, "max_msg_size": -1,
            "max_consumers": -1, "duplicate_window": WireJSON(120 * nanoseconds), "deny_delete": true,
            "allow_rollup_hdrs": true, "allow_direct": true,
        ]
        do throws(BucketFault) {
            _ = try await api.ask("STREAM.CREATE.KV_\(settings.name)", configuration)
        } catch .refused(let code, _) where code == APICode.streamExists {
            // Somebody was faster.
        }
        return try await find(settings, on: connection)
    }

    /// Finds the bucket.
    ///
    /// - Throws: `missing`, and `configuration` as `open` does.
    public static func find(
        _ settings: BucketSettings, on connection: NATSConnection
    ) async throws(BucketFault) -> KeyValueBucket {
        let isName = settings.name.utf8.allSatisfy { isKeyByte($0) && ![0x2E, 0x2F, 0x3D].contains($0) }
        guard isName, !settings.name.isEmpty, settings.name.utf8.count <= 128 else { throw .name(settings.name) }
        let api = JetStreamAPI(connection: connection, timeout: settings.timeout, patience: settings.patience)
        let found: WireJSON
        do throws(BucketFault) { found = try await api.ask("STREAM.INFO.KV_\(settings.name)", [:]) } catch {
            guard case .refused(APICode.streamNotFound, _) = error else { throw error }
            throw .missing(settings.name)
        }
        guard let made = found["created"]?.string else { throw .answer("a stream without the time it was made") }
        if let flaw = flaw(of: found["config"], settings) { throw .configuration(flaw) }
        return KeyValueBucket(settings, api, made: made)
    }

    /// What about a stream would lose entries.
    private static func flaw(of configuration: WireJSON?, _ settings: BucketSettings) -> String? {
        guard let configuration else { return "the servers do not say how it is kept" }
        if configuration["subjects"]?.array != [.string("$KV.\(settings.name).>")] { return "its subjects are others" }
        if configuration["max_msgs_per_subject"]?.integer != 1 { return "its history is not 1" }
        if configuration["discard"]?.string != "new" { return "it makes room by throwing entries away" }
        if (configuration["max_age"]?.integer ?? 0) != 0 { return "its entries grow old" }
        if configuration["storage"]?.string != "file" { return "it is kept in memory" }
        if configuration["retention"]?.string != "limits" { return "its entries go away when they are read" }
        if (configuration["num_replicas"]?.integer ?? 1) < settings.replicas { return "it has too few replicas" }
        return nil
    }

    // MARK: Reading

    /// What stands under a key, markers included; nil for nothing. Read from the leader.
    public func entry(_ key: String) async throws(BucketFault) -> BucketEntry? {
        try await lastMessage(on: try subject(key))
    }

    /// What was written last to the bucket; nil when it is empty.
    func lastEntry() async throws(BucketFault) -> BucketEntry? { try await lastMessage(on: "\(prefix)>") }

    private func lastMessage(on subject: String) async throws(BucketFault) -> BucketEntry? {
        do throws(BucketFault) {
            let found = try await api.ask("STREAM.MSG.GET.\(stream)", ["last_by_subj": .string(subject)])
            return try BucketEntry(stored: found["message"], prefix: prefix)
        } catch {
            guard case .refused(APICode.messageNotFound, _) = error else { throw error }
            return nil
        }
    }

    /// Whether the bucket has a leader that answers now; nothing is tried twice.
    public func check() async throws(BucketFault) {
        let once = JetStreamAPI(connection: api.connection, timeout: settings.timeout, patience: .zero)
        _ = try await once.ask("STREAM.INFO.\(stream)", [:])
    }

    /// Everything that stands in the bucket, markers included, with at least all that was acknowledged before the call.
    /// Linear in the entries.
    ///
    /// - Parameter patience: how long the servers may say nothing.
    public func load(patience: Duration? = nil) async throws(BucketFault) -> [BucketEntry] {
        var entries: [String: BucketEntry] = [:]
        let watch = try await watch(from: .beginning, patience: patience ?? settings.patience)
        while let update = try await watch.next() {
            switch update {
            case .entry(let entry): entries[entry.key] = entry
            case .caughtUp: return Array(entries.values)
            }
        }
        throw .connection(.cancelled)
    }

    /// The keys that have a value, in order.
    public func keys() async throws(BucketFault) -> [String] {
        try await load().filter { $0.operation == .put }.map(\.key).sorted()
    }

    // MARK: Names

    func subject(_ key: String) throws(BucketFault) -> String {
        guard !key.isEmpty, key.utf8.count <= 1024, !key.hasPrefix("."), !key.hasSuffix("."), !key.contains(".."),
            key.utf8.allSatisfy(Self.isKeyByte)
        else { throw .name(key) }
        return prefix + key
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || [0x2D, 0x5F, 0x2F, 0x3D, 0x2E].contains(byte)
    }
}
