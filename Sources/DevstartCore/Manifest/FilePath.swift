/// Paths as text: nothing here asks the file system, so `..` is lexical.
package enum FilePath {
  /// `path`, from `folder` on where it is relative, without `.`, `..` and doubled slashes.
  package static func absolute(_ path: String, in folder: String) -> String {
    let whole = path.utf8.first == UInt8(ascii: "/") ? path : folder + "/" + path
    // Bytes, as splitting into characters costs more than the rest of decoding a service.
    var parts: [Substring.UTF8View] = []
    for part in whole.utf8.split(separator: UInt8(ascii: "/")) {
      if part.elementsEqual("..".utf8) {
        _ = parts.popLast()
      } else if !part.elementsEqual(".".utf8) {
        parts.append(part)
      }
    }
    guard !parts.isEmpty else { return "/" }
    var result = ""
    result.reserveCapacity(whole.utf8.count)
    for part in parts {
      result += "/"
      // To append what is no String of its own makes the runtime look up what it consists of, which
      // takes as long as all else that the first path of a command takes.
      result += String(Substring(part))
    }
    return result
  }

  /// What the file stands in.
  package static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The last part.
  package static func name(of path: String) -> String {
    path.utf8.split(separator: UInt8(ascii: "/")).last.map { String(Substring($0)) } ?? path
  }
}
