import FolderStores
import Glibc
import NKeys
import SystemTimeZones
import Trust

/// Puts a new signing key in the place of an old one, in three steps that each leave a store that holds: the new key is
/// added beside the old one (`start`), what the old one signed is signed again with the new one (`start`, as often as it
/// takes), and the old one is taken away (`finish`).
///
/// Each file is written whole, and in an order in which nothing is ever signed by a key that its owner does not list. A
/// run that ends anywhere is finished by the next: what there is to do is found in the store, and the record keeps which
/// key comes for which.
struct KeyRotator {
    var workspace: Workspace
    /// `-K`: the key that signs the owner's token.
    let choice: String?
    /// Configurations in which keys are looked for.
    var configurations: [String] = []

    /// What was done, and how things stand.
    struct Outcome {
        var done: [String] = []
        var report: RotationReport
    }

    /// Begins the rotation of a key, or goes on with one that has begun.
    ///
    /// - Parameters:
    ///   - key: the key, or the role of an account's key; nil for the only one.
    ///   - role: whose key it is, an operator's or an account's.
    ///   - account: which account; nil for the one that lists the key.
    ///   - overlap: until when both keys are to hold.
    func start(_ key: String?, of role: KeyRole, account: String?, overlap: Deadline) throws -> Outcome {
        try workspace.changing { writer in
            var rotator = self
            // Whoever had to wait for the lock would else sign with a time that has passed.
            rotator.workspace.now = WallClock.now()
            return try rotator.start(key, of: role, account: account, overlap: overlap, with: writer)
        }
    }

    private func start(
        _ key: String?, of role: KeyRole, account: String?, overlap: Deadline, with writer: StoreWriter
    ) throws -> Outcome {
        var record = try RotationRecord(of: workspace.store)
        let (owner, old) = try owner(of: key, role: role, account: account, record)
        let begun = record.rotation(of: old)
        guard owner.signingKeys.contains(old) else {
            throw CommandFailure(
                .no, "`\(old.text)` is no signing key of \(owner.description)",
                hint: begun == nil
                    ? "`credence list keys` shows what keys there are"
                    : "it was taken away already: `credence rotate finish` ends its rotation")
        }
        // The record before the seed, and the seed before the token: what a token names must not be lost, and no seed is
        // kept of which nobody knows what it is for.
        let (rotation, pair) = try successor(to: old, of: owner, begun, until: overlap)
        if rotation != begun { try record.put(rotation, with: writer) }
        try read { () throws(StoreFault) in try workspace.keystore.add(pair) }

        var done: [String] = []
        if !owner.signingKeys.contains(rotation.new) {
            try sign(owner, with: writer, .add(rotation.new, beside: old))
            done.append("added signing key \(rotation.new.text) to \(owner.description), beside \(old.text)")
        }
        let signer = Resigner(
            workspace: workspace, signing: try Signing(workspace, choice: role == .operator ? nil : choice),
            rotation: rotation, pair: pair)
        let resigned = try signer.signAgain(owner, with: writer)
        var report = try RotationReport(rotation, in: workspace, configurations: configurations)
        report.explain(resigned.left)
        return Outcome(done: done + resigned.done, report: report)
    }

    /// Takes the old key away, where nothing hangs on it and its time is over, or where that is asked for all the same.
    func finish(_ key: PublicKey, when: Finish) throws -> Outcome {
        try workspace.changing { writer in
            var rotator = self
            rotator.workspace.now = WallClock.now()
            return try rotator.finish(key, when: when, with: writer)
        }
    }

    /// When a rotation may be finished.
    enum Finish {
        /// When nothing hangs on the key, and its time is over.
        case whenSafe
        /// Now, whatever breaks.
        case now
    }

