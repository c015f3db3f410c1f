/// The names that members of a token's JSON objects may have, over all objects.
///
/// Names are compared exactly. A name is at most 24 bytes long, so that it fits three words and one comparison of
/// three words is exact.
enum MemberName: UInt8, CaseIterable {
    case unknown
    // header
    case typ, alg
    // every token
    case aud, exp, jti, iat, iss, name, nbf, sub, nats, type, version, tags
    // operator
    case signingKeys, accountServerURL, operatorServiceURLs, systemAccount, assertServerVersion
    case strictSigningKeyUsage
    // account
    case imports, exports, limits, revocations, defaultPermissions, mappings, authorization, trace, clusterTraffic
    case description, infoURL
    // import and export
    case subject, account, token, to, localSubject, share, allowTrace, tokenRequired, responseType
    case responseThreshold, serviceLatency, accountTokenPosition, advertise, sampling, results
    // limits
    case subs, data, payload, wildcards, conn, leaf, disallowBearer, tieredLimits
    case memStorage, diskStorage, streams, consumer, maxAckPending, memMaxStreamBytes, diskMaxStreamBytes
    case maxBytesRequired
    // scopes, mappings, authorization, trace
    case kind, key, role, template, weight, cluster, authUsers, allowedAccounts, xkey, dest
    // user
    case pub, allow, deny, resp, max, ttl, src, times, start, end, timesLocation, bearerToken, proxyRequired
    case allowedConnectionTypes, issuerAccount
    // authorization request and response
    case serverID, userNKey, clientDetails, connectOptions, clientTLS, requestNonce, jwt, error
    case host, id, user, nameTag, mqttID, nonce, nkey, sig, authToken, pass, lang, `protocol`, cipher, certs
    case verifiedChains

    /// The name as it is written in a token.
    var text: String {
        switch self {
        case .unknown: ""
        case .signingKeys: "signing_keys"
        case .accountServerURL: "account_server_url"
        case .operatorServiceURLs: "operator_service_urls"
        case .systemAccount: "system_account"
        case .assertServerVersion: "assert_server_version"
        case .strictSigningKeyUsage: "strict_signing_key_usage"
        case .defaultPermissions: "default_permissions"
        case .clusterTraffic: "cluster_traffic"
        case .infoURL: "info_url"
        case .localSubject: "local_subject"
        case .allowTrace: "allow_trace"
        case .tokenRequired: "token_req"
        case .responseType: "response_type"
        case .responseThreshold: "response_threshold"
        case .serviceLatency: "service_latency"
        case .accountTokenPosition: "account_token_position"
        case .disallowBearer: "disallow_bearer"
        case .tieredLimits: "tiered_limits"
        case .memStorage: "mem_storage"
        case .diskStorage: "disk_storage"
        case .maxAckPending: "max_ack_pending"
        case .memMaxStreamBytes: "mem_max_stream_bytes"
        case .diskMaxStreamBytes: "disk_max_stream_bytes"
        case .maxBytesRequired: "max_bytes_required"
        case .authUsers: "auth_users"
        case .allowedAccounts: "allowed_accounts"
        case .timesLocation: "times_location"
        case .bearerToken: "bearer_token"
        case .proxyRequired: "proxy_required"
        case .allowedConnectionTypes: "allowed_connection_types"
        case .issuerAccount: "issuer_account"
        case .serverID: "server_id"
        case .userNKey: "user_nkey"
        case .clientDetails: "client_info"
        case .connectOptions: "connect_opts"
        case .clientTLS: "client_tls"
        case .requestNonce: "request_nonce"
        case .nameTag: "name_tag"
        case .mqttID: "mqtt_id"
        case .authToken: "auth_token"
        case .verifiedChains: "verified_chains"
        case .protocol: "protocol"
        default: "\(self)"
        }
    }
}

