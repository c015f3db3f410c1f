import Foundation
import RealServers
import Testing

/// `credence rotate` on stores that our own verbs made.
@Suite(.onOwnThread) struct RotationTests {
    @Test func `an operator's new key stands beside the old one and has signed every account, until the old one goes`()
        throws
    {
        let store = try RotatedStore()
        let old = try #require(try store.operator.signingKeys.first)
        let before = try ["A", "B", "SYS"].map { try store.account($0) }
        let start = try store.run("rotate", "start", "operator", "--overlap", "2h", "--json")
        #expect(start.status == 0, "\(start.errors)")
        let rotation = try #require(try start.json()["rotation"] as? [String: Any])
        let new = try #require(rotation["new"] as? String)
        #expect(rotation["old"] as? String == old && rotation["over"] as? Bool == false)
        #expect((rotation["hanging"] as? [Any])?.isEmpty == true)
        #expect(try Set(store.operator.signingKeys) == [old, new])
        for (name, earlier) in zip(["A", "B", "SYS"], before) {
            let account = try store.account(name)
            #expect(account.issuer == new, "\(name)")
            #expect(account.issued > earlier.issued, "\(name): a token that takes another's place is later")
            #expect(account.content == earlier.content, "\(name): it says the same")
        }
        #expect(try store.folder.mode("keys/O/\(new.dropFirst().prefix(2))/\(new).nk") == 0o600)
        try store.holds()
        // What is made meanwhile is signed by the key that stays.
        try store.succeeds("add", "account", "-n", "C")
        #expect(try store.account("C").issuer == new)
        let early = try store.run("rotate", "finish")
        #expect(early.status == 1 && early.errors.contains("both keys are to hold until"))
        #expect(try store.operator.signingKeys.contains(old))
        try store.succeeds("rotate", "finish", "--now")
        #expect(try store.operator.signingKeys == [new])
        #expect(store.folder.exists("keys/O/\(old.dropFirst().prefix(2))/\(old).nk"), "no seed is deleted")
        #expect(!store.folder.exists("OP/.credence.rotations"))
        try store.holds()
    }

    @Test func `an account's users, creds and activations follow its new key`() throws {
        let store = try RotatedStore()
        let old = try #require(try store.account("A").signingKeys.first)
        let (user, creds) = (try store.user("user1"), try store.folder.text("creds/OP/A/user1.creds"))
        let activation = try store.account("B").activation(0)
        let importer = try store.account("B")
        try store.succeeds("rotate", "start", "account", "-a", "A", "--overlap", "0")
        let new = try #require(try store.account("A").signingKeys.first { $0 != old })
        for claims in [try store.user("user1"), try store.creds("user1")] {
            #expect(claims.issuer == new && claims.issued > user.issued && claims.content == user.content)
        }
        #expect(try store.folder.mode("creds/OP/A/user1.creds") == 0o600)
        // The same seed: from its line on, nothing has changed.
        let seed = try #require(creds.range(of: "-----BEGIN USER NKEY SEED")).lowerBound
        #expect(try store.folder.text("creds/OP/A/user1.creds").hasSuffix(creds[seed...]))
        let embedded = try store.account("B").activation(0)
        #expect(embedded.issuer == new && embedded.issued > activation.issued)
        #expect(embedded.content == activation.content)
        #expect(try store.account("B").issued > importer.issued)
        try store.holds()
        #expect(try store.run("rotate", "report").status == 0)
        // Its time is over: nothing has to be forced.
        try store.succeeds("rotate", "finish")
        #expect(try store.account("A").signingKeys == [new])
        try store.holds()
    }

