/// What the simulation holds the machines to.
enum Promise: String, CaseIterable {
  /// Never two live launches of a service, and none beside a stray that is being ended.
  case oneOfEach = "one of each"
  /// Starts of the same at once end as one: who comes later shares the launch, and ends it not.
  case join
  /// Dependencies are there before a launch, dependants are gone before a stop.
  case order
  /// Every request and every wait is answered, once, and with the truth.
  case answers
  /// What was stopped is gone, with the successors of its launches.
  case nothingLeft = "nothing is left"
  /// A new supervisor knows what it must.
  case takeOver = "take-over"
  /// What ended is launched again when the manifest wants that, and never otherwise.
  case restart
  /// Not sooner than three quarters of the pause, not later than all of it.
  case backoff = "back-off"
  /// Not more restarts within the time than the manifest allows, and not fewer.
  case budget
  /// Nothing is done without a reason, or to what is not there.
  case cause
  /// Whatever looks at a launch is ended with it, and there is one look at a time.
  case looks
  /// What does not become ready in time, or does not answer, is noticed in time.
  case liveness
  /// What is limited is measured, and ended once it has exceeded.
  case limits
  /// A change of files counts once, and none is lost.
  case files
  /// Each event has its hook, once.
  case hooks
  /// The fleet is idle once nothing is alive or expected, and not sooner.
  case idle
}
