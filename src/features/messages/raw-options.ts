/** What a call says of a whole message besides its bytes: read and looked up, as `request.ts` does it for written mail. */
import type { Scope } from '../../base/scope.ts';
import { needsSmtputf8, parseMailbox } from '../../mail/address.ts';
import { rewriteHtml } from '../../mail/mime/index.ts';
import { invalidField } from '../refusals/index.ts';
import { makeOrRefuse } from '../templates/index.ts';
import type { MailLane, Switches, TrackingWish } from '../tracking/index.ts';
import { defaultTerms } from './model.ts';
import type { RecipientKind } from './model.ts';
import type { MessageWorld } from './operations.ts';
import type { RawRecipient, RawRequest } from './prepare-raw.ts';
import { checkMetadata, sendAt } from './request.ts';

export type RawOptions = {
  /** Copies for others than those the message is to: `local@domain`, or with a name before it in angle brackets. */
  readonly cc?: readonly string[];
  readonly bcc?: readonly string[];
  readonly archive?: readonly string[];
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly campaign?: string;
  readonly sendAt?: string;
  readonly lane?: MailLane;
  /** Where nobody says a lane, and of what is tracked. */
  readonly defaultLane?: MailLane;
  readonly defaultTracking?: Partial<Switches>;
  readonly overQuota?: 'hold' | 'refuse';
  readonly unknownOutcome?: 'rather_twice' | 'rather_not';
  /** Id or name. */
  readonly pool?: string;
  readonly tracking?: TrackingWish;
  readonly inlineCss?: boolean;
  /** By which bounces come back, or its bounce host. */
  readonly bounceDomain?: string;
};

const recipientsMax = 1000;

/** The request as the options want it. Throws a refusal that names the field. */
export async function withOptions(
  world: MessageWorld,
  scope: Scope,
  request: RawRequest,
  options: RawOptions,
): Promise<RawRequest> {
  const recipients = [...request.recipients, ...copiesOf(options)];
  if (recipients.length > recipientsMax)
    throw invalidField('to', 'maxItems', `with cc, bcc and archive must not name more than ${recipientsMax}`);
  checkMetadata('metadata', options.metadata);
  const given = {
    tags: options.tags ?? [],
    metadata: options.metadata ?? {},
    sendAt: options.sendAt === undefined ? null : sendAt(options.sendAt, world.clock.now()),
    poolId: await world.choosePool(scope, options.pool ?? null),
    campaign: options.campaign ?? null,
    lane: options.lane ?? null,
    terms: {
      unknownOutcome: options.unknownOutcome ?? defaultTerms.unknownOutcome,
      overQuota: options.overQuota ?? defaultTerms.overQuota,
    },
    tracking: options.tracking ?? {},
    bounceDomain: options.bounceDomain ?? null,
    defaultLane: options.defaultLane ?? 'transactional',
    defaultTracking: options.defaultTracking ?? {},
  };
  return {
    ...request,
    bytes: options.inlineCss === true ? await inlined(world, scope, request.bytes) : request.bytes,
    recipients,
    smtputf8: request.smtputf8 || recipients.some(({ address }) => needsSmtputf8(address)),
    given,
  };
}

function copiesOf(options: RawOptions): readonly RawRecipient[] {
  const kinds = ['cc', 'bcc', 'archive'] as const satisfies readonly RecipientKind[];
  return kinds.flatMap((kind) =>
    (options[kind] ?? []).map((text, index) => {
      const box = parseMailbox(text);
      if (box === null || /[\r\n\0]/.test(box.name ?? ''))
        throw invalidField(`${kind}[${index}]`, 'format', 'is not a valid e-mail address');
      return { ...box, kind };
    }),
  );
}

async function inlined(world: MessageWorld, scope: Scope, bytes: Buffer): Promise<Buffer> {
  return rewriteHtml(bytes, async (html) => {
    const made = await makeOrRefuse(world, scope, { mjml: null, html, inlinesCss: true, makesText: false });
    return made.html ?? html;
  });
}
