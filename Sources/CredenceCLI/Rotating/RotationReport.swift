import FolderStores
import NKeys
import Trust

/// How a rotation stands: what hangs on the old key, and until when both hold.
struct RotationReport {
    let rotation: Rotation
    let owner: RotatedOwner
    var findings: KeySurvey.Findings
    /// As of when.
    let now: UnixTime
    /// Whether the rotation was to be finished, and was not.
    var isRefused = false

    init(_ rotation: Rotation, in workspace: Workspace, configurations: [String]) throws(CommandFailure) {
        self.rotation = rotation
        now = WallClock.now()
        owner = try RotatedOwner(of: rotation.old, recorded: rotation, in: workspace)
        findings = try KeySurvey(
            workspace: workspace, owner: owner, key: rotation.old, configurations: configurations
        ).findings()
    }

    /// Whether the old key can go without anything breaking that can be seen from here.
    var isFinishable: Bool { findings.hanging.isEmpty && rotation.isOver(at: now) }

    /// Says why things were not signed again, by their places.
    mutating func explain(_ reasons: [String: String]) {
        for index in findings.dependents.indices where findings.dependents[index].isHanging {
            if let why = reasons[findings.dependents[index].place] { findings.dependents[index].remark = why }
        }
    }

    /// For people, in lines.
    var lines: [String] {
        var lines = [
            "rotation of \(rotation.old.text) of \(owner.description)",
            "  the new key is \(rotation.new.text)",
            "  both hold until \(rotation.until)"
                + (rotation.isOver(at: now) ? ", which is over" : ": `--now` ends it sooner"),
        ]
        let hanging = findings.hanging
        lines.append(hanging.isEmpty ? "  nothing here hangs on the old key" : "  on the old key hang:")
        lines += hanging.map { "    \($0.line)" }
        if !findings.ended.isEmpty { lines.append("  not signed again, and not missed:") }
        lines += findings.ended.map { "    \($0.line)" }
        if !findings.unseen.isEmpty { lines.append("  cannot be seen from here:") }
        return lines + findings.unseen.map { "    \($0)" }
    }

    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("owner", rotation.old.role.name)
            object.member("subject", owner.key.text)
            if case .account(let name, _) = owner { object.member("account", name) }
            object.member("old", rotation.old.text)
            object.member("new", rotation.new.text)
            object.member("started", "\(rotation.started)")
            object.member("until", "\(rotation.until)")
            object.member("over", rotation.isOver(at: now))
            object.list("hanging") { list in for one in findings.hanging { one.write(to: &list) } }
            object.list("ended") { list in for one in findings.ended { one.write(to: &list) } }
            object.member("unseen", findings.unseen)
        }
    }
}
