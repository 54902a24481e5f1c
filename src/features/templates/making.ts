/** What a version leaves as is made here, once, before it is stored. */
import type { Scope } from '../../base/scope.ts';
import type { PartFault } from '../../mail/template/parts.ts';
import type { MarkupJob, MarkupResult } from '../../mail/markup/make.ts';
import { invalidField, refuse } from '../refusals/index.ts';
import type { Content, TemplateKind, TemplateWorld } from './model.ts';
import { faultsIn, templateRefusal } from './rules.ts';

/** Throws a refusal with part, line and column of each fault: of what is written, then of what was made of it. */
export async function pressed(
  world: Pick<TemplateWorld, 'cache' | 'press'>,
  scope: Pick<Scope, 'subaccountId'>,
  kind: TemplateKind,
  content: Content,
): Promise<Content> {
  const { markup, html, text } = content;
  if (markup === null) {
    checkContent(world, kind, content);
    return content;
  }
  if (markup.mjml !== null && html !== null)
    throw invalidField('markup.mjml', 'exclusive', 'cannot be used together with html');
  const written = { ...content, markup: { ...markup, html: null, text: null } };
  checkContent(world, kind, written);
  const job = {
    mjml: markup.mjml,
    html,
    inlinesCss: markup.inlineCss,
    makesText: markup.autoText && text === null,
  };
  const result = await makeOrRefuse(world, scope, job);
  const made = { ...content, markup: { ...markup, html: result.html, text: result.text } };
  checkContent(world, kind, made);
  return made;
}

type Examined = {
  readonly faults: readonly PartFault[];
  readonly html: string | null;
  readonly text: string | null;
};

/** As `pressed`, the faults as a value; nothing need be there yet. */
export async function examined(
  { cache, press }: Pick<TemplateWorld, 'cache' | 'press'>,
  { subaccountId }: Pick<Scope, 'subaccountId'>,
  content: Content,
): Promise<Examined> {
  const { markup, html, text } = content;
  const faults = faultsIn(content, 'template', cache);
  if (markup === null || faults.length > 0) return { faults, html, text };
  const { mjml, inlineCss, autoText } = markup;
  const job = {
    mjml,
    html: mjml === null ? html : null,
    inlinesCss: inlineCss,
    makesText: autoText && text === null,
  };
  const made = await press.make(job, subaccountId);
  if (!made.ok)
    return { faults: made.faults.map((fault) => ({ ...fault, part: 'html' })), html: null, text: null };
  const whole = { ...content, markup: { ...markup, html: made.html, text: made.text } };
  return { faults: faultsIn(whole, 'template', cache), html: made.html ?? html, text: text ?? made.text };
}

export async function makeOrRefuse(
  { press }: Pick<TemplateWorld, 'press'>,
  { subaccountId }: Pick<Scope, 'subaccountId'>,
  job: MarkupJob,
): Promise<Extract<MarkupResult, { ok: true }>> {
  const result = await press.make(job, subaccountId);
  if (!result.ok) throw templateRefusal(result.faults.map((fault) => ({ ...fault, part: 'html' })));
  return result;
}

export function checkContent(
  world: Pick<TemplateWorld, 'cache'>,
  kind: TemplateKind,
  content: Content,
): void {
  const isEmpty = content.html === null && content.text === null && content.markup?.mjml == null;
  if (isEmpty && content.amp !== null && kind === 'template')
    throw invalidField('amp', 'required_beside', 'needs text or html beside it');
  if (isEmpty && content.amp === null)
    throw refuse('request.invalid', {
      message: 'text or html must be given',
      errors: [{ field: 'text', rule: 'required', message: 'or html must be given' }],
    });
  const faults = faultsIn(content, kind, world.cache);
  if (faults.length > 0) throw templateRefusal(faults);
}
