import Subjects
import Trust

/// Whether a user may do what was asked, and why.
struct CheckAnswer {
    /// A deny entry that keeps some messages from a subscription that is allowed.
    struct Filter {
        let entry: PermissionEntry
        let place: Place
    }

    let request: CheckRequest
    let isAllowed: Bool
    /// Why; nil when the user is refused.
    let cause: PermissionCause?
    /// What stands against the user; empty unless it is refused.
    let failures: [Finding]
    /// The account's mapping that applies, and where it leads.
    var mapping: SubjectPattern?
    var destinations: [PublishDecision.Destination] = []
    var filters: [Filter] = []

    init(_ request: CheckRequest, isAllowed: Bool, cause: PermissionCause?) {
        self.request = request
        self.isAllowed = isAllowed
        self.cause = cause
        failures = []
    }

    /// The answer to whatever a refused user asks.
    init(_ request: CheckRequest, refusal: [Finding]) {
        self.request = request
        isAllowed = false
        cause = nil
        failures = refusal
    }
}

extension CheckAnswer {
    /// One JSON object on one line.
    var json: String {
        var writer = JSONWriter()
        writer.object {
            $0.member("operation", request.operation)
            $0.member("subject", request.subject)
            $0.member("queue", request.queue?.text)
            $0.member("allowed", isAllowed)
            $0.because(cause)
            if let mapping {
                $0.member("mapping", mapping.text)
                $0.list("destinations") { list in
                    for destination in destinations { list.destination(destination) }
                }
            }
            if !filters.isEmpty {
                $0.list("filters") { list in
                    for filter in filters {
                        list.object {
                            $0.member("pattern", filter.entry.text)
                            $0.member("place", filter.place.path)
                        }
                    }
                }
            }
            if !failures.isEmpty { $0.findings("failures", failures) }
        }
        return writer.text + "\n"
    }
}

extension JSONWriter {
    /// Which list and entry decided, and where that was written.
    fileprivate mutating func because(_ cause: PermissionCause?) {
        object("because") {
            $0.member("list", cause?.list.map { $0 == .allow ? "allow" : "deny" } ?? "none")
            $0.member("pattern", cause?.entry?.text)
            guard let cause else {
                $0.member("origin", nil)
                return
            }
            $0.object("origin") {
                $0.member("source", cause.source.name)
                $0.member("role", cause.source.role)
                $0.member("place", cause.place?.path)
            }
        }
    }

    fileprivate mutating func destination(_ destination: PublishDecision.Destination) {
        object {
            $0.member("subject", destination.destination.share.image.subject?.text)
            $0.member("percent", destination.destination.share.percent)
            $0.member("cluster", destination.destination.cluster)
            $0.member("allowed", destination.isAllowed)
            $0.because(destination.cause)
        }
    }
}

extension MappingShare.Image {
    /// Where messages go; nil for those that go nowhere.
    var subject: SubjectPattern? {
        if case .subject(let pattern) = self { pattern } else { nil }
    }
}

extension EffectivePermissions.Source {
    /// The source's name in JSON.
    var name: String {
        switch self {
        case .template: "template"
        case .user: "user"
        case .accountDefaults: "account_defaults"
        case .unrestricted: "unrestricted"
        }
    }

    /// The role of a template.
    var role: String? {
        if case .template(_, let role) = self { role } else { nil }
    }
}
