/// What a launch that is not ready yet waits for.
package struct Startup: Equatable, Sendable {
  /// When to look next, or to begin following; nil while a look is under way or an event awaited.
  package var nextProbe: Instant?
  /// A look is under way.
  package var isProbing = false
  /// When that look has taken too long: what is coming up may accept and not answer.
  package var probeEnds: Instant?
  /// When it has failed to become ready; nil for a oneshot, which takes as long as it takes.
  package var deadline: Instant?
  /// What the last look found, in words.
  package var finding: String?
  /// It may have sent `READY=1` while nobody supervised: alive at the deadline is good enough.
  package var mayHaveSaidReady = false
  package var metering = Metering()

  package init(nextProbe: Instant? = nil, deadline: Instant?) {
    self.nextProbe = nextProbe
    self.deadline = deadline
  }

  var moment: Instant? {
    .earliest(nextProbe, probeEnds, deadline, metering.moment)
  }
}

/// What a launch that is ready is held to: liveness, heartbeat, limits.
package struct Upkeep: Equatable, Sendable {
  /// When liveness is looked at next or, while a look is under way, has failed.
  package var nextProbe: Instant?
  package var isProbing = false
  /// In a row.
  package var failures = 0
  /// When the last `WATCHDOG=1` came; its readiness counts as one.
  package var lastBeat: Instant
  /// When its silence has been too long.
  package var silentAt: Instant?
  /// Why the looks find it unhealthy, in words.
  var foundTrouble: String?
  /// Why it is unhealthy by its own word, or by its silence.
  var ownTrouble: String?
  /// It has said that it is stopping.
  var isLeaving = false
  package var metering: Metering

  package init(of launch: Launch, metering: Metering, at now: Instant) {
    lastBeat = now
    self.metering = metering
    nextProbe = launch.service.liveness.map { now + $0.interval }
    silentAt = launch.service.heartbeat.map { now + $0 }
  }

  /// Of a launch that another supervisor began: one that keeps a connection to its notify socket
  /// may never be heard again, so that its silence counts only once it has been.
  init(takingOver launch: Launch, metering: Metering, at now: Instant) {
    self.init(of: launch, metering: metering, at: now)
    silentAt = nil
    if launch.service.liveness?.check == .notify { nextProbe = nil }
  }

  /// Why it is unhealthy, in words: each reason holds until what has found it finds otherwise.
  package var trouble: String? { foundTrouble ?? ownTrouble }

  var moment: Instant? { .earliest(nextProbe, silentAt, metering.moment) }
}

/// What is measured of a launch, for its limits.
package struct Metering: Equatable, Sendable {
  package struct Reading: Equatable, Sendable {
    package var at: Instant
    package var cpuSeconds: Double
  }

  /// When it has run for too long.
  package var runtimeEnd: Instant?
  package var nextSample: Instant?
  /// The last ones, as many as are averaged over and the one before them.
  package var readings: [Reading] = []

  package init() {}

  package init(of launch: Launch, at now: Instant) {
    let limits = launch.service.limits
    runtimeEnd = limits.maxRuntime.map { launch.began + $0 }
    nextSample = limits.needsSamples ? now + limits.every : nil
  }

  var moment: Instant? { .earliest(runtimeEnd, nextSample) }
}

/// What a measurement of a launch's whole tree found.
package struct Sample: Equatable, Sendable {
  /// Of the living and of those that were reaped.
  package var cpuSeconds: Double
  /// Proportional memory and swap; the cheap upper bound where that is within the limit.
  package var memoryBytes: Int
  /// The process that has most of it.
  package var largest: Int32?

  package init(cpuSeconds: Double, memoryBytes: Int, largest: Int32?) {
    self.cpuSeconds = cpuSeconds
    self.memoryBytes = memoryBytes
    self.largest = largest
  }
}

/// The restarts that a service has had by itself since somebody started it.
package struct RestartHistory: Equatable, Sendable {
  /// When somebody started it; nil where another supervisor was told so.
  package var since: Instant?
  package var count = 0
  /// Those that the budget counts, oldest first.
  package var recent: [Instant] = []
  /// All of them, by what caused them.
  package var causes: [RestartCause: Int] = [:]
  /// How main ended last, of the launches before this one too.
  package var lastExit: ExitStatus?

  package init(since: Instant? = nil, count: Int = 0, recent: [Instant] = []) {
    self.since = since
    self.count = count
    self.recent = recent
  }
}
