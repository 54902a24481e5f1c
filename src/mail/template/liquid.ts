/**
 * Liquid, the native language (liquidjs), under the budget of all languages: its clock-bound limit is replaced by counted
 * steps, its output by ours. No files: `render` takes snippets of the caller's own, by a literal name, with the values
 * that the tag passes on.
 */
import { Context, Hash, Liquid, toValueSync } from 'liquidjs';
import type { Emitter, TagToken, Template } from 'liquidjs';
import { emit, inside, spend, startRun, TemplateError, whole } from './budget.ts';
import type { Run } from './budget.ts';
import { shorten } from './liquid-render.ts';
import { isMarkup, sourceCharsMax } from './model.ts';
import type { CompiledTemplate, Data, Part } from './model.ts';
import { textOf } from './values.ts';

/** The library's own measure: characters and elements that filters and loops make. */
const memoryMax = 5_000_000;
/** One check of the library's is about as much work as so many steps of ours. */
const stepsPerCheck = 4;

const options = {
  ownPropertyOnly: true,
  strictFilters: true,
  strictVariables: false,
  dynamicPartials: false,
  cache: false,
  fs: {
    readFileSync: () => '',
    readFile: () => Promise.resolve(''),
    existsSync: () => false,
    exists: () => Promise.resolve(false),
    contains: () => Promise.resolve(false),
    containsSync: () => false,
    resolve: (_dir: string, file: string) => file,
  },
  relativeReference: false,
  parseLimit: sourceCharsMax,
  memoryLimit: memoryMax,
} as const;

/** Tags that read other templates in ways that are not offered. */
const tagsWithFiles = ['include', 'layout', 'block'] as const;

class RunContext extends Context {
  readonly run: Run;
  constructor(engine: Liquid, data: Data, run: Run) {
    super({ ...data }, engine.options, { sync: true }, { liquid: engine });
    this.run = run;
    const limit = { use: () => undefined, check: () => spend(run, stepsPerCheck) };
    this.renderLimit = limit as unknown as Context['renderLimit'];
  }
}

/** Throws a TemplateError. Output is escaped for HTML in that part; `| raw` lets a value through as it is. */
export function compileLiquid(source: string, part: Part, { isSnippet = false } = {}): CompiledTemplate {
  const names = new Set<string>();
  const engine = makeEngine(part, isSnippet, names);
  const templates = parse(engine, source);
  return {
    language: 'liquid',
    part,
    source,
    snippets: { names: [...names], isDynamic: false },
    run: (data, environment, budget) => {
      if (depthOf(data, budget.depthMax) >= budget.depthMax)
        throw new TemplateError('budget', 'the data is nested too deeply');
      return whole(startRun(budget, environment), (run) => renderAll(engine, templates, data, run, source));
    },
  };
}

function makeEngine(part: Part, isSnippet: boolean, names: Set<string>): Liquid {
  const engine = new Liquid(isMarkup(part) ? { ...options, outputEscape: 'escape' } : options);
  shorten(engine);
  for (const tag of tagsWithFiles) {
    engine.registerTag(tag, {
      parse: () => {
        throw new Error(`the tag "${tag}" is not available`);
      },
      render: () => '',
    });
  }
  engine.registerTag('render', {
    parse(token: TagToken) {
      if (isSnippet) throw new Error('a snippet cannot render snippets');
      const found = /^\s*(?:"([^"]{1,200})"|'([^']{1,200})')\s*,?(.*)$/s.exec(token.args);
      const name = found?.[1] ?? found?.[2];
      if (found === null || name === undefined)
        throw new Error('render needs the name of a snippet in quotes');
      names.add(name);
      this['name'] = name;
      this['passed'] = new Hash(found[3] ?? '');
    },
    *render(context, emitter): Generator<unknown, void, unknown> {
      const { run } = context as RunContext;
      const { name } = this as { readonly name: string };
      const snippet = run.environment.snippet?.(name) ?? null;
      if (snippet === null) throw new TemplateError('render', `there is no snippet "${name}"`);
      const passed = (yield (this['passed'] as Hash).render(context)) as Data;
      emitter.write(inside(run, snippet, { ...passed }, `snippet "${name}"`));
    },
  });
  return engine;
}

function parse(engine: Liquid, source: string): Template[] {
  try {
    return engine.parse(source);
  } catch (error) {
    throw faultOf(error, source, 'syntax');
  }
}

function renderAll(engine: Liquid, templates: Template[], data: Data, run: Run, source: string): void {
  const emitter: Emitter = {
    raw: '',
    buffer: '',
    write: (html: unknown) => emit(run, printed(html)),
  } as Emitter;
  try {
    const context = new RunContext(engine, data, run);
    toValueSync(engine.renderer.renderTemplates(templates, context, emitter));
  } catch (error) {
    throw faultOf(error, source, 'render');
  }
}

function printed(value: unknown): string {
  return Array.isArray(value) ? value.map(printed).join('') : textOf(value);
}

/** The library's error with its place, or the fault that was thrown inside it. */
function faultOf(error: unknown, source: string, kind: 'syntax' | 'render'): TemplateError {
  const text = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  const place = /, line:(\d+), col:(\d+)$/.exec(text);
  const at = place === null ? 0 : offsetOf(source, Number(place[1]), Number(place[2]));
  const cause = (error as { readonly originalError?: unknown }).originalError;
  if (cause instanceof TemplateError) return new TemplateError(cause.kind, cause.message, at);
  if (error instanceof TemplateError) return error;
  const message = (place === null ? text : text.slice(0, place.index)).slice(0, 500);
  const isBudget = /limit exceeded|call stack|string length/i.test(message);
  return new TemplateError(isBudget && kind === 'render' ? 'budget' : kind, message, at);
}

function offsetOf(source: string, line: number, column: number): number {
  let start = 0;
  for (let index = 1; index < line; index++) {
    const end = source.indexOf('\n', start);
    if (end < 0) break;
    start = end + 1;
  }
  return start + column - 1;
}

function depthOf(value: unknown, max: number, depth = 0): number {
  if (typeof value !== 'object' || value === null || depth >= max) return depth;
  let deepest = depth;
  for (const inner of Object.values(value)) deepest = Math.max(deepest, depthOf(inner, max, depth + 1));
  return deepest;
}
