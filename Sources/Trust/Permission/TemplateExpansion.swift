import Subjects

/// Puts a user's values into the entries of a role's template (C-template, C-template-value).
///
/// Calls that are written alike in one entry have the same value; calls that differ make every combination, the last
/// varying fastest. A call whose tag is missing drops its entry from an allow list and refuses the user in a deny
/// list. In a list with a call anywhere, an entry with a queue cannot be expanded: no value can make a queue.
struct TemplateExpansion {
    /// The most subjects that one list may expand to. Repeated calls count as if they were different, as the field
    /// counts them.
    static let budget = 4096
    /// The most tags and calls that are compared for one user. A role of 100 templates and a user of 1,000 tags take
    /// a tenth of it.
    static let comparisonBudget = 1_000_000

    /// What is done with the subjects.
    enum Purpose {
        /// They are judged; only those of deny lists are made, since only they can refuse.
        case judging
        /// They are wanted.
        case expanding
    }

    let values: TemplateValues
    let purpose: Purpose
    /// Where the signing key stands, for findings.
    let place: Place
    private(set) var judgement: Judgement
    /// Where the entries made by `permissions` stand in the template.
    private(set) var places: PermissionPlaces
    private var comparisons = 0

    init(_ values: TemplateValues, for purpose: Purpose, at place: Place, policy: Policy) {
        self.values = values
        self.purpose = purpose
        self.place = place
        judgement = Judgement(policy)
        places = PermissionPlaces(base: place.member("template"))
    }

    /// The role's permissions for the user. When every allow entry of a direction was dropped, the direction is denied
    /// as a whole: otherwise an empty list could count as none.
    mutating func permissions(_ template: TemplatePermissions) -> PermissionClaims {
        var permissions = PermissionClaims()
        permissions.publishAllow = expanded(.publishAllow, of: template)
        permissions.publishDeny = expanded(.publishDeny, of: template)
        permissions.subscribeAllow = expanded(.subscribeAllow, of: template)
        permissions.subscribeDeny = expanded(.subscribeDeny, of: template)
        permissions.responses = template.responses
        let nothing = PermissionEntry(pattern: .all)
        if template.publishAllow?.isEmpty == false, permissions.publishAllow?.isEmpty == true {
            permissions.publishAllow = nil
            places.appendDenial(to: .publishDeny, holding: permissions.publishDeny?.count ?? 0)
            permissions.publishDeny = (permissions.publishDeny ?? []) + [nothing]
        }
        if template.subscribeAllow?.isEmpty == false, permissions.subscribeAllow?.isEmpty == true {
            permissions.subscribeAllow = nil
            places.appendDenial(to: .subscribeDeny, holding: permissions.subscribeDeny?.count ?? 0)
            permissions.subscribeDeny = (permissions.subscribeDeny ?? []) + [nothing]
        }
        return permissions
    }

    /// Judges the role's permissions for the user without making them.
    mutating func judge(_ template: TemplatePermissions) {
        for list in TemplateList.allCases {
            if let entries = list.entries(of: template) { _ = expand(entries, of: list) }
        }
    }

    private mutating func expanded(_ list: TemplateList, of template: TemplatePermissions) -> [PermissionEntry]? {
        guard let entries = list.entries(of: template) else { return nil }
        let expanded = expand(entries, of: list)
        places.set(expanded.written, of: list)
        return expanded.entries
    }

    private mutating func expand(_ entries: [String], of list: TemplateList) -> ExpandedEntries {
        let isTemplate = entries.contains(where: TemplateText.holdsCall)
        var expanded = ExpandedEntries(isTemplate: isTemplate)
        // Entries without a call were judged when the account was read.
        guard isTemplate || purpose == .expanding else { return expanded }
        var left = Self.budget
        for (index, entry) in entries.enumerated() {
            if TemplateText.holdsCall(entry) {
                if purpose == .judging && !list.isDeny {
                    judge(entry, index, of: list, left: &left)
                } else {
                    expand(entry, index, of: list, left: &left, into: &expanded)
                }
                if left < 0 { break }
            } else if isTemplate, list.takesQueues, entry.utf8.contains(0x20) {
                drop(.templateFault("a queue stands in a list with a template"), index, of: list)
            } else if purpose == .expanding {
                switch list.entry(entry) {
                case .success(let literal): expanded.append(literal, from: index)
                case .failure(let error): refuse(.subject(error), index, of: list)
                }
            }
        }
        return expanded
    }

