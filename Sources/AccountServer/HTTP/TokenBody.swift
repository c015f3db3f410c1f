import HTTPTypes
import HummingbirdCore
import NIOCore

/// The body of a request, read whole up to a limit.
struct TokenBody: Sendable {
    enum Outcome: Sendable {
        case whole([UInt8])
        case tooLarge
        /// It broke off, or is not what its header says.
        case broken
    }

    private let body: RequestBody
    private let length: Int?
    private let limit: Int
    /// Whether the sender waits to be asked.
    let expectsContinue: Bool

    init(_ request: Request, limit: Int) {
        body = request.body
        self.limit = limit
        length = request.headers[.contentLength].flatMap { Int($0) }
        expectsContinue = request.headers[.expect] != nil
    }

    /// Whether the header says already that it is too large.
    var isTooLarge: Bool { (length ?? 0) > limit }

    /// Reads it. White space at the end, which tools put behind a token, is left out.
    func read() async -> Outcome {
        var bytes: [UInt8] = []
        do {
            for try await piece in body {
                guard piece.readableBytes <= limit - bytes.count else { return .tooLarge }
                bytes.append(contentsOf: piece.readableBytesView)
            }
        } catch {
            return .broken
        }
        if let length, length != bytes.count { return .broken }
        while let last = bytes.last, last == 0x0a || last == 0x0d || last == 0x20 || last == 0x09 { bytes.removeLast() }
        return .whole(bytes)
    }
}
