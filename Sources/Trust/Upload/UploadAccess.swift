/// What a caller may do with an upload, before anything of it is read.
public enum UploadAccess: Hashable, Sendable {
    /// It is judged.
    case open
    /// The server takes no uploads (U-read-only).
    case readOnly
    /// The caller is none of those that may upload (U-denied).
    case denied

    /// Why nothing is read of an upload; nil when it is judged.
    public var refusal: Refusal? {
        switch self {
        case .open: nil
        case .readOnly: Refusal(Finding(.uploadReadOnly, at: .whole, .serverReadOnly))
        case .denied: Refusal(Finding(.uploadDenied, at: .whole, .callerNotAllowed))
        }
    }
}
