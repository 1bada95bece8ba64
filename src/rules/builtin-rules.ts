/** GNU make's built-in rules as data: suffixes, suffix rules and pattern rules, in its order. */

/** The built-in value of `.SUFFIXES` and of the variable `SUFFIXES`. */
export const BUILTIN_SUFFIXES = (
  ".out .a .ln .o .c .cc .C .cpp .p .f .F .m .r .y .l .ym .yl .s .S .mod .sym .def .h .info .dvi .tex " +
  ".texinfo .texi .txinfo .w .ch .web .sh .elc .el"
).split(" ");

/** A built-in suffix rule: the two suffixes run together (`.c.o`), and the recipe, one entry per line. */
export type BuiltinSuffixRule = readonly [target: string, ...recipe: string[]];

export const BUILTIN_SUFFIX_RULES: readonly BuiltinSuffixRule[] = [
  [".o", "$(LINK.o) $^ $(LOADLIBES) $(LDLIBS) -o $@"],
  [".c", "$(LINK.c) $^ $(LOADLIBES) $(LDLIBS) -o $@"],
  [".c.ln", "$(LINT.c) -C$* $<"],
  [".c.o", "$(COMPILE.c) $(OUTPUT_OPTION) $<"],
  [".cc", "$(LINK.cc) $^ $(LOADLIBES) $(LDLIBS) -o $@"],
  [".cc.o", "$(COMPILE.cc) $(OUTPUT_OPTION) $<"],
  [".C", "$(LINK.C) $^ $(LOADLIBES) $(LDLIBS) -o $@"],
  [".C.o", "$(COMPILE.C) $(OUTPUT_OPTION) $<"],
  [".cpp", "$(LINK.cpp) $^ $(LOADLIBES) $(LDLIBS) -o $@"],
  [".cpp.o", "$(COMPILE.cpp) $(OUTPUT_OPTION) $<"],
  [".p", "$(LINK.p) $^ $(LOADLIBES) $(LDLIBS) -o $@"],
  [".p.o", "$(COMPILE.p) $(OUTPUT_OPTION) $<"],
  [".f", "$(LINK.f) $^ $(LOADLIBES) $(LDLIBS) -o $@"],
  [".f.o", "$(COMPILE.f) $(OUTPUT_OPTION) $<"],
  [".F", "$(LINK.F) $^ $(LOADLIBES) $(LDLIBS) -o $@"],
  [".F.o", "$(COMPILE.F) $(OUTPUT_OPTION) $<"],
  [".F.f", "$(PREPROCESS.F) $(OUTPUT_OPTION) $<"],
  [".m", "$(LINK.m) $^ $(LOADLIBES) $(LDLIBS) -o $@"],
  [".m.o", "$(COMPILE.m) $(OUTPUT_OPTION) $<"],
  [".r", "$(LINK.r) $^ $(LOADLIBES) $(LDLIBS) -o $@"],
  [".r.o", "$(COMPILE.r) $(OUTPUT_OPTION) $<"],
  [".r.f", "$(PREPROCESS.r) $(OUTPUT_OPTION) $<"],
  [".y.ln", "$(YACC.y) $< ", " $(LINT.c) -C$* y.tab.c ", " $(RM) y.tab.c"],
  [".y.c", "$(YACC.y) $< ", " mv -f y.tab.c $@"],
  [".l.ln", "@$(RM) $*.c", " $(LEX.l) $< > $*.c", "$(LINT.c) -i $*.c -o $@", " $(RM) $*.c"],
  [".l.c", "@$(RM) $@ ", " $(LEX.l) $< > $@"],
  [".l.r", "$(LEX.l) $< > $@ ", " mv -f lex.yy.r $@"],
  [".lm.m", "@$(RM) $@ ", " $(LEX.m) $< > $@"],
  [".ym.m", "$(YACC.m) $< ", " mv -f y.tab.c $@"],
  [".s", "$(LINK.s) $^ $(LOADLIBES) $(LDLIBS) -o $@"],
  [".s.o", "$(COMPILE.s) -o $@ $<"],
  [".S", "$(LINK.S) $^ $(LOADLIBES) $(LDLIBS) -o $@"],
  [".S.o", "$(COMPILE.S) -o $@ $<"],
  [".S.s", "$(PREPROCESS.S) $< > $@"],
  [".mod", "$(COMPILE.mod) -o $@ -e $@ $^"],
  [".mod.o", "$(COMPILE.mod) -o $@ $<"],
  [".def.sym", "$(COMPILE.def) -o $@ $<"],
  [".tex.dvi", "$(TEX) $<"],
  [".texinfo.info", "$(MAKEINFO) $(MAKEINFO_FLAGS) $< -o $@"],
  [".texinfo.dvi", "$(TEXI2DVI) $(TEXI2DVI_FLAGS) $<"],
  [".texi.info", "$(MAKEINFO) $(MAKEINFO_FLAGS) $< -o $@"],
  [".texi.dvi", "$(TEXI2DVI) $(TEXI2DVI_FLAGS) $<"],
  [".txinfo.info", "$(MAKEINFO) $(MAKEINFO_FLAGS) $< -o $@"],
  [".txinfo.dvi", "$(TEXI2DVI) $(TEXI2DVI_FLAGS) $<"],
  [".w.c", "$(CTANGLE) $< - $@"],
  [".w.tex", "$(CWEAVE) $< - $@"],
  [".web.p", "$(TANGLE) $<"],
  [".web.tex", "$(WEAVE) $<"],
  [".sh", "cat $< >$@ ", " chmod a+x $@"],
];

/** A built-in pattern rule: target, separator, prerequisites, recipe. */
export interface BuiltinPatternRule {
  readonly target: string;
  readonly separator: ":" | "::";
  readonly prerequisites: string;
  readonly recipe: readonly string[];
}

export const BUILTIN_PATTERN_RULES: readonly BuiltinPatternRule[] = [
  { target: "(%)", separator: ":", prerequisites: "%", recipe: ["$(AR) $(ARFLAGS) $@ $<"] },
  { target: "%.out", separator: ":", prerequisites: "%", recipe: ["@rm -f $@ ", " cp $< $@"] },
  { target: "%.c", separator: ":", prerequisites: "%.w %.ch", recipe: ["$(CTANGLE) $^ $@"] },
  { target: "%.tex", separator: ":", prerequisites: "%.w %.ch", recipe: ["$(CWEAVE) $^ $@"] },
  { target: "%", separator: "::", prerequisites: "%,v", recipe: ["$(CHECKOUT,v)"] },
  { target: "%", separator: "::", prerequisites: "RCS/%,v", recipe: ["$(CHECKOUT,v)"] },
  { target: "%", separator: "::", prerequisites: "RCS/%", recipe: ["$(CHECKOUT,v)"] },
  { target: "%", separator: "::", prerequisites: "s.%", recipe: ["$(GET) $(GFLAGS) $(SCCS_OUTPUT_OPTION) $<"] },
  { target: "%", separator: "::", prerequisites: "SCCS/s.%", recipe: ["$(GET) $(GFLAGS) $(SCCS_OUTPUT_OPTION) $<"] },
];
