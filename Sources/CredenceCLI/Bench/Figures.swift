/// How measured figures are shown.
enum Figures {
    /// A figure with three decimals: more would be noise.
    static func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
