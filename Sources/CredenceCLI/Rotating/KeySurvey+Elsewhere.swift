import FolderStores
import NKeys
import Trust

/// What hangs on a key outside the store: configurations that are named, and what nobody can see from here.
extension KeySurvey {
    private static let configurationLimit = 1 << 20

    /// Finds the key in a configuration of a service (JSON), by its text anywhere, or by a seed that is named among
    /// `signing_keys`.
    func look(atConfiguration path: String, into findings: inout Findings) throws(CommandFailure) {
        let text = try Files.read(path, limit: Self.configurationLimit)
        let tree: JSONTree
        do throws(JSONTree.Fault) {
            tree = try JSONTree(text)
        } catch {
            throw CommandFailure(
                .badInput, "\(Files.quoted(path)): byte \(error.offset) is not what JSON has there",
                hint: "--configuration takes the file of `credence callout -c` or `account-server --identity`")
        }
        var places: [String] = []
        find(in: tree, at: "", folder: Self.folder(of: path), &places)
        findings.dependents += places.map {
            KeyDependent(
                kind: .configuration, name: path, place: $0,
                remark: "name the new key there, and have the service read it again")
        }
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    }

    private func find(in tree: JSONTree, at place: String, folder: String, _ places: inout [String]) {
        switch tree {
        case .object(let members):
            for member in members {
                let place = place.isEmpty ? member.name : "\(place).\(member.name)"
                find(in: member.value, at: place, folder: folder, &places)
            }
        case .list(let elements):
            for (index, element) in elements.enumerated() {
                find(in: element, at: "\(place)[\(index)]", folder: folder, &places)
            }
        case .string(let text):
            if text == key.text || place.hasPrefix("signing_keys[") && isSeed(inFile: text, folder) {
                places.append(place)
            }
        case .integer, .number, .boolean, .null: break
        }
    }

    /// Whether a file holds the seed of the key; what cannot be read does not.
    private func isSeed(inFile path: String, _ folder: String) -> Bool {
        let file = path.hasPrefix("/") ? path : folder + path
        let pair = try? KeyArgument.pair(inFile: file, role: key.role, flag: "--configuration")
        return pair?.publicKey == key
    }

    /// What may hang on the key and cannot be found here.
    var unseen: [String] {
        switch owner {
        case .operator:
            return [
                "tokens of accounts that servers, resolvers and account servers hold: give them those of the store",
                "accounts of this operator that are not in the store",
                "requests for deletion that were signed and not yet sent",
            ]
        case .account(let name, let token):
            var lines = ["copies of creds that were handed out: hand out those of the keystore again"]
            if token.claims.exports.contains(where: \.tokenRequired) {
                lines.append("activations that importers outside the store hold: make them new ones")
            }
            lines += callouts(for: name, token)
            return lines
        }
    }

    /// Callouts that may sign users of the account: their services choose the key themselves.
    private func callouts(for name: String, _ token: VerifiedToken<AccountClaims>) -> [String] {
        guard configurations.isEmpty else { return [] }
        var lines: [String] = []
        try? forEachAccount { (other, claims) throws(CommandFailure) in
            guard let authorization = claims.authorization, !authorization.users.isEmpty else { return }
            let places = authorization.allowsAnyAccount || authorization.accounts.contains(token.subject)
            if other == name || places {
                lines.append(
                    "the callout service of account \(Files.quoted(other)): whether it signs with this key, its "
                        + "configuration says (--configuration)")
            }
        }
        return lines
    }
}
