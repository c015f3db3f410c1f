/// Why an issuer gives no tokens. No words of the issuer stand in it but the code of its error.
public enum IssuerFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Whoever was asked has refused.
    case denied
    /// Nobody answered in time; the user code is no longer good.
    case expired
    /// The grant is no longer good: a refresh token that was used, revoked or is too old.
    case grantEnded
    /// Another error, by its code.
    case error(code: String)
    /// The answer is none: what is wrong with it.
    case answer(String)

    /// In one line.
    public var description: String {
        switch self {
        case .denied: "access was denied"
        case .expired: "nobody entered the code in time"
        case .grantEnded: "the issuer no longer takes the grant (`invalid_grant`)"
        case .error(let code): "the issuer refuses with `\(code)`"
        case .answer(let reason): "the issuer's answer cannot be used: \(reason)"
        }
    }

    init(refusal answer: IssuerAnswer) {
        switch answer.errorCode {
        case "access_denied": self = .denied
        case "expired_token": self = .expired
        case "invalid_grant": self = .grantEnded
        case .some(let code): self = .error(code: code)
        case nil: self = .answer("status \(answer.status) without a code of an error")
        }
    }
}
