import HTTPTypes
import HummingbirdCore
import NIOCore
import Trust

/// What a request is answered with.
struct HTTPAnswer: Sendable {
    /// What follows the head.
    enum Body: Sendable {
        case none
        case bytes(ByteBuffer)
        /// Written piece by piece, as fast as it is read.
        case pieces(@Sendable (inout any ResponseBodyWriter) async throws -> Void)
    }

    var status: HTTPResponse.Status
    var fields = HTTPFields()
    var body = Body.none
    /// The codes of what stands against the request, for the log.
    var rules: [String] = []
    /// What stands against the request, where it is a refusal in the shape of all of them.
    var failures: [Line] = []

    /// A line of a refusal, as every refusal has them.
    struct Line: Sendable {
        let rule: String
        let at: String
        let message: String

        init(_ finding: Finding) { (rule, at, message) = (finding.rule.code, finding.place.path, finding.message) }
        init(_ fault: RequestFault, at place: String = "", _ message: String? = nil) {
            (rule, at, self.message) = (fault.rawValue, place, message ?? fault.message)
        }
        init(rule: Rule, at place: String, _ message: String) { self.init(code: rule.code, at: place, message) }
        init(code: String, at place: String, _ message: String) {
            (rule, at, self.message) = (code, place, message)
        }
    }

    init(_ status: HTTPResponse.Status) { self.status = status }

    /// Bytes of a type.
    init(_ status: HTTPResponse.Status, _ type: String, _ bytes: ByteBuffer) {
        self.status = status
        fields[.contentType] = type
        body = .bytes(bytes)
    }

    /// One JSON object.
    init(_ status: HTTPResponse.Status, json members: (inout JSONWriter) -> Void) {
        var writer = JSONWriter()
        writer.object { (writer: inout JSONWriter) in members(&writer) }
        self.init(status, "application/json", ByteBuffer(bytes: writer.bytes + [0x0a]))
        fields[.cacheControl] = "no-store"
    }

    /// A refusal: every one has this shape.
    static func refusal(
        _ status: HTTPResponse.Status, _ failures: [Line], warnings: [Line] = []
    ) -> HTTPAnswer {
        var answer = HTTPAnswer(status) { $0.refusal(failures, warnings) }
        answer.rules = failures.map(\.rule)
        answer.failures = failures
        return answer
    }

    /// A refusal by what is no rule of the trust model.
    static func refusal(_ fault: RequestFault, at place: String = "", _ message: String? = nil) -> HTTPAnswer {
        var answer = refusal(.init(code: fault.status), [Line(fault, at: place, message)])
        if fault == .unavailable { answer.fields[.retryAfter] = "5" }
        return answer
    }
}

extension JSONWriter {
    /// The members that every refusal has.
    mutating func refusal(_ failures: [HTTPAnswer.Line], _ warnings: [HTTPAnswer.Line]) {
        lines("failures", failures)
        lines("warnings", warnings)
    }

    mutating func lines(_ name: String, _ lines: [HTTPAnswer.Line]) {
        list(name) { list in
            for line in lines {
                list.object {
                    $0.member("rule", line.rule)
                    $0.member("at", line.at)
                    $0.member("message", line.message)
                }
            }
        }
    }
}
