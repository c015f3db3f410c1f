import NKeys
import Trust

/// Times the judgement of tokens, one after the other on one thread, and beside it, in the same run, the bare check of
/// a signature over 700 bytes: the part of the work that no reader can save.
struct TokenBenchmark {
    /// What was measured. Times are those that the thread computed, in microseconds.
    struct Result {
        var tokens: Int
        var accepted: Int
        var passes: Int
        var perToken: Spread
        var perBareCheck: Spread
        /// The median of the passes' ratios: a pass compares what ran side by side.
        var ratio: Double
    }

    /// The least and the middle of several passes.
    struct Spread {
        var minimum: Double
        var median: Double

        init(_ values: [Double]) {
            let sorted = values.sorted()
            minimum = sorted.first ?? 0
            median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
        }
    }

    var verifier: TokenVerifier
    var now: UnixTime
    /// At least so many passes, and as many as fit in the time.
    var leastPasses = 5
    var mostPasses = 200
    var nanoseconds: UInt64 = 2_000_000_000

    /// Times the tokens that `file` holds, one a line; empty lines do not count.
    func run(_ file: UnsafeBufferPointer<UInt8>) throws(CommandFailure) -> Result {
        let tokens = Self.lines(of: file).map { Line(range: $0, kind: kind(of: file[$0])) }
        guard !tokens.isEmpty else {
            throw CommandFailure(.badInput, "the file has no tokens", hint: "give one token a line")
        }
        let bare = try BareCheck()
        var perToken: [Double] = []
        var perBareCheck: [Double] = []
        var accepted = 0
        let start = MonotonicClock.nanoseconds()
        while perToken.count < leastPasses
            || perToken.count < mostPasses && MonotonicClock.nanoseconds() - start < nanoseconds
        {
            let pass = self.pass(over: tokens, in: file, beside: bare)
            accepted = pass.accepted
            perToken.append(pass.perToken)
            perBareCheck.append(pass.perBareCheck)
        }
        let ratios = zip(perToken, perBareCheck).map { $0 / $1 }
        return Result(
            tokens: tokens.count, accepted: accepted, passes: perToken.count, perToken: Spread(perToken),
            perBareCheck: Spread(perBareCheck), ratio: Spread(ratios).median)
    }

    private struct Line {
        var range: Range<Int>
        var kind: TokenType
    }

    /// One pass: stretches of tokens and stretches of bare checks take turns, so that both see the same machine.
    private func pass(
        over tokens: [Line], in file: UnsafeBufferPointer<UInt8>, beside bare: BareCheck
    ) -> (accepted: Int, perToken: Double, perBareCheck: Double) {
        var accepted = 0
        var tokenTime: UInt64 = 0
        var bareTime: UInt64 = 0
        var bareCount = 0
        for stretch in stride(from: 0, to: tokens.count, by: 64) {
            let end = min(stretch + 64, tokens.count)
            let begin = MonotonicClock.threadNanoseconds()
            for token in tokens[stretch..<end] where isAccepted(file[token.range], as: token.kind) { accepted += 1 }
            let middle = MonotonicClock.threadNanoseconds()
            for _ in stretch..<end { bare.run() }
            bareTime += MonotonicClock.threadNanoseconds() - middle
            tokenTime += middle - begin
            bareCount += end - stretch
        }
        return (
            accepted, Double(tokenTime) / Double(tokens.count) / 1000, Double(bareTime) / Double(bareCount) / 1000
        )
    }

    private func isAccepted(_ token: Slice<UnsafeBufferPointer<UInt8>>, as kind: TokenType) -> Bool {
        let token = UnsafeBufferPointer(rebasing: token)
        return switch kind {
        case .operator: verifier.verify(utf8: token, as: OperatorClaims.self, at: now).isAccepted
        case .account: verifier.verify(utf8: token, as: AccountClaims.self, at: now).isAccepted
        case .user: verifier.verify(utf8: token, as: UserClaims.self, at: now).isAccepted
        case .activation: verifier.verify(utf8: token, as: ActivationClaims.self, at: now).isAccepted
        case .authorizationRequest:
            verifier.verify(utf8: token, as: AuthorizationRequestClaims.self, at: now).isAccepted
        case .authorizationResponse:
            verifier.verify(utf8: token, as: AuthorizationResponseClaims.self, at: now).isAccepted
        case .generic: verifier.verify(utf8: token, as: GenericClaims.self, at: now).isAccepted
        }
    }

    /// The type that takes the token; a user token if none does. Found before anything is timed.
    private func kind(of token: Slice<UnsafeBufferPointer<UInt8>>) -> TokenType {
        TokenType.allCases.first { isAccepted(token, as: $0) } ?? .user
    }

    private static func lines(of file: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        var start = 0
        while start < file.count {
            let end = file[start...].firstIndex(of: UInt8(ascii: "\n")) ?? file.count
            let stop = end > start && file[end - 1] == UInt8(ascii: "\r") ? end - 1 : end
            if stop > start { lines.append(start..<stop) }
            start = end + 1
        }
        return lines
    }
}

/// One signature over 700 bytes, to be checked again and again.
private struct BareCheck {
    private let key: PublicKey
    private let signature: Signature
    private let message: [UInt8]

    init() throws(CommandFailure) {
        let pair = try Keys.generate(.account)
        message = (0..<700).map { UInt8(truncatingIfNeeded: $0) }
        key = pair.publicKey
        do {
            signature = try pair.sign(message)
        } catch {
            throw CommandFailure(.internalError, "nothing could be signed: \(error)")
        }
    }

    @inline(never)
    func run() { _ = key.isValid(signature, for: message) }
}
