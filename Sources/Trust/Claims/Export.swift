import NKeys
import Subjects

/// What an account offers to others.
public struct Export: Hashable, Sendable {
    /// `name`; empty when absent.
    public var name: String
    /// `subject`.
    public var subject: SubjectPattern
    /// `type`.
    public var kind: ExportKind
    /// `token_req`: whether an importer needs an activation token.
    public var tokenRequired = false
    /// `advertise`.
    public var advertise = false
    /// `allow_trace` of a service.
    public var allowTrace = false
    /// `account_token_position`: the 1-based token of `subject` at which the importer's own key must stand; 0 for none.
    public var accountTokenPosition = 0

    /// What few exports have, apart, so that an account of many exports stays small: none, or one element.
    private struct Rare: Hashable, Sendable {
        var revocations = Revocations()
        var responseType: ResponseType?
        var responseThreshold: Int64 = 0
        var latency: ServiceLatency?
        var description = ""
        var infoURL = ""
    }

    private var rare: [Rare] = []

    private var details: Rare {
        get { rare.first ?? Rare() }
        set { rare = newValue == Rare() ? [] : [newValue] }
    }

    /// `revocations` of activations, by the importing account.
    public var revocations: Revocations {
        get { details.revocations }
        set { details.revocations = newValue }
    }

    /// `response_type` of a service.
    public var responseType: ResponseType? {
        get { details.responseType }
        set { details.responseType = newValue }
    }

    /// `response_threshold` of a service, nanoseconds; 0 for the default.
    public var responseThreshold: Int64 {
        get { details.responseThreshold }
        set { details.responseThreshold = newValue }
    }

    /// `service_latency`.
    public var latency: ServiceLatency? {
        get { details.latency }
        set { details.latency = newValue }
    }

    /// `description`; empty when absent.
    public var description: String {
        get { details.description }
        set { details.description = newValue }
    }

    /// `info_url`; empty when absent.
    public var infoURL: String {
        get { details.infoURL }
        set { details.infoURL = newValue }
    }

    /// A public export.
    public init(subject: SubjectPattern, kind: ExportKind, name: String = "") {
        self.subject = subject
        self.kind = kind
        self.name = name
    }
}

/// How a service answers.
public enum ResponseType: String, Hashable, Sendable {
    /// One reply.
    case singleton = "Singleton"
    /// Any number of replies.
    case stream = "Stream"
    /// One reply in parts.
    case chunked = "Chunked"
}

/// `service_latency`: measuring how fast a service answers.
public struct ServiceLatency: Hashable, Sendable {
    /// `sampling`: percent from 1 to 100, or nil for requests whose headers ask for it.
    public var percent: Int?
    /// `results`: the literal subject that measurements go to.
    public var results: Subject

    /// Latency measurements to `results`.
    public init(percent: Int?, results: Subject) {
        self.percent = percent
        self.results = results
    }
}

/// What an account takes from another.
public struct Import: Hashable, Sendable {
    /// `name`; empty when absent.
    public var name = ""
    /// `subject` as the token has it; see `exporterSubject`.
    public var subject: SubjectPattern
    /// `account`: the exporter.
    public var account: PublicKey
    /// `type`.
    public var kind: ExportKind
    /// `token`: the activation token as received; nil when absent or empty.
    public var token: String?
    /// `local_subject` as text; nil when absent or empty.
    public var localSubject: String?
    /// The deprecated `to`: a prefix for a stream, the exporter's subject for a service; nil when absent or empty.
    public var to: SubjectPattern?
    /// `share`: whether the exporter is told who asks.
    public var share = false
    /// `allow_trace` of a stream.
    public var allowTrace = false

    /// An import of `subject` from `account`.
    public init(subject: SubjectPattern, account: PublicKey, kind: ExportKind, name: String = "", token: String? = nil)
    {
        self.subject = subject
        self.account = account
        self.kind = kind
        self.name = name
        self.token = token
    }

    /// The subject on the exporter's side: what an activation token names. For a service with the deprecated `to`
    /// that is `to`, otherwise `subject`.
    public var exporterSubject: SubjectPattern {
        if kind == .service, let to { to } else { subject }
    }

    /// The subject on the importer's side as a pattern; nil when the local subject is not a valid renaming.
    public var localPattern: SubjectPattern? {
        if let localSubject { return try? SubjectTransform(from: subject, localSubject: localSubject).localPattern }
        if kind == .stream, let to { return try? SubjectPattern("\(to.text).\(subject.text)") }
        return subject
    }
}
