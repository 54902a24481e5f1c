/** How a field shows a value: pure. */
import { compile, render } from '../../mail/template/index.ts';
import type { MetadataField } from './model.ts';

/** What is wrong with a view template; null when nothing is. */
export function viewFault(viewTemplate: string): string | null {
  const compiled = compile('handlebars', viewTemplate, { part: 'html' });
  if (compiled.ok) return null;
  const [fault] = compiled.faults;
  return fault === undefined
    ? 'is not valid'
    : `${fault.message} (line ${fault.line}, column ${fault.column})`;
}

export function plainValue(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

const budget = { stepsMax: 10_000, outputBytesMax: 16_384, depthMax: 10 };

/** Null: it has no view template, or that does not go with this value. */
export function viewOf(
  { name, viewTemplate }: Pick<MetadataField, 'name' | 'viewTemplate'>,
  metadata: Readonly<Record<string, unknown>>,
): string | null {
  if (viewTemplate === '') return null;
  const compiled = compile('handlebars', viewTemplate, { part: 'html' });
  if (!compiled.ok) return null;
  const rendered = render(compiled.template, { ...metadata, value: metadata[name] }, { budget });
  return rendered.ok ? rendered.text : null;
}
