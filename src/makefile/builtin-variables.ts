/** The variables that are there before any makefile: GNU make 4.4.1's defaults, as data. */

import type { VariableOptions } from "./model.js";

/** Names and values of the variables for the built-in rules, all recursive; `-R` leaves them out. */
export const RULE_VARIABLES: readonly (readonly [name: string, value: string])[] = [
  ["AR", "ar"],
  ["ARFLAGS", "-rv"],
  ["AS", "as"],
  ["CC", "cc"],
  ["CHECKOUT,v", "+$(if $(wildcard $@),,$(CO) $(COFLAGS) $< $@)"],
  ["CO", "co"],
  ["COFLAGS", ""],
  ["COMPILE.C", "$(COMPILE.cc)"],
  ["COMPILE.F", "$(FC) $(FFLAGS) $(CPPFLAGS) $(TARGET_ARCH) -c"],
  ["COMPILE.S", "$(CC) $(ASFLAGS) $(CPPFLAGS) $(TARGET_MACH) -c"],
  ["COMPILE.c", "$(CC) $(CFLAGS) $(CPPFLAGS) $(TARGET_ARCH) -c"],
  ["COMPILE.cc", "$(CXX) $(CXXFLAGS) $(CPPFLAGS) $(TARGET_ARCH) -c"],
  ["COMPILE.cpp", "$(COMPILE.cc)"],
  ["COMPILE.def", "$(M2C) $(M2FLAGS) $(DEFFLAGS) $(TARGET_ARCH)"],
  ["COMPILE.f", "$(FC) $(FFLAGS) $(TARGET_ARCH) -c"],
  ["COMPILE.m", "$(OBJC) $(OBJCFLAGS) $(CPPFLAGS) $(TARGET_ARCH) -c"],
  ["COMPILE.mod", "$(M2C) $(M2FLAGS) $(MODFLAGS) $(TARGET_ARCH)"],
  ["COMPILE.p", "$(PC) $(PFLAGS) $(CPPFLAGS) $(TARGET_ARCH) -c"],
  ["COMPILE.r", "$(FC) $(FFLAGS) $(RFLAGS) $(TARGET_ARCH) -c"],
  ["COMPILE.s", "$(AS) $(ASFLAGS) $(TARGET_MACH)"],
  ["CPP", "$(CC) -E"],
  ["CTANGLE", "ctangle"],
  ["CWEAVE", "cweave"],
  ["CXX", "g++"],
  ["F77", "$(FC)"],
  ["F77FLAGS", "$(FFLAGS)"],
  ["FC", "f77"],
  ["GET", "get"],
  ["LD", "ld"],
  ["LEX", "lex"],
  ["LEX.l", "$(LEX) $(LFLAGS) -t"],
  ["LEX.m", "$(LEX) $(LFLAGS) -t"],
  ["LINK.C", "$(LINK.cc)"],
  ["LINK.F", "$(FC) $(FFLAGS) $(CPPFLAGS) $(LDFLAGS) $(TARGET_ARCH)"],
  ["LINK.S", "$(CC) $(ASFLAGS) $(CPPFLAGS) $(LDFLAGS) $(TARGET_MACH)"],
  ["LINK.c", "$(CC) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(TARGET_ARCH)"],
  ["LINK.cc", "$(CXX) $(CXXFLAGS) $(CPPFLAGS) $(LDFLAGS) $(TARGET_ARCH)"],
  ["LINK.cpp", "$(LINK.cc)"],
  ["LINK.f", "$(FC) $(FFLAGS) $(LDFLAGS) $(TARGET_ARCH)"],
  ["LINK.m", "$(OBJC) $(OBJCFLAGS) $(CPPFLAGS) $(LDFLAGS) $(TARGET_ARCH)"],
  ["LINK.o", "$(CC) $(LDFLAGS) $(TARGET_ARCH)"],
  ["LINK.p", "$(PC) $(PFLAGS) $(CPPFLAGS) $(LDFLAGS) $(TARGET_ARCH)"],
  ["LINK.r", "$(FC) $(FFLAGS) $(RFLAGS) $(LDFLAGS) $(TARGET_ARCH)"],
  ["LINK.s", "$(CC) $(ASFLAGS) $(LDFLAGS) $(TARGET_MACH)"],
  ["LINT", "lint"],
  ["LINT.c", "$(LINT) $(LINTFLAGS) $(CPPFLAGS) $(TARGET_ARCH)"],
  ["M2C", "m2c"],
  ["MAKEINFO", "makeinfo"],
  ["OBJC", "cc"],
  ["OUTPUT_OPTION", "-o $@"],
  ["PC", "pc"],
  ["PREPROCESS.F", "$(FC) $(FFLAGS) $(CPPFLAGS) $(TARGET_ARCH) -F"],
  ["PREPROCESS.S", "$(CPP) $(CPPFLAGS)"],
  ["PREPROCESS.r", "$(FC) $(FFLAGS) $(RFLAGS) $(TARGET_ARCH) -F"],
  ["RM", "rm -f"],
  ["TANGLE", "tangle"],
  ["TEX", "tex"],
  ["TEXI2DVI", "texi2dvi"],
  ["WEAVE", "weave"],
  ["YACC", "yacc"],
  ["YACC.m", "$(YACC) $(YFLAGS)"],
  ["YACC.y", "$(YACC) $(YFLAGS)"],
];

