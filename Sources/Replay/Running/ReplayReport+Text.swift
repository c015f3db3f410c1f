import Trust

extension ReplayReport {
    /// For people: a line for each attack that got through, and what is wrong with the target or the run.
    public var text: String {
        var lines: [String] = []
        if !broken.isEmpty || !notTried.isEmpty {
            lines.append("the run proves nothing: the target does not do what is right")
        }
        for entry in broken {
            lines.append("broken: \(entry.trial.id): a good import does not work: \(entry.outcome.text)")
        }
        for entry in notTried { lines.append("not tried: \(entry.trial.id): \(entry.outcome.text)") }
        for entry in inconsistent { lines.append("inconsistent: \(entry.trial.id): \(entry.outcome.text)") }
        for entry in through {
            let rules = entry.trial.expectation(policy).rules.listed
            let how = entry.outcome == .changed ? ", and was refused, and yet something changed" : ""
            lines.append("through: \(entry.trial.id): breaks \(rules)\(how)")
        }
        for (entry, missing) in unnamed {
            lines.append("not named: \(entry.trial.id): \(missing.listed), beside \(entry.outcome.text)")
        }
        for (entry, beside) in unexpected {
            lines.append("not its rules: \(entry.trial.id): \(beside.listed), in \(entry.outcome.text)")
        }
        lines.append(
            "\(target), policy \(policy.rawValue): \(through.count) of \(attacks) attacks got through, "
                + "\(controls - broken.count) of \(controls) good imports work")
        for (how, count) in stopped.sorted(by: { $0.key < $1.key }) { lines.append("\(count) stopped: \(how)") }
        if elsewhere > 0 { lines.append("\(elsewhere) attacks are for another target") }
        if relaxed > 0 { lines.append("\(relaxed) attacks are good imports by the policy \(policy.rawValue)") }
        return lines.map { $0 + "\n" }.joined()
    }

    /// For programs: one JSON object.
    public var json: String {
        var json = JSONWriter()
        json.object { json in
            json.member("holds", holds)
            json.member("target", target)
            json.member("policy", policy.rawValue)
            if let at { json.member("at", at.seconds) }
            json.member("attacks", attacks)
            json.member("controls", controls)
            json.member("relaxed", relaxed)
            json.member("elsewhere", elsewhere)
            json.object("stopped") { json in
                for (how, count) in stopped.sorted(by: { $0.key < $1.key }) { json.member(how, count) }
            }
            json.list("through") { list in
                for entry in through {
                    list.object {
                        $0.world(entry)
                        $0.member("rules", entry.trial.expectation(policy).rules)
                    }
                }
            }
            json.list("unnamed") { list in
                for (entry, missing) in unnamed {
                    list.object {
                        $0.world(entry)
                        $0.member("missing", missing)
                    }
                }
            }
            json.list("unexpected") { list in
                for (entry, beside) in unexpected {
                    list.object {
                        $0.world(entry)
                        $0.member("beside", beside)
                    }
                }
            }
            for (name, entries) in [("inconsistent", inconsistent), ("broken", broken), ("not_tried", notTried)] {
                json.list(name) { list in
                    for entry in entries {
                        list.object {
                            $0.world(entry)
                            $0.member("outcome", entry.outcome.text)
                        }
                    }
                }
            }
        }
        return json.text + "\n"
    }
}

extension ReplayOutcome {
    /// In a line.
    fileprivate var text: String {
        switch self {
        case .accepted: "works"
        case .refused(let rules): "refused by \(rules.listed)"
        case .stopped(let how): "stopped: \(how)"
        case .changed: "refused, and yet something changed"
        case .inconsistent(let how): how
        case .notTried(let why): why
        }
    }
}

extension [String] {
    fileprivate var listed: String { joined(separator: ", ") }
}

extension JSONWriter {
    fileprivate mutating func world(_ entry: ReplayReport.Entry) {
        member("id", entry.trial.id)
        member("base", entry.trial.base)
        member("mutations", entry.trial.mutations)
    }
}
