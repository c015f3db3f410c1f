import Glibc
import Identity
import NKeys

/// A token in a file, which somebody keeps fresh: read anew each time.
struct FileSource: SubjectSource {
    let path: String
    let kind: SubjectToken.Kind

    func token() throws -> SubjectToken {
        let secret = try Files.readSecret(path, limit: ExchangeForm.maximumValue)
        let text = secret.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        guard let token = Self.token(in: text) else {
            throw CommandFailure(
                .badInput, "\(Files.name(path)) holds no token: one line is needed", hint: "name the right file")
        }
        return SubjectToken(text: token, kind: kind)
    }

    /// The one word in a text.
    static func token(in text: String) -> String? {
        let words = text.split { $0 == "\n" || $0 == "\r\n" || $0 == " " || $0 == "\t" }
        guard words.count == 1, words[0].utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return String(words[0])
    }
}

/// A token from a variable of the environment: read once, and taken out of it.
struct EnvironmentSource: SubjectSource {
    private let value: SubjectToken

    init(variable name: String, kind: SubjectToken.Kind) throws(CommandFailure) {
        let text = getenv(name).map { String(cString: $0) }
        unsetenv(name)
        guard let text else {
            throw CommandFailure(
                .noInput, "--token-env: the variable \(Files.quoted(name)) is not set",
                hint: "name the variable, not its value")
        }
        guard text.utf8.count <= ExchangeForm.maximumValue, let token = FileSource.token(in: text) else {
            throw CommandFailure(.badInput, "--token-env: the variable \(Files.quoted(name)) holds no token")
        }
        value = SubjectToken(text: token, kind: kind)
    }

    func token() -> SubjectToken { value }
}

/// Creds of ours: the token in them, proved by the seed in them.
struct CredsSource: SubjectSource {
    let path: String

    func token() throws -> SubjectToken {
        let secret = try Files.readSecret(path, limit: CredentialsFile.sizeLimit)
        do throws(DecoratedTextError) {
            let creds = try CredentialsFile(parsing: secret)
            guard let pair = try? KeyPair(creds.seed) else { throw .memory }
            return SubjectToken(text: String(decoding: creds.token, as: UTF8.self), kind: .jwt, pair: pair)
        } catch {
            throw CommandFailure(.badInput, "\(Files.name(path)): \(error)", hint: "--creds takes a file of creds")
        }
    }

}