/** The directory and file parts of the automatic variables. */
const AUTOMATIC_PARTS: readonly (readonly [name: string, value: string])[] = [
  ["%D", "$(patsubst %/,%,$(dir $%))"],
  ["%F", "$(notdir $%)"],
  ["*D", "$(patsubst %/,%,$(dir $*))"],
  ["*F", "$(notdir $*)"],
  ["+D", "$(patsubst %/,%,$(dir $+))"],
  ["+F", "$(notdir $+)"],
  ["<D", "$(patsubst %/,%,$(dir $<))"],
  ["<F", "$(notdir $<)"],
  ["?D", "$(patsubst %/,%,$(dir $?))"],
  ["?F", "$(notdir $?)"],
  ["@D", "$(patsubst %/,%,$(dir $@))"],
  ["@F", "$(notdir $@)"],
  ["^D", "$(patsubst %/,%,$(dir $^))"],
  ["^F", "$(notdir $^)"],
];

/** The suffixes known to start with. */
export const DEFAULT_SUFFIXES =
  ".out .a .ln .o .c .cc .C .cpp .p .f .F .m .r .y .l .ym .yl .s .S .mod .sym .def .h .info .dvi .tex .texinfo .texi .txinfo .w .ch .web .sh .elc .el";

/** What `$(.FEATURES)` tells: makefiles choose by it. */
export const FEATURES =
  "target-specific order-only second-expansion else-if shortest-stem undefine oneshell nocomment grouped-target extra-prereqs notintermediate shell-export archives jobserver jobserver-fifo output-sync check-symlink";

/** What `.POSIX` sets. */
export const POSIX_VARIABLES: readonly (readonly [name: string, value: string])[] = [
  [".SHELLFLAGS", "-ec"],
  ["CC", "c99"],
  ["CFLAGS", "-O1"],
  ["FC", "fort77"],
  ["FFLAGS", "-O1"],
  ["SCCSGETFLAGS", "-s"],
  ["ARFLAGS", "-rvU"],
];

/** Those of which each make begins with the same. */
export const COMMON_VARIABLES: readonly VariableOptions[] = [
  { name: "MAKEFILE_LIST", value: "", origin: "file", recursive: false },
  { name: ".DEFAULT_GOAL", value: "", origin: "file", recursive: false },
  ...AUTOMATIC_PARTS.map(([name, value]) => ({ name, value, origin: "automatic", recursive: true }) as const),
];

/** What `-R` leaves out. */
export const VARIABLES_OF_RULES: readonly VariableOptions[] = [
  { name: ".LIBPATTERNS", value: "lib%.so lib%.a", origin: "default", recursive: true },
  ...RULE_VARIABLES.map(([name, value]) => ({ name, value, origin: "default", recursive: true }) as const),
];
