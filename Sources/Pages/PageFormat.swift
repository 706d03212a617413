/// The window that a page is made for: OpenID Connect Core §3.1.2.1.
public enum PageFormat: Sendable, CaseIterable {
    /// A whole window.
    case page
    /// A small one over the client's: a single column, however wide it is. In templates the key `popup`.
    case popup
}