    private mutating func expand(
        _ entry: String, _ index: Int, of list: TemplateList, left: inout Int, into expanded: inout ExpandedEntries
    ) {
        let text = entry.utf8Span.span
        var subject = TemplateSubject(entry)
        var product = 1
        var read = 0
        while let call = TemplateText.nextCall(in: text, from: read) {
            subject.append(literal: read..<call.lowerBound)
            read = call.upperBound
            let function = TemplateText.function(in: text, at: call)
            if function == .unknown { return refuse(.templateFunctionUnknown, index, of: list) }
            guard spend(subject.slotCount &+ values.cost(of: function), index, of: list, left: &left) else { return }
            let (found, isNew) = subject.append(call: call) { values.values(of: function) }
            if found.isEmpty {
                return drop(.templateValueMissing(TemplateText.name(in: text, at: call)), index, of: list)
            }
            let form = judgement.policy.templateValues
            if isNew, !found.allSatisfy({ TemplateValueRule.admits($0.span, form) }) {
                failValue(of: TemplateText.name(in: text, at: call), index, of: list)
            }
            guard multiply(&product, by: found.count, index, of: list, left: &left) else { return }
        }
        left &-= product
        if subject.shortest > SubjectLimits.length {
            return drop(.tooLong(bytes: subject.shortest, limit: SubjectLimits.length), index, of: list)
        }
        subject.append(literal: read..<text.count)
        var fault: SubjectError?
        subject.forEachExpansion { bytes in
            do throws(SubjectError) {
                expanded.append(PermissionEntry(pattern: try SubjectPattern(utf8: bytes.span)), from: index)
                return true
            } catch {
                fault = error
                return !list.isDeny
            }
        }
        if let fault { drop(.subject(fault), index, of: list) }
    }

    /// Judges an entry of an allow list without making its subjects, or copying a value: whatever they turn out to be,
    /// they refuse nobody.
    private mutating func judge(_ entry: String, _ index: Int, of list: TemplateList, left: inout Int) {
        let text = entry.utf8Span.span
        let form = judgement.policy.templateValues
        var product = 1
        var read = 0
        while let call = TemplateText.nextCall(in: text, from: read) {
            read = call.upperBound
            let function = TemplateText.function(in: text, at: call)
            if function == .unknown { return refuse(.templateFunctionUnknown, index, of: list) }
            guard spend(values.cost(of: function), index, of: list, left: &left) else { return }
            var isLiteral = true
            var count = 1
            // A key is a literal token.
            if function != .subject, function != .accountSubject {
                count = values.forEachValue(of: function) { value in
                    if !TemplateValueRule.admits(value, form) { isLiteral = false }
                }
            }
            if count == 0 {
                return drop(.templateValueMissing(TemplateText.name(in: text, at: call)), index, of: list)
            }
            if !isLiteral { failValue(of: TemplateText.name(in: text, at: call), index, of: list) }
            guard multiply(&product, by: count, index, of: list, left: &left) else { return }
        }
        left &-= product
    }

    /// Counts comparisons; false, and a refusal, when there were too many.
    private mutating func spend(_ cost: Int, _ index: Int, of list: TemplateList, left: inout Int) -> Bool {
        comparisons &+= cost
        if comparisons <= Self.comparisonBudget { return true }
        left = -1
        refuse(.budgetExhausted("the role's template"), index, of: list)
        return false
    }

    /// Counts combinations; false, and a refusal, when there are too many.
    private mutating func multiply(
        _ product: inout Int, by count: Int, _ index: Int, of list: TemplateList, left: inout Int
    ) -> Bool {
        let (total, overflow) = product.multipliedReportingOverflow(by: count)
        product = overflow ? .max : total
        if product <= left { return true }
        left = -1
        refuse(.templateTooLarge(limit: Self.budget), index, of: list)
        return false
    }

    private mutating func failValue(of function: String, _ index: Int, of list: TemplateList) {
        judgement.fail(.templateValue, at: place(index, list), .templateValueNotLiteral(function: function))
    }

    /// An entry that cannot be expanded: left out of an allow list with a remark, a refusal in a deny list.
    private mutating func drop(_ detail: Detail, _ index: Int, of list: TemplateList) {
        if list.isDeny {
            refuse(detail, index, of: list)
        } else {
            judgement.warn(.template, at: place(index, list), detail)
        }
    }

    /// Without its deny entries a user's permissions would be wider than its role's, so no policy relaxes this.
    private mutating func refuse(_ detail: Detail, _ index: Int, of list: TemplateList) {
        judgement.refuse(.template, at: place(index, list), detail)
    }

    private func place(_ index: Int, _ list: TemplateList) -> Place { list.place(in: place).element(index) }
}

extension TemplatePermissions {
    /// What a user with these values gets from this role, or why a user with them is refused (C-template,
    /// C-template-value). Places are those of the signing key at `place`, for example `signing_keys[2]`.
    ///
    /// - Complexity: at most 4096 subjects for each list are made.
    public func expanded(
        for values: TemplateValues, policy: Policy = .strict, at place: Place = .whole
    ) -> Verdict<PermissionClaims> {
        var expansion = TemplateExpansion(values, for: .expanding, at: place, policy: policy)
        let permissions = expansion.permissions(self)
        return expansion.judgement.verdict(permissions)
    }
}
