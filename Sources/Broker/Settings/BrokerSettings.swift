import NKeys
import Trust

/// How a broker serves.
public struct BrokerSettings: Sendable {
    /// What it is called in INFO and in events; empty for its key.
    public var name = ""
    /// The address that it listens at.
    public var host = "0.0.0.0"
    /// The port; 0 for one that the system chooses.
    public var port = 4222
    /// What it admits.
    public var limits = BrokerLimits()
    /// When connections end that are silent, slow, or have to.
    public var times = BrokerTimes()
    /// Its certificates; nil for connections in the clear.
    public var tls: BrokerTLS?
    /// Where monitoring listens; nil for nowhere.
    public var monitoring: ListenAddress?
    /// Who is trusted.
    public var trust: BrokerTrust
    /// What is written down of decisions.
    public var decisionLog = DecisionLogSettings()

    /// The standard settings under this trust.
    public init(trust: BrokerTrust) { self.trust = trust }
}

/// A place to listen at.
public struct ListenAddress: Hashable, Sendable {
    /// An address of this machine.
    public var host: String
    /// The port; 0 for one that the system chooses.
    public var port: Int

    /// A place.
    public init(host: String, port: Int) { (self.host, self.port) = (host, port) }
}

/// Whom a broker trusts, and how strictly.
public struct BrokerTrust: Sendable {
    /// The operators' tokens, verified.
    public var operators: [VerifiedToken<OperatorClaims>]
    /// The servers' own account; nil for what the first operator that has one says.
    public var systemAccount: PublicKey?
    /// The only accounts that are let in, beside the system account; nil for all.
    public var pinnedAccounts: Set<PublicKey>?
    /// The user token that stands in for a client's that brings none; it must be a bearer's.
    public var defaultSentinel: String?
    /// Judges tokens: the policy, the zones.
    public var verifier: TokenVerifier

    /// Trusts these operators.
    public init(operators: [VerifiedToken<OperatorClaims>], verifier: TokenVerifier = TokenVerifier()) {
        self.operators = operators
        self.verifier = verifier
    }

    /// The chain that every account and user is judged by.
    public var chain: ChainVerifier {
        ChainVerifier(
            anchors: TrustAnchors(operators), verifier: verifier, pinned: pinnedAccounts, systemAccount: systemKey)
    }

    /// The servers' own account; nil for none.
    public var systemKey: PublicKey? { systemAccount ?? operators.lazy.compactMap(\.claims.systemAccount).first }
}

/// What a broker admits. Numbers are bytes unless they say otherwise; nil is no limit.
public struct BrokerLimits: Hashable, Sendable {
    /// A control line, without its operation and its end (`max_control_line`).
    public var controlLine = 4096
    /// A message, headers included (`max_payload`).
    public var payload = 1 << 20
    /// What waits for one client that does not read (`max_pending`): beyond it, it is a slow consumer and closed.
    public var pending = 64 << 20
    /// Connections of clients (`max_connections`).
    public var connections = 65_536
    /// Subscriptions of one connection (`max_subscriptions`); nil for no limit.
    public var subscriptions: Int?
    /// Tokens of a subscription's subject (`max_sub_tokens`); nil for no limit beside the subject's own.
    public var subscriptionTokens: Int?

    /// The standard limits, those of `nats-server`.
    public init() {}
}

/// When a broker acts by itself.
public struct BrokerTimes: Hashable, Sendable {
    /// How long a client has to prove who it is (`authorization { timeout }`); also how long an authorization service
    /// has to answer.
    public var authentication = Duration.seconds(2)
    /// How long TLS may take to come about (`tls { timeout }`).
    public var handshake = Duration.seconds(2)
    /// How long a client may be silent before it is asked (`ping_interval`).
    public var pingInterval = Duration.seconds(120)
    /// How often it is asked without an answer (`ping_max`).
    public var pingsOutstanding = 2
    /// How long clients are left to go by themselves (`lame_duck_grace_period`).
    public var lameDuckGrace = Duration.seconds(10)
    /// How long the rest of them is sent away for (`lame_duck_duration`).
    public var lameDuckDuration = Duration.seconds(120)

    /// The standard times, those of `nats-server`.
    public init() {}
}

/// A broker's certificates, as PEM files. They are read again on reload.
public struct BrokerTLS: Hashable, Sendable {
    /// When TLS begins.
    public enum Beginning: Hashable, Sendable {
        /// After INFO, as clients of the field expect.
        case afterInfo
        /// With the connection's first byte (`handshake_first`).
        case first
    }

    /// Whether clients show certificates.
    public enum ClientCertificates: Hashable, Sendable {
        /// They are not asked.
        case notAsked
        /// Whoever shows none that is signed by an authority of this PEM file is not let in (`verify`, `ca_file`).
        case required(authorities: String)
    }

    /// The certificate and those between it and its root (`cert_file`).
    public var certificateChain: String
    /// Its key (`key_file`).
    public var privateKey: String
    /// Whether clients show certificates.
    public var clientCertificates = ClientCertificates.notAsked
    /// When TLS begins.
    public var beginning = Beginning.afterInfo
    /// Whether clients may go on in the clear (`allow_non_tls`).
    public var clearText = ClearText.refused

    /// Whether a client may do without TLS.
    public enum ClearText: Hashable, Sendable {
        case refused
        case allowed
    }

    /// The files of a certificate and its key.
    public init(certificateChain: String, privateKey: String) {
        (self.certificateChain, self.privateKey) = (certificateChain, privateKey)
    }
}

/// What is written down of the decisions on publishes and subscriptions.
public struct DecisionLogSettings: Hashable, Sendable {
    /// Of so many allowed operations one is written down; 0 for none. Refusals are always, within the log's rate.
    public var sampledEvery = 0
    /// Refusals written down in a second, at most, by all connections together.
    public var refusalsPerSecond = 100

    /// No allowed operation, and up to 100 refusals a second.
    public init() {}
}
