/// The indentation that lines of nodes have in common, and its removal: a block's filling is dedented where it is
/// written and indented where it is shown (spec: inheritance, "block reindentation").
extension [Node] {
    /// `nil` when no line begins in these nodes.
    var commonIndentation: [UInt8]? {
        var common: [UInt8]?
        for node in self {
            switch node {
            case .text(let text):
                for start in text.lineStarts {
                    common = shared(common, Array<UInt8>(text.bytes[start...].prefix(while: isIndentation)))
                }
            case .section(let section):
                common = shared(common, section.content.commonIndentation)
            case .inclusion(let inclusion):
                common = shared(common, inclusion.indentation)
            case .block(let block):
                common = shared(common, block.indentation)
            case .value:
                break
            }
        }
        return common
    }

    /// Takes away what every line begins with.
    func removing(indentation: [UInt8]) -> [Node] {
        guard !indentation.isEmpty else { return self }
        return map { node in
            switch node {
            case .text(let text):
                return .text(text.removing(indentation: indentation))
            case .section(var section):
                section.content = section.content.removing(indentation: indentation)
                return .section(section)
            case .inclusion(var inclusion):
                inclusion.indentation = inclusion.indentation.map { Array<UInt8>($0.dropFirst(indentation.count)) }
                return .inclusion(inclusion)
            case .block(var block):
                block.indentation = block.indentation.map { Array<UInt8>($0.dropFirst(indentation.count)) }
                return .block(block)
            case .value:
                return node
            }
        }
    }
}

extension StaticText {
    fileprivate func removing(indentation: [UInt8]) -> StaticText {
        var result = StaticText()
        var copied = 0
        for start in lineStarts {
            result.bytes += bytes[copied..<start]
            result.lineStarts.append(result.bytes.count)
            copied = start + indentation.count
        }
        result.bytes += bytes[copied...]
        return result
    }
}

/// A space or a tab.
func isIndentation(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
}

private func shared(_ left: [UInt8]?, _ right: [UInt8]?) -> [UInt8]? {
    guard let left, let right else { return left ?? right }
    return zip(left, right).prefix { $0 == $1 }.map(\.0)
}
