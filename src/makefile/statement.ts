/** What a logical line of a makefile says, as far as its text alone tells. */

import type { Expression, Flavor } from "./model.js";

export interface Modifiers {
  /** `export` or `unexport`. */
  readonly exported: "export" | "noexport" | undefined;
  readonly isOverride: boolean;
  readonly isPrivate: boolean;
}

/** `NAME = VALUE` in any flavor. */
export interface AssignmentSyntax {
  readonly kind: "assignment";
  readonly name: Expression;
  readonly flavor: Flavor;
  readonly value: string;
  readonly modifiers: Modifiers;
}

/** `define NAME OP`; the lines up to its `endef` follow. */
export interface DefineSyntax {
  readonly kind: "define";
  readonly name: Expression;
  readonly flavor: Flavor;
  readonly modifiers: Modifiers;
  /** Something stands behind the operator. */
  readonly extraText: boolean;
}

export interface UndefineSyntax {
  readonly kind: "undefine";
  readonly name: Expression;
  readonly modifiers: Modifiers;
}

/** The test of an `ifdef`, `ifeq` … */
export type ConditionSyntax =
  | { readonly kind: "defined"; readonly wanted: boolean; readonly directive: string; readonly name: Expression }
  | {
      readonly kind: "equal";
      readonly wanted: boolean;
      readonly directive: string;
      readonly left: Expression;
      readonly right: Expression;
      readonly extraText: boolean;
    }
  | { readonly kind: "invalid" };

export type ConditionalSyntax =
  | { readonly kind: "if"; readonly condition: ConditionSyntax }
  /** `condition`: of an `else ifeq …`; `extraText`: behind `else` stands what is no conditional. */
  | { readonly kind: "else"; readonly condition: ConditionSyntax | undefined; readonly extraText: boolean }
  | { readonly kind: "endif"; readonly extraText: boolean };

/** A rule, or what must be one: only its expansion tells. */
export interface RuleSyntax {
  readonly kind: "rule";
  /** The line up to its `;` or comment, continuation lines joined. */
  readonly head: string;
  /** The text behind `;`, as written. */
  readonly inlineRecipe: string | undefined;
  /** The line as written: a recipe line in the wrong place is told by how it begins. */
  readonly raw: string;
  /** The parts of `head`, when its first colon does not depend on an expansion. */
  readonly fixed: FixedRule | undefined;
}

export interface FixedRule {
  readonly targets: string;
  readonly separator: RuleSeparator;
  /** What stands behind the separator. */
  readonly rest: Expression;
  /** The rest is an assignment: a target-specific variable. */
  readonly assignment: AssignmentSyntax | undefined;
}

export type RuleSeparator = ":" | "::" | "&:" | "&::";

export type Statement =
  | { readonly kind: "blank" }
  | AssignmentSyntax
  | DefineSyntax
  | UndefineSyntax
  | ConditionalSyntax
  | { readonly kind: "export"; readonly isExport: boolean; readonly names: Expression | undefined }
  | { readonly kind: "vpath"; readonly text: string }
  | { readonly kind: "include"; readonly optional: boolean; readonly names: Expression }
  | { readonly kind: "load"; readonly optional: boolean; readonly names: Expression }
  | RuleSyntax;
