/// The word of a setting that something is so or not.
enum YesOrNo: String, CaseIterable {
    case yes, no
}
