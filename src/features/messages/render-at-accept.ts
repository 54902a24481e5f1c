/**
 * What of a template can be told when it is accepted: faults in the source always; with `rendersCopies` each copy is
 * rendered to see that it can be. Copies that show the same recipients are rendered here, once.
 */
import { TemplateCache } from '../../mail/template/cache.ts';
import { faultsOf, faultText, renderParts } from '../../mail/template/parts.ts';
import type { PartFault } from '../../mail/template/parts.ts';
import { refuse } from '../refusals/index.ts';
import type { ComposedRequest } from './prepare.ts';

type Rendering = { readonly now: number; readonly rendersCopies: boolean };

/** Refuses with the part, line and column of each fault. */
export function renderAtAccept(request: ComposedRequest, { now, rendersCopies }: Rendering): ComposedRequest {
  if (request.language === 'plain') return request;
  const cache = new TemplateCache();
  const faults = faultsOf(request, cache);
  if (faults.length > 0) throw templateRefusal(faults);
  if (request.recipients.length === 0) {
    const rendered = renderParts(request, request.data ?? {}, { now }, cache);
    if (!rendered.ok) throw templateRefusal([rendered.fault]);
    const { subject, text, html } = rendered;
    return { ...request, subject, text, html, language: 'plain' };
  }
  if (!rendersCopies) return request;
  for (const [index, { merge }] of request.recipients.entries()) {
    const rendered = renderParts(request, { ...request.data, ...merge }, { now }, cache);
    if (!rendered.ok) throw templateRefusal([rendered.fault], `recipients[${index}]: `);
  }
  return request;
}

/** `fields` before the part's own name: `content.` of a stored template. */
export function templateRefusal(faults: readonly PartFault[], before = ''): Error {
  return refuse('template.failed', {
    message: before + faults.map(faultText).join('; '),
    errors: faults.map((fault) => ({
      field: fault.part,
      rule: fault.kind,
      message: before + faultText(fault),
    })),
  });
}
