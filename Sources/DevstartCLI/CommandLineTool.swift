import DevstartCore
import DevstartPlatform

/// The program: reads its command line, runs one command, and returns the exit code.
package enum CommandLineTool {
  /// `arguments` are those after the program's name.
  package static func run(_ arguments: [String]) -> Int32 {
    StandardStream.ensureOpen()
    let output = Output.standard(isJSON: ArgumentParser.asksForJSON(arguments))
    return run(arguments, output)
  }

  package static func run(_ arguments: [String], _ output: Output) -> Int32 {
    let code = code(of: arguments, output)
    output.flush()
    // Who closes a pipe has read enough.
    guard case .failed(let error) = output.loss else { return code }
    output.problem("cannot write the output: \(error.reason)")
    return code == ExitCode.done.rawValue ? ExitCode.failed.rawValue : code
  }

  private static func code(of arguments: [String], _ output: Output) -> Int32 {
    do {
      return try dispatch(try invocation(arguments), output)
    } catch {
      return report(error, output)
    }
  }

  private static func invocation(_ arguments: [String]) throws(CommandFailure) -> Invocation {
    do {
      return try ArgumentParser.parse(arguments)
    } catch {
      throw CommandFailure(.wrong, error.text)
    }
  }

  private static func dispatch(
    _ flags: Invocation, _ output: Output
  ) throws(CommandFailure) -> Int32 {
    if flags.wantsHelp {
      return try HelpCommand(invocation: flags, output: output).run().rawValue
    }
    switch flags.command {
    case .start, .restart: return try StartCommand(invocation: flags, output: output).run().rawValue
    case .stop: return try StopCommand(invocation: flags, output: output).run().rawValue
    case .status: return try StatusCommand(invocation: flags, output: output).run().rawValue
    case .clean: return try CleanCommand(invocation: flags, output: output).run().rawValue
    case .logs: return try LogsCommand(invocation: flags, output: output).run().rawValue
    case .wait: return try WaitCommand(invocation: flags, output: output).run().rawValue
    case .check: return try CheckCommand(invocation: flags, output: output).run().rawValue
    case .export: return try ExportCommand(invocation: flags, output: output).run().rawValue
    case .notify: return try NotifyCommand(invocation: flags, output: output).run().rawValue
    case .initialise: return try InitCommand(invocation: flags, output: output).run().rawValue
    case .completion: return try CompletionCommand(invocation: flags, output: output).run().rawValue
    case .schema: return SchemaCommand(output: output).run().rawValue
    case .help: return try HelpCommand(invocation: flags, output: output).run().rawValue
    case .version: return VersionCommand(output: output).run().rawValue
    case nil: return try StatusCommand(invocation: flags, output: output).overview().rawValue
    // The exit codes of these are somebody else's.
    case .run: return try RunCommand(invocation: flags, output: output).run()
    case .smoke: return try SmokeCommand(invocation: flags, output: output).run()
    case .supervise: return try SuperviseCommand(invocation: flags).run()
    }
  }

  private static func report(_ failure: CommandFailure, _ output: Output) -> Int32 {
    if output.isJSON {
      output.json([
        "error": [
          "code": JSON(Int(failure.code.rawValue)),
          "message": JSON(failure.problems.first ?? "interrupted"),
          "problems": JSON(failure.problems),
        ]
      ])
    } else {
      for problem in failure.problems {
        if failure.isLocated { output.located(problem) } else { output.problem(problem) }
      }
    }
    return failure.code.rawValue
  }
}
