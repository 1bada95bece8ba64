/** Arguments by which a make may tell which process it is. */

/** Names that mean something else in each process, such as a makefile `/dev/stdin`. */
export function namesOwnDescriptor(argv: readonly string[]): boolean {
  return argv.some((word) => /\/dev\/(?:std(?:in|out|err)|fd|tty)\b|\/proc\/(?:self|thread-self|\d+)\b/.test(word));
}
