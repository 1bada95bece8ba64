/** Terminals: making one for a program, and reading and setting what one is. All of it through koffi; see ioctl_tty(2), termios(3). */

import { closeSync, constants, openSync } from "node:fs";
import { HostError } from "../makefile/host.js";
import { INT_BYTES, type NativeLibrary } from "./native.js";
import { errnoName, hostError, strerror } from "./strerror.js";

const TIOCGPTN = 0x8004_5430;
const TIOCSPTLCK = 0x4004_5431;
const TIOCGWINSZ = 0x5413;
const TIOCSWINSZ = 0x5414;
const TCSANOW = 0;
/** `struct termios` of both C libraries on Linux: four flag words, a line discipline, 32 control characters, two speeds. */
const TERMIOS_BYTES = 64;
const CHARACTERS_AT = 17;
const CHARACTERS = 32;

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/** A terminal's modes. */
export interface TerminalModes {
  /** `c_iflag`, `c_oflag`, `c_cflag`, `c_lflag`. */
  readonly flags: readonly [input: number, output: number, control: number, local: number];
  /** `c_cc`, one char each. */
  readonly characters: string;
}

/** A new terminal: `master` is our side of it; the other is opened by `path`, and also held open here, so that it stays. */
export interface PseudoTerminal {
  readonly master: number;
  readonly path: string;
  /** Closes the program's side; the master is whoever's took it. */
  release(): void;
}

const F_SETFL = 4;

/** Makes reading and writing at our side wait for nothing, which Node does for other streams than terminals. */
export function waitForNothing({ calls }: NativeLibrary, master: number): void {
  calls.fcntl(master, F_SETFL, constants.O_RDWR | constants.O_NONBLOCK);
}

/** @throws HostError */
export function openPseudoTerminal(library: NativeLibrary, like: TerminalModes & TerminalSize): PseudoTerminal {
  const master = open("/dev/ptmx");
  try {
    const number = Buffer.alloc(INT_BYTES);
    check(library, library.calls.ioctl(master, TIOCSPTLCK, number));
    check(library, library.calls.ioctl(master, TIOCGPTN, number));
    const path = `/dev/pts/${String(number.readInt32LE(0))}`;
    const slave = open(path);
    setModes(library, slave, like);
    resize(library, slave, like);
    return { master, path, release: () => closeSync(slave) };
  } catch (error) {
    closeSync(master);
    throw error;
  }
}

export function resize({ calls }: NativeLibrary, fd: number, { rows, columns }: TerminalSize): void {
  const size = Buffer.alloc(8);
  size.writeUInt16LE(rows, 0);
  size.writeUInt16LE(columns, 2);
  calls.ioctl(fd, TIOCSWINSZ, size);
}

/** undefined: it is no terminal. */
export function sizeOf({ calls }: NativeLibrary, fd: number): TerminalSize | undefined {
  const size = Buffer.alloc(8);
  if (calls.ioctl(fd, TIOCGWINSZ, size) !== 0) return undefined;
  return { rows: size.readUInt16LE(0), columns: size.readUInt16LE(2) };
}

/** undefined: it is no terminal. */
export function modesOf({ calls }: NativeLibrary, fd: number): TerminalModes | undefined {
  const termios = Buffer.alloc(TERMIOS_BYTES);
  if (calls.tcgetattr(fd, termios) !== 0) return undefined;
  const word = (i: number): number => termios.readUInt32LE(i * INT_BYTES);
  return {
    flags: [word(0), word(1), word(2), word(3)],
    characters: termios.toString("latin1", CHARACTERS_AT, CHARACTERS_AT + CHARACTERS),
  };
}

export function setModes({ calls }: NativeLibrary, fd: number, { flags, characters }: TerminalModes): void {
  const termios = Buffer.alloc(TERMIOS_BYTES);
  if (calls.tcgetattr(fd, termios) !== 0) return; // gone meanwhile: nobody is left to whom it would matter
  for (const [i, word] of flags.entries()) termios.writeUInt32LE(word, i * INT_BYTES);
  termios.write(characters.padEnd(CHARACTERS, "\0").slice(0, CHARACTERS), CHARACTERS_AT, "latin1");
  calls.tcsetattr(fd, TCSANOW, termios);
}

/** The modes of a terminal that hands on every byte as it is, in both directions: cfmakeraw(3). */
export function rawModes({ flags: [input, output, control, local], characters }: TerminalModes): TerminalModes {
  return {
    // without BRKINT, ICRNL, IGNBRK, IGNCR, INLCR, ISTRIP, IXON, PARMRK; OPOST; ECHO, ECHONL, ICANON, IEXTEN, ISIG
    flags: [(input & ~0o2753) >>> 0, (output & ~1) >>> 0, control, (local & ~0o100113) >>> 0],
    characters,
  };
}

function open(path: string): number {
  try {
    return openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  } catch (error) {
    throw hostError(error, path);
  }
}

function check(library: NativeLibrary, result: number): void {
  if (result === 0) return;
  const errno = errnoName(library.errno());
  throw new HostError(errno, "/dev/ptmx", strerror(errno));
}
