/**
 * Template languages behind one interface: compile once, render many copies. Promises: neither throws nor loops, whatever
 * source and data are; no file, network or prototype is reached; one budget for all, counted and not timed; a header's
 * value has no line ends; faults say where. Does not know who may use which snippet: the caller hands those in.
 */
import { locate, TemplateError } from './budget.ts';
import { compileHandlebars } from './handlebars.ts';
import { compileLiquid } from './liquid.ts';
import { compileMailersend } from './mailersend.ts';
import { compileMailjet, compileMailjetTags } from './mailjet.ts';
import { compileMergeTags } from './merge-tags.ts';
import { sourceCharsMax, standardBudget } from './model.ts';
import type { CompiledTemplate, Data, Environment, Language, Part, TemplateFault } from './model.ts';
import { compilePlain } from './plain.ts';
import { compileSparkpost } from './sparkpost.ts';

export { languages } from './model.ts';
export type {
  Budget,
  CompiledTemplate,
  Data,
  Environment,
  ReturnNames,
  Language,
  Part,
  SnippetUse,
  TemplateFault,
} from './model.ts';

export type CompileOptions = {
  readonly part: Part;
  /** A snippet renders no snippets. */
  readonly isSnippet?: boolean;
};

export type Compiling =
  | { readonly ok: true; readonly template: CompiledTemplate }
  | { readonly ok: false; readonly faults: readonly TemplateFault[] };

export type Rendering =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly fault: TemplateFault };

type Compiler = (source: string, part: Part, options: { readonly isSnippet?: boolean }) => CompiledTemplate;

const compilers: Readonly<Record<Language, Compiler>> = {
  plain: compilePlain,
  liquid: compileLiquid,
  handlebars: compileHandlebars,
  merge_tags: compileMergeTags,
  sparkpost: compileSparkpost,
  mailersend: compileMailersend,
  mailjet: compileMailjet,
  mailjet_tags: compileMailjetTags,
};

export function compile(language: Language, source: string, options: CompileOptions): Compiling {
  const { part, isSnippet = false } = options;
  if (source.length > sourceCharsMax) {
    const message = `the template is longer than ${sourceCharsMax} characters`;
    return { ok: false, faults: [{ kind: 'budget', message, line: 1, column: 1 }] };
  }
  try {
    return { ok: true, template: compilers[language](source, part, { isSnippet }) };
  } catch (error) {
    return { ok: false, faults: [faultOf(error, source, 'syntax')] };
  }
}

/** One copy. In headers a line end, and any other control character, becomes a space. */
export function render(template: CompiledTemplate, data: Data, environment: Environment = {}): Rendering {
  try {
    const text = template.run(data, environment, environment.budget ?? standardBudget);
    const isHeader = template.part === 'subject' || template.part === 'header';
    return { ok: true, text: isHeader ? inOneLine(text) : text };
  } catch (error) {
    return { ok: false, fault: faultOf(error, template.source, 'render') };
  }
}

const controls = /[\p{Cc}\u2028\u2029]+/gu;

function inOneLine(text: string): string {
  return text.replaceAll(controls, ' ');
}

function faultOf(error: unknown, source: string, kind: 'syntax' | 'render'): TemplateFault {
  if (error instanceof TemplateError) {
    return { kind: error.kind, message: error.message, ...locate(source, error.at ?? 0) };
  }
  // Too deep for the stack, too long for a string: the engine's own bounds.
  if (error instanceof RangeError)
    return { kind: 'budget', message: 'the template asks for too much', line: 1, column: 1 };
  return { kind, message: 'the template is not valid', line: 1, column: 1 };
}
