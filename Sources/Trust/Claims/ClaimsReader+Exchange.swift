import NKeys
import Subjects

extension ClaimsReader {
    private static let exportMembers: MemberSet = [
        .name, .subject, .type, .tokenRequired, .revocations, .responseType, .responseThreshold, .serviceLatency,
        .accountTokenPosition, .advertise, .allowTrace, .description, .infoURL,
    ]

    /// An element of `exports`.
    mutating func export() throws(Fault) -> Export? {
        guard var scope = try json.beginObject(known: Self.exportMembers) else { return nil }
        var export = Export(subject: .all, kind: .stream)
        var subject: SubjectPattern?
        var kind: ExportKind?
        let start = json.index
        while let member = try json.nextMember(&scope) {
            switch member {
            case .name: export.name = try string()
            case .subject: subject = try pattern()
            case .type: kind = try self.kind()
            case .tokenRequired: export.tokenRequired = try flag()
            case .revocations: export.revocations = try revocations(of: .account)
            case .responseType:
                if let text = try emptyOrText() {
                    export.responseType = ResponseType(rawValue: text.text)
                    if export.responseType == nil {
                        note(
                            .tokenContent, at: text.offset, .unknownValue(expected: "`Singleton`, `Stream`, `Chunked`"))
                    }
                }
            case .responseThreshold:
                let offset = json.index
                export.responseThreshold = try integer()
                if export.responseThreshold < 0 { note(.tokenContent, at: offset, .outOfRange("0 or more")) }
            case .serviceLatency: export.latency = try latency()
            case .accountTokenPosition:
                export.accountTokenPosition = Int(clamping: try json.integer(in: 0...Int64(UInt32.max)) ?? 0)
            case .advertise: export.advertise = try flag()
            case .allowTrace: export.allowTrace = try flag()
            case .description: export.description = try text(limit: ContentLimits.description)
            case .infoURL: export.infoURL = try infoURL()
            default: try unknownMember(scope)
            }
        }
        if !scope.has(.subject) { note(.tokenContent, at: start, .claimMissing("subject")) }
        if !scope.has(.type) { note(.tokenContent, at: start, .claimMissing("type")) }
        guard let subject, let kind else { return nil }
        export.subject = subject
        export.kind = kind
        judgeKind(of: export, scope, at: start)
        judgePosition(of: export, at: start)
        return export
    }

    private mutating func judgeKind(of export: Export, _ scope: JSONReader.Scope, at offset: Int) {
        guard export.kind == .stream else { return }
        if scope.has(.responseType), export.responseType != nil {
            note(.tokenContent, at: offset, .onlyForServices("response_type"))
        }
        if scope.has(.responseThreshold), export.responseThreshold != 0 {
            note(.tokenContent, at: offset, .onlyForServices("response_threshold"))
        }
        if scope.has(.serviceLatency) { note(.tokenContent, at: offset, .onlyForServices("service_latency")) }
        if export.allowTrace { note(.tokenContent, at: offset, .onlyForServices("allow_trace")) }
    }

    private mutating func judgePosition(of export: Export, at offset: Int) {
        let position = export.accountTokenPosition
        guard position > 0 else { return }
        if position > export.subject.tokenCount {
            note(
                .tokenContent, at: offset, .positionBeyondSubject(position: position, tokens: export.subject.tokenCount)
            )
        } else if export.subject.token(at: position - 1) != "*" {
            note(.tokenContent, at: offset, .noWildcardAtPosition(position))
        }
    }

    private mutating func emptyOrText() throws(Fault) -> (text: String, offset: Int)? {
        let offset = json.index
        guard let text = try json.string(), !text.isEmpty else { return nil }
        return (text, offset)
    }

