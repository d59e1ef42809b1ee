extension Service {
  /// What few services have is left out where it is not said: specifications and requests of a
  /// hundred plain services must not carry it.
  var supervision: [JSON.Member] {
    let plain = Self.plain
    var members: [JSON.Member] = []
    func add(_ key: String, _ value: JSON) { members.append(JSON.Member(key: key, value: value)) }
    if let liveness { add("live", liveness.json) }
    if let heartbeat { add("heartbeat", JSON(heartbeat)) }
    if restart != plain.restart { add("restart", restart.json) }
    if limits != plain.limits { add("limits", limits.json) }
    if let watch { add("watch", watch.json) }
    if hooks != plain.hooks { add("hooks", hooks.json) }
    if log != plain.log { add("log", log.json) }
    if let image { add("image", JSON(image)) }
    if let health { add("health", health.json) }
    return members
  }

  mutating func takeSupervision(_ json: JSON) throws(MessageError) {
    liveness = try json.optionalMessage("live")
    heartbeat = try json.optionalDuration("heartbeat")
    restart = try json.optionalMessage("restart") ?? Restart()
    limits = try json.optionalMessage("limits") ?? Limits()
    watch = try json.optionalMessage("watch")
    hooks = try json.optionalMessage("hooks") ?? Hooks()
    log = try json.optionalMessage("log") ?? LogPolicy()
    image = json["image"]?.string
    health = try json.optionalMessage("health")
  }

  private static let plain = (
    restart: Restart(), limits: Limits(), hooks: Hooks(), log: LogPolicy()
  )
}

extension Probe: Message {
  package var json: JSON {
    switch self {
    case .listening(let ports): ["listening": JSON(ports.map { JSON(Int($0)) })]
    case .http(let address, let status): ["http": JSON(address), "status": JSON(status)]
    case .command(let command): ["exec": command.json]
    }
  }

  package init(json: JSON) throws(MessageError) {
    if let address = json["http"]?.string {
      self = .http(address, status: json["status"]?.integer)
    } else if json["exec"] != nil {
      self = .command(try json.message("exec"))
    } else {
      self = .listening(try json.ports("listening"))
    }
  }
}

extension Liveness: Message {
  package var json: JSON {
    let check: JSON =
      switch check {
      case .probe(let probe): probe.json
      case .notify: ["notify": true]
      }
    return [
      "check": check, "interval": JSON(interval), "timeout": JSON(timeout),
      "failures": JSON(failures),
    ]
  }

  package init(json: JSON) throws(MessageError) {
    guard let check = json["check"] else { throw MessageError(key: "check") }
    self.init(check: check["notify"] == nil ? .probe(try Probe(json: check)) : .notify)
    interval = try json.duration("interval")
    timeout = try json.duration("timeout")
    failures = try json.whole("failures")
  }
}

extension Restart: Message {
  package var json: JSON {
    [
      "policy": JSON(policy.rawValue), "max": JSON(max), "within": JSON(within),
      "backoff": JSON(backoff), "maxBackoff": JSON(maxBackoff),
    ]
  }

  package init(json: JSON) throws(MessageError) {
    self.init()
    policy = try json.choice("policy")
    max = try json.whole("max")
    within = try json.duration("within")
    backoff = try json.duration("backoff")
    maxBackoff = try json.duration("maxBackoff")
  }
}

extension Limits: Message {
  package var json: JSON {
    [
      "maxRuntime": JSON(maxRuntime), "memory": JSON(memory), "cpu": JSON(cpu),
      "samples": JSON(samples), "every": JSON(every), "onExceed": JSON(onExceed.rawValue),
    ]
  }

  package init(json: JSON) throws(MessageError) {
    self.init()
    maxRuntime = try json.optionalDuration("maxRuntime")
    memory = json["memory"]?.integer
    cpu = json["cpu"]?.double
    samples = try json.whole("samples")
    every = try json.duration("every")
    onExceed = try json.choice("onExceed")
  }
}

extension Watch: Message {
  package var json: JSON {
    [
      "paths": JSON(paths), "ignore": JSON(ignore), "debounce": JSON(debounce),
      "signal": JSON(signal?.rawValue),
    ]
  }

  package init(json: JSON) throws(MessageError) {
    self.init(paths: try json.texts("paths"))
    ignore = try json.texts("ignore")
    debounce = try json.duration("debounce")
    signal = try json.optionalChoice("signal")
  }
}

extension Hooks: Message {
  package var json: JSON {
    [
      "ready": JSON(ready), "failed": JSON(failed), "stopped": JSON(stopped),
      "restarted": JSON(restarted),
    ]
  }

  package init(json: JSON) throws(MessageError) {
    self.init()
    ready = try json.optionalMessage("ready")
    failed = try json.optionalMessage("failed")
    stopped = try json.optionalMessage("stopped")
    restarted = try json.optionalMessage("restarted")
  }
}

extension LogPolicy: Message {
  package var json: JSON { ["maxSize": JSON(maxSize), "keep": JSON(keep)] }

  package init(json: JSON) throws(MessageError) {
    self.init()
    maxSize = try json.whole("maxSize")
    keep = try json.whole("keep")
  }
}

extension HealthEndpoint: Message {
  package var json: JSON { ["port": JSON(Int(port)), "host": JSON(host)] }

  package init(json: JSON) throws(MessageError) {
    guard let port = UInt16(exactly: try json.whole("port")) else {
      throw MessageError(key: "port")
    }
    self.init(port: port)
    host = try json.text("host")
  }
}
