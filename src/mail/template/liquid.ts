/**
 * Liquid, the native template language, under a budget: no files, no prototypes, bounded time, memory, output and
 * source. A template that runs out is an outcome, never a hang.
 */
import { Liquid } from 'liquidjs';
import type { Template } from 'liquidjs';

const limits = {
  sourceCharsMax: 1_048_576,
  outputCharsMax: 4_194_304,
  /** Of one rendering, in milliseconds of CPU between two steps. */
  renderMsMax: 200,
  /** The library's own measure: characters and elements that filters and loops make. */
  memoryMax: 5_000_000,
  dataDepthMax: 20,
};

const noFiles = {
  readFileSync: () => '',
  readFile: () => Promise.resolve(''),
  existsSync: () => false,
  exists: () => Promise.resolve(false),
  contains: () => Promise.resolve(false),
  containsSync: () => false,
  resolve: (_dir: string, file: string) => file,
};

const base = {
  ownPropertyOnly: true,
  strictFilters: true,
  strictVariables: false,
  dynamicPartials: false,
  cache: false,
  fs: noFiles,
  relativeReference: false,
  parseLimit: limits.sourceCharsMax,
  renderLimit: limits.renderMsMax,
  memoryLimit: limits.memoryMax,
} as const;

/** Tags that read other templates: there are none. */
const tagsWithFiles = ['include', 'render', 'layout', 'block'] as const;

function engine(escapesHtml: boolean): Liquid {
  const liquid = new Liquid(escapesHtml ? { ...base, outputEscape: 'escape' } : base);
  for (const tag of tagsWithFiles) {
    liquid.registerTag(tag, {
      parse: () => {
        throw new Error(`the tag "${tag}" is not available`);
      },
      render: () => '',
    });
  }
  return liquid;
}

/** The engines hold no state between renderings. */
const engines = { html: engine(true), none: engine(false) } as const;

export type LiquidEscape = keyof typeof engines;

export type ParsedLiquid =
  | { readonly ok: true; readonly template: readonly Template[] }
  | { readonly ok: false; readonly message: string };

export type RenderedLiquid =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'budget' | 'error'; readonly message: string };

/** Output is escaped for HTML with `escape: 'html'`; `| raw` lets a value through as it is. */
export function parseLiquid(source: string, escape: LiquidEscape = 'none'): ParsedLiquid {
  try {
    return { ok: true, template: engines[escape].parse(source) };
  } catch (error) {
    return { ok: false, message: firstLine(error) };
  }
}

export function renderLiquid(
  template: readonly Template[],
  data: Readonly<Record<string, unknown>>,
  options: { readonly escape: LiquidEscape },
): RenderedLiquid {
  if (depthOf(data) > limits.dataDepthMax)
    return { ok: false, reason: 'budget', message: 'the data is nested too deeply' };
  try {
    const text = String(engines[options.escape].renderSync([...template], { ...data }));
    if (text.length > limits.outputCharsMax)
      return { ok: false, reason: 'budget', message: 'the output is too long' };
    return { ok: true, text };
  } catch (error) {
    const message = firstLine(error);
    const isBudget = /limit exceeded|call stack/i.test(message);
    return { ok: false, reason: isBudget ? 'budget' : 'error', message };
  }
}

function firstLine(error: unknown): string {
  return (
    (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? 'the template is not valid'
  );
}

function depthOf(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null || depth > limits.dataDepthMax) return depth;
  let deepest = depth;
  for (const inner of Object.values(value)) deepest = Math.max(deepest, depthOf(inner, depth + 1));
  return deepest;
}
