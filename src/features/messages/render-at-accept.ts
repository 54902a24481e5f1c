/**
 * What of a template can be told when it is accepted: faults in the source always; with `rendersCopies` each copy is
 * rendered to see that it can be. Copies that show the same recipients are rendered here, once.
 */
import type { TemplateCache } from '../../mail/template/cache.ts';
import { faultsOf, renderParts } from '../../mail/template/parts.ts';
import { templateRefusal } from '../templates/index.ts';
import type { ComposedRequest } from './prepare.ts';

type Rendering = {
  readonly now: number;
  readonly rendersCopies: boolean;
  readonly cache: TemplateCache;
};

/** Refuses with the part, line and column of each fault. */
export function renderAtAccept(request: ComposedRequest, rendering: Rendering): ComposedRequest {
  const { now, rendersCopies, cache } = rendering;
  if (request.language === 'plain') return request;
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