    private mutating func latency() throws(Fault) -> ServiceLatency? {
        let start = json.index
        guard var scope = try json.beginObject(known: [.sampling, .results]) else { return nil }
        var percent: Int?
        var results: Subject?
        while let member = try json.nextMember(&scope) {
            switch member {
            case .results: results = try literal()
            case .sampling where json.type == .string:
                let offset = json.index
                let isHeaders = try json.withString { CaseFolding.equalIgnoringASCIICase($0, "headers") } ?? false
                if !isHeaders { note(.tokenContent, at: offset, .unknownValue(expected: "1 to 100, `headers`")) }
            case .sampling:
                let offset = json.index
                let value = try integer()
                // The field writes 0 for sampling by headers.
                if value != 0 { percent = Int(clamping: value) }
                if !(0...100).contains(value) { note(.tokenContent, at: offset, .outOfRange("from 1 to 100")) }
            default: try unknownMember(scope)
            }
        }
        if !scope.has(.results) { note(.tokenContent, at: start, .claimMissing("results")) }
        return results.map { ServiceLatency(percent: percent, results: $0) }
    }

    private static let importMembers: MemberSet = [
        .name, .subject, .account, .token, .to, .localSubject, .type, .share, .allowTrace,
    ]

    /// An element of `imports`. Its token is judged when the import is bound, not here.
    mutating func `import`() throws(Fault) -> Import? {
        guard var scope = try json.beginObject(known: Self.importMembers) else { return nil }
        let start = json.index
        var name = ""
        var subject: SubjectPattern?
        var account: PublicKey?
        var kind: ExportKind?
        var token: String?
        var local: (text: String, offset: Int)?
        var to: SubjectPattern?
        var toOffset = start
        var share = false
        var allowTrace = false
        while let member = try json.nextMember(&scope) {
            switch member {
            case .name: name = try string()
            case .subject: subject = try pattern()
            case .account: account = try key(.account)
            case .type: kind = try self.kind()
            case .token: token = try emptyOrText()?.text
            case .localSubject: local = try emptyOrText()
            case .to:
                toOffset = json.index
                if json.type == .string, json.bytes[toOffset + 1] == UInt8(ascii: "\"") {
                    try json.skipValue()
                } else {
                    to = try pattern()
                    warn(.tokenContent, at: toOffset, .deprecated("to"))
                }
            case .share: share = try flag()
            case .allowTrace: allowTrace = try flag()
            default: try unknownMember(scope)
            }
        }
        if !scope.has(.subject) { note(.tokenContent, at: start, .claimMissing("subject")) }
        if !scope.has(.account) { note(.tokenContent, at: start, .claimMissing("account")) }
        if !scope.has(.type) { note(.tokenContent, at: start, .claimMissing("type")) }
        if to != nil, local != nil { note(.tokenContent, at: toOffset, .bothToAndLocalSubject) }
        if share, kind == .stream { note(.tokenContent, at: start, .onlyForServices("share")) }
        if allowTrace, kind == .service { note(.tokenContent, at: start, .onlyForStreams("allow_trace")) }
        guard let subject, let account, let kind else { return nil }
        if let local {
            do throws(TransformError) {
                _ = try SubjectTransform(from: subject, localSubject: local.text)
            } catch {
                note(.tokenContent, at: local.offset, .renaming(error))
            }
        }
        var result = Import(subject: subject, account: account, kind: kind, name: name, token: token)
        result.localSubject = local?.text
        result.to = to
        result.share = share
        result.allowTrace = allowTrace
        return result
    }

    private static let activationMembers: MemberSet = [
        .subject, .kind, .issuerAccount, .tags, .type, .version, .max, .payload, .src, .times,
    ]

    /// The `nats` object of an activation token. In version 1 `type` is the kind, and limits that nobody enforces
    /// stand beside it.
    mutating func activation(_ frame: inout Payload) throws(Fault) -> ActivationClaims {
        var activation = ActivationClaims(common: .unread, subject: .all, kind: .stream)
        guard var scope = try json.beginObject(known: Self.activationMembers) else { return activation }
        let start = json.index
        while let member = try json.nextMember(&scope) {
            switch member {
            case .subject: if let subject = try pattern() { activation.subject = subject }
            case .kind: if let kind = try kind() { activation.kind = kind }
            case .issuerAccount: activation.issuerAccount = try key(.account)
            case .tags: activation.tags = try strings()
            case .type: frame.contentType = try json.string()
            case .version: frame.version = try json.integer()
            case .unknown: try unknownMember(scope)
            default: try json.skipValue()
            }
        }
        if !scope.has(.subject) { note(.tokenContent, at: start, .claimMissing("subject")) }
        frame.hasKind = scope.has(.kind)
        return activation
    }
}
