import NKeys

/// Groups accounts that lead to one another through imports: the strongly connected components (R. Tarjan, Depth-first
/// search and linear graph algorithms, 1972), without recursion, since a chain of imports may be long.
struct Components {
    private let exporters: (PublicKey) -> [PublicKey]
    private var numbers: [PublicKey: (number: Int, low: Int, isOpen: Bool)] = [:]
    private var open: [PublicKey] = []
    /// The groups of more than one account.
    private(set) var circular: [[PublicKey]] = []

    private struct Step {
        let account: PublicKey
        let next: [PublicKey]
        var place = 0
    }

    init(exporters: @escaping (PublicKey) -> [PublicKey]) { self.exporters = exporters }

    /// Groups everything that `account` leads to, unless it has been met before.
    ///
    /// - Complexity: linear in the accounts and imports reached.
    mutating func visit(from account: PublicKey) {
        guard numbers[account] == nil else { return }
        var steps = [begin(account)]
        while var step = steps.popLast() {
            if step.place < step.next.count {
                let next = step.next[step.place]
                step.place += 1
                steps.append(step)
                if let known = numbers[next] {
                    if known.isOpen { lower(step.account, to: known.number) }
                } else {
                    steps.append(begin(next))
                }
                continue
            }
            close(step.account)
            if let parent = steps.last, let low = numbers[step.account]?.low { lower(parent.account, to: low) }
        }
    }

    private mutating func begin(_ account: PublicKey) -> Step {
        numbers[account] = (numbers.count, numbers.count, true)
        open.append(account)
        return Step(account: account, next: exporters(account))
    }

    private mutating func lower(_ account: PublicKey, to number: Int) {
        guard let low = numbers[account]?.low, number < low else { return }
        numbers[account]?.low = number
    }

    private mutating func close(_ account: PublicKey) {
        guard let own = numbers[account], own.low == own.number else { return }
        var group: [PublicKey] = []
        while let last = open.popLast() {
            numbers[last]?.isOpen = false
            group.append(last)
            if last == account { break }
        }
        if group.count > 1 || exporters(account).contains(account) { circular.append(group) }
    }
}
