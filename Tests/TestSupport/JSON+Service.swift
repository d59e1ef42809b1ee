package import DevstartCore

extension JSON {
  /// A service that runs the fixture with these words. Without ports it is ready at once; with
  /// ports, when it listens.
  package static func service(
    _ words: String..., ports: [Int] = [], with keys: JSON = [:]
  ) -> JSON {
    fixture(words, ports: ports, with: keys)
  }

  package static func fixture(
    _ words: [String], ports: [Int] = [], with keys: JSON = [:]
  ) -> JSON {
    command([Build.fixture] + words, ports: ports, with: keys)
  }

  /// A service that runs any program.
  package static func command(
    _ arguments: [String], ports: [Int] = [], with keys: JSON = [:]
  ) -> JSON {
    var service: JSON = ["command": JSON(arguments)]
    if ports.isEmpty {
      service.set("ready", ["delay": "0s"])
    } else {
      service.set("ports", JSON(ports.map { JSON($0) }))
    }
    for member in keys.members ?? [] { service.set(member.key, member.value) }
    return service
  }

  /// Replaces the value of a key, or adds it.
  package mutating func set(_ key: String, _ value: JSON) {
    var members = (self.members ?? []).filter { $0.key != key }
    members.append(Member(key: key, value: value))
    self = JSON(.object(members))
  }

  /// The keys of an object, in order.
  package var keys: [String] { (members ?? []).map(\.key) }

  /// The element of a list of objects that has this name.
  package subscript(named name: String) -> JSON? {
    array?.first { $0["name"]?.string == name }
  }

  /// The service with its name among the fixture's words.
  func recording(_ name: String) -> JSON {
    guard var command = self["command"]?.strings, command.first == Build.fixture else {
      return self
    }
    command.insert(contentsOf: ["record", name], at: 1)
    var service = self
    service.set("command", JSON(command))
    return service
  }
}
