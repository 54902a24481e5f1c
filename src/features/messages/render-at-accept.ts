/**
 * What of a template can be told when it is accepted: faults in the source always; with `rendersCopies` each copy is
 * rendered to see that it can be. Copies that show the same recipients are rendered here, once.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { TemplateCache } from '../../mail/template/cache.ts';
import { faultsOf, faultText, renderParts } from '../../mail/template/parts.ts';
import { templateRefusal } from '../templates/index.ts';
import type { ComposedRequest } from './prepare.ts';

type Rendering = {
  readonly now: number;
  readonly rendersCopies: boolean;
  readonly cache: TemplateCache;
};

/** Others have their turn after so much work. */
const turnMs = 10;
/** What is left after so much work is rendered as it leaves, as all copies of calls that do not ask for it. */
const workMsMax = 10_000;

/**
 * Refuses with the part, line and column of each fault in the sources. A copy that cannot be made of its data carries its
 * fault; when none of them can be made, the call is refused.
 */
export async function renderAtAccept(
  request: ComposedRequest,
  rendering: Rendering,
): Promise<ComposedRequest> {
  const { now, rendersCopies, cache } = rendering;
  if (request.language === 'plain') return request;
  const faults = faultsOf(request, cache);
  if (faults.length > 0) throw templateRefusal(faults);
  if (request.recipients.length === 0) {
    const rendered = renderParts(request, request.data ?? {}, { now }, cache);
    if (!rendered.ok) throw templateRefusal([rendered.fault]);
    const { subject, text, amp, html, fields: renderedFields } = rendered;
    return { ...request, subject, text, amp, html, renderedFields, fieldSources: [], language: 'plain' };
  }
  return rendersCopies ? renderCopies(request, rendering) : request;
}

async function renderCopies(request: ComposedRequest, { now, cache }: Rendering): Promise<ComposedRequest> {
  const recipients: ComposedRequest['recipients'][number][] = [];
  const worked = new Work();
  let good = 0;
  let first: Parameters<typeof templateRefusal> | null = null;
  for (const [index, recipient] of request.recipients.entries()) {
    const rendered = worked.isOver
      ? null
      : renderParts(request, { ...request.data, ...recipient.merge }, { now }, cache);
    if (rendered === null || rendered.ok) {
      good += 1;
      recipients.push(recipient);
    } else {
      first ??= [[rendered.fault], `recipients[${index}]: `];
      recipients.push({ ...recipient, fault: faultText(rendered.fault) });
    }
    await worked.rest();
  }
  if (good === 0 && first !== null) throw templateRefusal(...first);
  return { ...request, recipients };
}

/** One call's share of the processor: turns taken, and an end. */
class Work {
  #ms = 0;
  #since = performance.now();

  get isOver(): boolean {
    return this.#ms > workMsMax;
  }

  async rest(): Promise<void> {
    const ms = performance.now() - this.#since;
    if (ms < turnMs) return;
    this.#ms += ms;
    await turn();
    this.#since = performance.now();
  }
}