    private func finish(_ key: PublicKey, when: Finish, with writer: StoreWriter) throws -> Outcome {
        var record = try RotationRecord(of: workspace.store)
        guard let rotation = record.rotation(of: key) else {
            throw CommandFailure(
                .noInput, "no rotation of `\(key.text)` is under way",
                hint: "begin one with `credence rotate start`; `credence rotate report` shows those that are")
        }
        var outcome = Outcome(report: try RotationReport(rotation, in: workspace, configurations: configurations))
        let owner = outcome.report.owner
        guard owner.signingKeys.contains(rotation.new) else {
            throw CommandFailure(
                .no, "the new key `\(rotation.new.text)` is not among those of \(owner.description) yet",
                hint: "`credence rotate start` goes on with the rotation")
        }
        guard when == .now || outcome.report.isFinishable else {
            outcome.report.isRefused = true
            return outcome
        }
        if owner.signingKeys.contains(key) {
            try sign(owner, with: writer, .remove(key))
            outcome.done.append("removed signing key \(key.text) from \(owner.description)")
        }
        // Last: until here the next run goes on.
        try record.remove(key, with: writer)
        if try read({ () throws(StoreFault) in try workspace.keystore.keyPair(for: key) }) != nil {
            outcome.done.append(
                "kept its seed in the keystore \(Files.quoted(workspace.keystore.path)): nothing trusts it any more, once "
                    + "servers have the new token")
        }
        return outcome
    }

    // MARK: Who it is about

    private func owner(
        of key: String?, role: KeyRole, account: String?, _ record: RotationRecord
    ) throws -> (RotatedOwner, PublicKey) {
        if let key { try KeyArgument.refuseSeed(key, flag: "--key") }
        let owner: RotatedOwner
        if role == .operator {
            owner = .operator(try workspace.operatorToken())
        } else if account == nil, let named = key.flatMap({ try? PublicKey($0) }), named.role == .account {
            owner = try RotatedOwner(of: named, recorded: record.rotation(of: named), in: workspace)
        } else {
            let name = try workspace.accountName(account)
            owner = .account(name: name, try workspace.accountToken(name))
        }
        return (owner, try owner.signingKey(key, coming: Set(record.rotations.map(\.new))))
    }

    /// The rotation and the new key: those that are recorded, or new ones.
    private func successor(
        to old: PublicKey, of owner: RotatedOwner, _ begun: Rotation?, until overlap: Deadline
    ) throws(CommandFailure) -> (Rotation, KeyPair) {
        if let begun {
            let stored = try read { () throws(StoreFault) in try workspace.keystore.keyPair(for: begun.new) }
            if let stored { return (begun, stored) }
            guard !owner.signingKeys.contains(begun.new) else {
                throw CommandFailure(
                    .noInput,
                    "the seed of the new key `\(begun.new.text)` is not in the keystore "
                        + Files.quoted(workspace.keystore.path),
                    hint: "name the keystore that has it with --keystore")
            }
        }
        let pair = try Keys.generate(old.role)
        let now = workspace.now
        // Of one that has begun the times stand, whatever became of its key.
        let until = try overlap.time(from: now) ?? now
        let rotation = Rotation(
            owner: owner.key, old: old, new: pair.publicKey, started: begun?.started ?? now,
            until: begun?.until ?? until)
        return (rotation, pair)
    }

    // MARK: The owner's token

    /// Changes the signing keys of an owner, and signs its token: an operator's by its identity key, an account's by a
    /// key of the operator.
    private func sign(_ owner: RotatedOwner, with writer: StoreWriter, _ change: SigningKeyChange) throws {
        let signing = try Signing(workspace, choice: choice)
        switch owner {
        case .operator(let token):
            let signer = try signing.identity(of: token)
            var claims = token.claims
            change.apply(to: &claims)
            let signed = try signedWhenPossible(owner.description) { (now) throws(SigningError) in
                try signer.sign(claims, replacing: token.claims.common.issuedAt, at: now)
            }
            try read { () throws(StoreFault) in try writer.writeOperatorToken(Array(signed.text.utf8)) }
        case .account(let name, _):
            let changed = try AccountEditor(workspace: workspace, signing: signing, name: name)
                .edit(with: writer) { draft in
                    change.apply(to: &draft.claims)
                    return ""
                }
            for finding in changed.warnings { StandardError.write("warning: \(Printable.finding(finding))\n") }
        }
    }
}

/// Signs as soon as that is possible: a token that was changed many times within a minute has an `iat` as far ahead of
/// the clock as it may be, and the clock is waited for then, a second or two.
func signedWhenPossible<R>(_ what: String, _ sign: (UnixTime) throws(SigningError) -> R) throws -> R {
    var attempts = 10
    while true {
        do throws(SigningError) {
            return try sign(WallClock.now())
        } catch {
            guard case .tooSoon = error, attempts > 0 else { throw error.refusal(of: what) }
            attempts -= 1
            sleep(1)
        }
    }
}
