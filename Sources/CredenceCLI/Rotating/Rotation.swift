import FolderStores
import NKeys
import Trust

/// A signing key that is on its way out, and the one that takes its place.
struct Rotation: Hashable {
    /// The identity key of the operator or account whose signing key it is.
    let owner: PublicKey
    /// The key that goes.
    let old: PublicKey
    /// The key that comes.
    let new: PublicKey
    /// When it began.
    let started: UnixTime
    /// Until when both keys hold.
    let until: UnixTime

    /// Whether both keys have held for as long as they were to.
    func isOver(at now: UnixTime) -> Bool { now >= until }
}

/// The rotations of a store that are under way, as a file beside the operator's token keeps them:
///
///     {"rotations":[{"owner":"O…","old":"O…","new":"O…","started":1763000000,"until":1763259200}]}
///
/// What hangs on a key is not kept: it is looked for whenever it is asked for.
struct RotationRecord {
    private(set) var rotations: [Rotation] = []

    /// The record of a store.
    init(of store: FolderStore) throws(CommandFailure) {
        guard store.layout == .operatorFolder,
            let text = try read({ () throws(StoreFault) in try store.rotationRecord() })
        else { return }
        guard let rotations = Self.parse(text) else {
            throw CommandFailure(
                .badInput,
                "\(Files.quoted(store.path)): the record of rotations, `.credence.rotations`, cannot be read",
                hint: "restore it from a backup; without it, the old key of a rotation is used again")
        }
        self.rotations = rotations
    }

    /// The rotation by which a key goes; nil when it stays.
    func rotation(of key: PublicKey) -> Rotation? { rotations.first { $0.old == key } }

    /// The keys that go.
    var retiring: Set<PublicKey> { Set(rotations.map(\.old)) }

    /// Puts a rotation down, in place of another of the same key.
    mutating func put(_ rotation: Rotation, with writer: StoreWriter) throws(CommandFailure) {
        rotations.removeAll { $0.old == rotation.old }
        rotations.append(rotation)
        try write(with: writer)
    }

    /// Takes the rotation of a key away.
    mutating func remove(_ key: PublicKey, with writer: StoreWriter) throws(CommandFailure) {
        rotations.removeAll { $0.old == key }
        try write(with: writer)
    }

    private func write(with writer: StoreWriter) throws(CommandFailure) {
        let content = rotations.isEmpty ? nil : Array((json + "\n").utf8)
        try read { () throws(StoreFault) in try writer.writeRotationRecord(content) }
    }

    private var json: String {
        var writer = JSONWriter()
        writer.object { object in
            object.list("rotations") { list in
                for rotation in rotations {
                    list.object {
                        $0.member("owner", rotation.owner.text)
                        $0.member("old", rotation.old.text)
                        $0.member("new", rotation.new.text)
                        $0.member("started", rotation.started.seconds)
                        $0.member("until", rotation.until.seconds)
                    }
                }
            }
        }
        return writer.text
    }

    private static func parse(_ text: [UInt8]) -> [Rotation]? {
        guard case .object(let members)? = try? JSONTree(text), members.count == 1, members[0].name == "rotations",
            case .list(let elements) = members[0].value
        else { return nil }
        var rotations: [Rotation] = []
        for element in elements {
            guard let rotation = rotation(element) else { return nil }
            rotations.append(rotation)
        }
        return rotations
    }

    private static func rotation(_ tree: JSONTree) -> Rotation? {
        guard case .object(let members) = tree, members.count == 5 else { return nil }
        var keys: [String: PublicKey] = [:]
        var times: [String: UnixTime] = [:]
        for member in members {
            switch member.value {
            case .string(let text): keys[member.name] = try? PublicKey(text)
            case .integer(let seconds): times[member.name] = UnixTime(seconds)
            default: return nil
            }
        }
        guard let owner = keys["owner"], let old = keys["old"], let new = keys["new"], let started = times["started"],
            let until = times["until"], [.operator, .account].contains(owner.role), old.role == owner.role,
            new.role == owner.role, old != new
        else { return nil }
        return Rotation(owner: owner, old: old, new: new, started: started, until: until)
    }
}
