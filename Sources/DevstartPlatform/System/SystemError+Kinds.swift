#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

extension SystemError {
  /// False where there is nothing at the path.
  package var isOtherThanMissing: Bool { code != ENOENT && code != ENOTDIR }

  /// What was to be made is there.
  package var isThereAlready: Bool { code == EEXIST }

  /// More bytes than the reader's bound.
  package var isTooLarge: Bool { code == EFBIG }

  /// The program to execute does not exist.
  package var isMissing: Bool { !isOtherThanMissing }
}
