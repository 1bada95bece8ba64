/** Arguments as getopt_long reads them: options with their values, operands anywhere, abbreviations, and what is wrong. */

import { LONG_IN_MAKEFLAGS, OPTION_KEYS, type OptionKey, type OptionSpec, optionSpec } from "./option-table.js";

/** One option as it was given. */
export interface Setting {
  readonly key: OptionKey;
  /** undefined: none was given, which only an optional argument allows. */
  readonly value: string | undefined;
}

export interface ParsedArguments {
  readonly settings: readonly Setting[];
  /** Goals and variable assignments, in order. */
  readonly operands: readonly string[];
  /** In the order in which they are found. */
  readonly errors: readonly ArgumentError[];
}

/** What is wrong with the words. */
export interface ArgumentError {
  /** "option": found by getopt, which says it behind the program's name as called; "value": by make, behind its short name. */
  readonly kind: "option" | "value";
  readonly text: string;
}

/**
 * Parses words that follow the program's name.
 *
 * Options may stand behind operands; `--` ends them. An optional argument is attached (`-j4`, `--jobs=4`), but for -j and -l,
 * which take the next word when it begins with a digit.
 */
export function parseArguments(words: readonly string[]): ParsedArguments {
  return new ArgumentParser(words).parse();
}

const BY_LETTER = new Map<string, OptionKey>();
const BY_NAME = new Map<string, OptionKey>();
for (const key of OPTION_KEYS) for (const letter of optionSpec(key).letters) BY_LETTER.set(letter, key);
for (const [name, key] of longNames()) BY_NAME.set(name, key);

/** All long names in the order in which an ambiguous one's meanings are listed: with a letter, flags first; without one; aliases. */
function* longNames(): Iterable<readonly [string, OptionKey]> {
  const rank = (key: OptionKey): number => {
    if (optionSpec(key).letters !== "") return optionSpec(key).kind === "flag" ? -2 : -1;
    const place = LONG_IN_MAKEFLAGS.indexOf(key);
    return place < 0 ? LONG_IN_MAKEFLAGS.length : place;
  };
  const keys = [...OPTION_KEYS].sort((a, b) => rank(a) - rank(b));
  const hasAliases = (key: OptionKey): boolean => optionSpec(key).letters !== "";
  for (const key of keys)
    for (const name of optionSpec(key).names.slice(0, hasAliases(key) ? 1 : undefined)) yield [name, key];
  for (const key of keys) if (hasAliases(key)) for (const name of optionSpec(key).names.slice(1)) yield [name, key];
}

class ArgumentParser {
  readonly #words: readonly string[];
  #next = 0;
  readonly #settings: Setting[] = [];
  readonly #operands: string[] = [];
  readonly #errors: ArgumentError[] = [];

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  parse(): ParsedArguments {
    for (let word = this.#take(); word !== undefined; word = this.#take()) {
      if (word === "--") break;
      if (word.startsWith("--")) this.#long(word.slice(2));
      else if (word.startsWith("-") && word.length > 1) this.#short(word);
      else this.#operands.push(word);
    }
    this.#operands.push(...this.#words.slice(this.#next));
    return { settings: this.#settings, operands: this.#operands, errors: this.#errors };
  }

  #take(): string | undefined {
    return this.#next < this.#words.length ? this.#words[this.#next++] : undefined;
  }

  #short(word: string): void {
    for (let i = 1; i < word.length; i++) {
      const letter = word.charAt(i);
      const key = BY_LETTER.get(letter);
      if (key === undefined) {
        this.#wrong(`invalid option -- '${letter}'`);
        continue;
      }
      const spec = optionSpec(key);
      if (spec.argument === "none") {
        this.#settings.push({ key, value: undefined });
        continue;
      }
      this.#withArgument(
        key,
        i + 1 < word.length ? word.slice(i + 1) : undefined,
        `option requires an argument -- '${letter}'`,
      );
      return;
    }
  }

  #long(text: string): void {
    const equals = text.indexOf("=");
    const name = equals < 0 ? text : text.slice(0, equals);
    const attached = equals < 0 ? undefined : text.slice(equals + 1);
    const key = this.#find(name, text);
    if (key === undefined) return;
    const spec = optionSpec(key);
    const spelled = spec.names.find((full) => full.startsWith(name)) ?? name;
    if (spec.argument !== "none") this.#withArgument(key, attached, `option '--${spelled}' requires an argument`);
    else if (attached === undefined) this.#settings.push({ key, value: undefined });
    else this.#wrong(`option '--${spelled}' doesn't allow an argument`);
  }

  #find(name: string, text: string): OptionKey | undefined {
    const exact = BY_NAME.get(name);
    if (exact !== undefined) return exact;
    const candidates = [...BY_NAME].filter(([full, key]) => full.startsWith(name) && optionSpec(key).isOurs !== true);
    const keys = new Set(candidates.map(([, key]) => key));
    if (keys.size === 1) return candidates[0]?.[1];
    if (keys.size === 0) this.#wrong(`unrecognized option '--${text}'`);
    else {
      const possibilities = candidates.map(([full]) => ` '--${full}'`).join("");
      this.#wrong(`option '--${text}' is ambiguous; possibilities:${possibilities}`);
    }
    return undefined;
  }

  #withArgument(key: OptionKey, attached: string | undefined, missing: string): void {
    const spec = optionSpec(key);
    if (attached !== undefined) this.#set(key, attached);
    else if (spec.argument === "optional") this.#set(key, this.#takeNumber(spec));
    else {
      const value = this.#take();
      if (value === undefined) this.#wrong(missing);
      else this.#set(key, value);
    }
  }

  #set(key: OptionKey, value: string | undefined): void {
    const spec = optionSpec(key);
    const wanted = value === undefined ? undefined : wantedValue(spec, value);
    if (wanted === undefined) this.#settings.push({ key, value });
    else this.#errors.push({ kind: "value", text: `the '${displayName(spec)}' option requires a ${wanted} argument` });
  }

  #wrong(text: string): void {
    this.#errors.push({ kind: "option", text });
  }

  /** The next word, for `-j 4` and `-l 2.5`, when it can be the number. */
  #takeNumber(spec: OptionSpec): string | undefined {
    const word = this.#words[this.#next];
    if (word === undefined) return undefined;
    const isNumber = spec.kind === "count" ? isAllDigits(word) : spec.kind === "load" && /^(?:[\d.]|$)/.test(word);
    return isNumber ? this.#take() : undefined;
  }
}

/** What a value should have been, or undefined when it is well. */
function wantedValue(spec: OptionSpec, value: string): string | undefined {
  if (spec.kind === "count") return isAllDigits(value) && Number(value) > 0 ? undefined : "positive integer";
  const mayBeEmpty = spec.kind === "load";
  return value === "" && !mayBeEmpty ? "non-empty string" : undefined;
}

/** An option as messages name it. */
export function displayName(spec: OptionSpec): string {
  return spec.letters === "" ? `--${spec.names[0] ?? ""}` : `-${spec.letters.charAt(0)}`;
}

function isAllDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return true;
}
