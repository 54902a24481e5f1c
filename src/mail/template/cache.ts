import { compile } from './index.ts';
import type { Compiling, CompileOptions, Language } from './index.ts';

const entriesMax = 500;
const charsMax = 16_777_216;

/**
 * Sources that were compiled lately: a version of a template has one source, so it is compiled once however many
 * submissions use it. Bounded; what was not asked for longest goes first.
 */
export class TemplateCache {
  readonly #known = new Map<string, Compiling>();
  #chars = 0;

  get(language: Language, source: string, options: CompileOptions): Compiling {
    const key = `${language}/${options.part}/${options.isSnippet === true ? 's' : ''}/${source}`;
    const known = this.#known.get(key);
    const compiled = known ?? compile(language, source, options);
    this.#known.delete(key);
    this.#known.set(key, compiled);
    if (known === undefined) this.#chars += key.length;
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= entriesMax && this.#chars <= charsMax) break;
      this.#known.delete(oldest);
      this.#chars -= oldest.length;
    }
    return compiled;
  }
}
