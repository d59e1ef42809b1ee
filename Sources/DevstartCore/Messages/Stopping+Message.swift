/// Why a launch is being ended, as the state file keeps it for a later supervisor.
extension Stopping.Cause: Message {
  package var json: JSON {
    switch self {
    case .asked: ["asked": true]
    case .mainEnded(let after, let wasReady):
      ["mainEnded": ["after": JSON(after), "wasReady": JSON(wasReady)]]
    case .notReady(let check, let after, let found):
      ["notReady": ["check": check.json, "after": JSON(after), "found": JSON(found)]]
    case .notLaunched(let why): ["notLaunched": JSON(why)]
    case .unhealthy(let why): ["unhealthy": JSON(why)]
    case .exceeded(let excess): ["exceeded": excess.json]
    case .filesChanged(let path): ["filesChanged": JSON(path)]
    }
  }

  package init(json: JSON) throws(MessageError) {
    if let ended = json["mainEnded"] {
      self = .mainEnded(
        after: try ended.duration("after"), wasReady: try ended.flag("wasReady"))
    } else if let late = json["notReady"] {
      self = .notReady(
        try late.message("check"), after: try late.duration("after"), found: late["found"]?.string)
    } else if json["notLaunched"] != nil {
      self = .notLaunched(try json.text("notLaunched"))
    } else if json["unhealthy"] != nil {
      self = .unhealthy(try json.text("unhealthy"))
    } else if json["exceeded"] != nil {
      self = .exceeded(try json.message("exceeded"))
    } else if json["filesChanged"] != nil {
      self = .filesChanged(try json.text("filesChanged"))
    } else {
      _ = try json.flag("asked")
      self = .asked
    }
  }
}

extension Excess: Message {
  package var json: JSON {
    switch self {
    case .runtime(let limit): ["runtime": JSON(limit)]
    case .memory(let bytes, let limit, let largest):
      ["memory": JSON(bytes), "limit": JSON(limit), "largest": JSON(largest.map { Int($0) })]
    case .cpu(let percent, let limit, let span):
      ["cpu": JSON(percent), "limit": JSON(limit), "over": JSON(span)]
    }
  }

  package init(json: JSON) throws(MessageError) {
    if json["runtime"] != nil {
      self = .runtime(limit: try json.duration("runtime"))
    } else if let bytes = json["memory"]?.integer {
      self = .memory(bytes, limit: try json.whole("limit"), largest: json.int32("largest"))
    } else if let percent = json["cpu"]?.double, let limit = json["limit"]?.double {
      self = .cpu(percent, limit: limit, over: try json.duration("over"))
    } else {
      throw MessageError(key: "exceeded")
    }
  }
}