    @Test func `the successor of a role's key has the same role and template`() throws {
        let store = try RotatedStore { folder in
            try folder.copy(Testdata.nsc("stores/CORP"), to: "CORP")
            try folder.copy(Testdata.nsc("keys"), to: "keys-of-nsc")
        }
        let run = { (arguments: [String]) in
            try Binary.start(
                arguments + ["--data-dir", store.folder.path, "--keystore", store.folder.path("keys-of-nsc")]
            ).wait()
        }
        let before = try store.claims("CORP/accounts/DEVICES/DEVICES.jwt")
        let old = try #require(before.signingKeys.first { before.scope($0)?["role"] as? String == "device" })
        let start = try run(["rotate", "start", "account", "-a", "DEVICES", "--key", "device", "--json"])
        // The dot in a name makes two tokens of a subject, which no rule signs: this user hangs on the old key.
        #expect(start.status == 1, "\(start.errors)")
        let rotation = try #require(try start.json()["rotation"] as? [String: Any])
        let hanging = try #require(rotation["hanging"] as? [[String: Any]])
        #expect(Set(hanging.compactMap { $0["name"] as? String }) == ["cam.2"])
        #expect((hanging.first?["message"] as? String)?.contains("C-template-value") == true)
        let new = try #require(rotation["new"] as? String)
        let after = try store.claims("CORP/accounts/DEVICES/DEVICES.jwt")
        var scopes = try [old, new].map { try #require(after.scope($0)) }
        for index in scopes.indices { scopes[index]["key"] = nil }
        #expect(scopes[0] as NSDictionary == scopes[1] as NSDictionary)
        #expect(scopes[1]["role"] as? String == "device")
        #expect(try store.claims("CORP/accounts/DEVICES/users/therm1.jwt").issuer == new)
        // Going on means the same rotation, though two keys have the role now.
        let again = try run(["rotate", "start", "account", "-a", "DEVICES", "--key", "device", "--json"])
        #expect(try (again.json()["rotation"] as? [String: Any])?["new"] as? String == new)
        // A role that is named means the key that stays.
        let added = try run(["add", "user", "-a", "DEVICES", "-n", "therm9", "-K", "device"])
        #expect(added.status == 0, "\(added.errors)")
        #expect(try store.claims("CORP/accounts/DEVICES/users/therm9.jwt").issuer == new)
    }

    @Test func `the identity key is never rotated, and a seed on the command line is not repeated`() throws {
        let store = try RotatedStore()
        let identity = try #require(try store.operator.payload["sub"] as? String)
        let run = try store.run("rotate", "start", "operator", "--key", identity)
        #expect(run.status == 1 && run.errors.contains("identity key") && run.errors.contains("\nhint: "))
        let account = try #require(try store.account("A").payload["sub"] as? String)
        #expect(try store.run("rotate", "start", "account", "--key", account).errors.contains("identity key"))
        let seed = try Binary.run("generate", "nkey", "-a").output.split(separator: "\n").map(String.init)[0]
        for verb in [["start", "account"], ["finish"], ["report"]] {
            let run = try Binary.start(["rotate"] + verb + ["--key", seed, "-H", store.folder.path]).wait()
            #expect(run.status == 64 && !run.errors.contains(seed), "\(verb): \(run.errors)")
        }
        #expect(!store.folder.exists("OP/.credence.rotations"), "nothing has begun")
        let stranger = try Binary.run("generate", "nkey", "-o").output.split(separator: "\n").map(String.init)[1]
        #expect(try store.run("rotate", "start", "operator", "--key", stranger).errors.contains("no signing key"))
        #expect(try store.run("rotate", "finish").status == 64)
        #expect(try store.run("rotate", "report").output == "no rotation is under way\n")
    }

    @Test func `whoever is revoked does not come back by a new signature`() throws {
        let store = try RotatedStore(users: 2)
        try store.succeeds("revocations", "add-user", "-a", "A", "-u", "user2")
        let revoked = try store.user("user2")
        let start = try store.run("rotate", "start", "account", "-a", "A", "--overlap", "0", "--json")
        #expect(start.status == 0, "\(start.output)")
        #expect(try store.user("user2").payload as NSDictionary == revoked.payload as NSDictionary)
        #expect(try store.creds("user2").payload as NSDictionary == revoked.payload as NSDictionary)
        let ended = try (try start.json()["rotation"] as? [String: Any])?["ended"] as? [[String: Any]]
        #expect(ended?.compactMap { $0["kind"] as? String } == ["user", "creds"])
        #expect(ended?.allSatisfy { ($0["ended"] as? String)?.contains("revoked") == true } == true)
        // A revocation that comes later covers the new token as well.
        try store.succeeds("revocations", "add-user", "-a", "A", "-u", "user1")
        let run = try store.run("validate", "--json")
        let accounts = try #require(try run.json()["accounts"] as? [[String: Any]])
        let users = accounts.flatMap { $0["users"] as? [[String: Any]] ?? [] }
        #expect(
            users.filter { ($0["name"] as? String)?.hasPrefix("user") == true }.allSatisfy {
                $0["accepted"] as? Bool == false
            })
    }

