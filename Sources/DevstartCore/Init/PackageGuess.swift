/// What a `package.json` starts: its script for development.
enum PackageJSONGuess {
  /// Throws where it is no JSON.
  static func service(in folder: FolderFacts) throws(JSONSyntaxError) -> ServiceGuess? {
    guard let bytes = folder.texts["package.json"] else { return nil }
    let package = try JSON.parse(bytes)
    let scripts = package["scripts"]
    guard let script = ["dev", "start"].first(where: { scripts?[$0]?.string?.isEmpty == false })
    else { return nil }
    return ServiceGuess(
      name: "web", command: .arguments([manager(package, folder), "run", script]),
      origin: "the script \"\(script)\" of package.json")
  }

  /// `"packageManager": "pnpm@9.1.0"`, else whose lock file is there, else npm.
  private static func manager(_ package: JSON, _ folder: FolderFacts) -> String {
    let known = ["npm"] + FolderFacts.lockFiles.map(\.manager)
    let named = package["packageManager"]?.string?.split(separator: "@").first.map(String.init)
    if let named, known.contains(named) { return named }
    return FolderFacts.lockFiles.first { folder.present.contains($0.file) }?.manager ?? "npm"
  }
}

/// The executables of a Swift package: its products, else its targets.
enum PackageSwiftGuess {
  static func services(of bytes: [UInt8]) -> [ServiceGuess] {
    let text = withoutComments(bytes)
    let products = names(after: ".executable(", in: text)
    let names = products.isEmpty ? names(after: ".executableTarget(", in: text) : products
    return names.map { name in
      ServiceGuess(
        name: name, command: .arguments(["swift", "run", name]), origin: "Package.swift")
    }
  }

  /// The names that are the first argument of these calls; one that is computed is not seen.
  private static func names(after call: String, in text: String) -> [String] {
    text.split(separator: call).dropFirst().compactMap { rest in
      let label = rest.drop(while: \.isWhitespace)
      guard label.hasPrefix("name") else { return nil }
      let colon = label.dropFirst(4).drop(while: \.isWhitespace)
      guard colon.first == ":" else { return nil }
      let value = colon.dropFirst().drop(while: \.isWhitespace)
      guard value.first == "\"", let end = value.dropFirst().firstIndex(of: "\"") else {
        return nil
      }
      let name = value[..<end].dropFirst()
      let isPlain = !name.isEmpty && name.first != "-" && !name.contains { "\\\n".contains($0) }
      return isPlain && !name.utf8.contains(0) ? String(name) : nil
    }
  }

  private static func withoutComments(_ bytes: [UInt8]) -> String {
    var (output, isString, isEscaped): ([UInt8], Bool, Bool) = ([], false, false)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0
      if !isString, byte == UInt8(ascii: "/"), next == UInt8(ascii: "/") {
        index = bytes[index...].firstIndex(of: 0x0A) ?? bytes.count
        continue
      }
      if !isString, byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
        index += 2
        while index < bytes.count, !bytes[index...].starts(with: "*/".utf8) { index += 1 }
        index += 2
        continue
      }
      if byte == UInt8(ascii: "\""), !isEscaped { isString.toggle() }
      isEscaped = isString && byte == UInt8(ascii: "\\") && !isEscaped
      output.append(byte)
      index += 1
    }
    return String(decoding: output, as: UTF8.self)
  }
}
