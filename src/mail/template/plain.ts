/** Text that is no template. */
import type { CompiledTemplate, Part } from './model.ts';

export function compilePlain(source: string, part: Part): CompiledTemplate {
  return { language: 'plain', part, source, snippets: { names: [], isDynamic: false }, run: () => source };
}
