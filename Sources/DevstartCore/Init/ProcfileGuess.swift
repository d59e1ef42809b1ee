/// The services of a Procfile: `NAME: COMMAND`, a line each.
enum ProcfileGuess {
  /// What foreman gives to its processes as `PORT`: the first gets this, each next one 100 more.
  private static let firstPort: UInt16 = 5000
  private static let portStep: UInt16 = 100
  /// More is no Procfile; each has a port of its own.
  private static let mostServices = 100

  static func services(of bytes: [UInt8], file: String) -> [ServiceGuess] {
    var services: [ServiceGuess] = []
    for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
      guard services.count < mostServices, let (name, text) = parts(of: line) else { continue }
      var service = ServiceGuess(name: name, command: .shell(text), origin: file)
      service.readsPort = readsPort(text)
      if service.readsPort { service.port = firstPort + UInt16(services.count) * portStep }
      // What has to be done before a release runs is done once.
      service.isOneshot = name == "release"
      services.append(service)
    }
    return services
  }

  private static func parts(of line: Substring) -> (name: String, text: String)? {
    let line = line.trimmingBlanks
    guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let name = line[..<colon]
    let text = line[line.utf8.index(after: colon)...].trimmingBlanks
    let isName = name.utf8.allSatisfy { byte in
      VariableName.isShellName("_" + String(UnicodeScalar(byte))) || byte == UInt8(ascii: "-")
    }
    guard isName, !name.isEmpty, !text.isEmpty, !text.utf8.contains(0) else { return nil }
    return (String(name), String(text))
  }

  private static func readsPort(_ text: String) -> Bool {
    text.contains("${PORT")
      || text.split(separator: "$").dropFirst().contains { rest in
        rest.hasPrefix("PORT") && !VariableName.isShellName("_" + rest.dropFirst(4).prefix(1))
          || rest == "PORT"
      }
  }
}
