/**
 * The library's renderer with a short way for what most of a mail is: plain text, and names that are printed as they are.
 * HOT PATH: each of those was a generator within generators, a sixth of the pace of the
 * handlebars package on 10 KiB with 20 names; by the short way it is as fast (`bench/templates.ts`). All else, and every fault, is the library's.
 */
import { LiquidError, Output, RenderError, toValue, toValueSync, TypeGuards } from 'liquidjs';
import type { Context, Emitter, Liquid, Template } from 'liquidjs';
import { escaper } from './values.ts';

type Print = (context: Context, emitter: Emitter) => void;
/** Null: by the library. */
type Short = Print | null;

/** As the library's `escape`. */
const escape = escaper({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' });

export function shorten(engine: Liquid): void {
  const { renderer } = engine;
  const whole = renderer.renderTemplates.bind(renderer);
  // Looked up once for a list, not for each of its templates.
  const known = new WeakMap<readonly Template[], readonly Short[]>();
  const shortsOf = (templates: readonly Template[]): readonly Short[] => {
    const found = known.get(templates);
    if (found !== undefined) return found;
    const shorts = templates.map((template) => textOf(template) ?? nameOf(engine, template));
    known.set(templates, shorts);
    return shorts;
  };
  renderer.renderTemplates = function* renderTemplates(
    templates: Template[],
    context: Context,
    emitter?: Emitter,
  ): ReturnType<typeof whole> {
    if (emitter === undefined) return (yield whole(templates, context)) as unknown;
    context.renderLimit.check(0);
    const shorts = shortsOf(templates);
    for (let at = 0; at < templates.length; at += 1) {
      at = printFrom(at, templates, shorts, context, emitter);
      const template = templates[at];
      if (template === undefined) break;
      context.renderLimit.check(0);
      try {
        const html = (yield template.render(context, emitter)) as unknown;
        if (html) emitter.write(html);
        if (context.breakCalled || context.continueCalled) break;
      } catch (error) {
        throw faultAt(template, error);
      }
    }
    return (emitter as { readonly buffer?: unknown }).buffer;
  };
}

/** Prints what has a short way from that place on; where it ends. Outside the generator, in which nothing of it is made one. */
function printFrom(
  from: number,
  templates: readonly Template[],
  shorts: readonly Short[],
  context: Context,
  emitter: Emitter,
): number {
  let at = from;
  try {
    for (let short = shorts[at] ?? null; short !== null; short = shorts[++at] ?? null) {
      context.renderLimit.check(0);
      short(context, emitter);
    }
  } catch (error) {
    throw faultAt(templates[at], error);
  }
  return at;
}

function faultAt(template: Template | undefined, error: unknown): unknown {
  return LiquidError.is(error) || template === undefined ? error : new RenderError(error as Error, template);
}

/** Text between the tags. */
function textOf(template: Template): Short {
  const { str } = template as { readonly str?: unknown };
  if (!TypeGuards.isHTMLToken(template.token) || typeof str !== 'string') return null;
  return (_context, emitter) => emitter.write(str);
}

/** A name, or names within it, escaped or not, without filters. */
function nameOf({ options }: Liquid, template: Template): Short {
  if (!(template instanceof Output)) return null;
  const { initial, filters } = template.value;
  const [token, ...more] = initial.postfix;
  const [filter, ...others] = filters;
  if (token === undefined || more.length > 0 || others.length > 0) return null;
  if (!TypeGuards.isPropertyAccessToken(token) || token.variable !== undefined) return null;
  const isEscaped = filter !== undefined;
  if (isEscaped && (filter as unknown as { handler: unknown }).handler !== options.outputEscape) return null;
  const path: (string | number)[] = [];
  for (const prop of token.props) {
    const content: unknown = 'content' in prop ? prop.content : null;
    if (typeof content !== 'string' && typeof content !== 'number') return null;
    path.push(content);
  }
  const [head] = path;
  if (typeof head !== 'string') return null;
  return printer(template, head, path, isEscaped);
}

/** `findScope` is the library's own way to the place where a name is known; its types keep it to themselves. */
type Finding = { readonly findScope: (name: string) => Parameters<Context['readProperty']>[0] };

function printer(
  { value }: Output,
  head: string,
  path: readonly (string | number)[],
  isEscaped: boolean,
): Print {
  const [filter] = value.filters;
  return (context, emitter) => {
    let found: unknown = (context as unknown as Finding).findScope(head);
    for (const name of path) found = context.readProperty(found as never, name) as unknown;
    found = toValue(found);
    if (typeof found === 'string') {
      if (isEscaped) context.memoryLimit.use(found.length);
      emitter.write(isEscaped ? escape(found) : found);
    } else if (found !== undefined && found !== null) {
      emitter.write(filter === undefined ? found : toValueSync(filter.render(found, context)));
    }
  };
}
