import NKeys
import Subjects

// Claims for new subjects, with the defaults that `nsc` writes. `iss`, `iat` and `jti` are set by signing.

extension OperatorClaims {
    /// A new operator, to be signed by its own key.
    public init(subject: PublicKey, name: String) {
        self.init(common: CommonClaims(issuer: subject, subject: subject, name: name))
    }
}

extension AccountClaims {
    /// A new account without limits and without streams.
    public init(subject: PublicKey, name: String) {
        self.init(common: CommonClaims(issuer: subject, subject: subject, name: name))
        limits = .unlimited
    }

    /// A new system account, which exports what an account may ask the servers about itself.
    public static func system(subject: PublicKey, name: String = "SYS") -> AccountClaims {
        var account = AccountClaims(subject: subject, name: name)
        account.exports = [monitoringStreams, monitoringServices].compactMap { $0 }
        return account
    }

    private static let monitoringStreams: Export? = {
        guard let subject = try? SubjectPattern("$SYS.ACCOUNT.*.>") else { return nil }
        var export = Export(subject: subject, kind: .stream, name: "account-monitoring-streams")
        export.accountTokenPosition = 3
        export.description = "Account specific monitoring stream"
        export.infoURL = "https://docs.nats.io/nats-server/configuration/sys_accounts"
        return export
    }()

    private static let monitoringServices: Export? = {
        guard let subject = try? SubjectPattern("$SYS.REQ.ACCOUNT.*.*") else { return nil }
        var export = Export(subject: subject, kind: .service, name: "account-monitoring-services")
        export.responseType = .stream
        export.accountTokenPosition = 4
        export.description =
            "Request account specific monitoring services for: SUBSZ, CONNZ, LEAFZ, JSZ and INFO"
        export.infoURL = "https://docs.nats.io/nats-server/configuration/sys_accounts"
        return export
    }()
}

extension AccountLimits {
    /// `limits` as `nsc` writes them once an account has been edited: no bytes for streams, and no limit for the rest.
    public static let edited: AccountLimits = {
        var limits = AccountLimits.unlimited
        limits.streams.streams = -1
        limits.streams.consumers = -1
        limits.streams.maximumAckPending = -1
        limits.streams.memoryMaximumStreamBytes = -1
        limits.streams.diskMaximumStreamBytes = -1
        return limits
    }()
}

extension UserClaims {
    /// A new user without permissions or limits of its own.
    public init(subject: PublicKey, name: String) {
        self.init(common: CommonClaims(issuer: subject, subject: subject, name: name))
    }
}

extension ActivationClaims {
    /// A new activation: `importer` may import `subject`. It is named after what it activates.
    public init(importer: PublicKey, subject: SubjectPattern, kind: ExportKind) {
        let common = CommonClaims(issuer: importer, subject: importer, name: subject.text)
        self.init(common: common, subject: subject, kind: kind)
    }
}

extension Export {
    /// A service as `nsc` writes it: one reply.
    public static func service(_ subject: SubjectPattern, name: String = "") -> Export {
        var export = Export(subject: subject, kind: .service, name: name)
        export.responseType = .singleton
        return export
    }

    /// A stream.
    public static func stream(_ subject: SubjectPattern, name: String = "") -> Export {
        Export(subject: subject, kind: .stream, name: name)
    }
}