    @Test func `what cannot be signed here hangs on the key, with its place, and keeps it from going`() throws {
        let store = try RotatedStore(users: 2)
        // nsc deletes a user and leaves the creds: they still connect.
        try FileManager.default.removeItem(atPath: store.folder.path("OP/accounts/A/users/user2.jwt"))
        let start = try store.run("rotate", "start", "account", "-a", "A", "--overlap", "0")
        #expect(start.status == 1)
        #expect(start.output.contains("creds/OP/A/user2.creds: the store has no user of this key"))
        let old = try #require(try store.creds("user2").issuer)
        // A configuration may name the key, or its seed.
        let seed = "keys/A/\(old.dropFirst().prefix(2))/\(old).nk"
        try store.folder.write(
            #"{"signing_keys": ["\#(seed)", "nothing.nk"], "roles": [{"signing_key": "\#(old)"}]}"#, to: "identity.json"
        )
        let report = try store.run("rotate", "report", "--json", "--configuration", store.folder.path("identity.json"))
        #expect(report.status == 1)
        let rotations = try #require(try report.json()["rotations"] as? [[String: Any]])
        let hanging = try #require(rotations.first?["hanging"] as? [[String: Any]])
        #expect(
            hanging.compactMap { $0["at"] as? String } == [
                "creds/OP/A/user2.creds", "signing_keys[0]", "roles[0].signing_key",
            ])
        let finish = try store.run("rotate", "finish")
        #expect(finish.status == 1 && finish.errors.contains("creds/OP/A/user2.creds"))
        #expect(try store.account("A").signingKeys.contains(old))
        let forced = try store.run("rotate", "finish", "--now")
        #expect(forced.status == 0 && forced.errors.contains("no longer holds: creds `user2`"))
        #expect(try !store.account("A").signingKeys.contains(old))
    }

    @Test func `a user as whom a callout service connects is told apart, and one that is elsewhere is named`() throws {
        let store = try RotatedStore { folder in
            try folder.copy(Testdata.nsc("stores/CORP"), to: "CORP")
            try folder.copy(Testdata.nsc("keys"), to: "keys-of-nsc")
        }
        let keys = ["--data-dir", store.folder.path, "--keystore", store.folder.path("keys-of-nsc")]
        // AUTHC has no signing key of its own: it gets one, which signs the service's user.
        let claims = try store.claims("CORP/accounts/AUTHC/AUTHC.jwt")
        let authorization = try #require(claims.nats["authorization"] as? [String: Any])
        #expect((authorization["auth_users"] as? [String])?.isEmpty == false)
        let start = try Binary.start(["rotate", "start", "account", "-a", "ORDERS", "--json"] + keys).wait()
        let rotation = try #require(try start.json()["rotation"] as? [String: Any], "\(start.errors)")
        let unseen = try #require(rotation["unseen"] as? [String])
        #expect(unseen.contains { $0.contains("callout service of account `AUTHC`") }, "\(unseen)")
        #expect(unseen.contains { $0.contains("activations that importers outside the store hold") })
    }

    @Test func `the operator's identity key may come from a file, and another key is refused`() throws {
        let store = try RotatedStore()
        let identity = try #require(try store.operator.payload["sub"] as? String)
        let path = "keys/O/\(identity.dropFirst().prefix(2))/\(identity).nk"
        let seed = try store.folder.text(path)
        try FileManager.default.removeItem(atPath: store.folder.path(path))
        let missing = try store.run("rotate", "start", "operator")
        #expect(missing.status == 66 && missing.errors.contains(identity) && missing.errors.contains("\nhint: "))
        let other = try Binary.run("generate", "nkey", "-o").output.split(separator: "\n").map(String.init)[0]
        try store.folder.write(other, to: "other.nk")
        let wrong = try store.run("rotate", "start", "operator", "-K", store.folder.path("other.nk"))
        #expect(wrong.status == 65 && wrong.errors.contains("identity key"))
        try store.folder.write(seed, to: "identity.nk")
        try store.succeeds("rotate", "start", "operator", "-K", store.folder.path("identity.nk"))
        try store.holds()
        #expect(try store.operator.signingKeys.count == 2, "a run that failed is gone on with, by one new key")
    }

    @Test func `a record that cannot be read is told, and nothing is signed without it`() throws {
        let store = try RotatedStore()
        for text in ["", "{}", #"{"rotations":[{}]}"#, #"{"rotations":1}"#, "{\"rotations\":[]} x"] {
            try store.folder.write(text, to: "OP/.credence.rotations")
            for verb in [["rotate", "report"], ["rotate", "start", "operator"], ["add", "account", "-n", "X"]] {
                let run = try Binary.start(verb + ["-H", store.folder.path]).wait()
                #expect(
                    run.status == 65 && run.errors.contains(".credence.rotations"), "\(text) \(verb): \(run.errors)")
            }
        }
    }
}
