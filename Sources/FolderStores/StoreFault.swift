import Glibc
import NKeys

/// One thing about a store that stands in the way: of opening it, of reading one file of it, or of a change.
///
/// While a whole store is read, a fault concerns one file, and the rest is read all the same.
public struct StoreFault: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Kind: Hashable, Sendable {
        /// There is nothing at the path.
        case missing
        /// The system refuses; the error number, such as `EACCES`.
        case system(Int32)
        /// The file is larger than this many bytes.
        case tooLarge(limit: Int)
        /// A folder, a pipe or a device where a file should be.
        case notAFile
        /// A file where a folder should be.
        case notAFolder
        /// Symbolic links that lead in a circle, or through too many others.
        case linkLoop
        /// A symbolic link within the store, where something is to be written: what is outside the store stays.
        case linkInStore
        /// A name that is not UTF-8.
        case nameNotText
        /// The file does not hold what it should: a token, a seed, or creds.
        case malformedFile(DecoratedTextError)
        /// An account's folder without the account's token.
        case withoutToken
        /// A folder that is no store of any layout.
        case noStore
        /// A folder of several stores, and none was named.
        case severalOperators([String])
        /// No operator of this name; the names that there are.
        case noSuchOperator(String, others: [String])
        /// The store has no operator token, or several of which none can be told to be the one.
        case withoutOperatorToken
        /// The layout has no place for it: a resolver's folder holds accounts alone.
        case notInThisLayout
        /// A new name that cannot be used.
        case unusableName(StoreNameFault)
        /// A new name in a resolver's folder that is not the key of an account.
        case notAnAccountKey
        /// Something of this name is there already.
        case exists
        /// Another process is changing the store.
        case locked
        /// A folder that is to be removed holds something that is not the store's.
        case unexpectedEntry
        /// The file holds the seed of another key than the one that it is named after.
        case otherSeed
        /// Neither a folder nor the variable that would lead to it is given.
        case noHome
    }

    /// Where: relative to the store's folder, or the folder as it was given. Bytes that are no text are escaped.
    public var path: String
    /// What is wrong.
    public var kind: Kind

    /// A fault of this kind at this path.
    public init(path: String, kind: Kind) {
        self.path = path
        self.kind = kind
    }
}

extension StoreFault: CustomStringConvertible {
    /// One line: the path and what is wrong.
    public var description: String { "`\(path)`: \(reason)" }

    private var reason: String {
        switch kind {
        case .missing: "there is no such file or folder"
        case .system(let number): "cannot be accessed: \(SystemError(number).text)"
        case .tooLarge(let limit): "is larger than \(limit) bytes"
        case .notAFile: "is not a file"
        case .notAFolder: "is not a folder"
        case .linkLoop: "is a symbolic link that leads nowhere"
        case .linkInStore: "is a symbolic link, which is not written through"
        case .nameNotText: "has a name that is not utf-8"
        case .malformedFile(let error): "\(error)"
        case .withoutToken: "is the folder of an account without its token"
        case .noStore: "holds no store"
        case .severalOperators(let names): "holds several operators: \(Self.list(names))"
        case .noSuchOperator(let name, let others):
            others.isEmpty
                ? "holds no operator `\(name)`" : "holds no operator `\(name)`, only \(Self.list(others))"
        case .withoutOperatorToken: "holds no token of an operator, or several"
        case .notInThisLayout: "has no place in a resolver's folder"
        case .unusableName(let fault): "cannot be a name: \(fault)"
        case .notAnAccountKey: "is not named after the key of an account"
        case .exists: "exists already"
        case .locked: "is being changed by another process"
        case .unexpectedEntry: "does not belong to the store and is not removed"
        case .otherSeed: "holds the seed of another key than the one that it is named after"
        case .noHome: "has no known place: neither a folder nor a home folder is given"
        }
    }

    /// What to do about it, in one line, where there is something to say.
    public var hint: String? {
        switch kind {
        case .noStore, .notAFolder:
            "give an operator's folder, the folder that holds it, or a resolver's folder of `ACCOUNT_KEY.jwt` files"
        case .severalOperators: "name one of them, or give its own folder"
        case .withoutOperatorToken: "give the operator's token by itself"
        case .withoutToken: "restore the account's token, or remove the folder"
        case .linkInStore: "replace the link by what it leads to, or change that instead"
        case .system(EACCES), .system(EPERM): "read the store as the user that owns it"
        case .system(EMFILE): "raise the limit of open files"
        case .system(ENOSPC), .system(EDQUOT): "make room; what was there before is unchanged"
        case .system(EROFS): "the file system is mounted read-only"
        case .locked: "try again when it has finished"
        case .notAnAccountKey: "name it after the account's key, or keep it elsewhere"
        case .exists: "choose another name, or edit what is there"
        case .unexpectedEntry: "move it elsewhere first"
        case .noHome: "set `HOME`, or name the folder"
        default: nil
        }
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(10).map { "`\($0)`" }.joined(separator: ", ")
        return names.count > 10 ? "\(shown) and \(names.count - 10) more" : shown
    }
}

extension StoreFault {
    /// A call of the system that failed at a path.
    package init(_ error: SystemError, at path: String) {
        let kind: Kind =
            switch error.number {
            case ENOENT: .missing
            case ELOOP: .linkLoop
            case EISDIR: .notAFile
            case ENOTDIR: .notAFolder
            default: .system(error.number)
            }
        self.init(path: path, kind: kind)
    }

    /// A file that could not be read.
    package init(_ error: FileReadError, at path: String, limit: Int) {
        switch error {
        case .system(let error): self.init(error, at: path)
        case .tooLarge: self.init(path: path, kind: .tooLarge(limit: limit))
        }
    }
}
