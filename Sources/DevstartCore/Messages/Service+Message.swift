extension Service: Message {
  package var json: JSON {
    let base: JSON = [
      "name": JSON(name), "categories": JSON(categories), "command": command.json,
      "workingDirectory": JSON(workingDirectory), "environment": JSON(environment),
      "match": JSON(match), "matchScope": JSON(matchScope.rawValue),
      // The published list is known to both sides, and longer than all the rest.
      "spare": spare == MatchRule.sparedByDefault ? nil : JSON(spare),
      "onConflict": JSON(onConflict.rawValue), "dependsOn": JSON(dependsOn),
      "readiness": readiness.json, "stop": stop.json,
      "ports": JSON(ports.map { JSON(Int($0)) }), "oneshot": JSON(isOneshot),
      "autostart": JSON(startsAutomatically), "stdin": JSON(standardInput.rawValue),
    ]
    return JSON(.object((base.members ?? []) + supervision))
  }

  package init(json: JSON) throws(MessageError) {
    self.init(
      name: try json.text("name"), command: try json.message("command"),
      workingDirectory: try json.text("workingDirectory"), match: try json.messages("match"),
      readiness: try json.message("readiness"))
    categories = try json.texts("categories")
    environment = try json.dictionary("environment")
    matchScope = try json.choice("matchScope")
    if json["spare"]?.isNull == false { spare = try json.messages("spare") }
    onConflict = try json.choice("onConflict")
    dependsOn = try json.messages("dependsOn")
    stop = try json.message("stop")
    ports = try json.ports("ports")
    isOneshot = try json.flag("oneshot")
    startsAutomatically = try json.flag("autostart")
    standardInput = try json.choice("stdin")
    try takeSupervision(json)
  }
}

extension Command: Message {
  package var json: JSON {
    switch self {
    case .arguments(let arguments): JSON(arguments)
    case .shell(let text): JSON(text)
    }
  }

  package init(json: JSON) throws(MessageError) {
    if let text = json.string {
      self = .shell(text)
    } else if let arguments = json.strings, !arguments.isEmpty {
      self = .arguments(arguments)
    } else {
      throw MessageError(key: "command")
    }
  }
}

extension MatchRule: Message {
  package var json: JSON {
    switch self {
    case .argument(let part, let program): ["argument": JSON(part), "program": JSON(program)]
    case .pattern(let pattern): ["pattern": JSON(pattern)]
    case .program(let name, let arguments): ["exe": JSON(name), "args": JSON(arguments)]
    case .command(let arguments): ["command": JSON(arguments)]
    }
  }

  package init(json: JSON) throws(MessageError) {
    if let part = json["argument"]?.string {
      self = .argument(containing: part, program: json["program"]?.string)
    } else if let pattern = json["pattern"]?.string {
      self = .pattern(pattern)
    } else if let name = json["exe"]?.string {
      self = .program(name, arguments: try json.texts("args"))
    } else {
      self = .command(try json.texts("command"))
    }
  }
}

extension Dependency: Message {
  package var json: JSON { ["service": JSON(service), "condition": JSON(condition.rawValue)] }

  package init(json: JSON) throws(MessageError) {
    self.init(service: try json.text("service"), condition: try json.choice("condition"))
  }
}

extension Readiness: Message {
  package var json: JSON {
    ["check": check.json, "timeout": JSON(timeout), "interval": JSON(interval)]
  }

  package init(json: JSON) throws(MessageError) {
    self.init(
      check: try json.message("check"), timeout: try json.duration("timeout"),
      interval: try json.duration("interval"))
  }
}

extension Readiness.Check: Message {
  package var json: JSON {
    switch self {
    case .probe(let probe): probe.json
    case .log(let pattern): ["log": JSON(pattern)]
    case .notify: ["notify": true]
    case .delay(let delay, let chosen): ["delay": JSON(delay), "chosen": JSON(chosen)]
    }
  }

  package init(json: JSON) throws(MessageError) {
    if let pattern = json["log"]?.string {
      self = .log(pattern)
    } else if json["notify"] != nil {
      self = .notify
    } else if json["delay"] != nil {
      self = .delay(try json.duration("delay"), chosen: try json.flag("chosen"))
    } else {
      self = .probe(try Probe(json: json))
    }
  }
}

extension StopPolicy: Message {
  package var json: JSON {
    [
      "signal": JSON(signal.rawValue), "timeout": JSON(timeout), "scope": JSON(scope.rawValue),
      "command": JSON(command),
    ]
  }

  package init(json: JSON) throws(MessageError) {
    self.init()
    signal = try json.choice("signal")
    timeout = try json.duration("timeout")
    scope = try json.choice("scope")
    command = try json.optionalMessage("command")
  }
}

extension JSON {
  /// An object of strings, in the keys' order, so that equal dictionaries have equal texts.
  init(_ dictionary: [String: String]) {
    self.init(
      .object(
        dictionary.sorted { $0.key < $1.key }.map { Member(key: $0.key, value: JSON($0.value)) }))
  }

  func dictionary(_ key: String) throws(MessageError) -> [String: String] {
    guard let members = self[key]?.members else { throw MessageError(key: key) }
    var dictionary: [String: String] = [:]
    for member in members {
      guard let value = member.value.string else { throw MessageError(key: key) }
      dictionary[member.key] = value
    }
    return dictionary
  }

  func ports(_ key: String) throws(MessageError) -> [UInt16] {
    try list(key) { json throws(MessageError) in
      guard let value = json.integer, let port = UInt16(exactly: value) else {
        throw MessageError(key: key)
      }
      return port
    }
  }
}
