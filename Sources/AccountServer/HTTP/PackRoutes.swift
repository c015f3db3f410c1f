import HTTPTypes
import HummingbirdCore
import NIOCore
import NKeys
import Trust

/// `/jwt/v1/pack`: all accounts, `KEY|TOKEN` a line.
struct PackRoutes: Sendable {
    let service: any AccountServing
    let settings: HTTPSettings
    let metrics: RequestMetrics

    /// How much is written before it is waited for.
    private static let pieceBytes = 64 << 10

    func plan(_ call: RequestHandler.Call) -> RequestHandler.Plan {
        if call.verb == .post { return .pack }
        let wanted = call.parameters[.max].flatMap(RequestTarget.positive)
        guard let limit = call.parameters[.max] == nil ? settings.packLines : wanted, limit <= settings.packLines else {
            let message = "`max` is a number from 1 to \(settings.packLines), in digits"
            return .answer(.refusal(.query, at: "query.max", message))
        }
        return .answer(pack(limit))
    }

    private func pack(_ limit: Int) -> HTTPAnswer {
        // One more than is handed out, to know whether that is all.
        let accounts = service.accounts(atMost: limit + 1)
        var answer = HTTPAnswer(.ok)
        answer.fields[.contentType] = "text/plain; charset=utf-8"
        answer.fields[.cacheControl] = "no-store"
        answer.fields[.packRest] = accounts.count > limit ? "more" : "none"
        let metrics = metrics
        answer.body = .pieces { writer in
            var piece = ByteBuffer()
            piece.reserveCapacity(Self.pieceBytes)
            for (index, account) in accounts.prefix(limit).enumerated() {
                if index > 0 { piece.writeInteger(UInt8(ascii: "\n")) }
                piece.writeString(account.key.text)
                piece.writeInteger(UInt8(ascii: "|"))
                piece.writeBytes(account.token)
                guard piece.readableBytes >= Self.pieceBytes else { continue }
                let count = piece.readableBytes
                try await writer.write(piece)
                metrics.packed(count)
                piece = ByteBuffer()
            }
            let count = piece.readableBytes
            if count > 0 { try await writer.write(piece) }
            metrics.packed(count)
        }
        return answer
    }
}

/// A pack that is brought: each line for itself, in order, so that a line can rest on those before it. What was stored
/// stays stored, whatever comes after it.
struct PackIntake: Sendable {
    private let request: Request
    private let caller: Caller
    private let service: any AccountServing
    private let settings: HTTPSettings
    /// Whether the sender waits to be asked.
    let expectsContinue: Bool

    init(_ request: Request, caller: Caller, service: any AccountServing, settings: HTTPSettings) {
        (self.request, self.caller, self.service, self.settings) = (request, caller, service, settings)
        expectsContinue = request.headers[.expect] != nil
    }

    /// Whether the header says already that it is too large.
    var isTooLarge: Bool {
        (request.headers[.contentLength].flatMap { Int($0) } ?? 0) > settings.packBytes
    }

    /// The results, a member of a list each, and what ended the reading.
    private struct Results {
        var text: [UInt8] = []
        var lines = 0
        var stored = 0
        var fault: HTTPAnswer.Line?
        var status = HTTPResponse.Status.ok

        mutating func add(_ members: (inout JSONWriter) -> Void) {
            var writer = JSONWriter()
            writer.object { (writer: inout JSONWriter) in members(&writer) }
            text += (text.isEmpty ? [] : [UInt8(ascii: ",")]) + writer.bytes
        }
    }

    /// Reads the body line by line; never more of it is held than a line and what came with it.
    func take() async -> HTTPAnswer {
        var results = Results()
        var line: [UInt8] = []
        var total = 0
        do {
            reading: for try await piece in request.body {
                total += piece.readableBytes
                if total > settings.packBytes {
                    stop(&results, .contentTooLarge, "the pack is larger than the limit of \(settings.packBytes) bytes")
                    break
                }
                for byte in piece.readableBytesView {
                    if byte != UInt8(ascii: "\n") {
                        line.append(byte)
                        guard line.count <= settings.tokenBytes + 58 else {
                            stop(&results, .contentTooLarge, "line \(results.lines + 1) is larger than a token may be")
                            break reading
                        }
                    } else {
                        guard await judge(&line, &results) else { break reading }
                    }
                }
            }
            if results.fault == nil { _ = await judge(&line, &results) }
        } catch {
            results.fault = .init(.form, at: "", "the body broke off")
            results.status = .badRequest
        }
        return answer(results)
    }

    private func stop(_ results: inout Results, _ status: HTTPResponse.Status, _ message: String) {
        results.fault = .init(rule: .tokenSize, at: "", message)
        results.status = status
    }

    /// Judges one line and forgets it; false when there were too many.
    private func judge(_ line: inout [UInt8], _ results: inout Results) async -> Bool {
        defer { line.removeAll(keepingCapacity: true) }
        while let last = line.last, last == 0x0d || last == 0x20 { line.removeLast() }
        guard !line.isEmpty else { return true }
        guard results.lines < settings.packLines else {
            stop(&results, .contentTooLarge, "the pack has more than \(settings.packLines) lines")
            return false
        }
        results.lines += 1
        let number = results.lines
        guard let bar = line.firstIndex(of: UInt8(ascii: "|")), bar == 56,
            let key = try? PublicKey(String(decoding: line[..<bar], as: UTF8.self), role: .account).text
        else {
            await service.turnedAway(caller, path: "", by: .uploadPath)
            let fault = HTTPAnswer.Line(rule: .uploadPath, at: "lines[\(number - 1)]", "the line is not `KEY|TOKEN`")
            results.add { writer in
                writer.member("line", number)
                writer.member("account", nil)
                writer.member("accepted", false)
                writer.refusal([fault], [])
            }
            return true
        }
        let upload = Upload(path: key, token: Array(line[(bar + 1)...]), caller: caller)
        let answer = await service.upload(upload)
        if case .accepted = answer { results.stored += 1 }
        results.add { writer in
            writer.member("line", number)
            writer.member("account", key)
            writer.outcome(answer)
        }
        return true
    }

    private func answer(_ results: Results) -> HTTPAnswer {
        let isWhole = results.fault == nil && results.stored == results.lines
        let status = results.fault == nil && !isWhole ? .badRequest : results.status
        var answer = HTTPAnswer(status) {
            $0.member("accepted", isWhole)
            $0.refusal(results.fault.map { [$0] } ?? [], [])
            $0.member("stored", results.stored)
            $0.name("results")
            $0.unsafeValue([UInt8(ascii: "[")] + results.text + [UInt8(ascii: "]")])
        }
        answer.rules = results.fault.map { [$0.rule] } ?? []
        return answer
    }
}

extension HTTPField.Name {
    /// Whether a pack was cut: `more` or `none`.
    static let packRest = HTTPField.Name("x-pack-rest") ?? .server
}