/// A set of member names: the names that one kind of object may have, or has had.
struct MemberSet: ExpressibleByArrayLiteral {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init(arrayLiteral names: MemberName...) {
        for name in names { _ = insert(name) }
    }

    private init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    @inline(__always)
    private static func bit(_ name: MemberName) -> UInt64 { 1 &<< UInt64(truncatingIfNeeded: name.rawValue) }

    @inline(__always)
    func contains(_ name: MemberName) -> Bool {
        (name.rawValue & 64 == 0 ? low : high) & Self.bit(name) != 0
    }

    func union(_ other: MemberSet) -> MemberSet { MemberSet(low: low | other.low, high: high | other.high) }

    /// False when the name was there already.
    @inline(__always)
    mutating func insert(_ name: MemberName) -> Bool {
        let bit = Self.bit(name)
        if name.rawValue & 64 == 0 {
            if low & bit != 0 { return false }
            low |= bit
        } else {
            if high & bit != 0 { return false }
            high |= bit
        }
        return true
    }
}

/// Finds the member name that a text spells: one probe and one exact comparison.
///
/// The table is made once and lives as long as the process, so that a reader can hold its address and nothing counts
/// references to it.
struct MemberTable: @unchecked Sendable {  // never written after it is made
    /// The longest name, in bytes.
    static let longest = 24
    static let shared = MemberTable()

    private struct Slot {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
        var length = 0
        var name = MemberName.unknown
    }

    private static let size = 1024
    private let slots: UnsafePointer<Slot>

    private init() {
        let slots = UnsafeMutablePointer<Slot>.allocate(capacity: Self.size)
        slots.initialize(repeating: Slot(), count: Self.size)
        for name in MemberName.allCases where name != .unknown {
            let text = Array(name.text.utf8)
            let (first, second, third) = text.withUnsafeBytes {
                Self.words(PaddedBytes($0, count: $0.count), at: 0, length: $0.count)
            }
            var index = Self.hash(first, second, text.count)
            while slots[index].name != .unknown { index = (index + 1) & (Self.size - 1) }
            slots[index] = Slot(first: first, second: second, third: third, length: text.count, name: name)
        }
        self.slots = UnsafePointer(slots)
    }

    /// The name spelled by `length` bytes at `start`.
    @inline(__always)
    func name(in bytes: PaddedBytes, at start: Int, length: Int) -> MemberName {
        guard length > 0, length <= Self.longest else { return .unknown }
        let (first, second, third) = Self.words(bytes, at: start, length: length)
        var index = Self.hash(first, second, length)
        while true {
            let slot = slots + index
            if slot.pointee.first == first, slot.pointee.second == second, slot.pointee.third == third,
                slot.pointee.length == length
            {
                return slot.pointee.name
            }
            if slot.pointee.name == .unknown { return .unknown }
            index = (index &+ 1) & (Self.size - 1)
        }
    }

    @inline(__always)
    private static func hash(_ first: UInt64, _ second: UInt64, _ length: Int) -> Int {
        let mixed =
            (first ^ (second &* 0x9e37_79b9_7f4a_7c15) ^ UInt64(truncatingIfNeeded: length)) &* 0xff51_afd7_ed55_8ccd
        return Int(truncatingIfNeeded: mixed &>> 54)
    }

    @inline(__always)
    private static func words(_ bytes: PaddedBytes, at start: Int, length: Int) -> (UInt64, UInt64, UInt64) {
        let first = bytes.word(at: start)
        if length <= 8 { return (mask(first, length), 0, 0) }
        let second = bytes.word(at: start &+ 8)
        if length <= 16 { return (first, mask(second, length &- 8), 0) }
        return (first, second, mask(bytes.word(at: start &+ 16), length &- 16))
    }

    /// The lowest `length` bytes of a word, 1 to 8.
    @inline(__always)
    private static func mask(_ word: UInt64, _ length: Int) -> UInt64 {
        word & (UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- 8 &* length))
    }
}
