/**
 * Every kind of fact there is, as data. Documentation, filters and the check that each is really written come from this
 * one list (`kinds.test.ts`). Fields that any event of a message has by joining it (recipient, subject, tags, metadata) are
 * not repeated here (docs/decisions/event-details.md).
 */
type Kind = {
  /** One line, for a subscriber. */
  readonly tells: string;
  /** Fields of `data`; a `?` behind the name: when known. */
  readonly data: readonly string[];
};

const attempt = [
  'recipient',
  'attempt',
  'waitedMs?',
  'site?',
  'host?',
  'address?',
  'tls?',
  'phase?',
  'reply?',
  'error?',
] as const;
const open = ['userAgent', 'isMachine', 'machine?', 'country?', 'isFirst'] as const;
/** The first time that a person opened its message or followed a link of it, whichever was first. */
const sign = [...open, 'isFirstSign'] as const;
const named = ['name'] as const;
const listed = ['address', 'kind', 'layer', 'onlySender?', 'expiresAt?'] as const;
const sent = ['senderId', 'email'] as const;
const tracked = ['trackingDomainId', 'name'] as const;
const received = ['inboundMailId', 'inboundRouteId', 'recipient', 'mailFrom'] as const;
const inboundDomain = ['inboundDomainId', 'name'] as const;
const brandHost = ['brandHostId', 'name'] as const;
const inboundRoute = ['inboundRouteId', 'domain', 'pattern'] as const;
const written = ['templateId', 'kind', 'slug'] as const;
const listNamed = ['listId', 'slug'] as const;
const reported = ['reportId', 'name'] as const;
const troubled = ['webhookId', 'name', 'host', 'since', 'error'] as const;
const exported = ['exportId', 'of'] as const;
const embedded = ['embedId', 'pages'] as const;
const metadataField = ['fieldId', 'name'] as const;
const suspended = ['suspensionId', 'kind', 'value', 'until', 'forSubaccount'] as const;

export const eventKindTable = {
  'message.accepted': {
    tells: 'A copy was accepted; with a state: it does not leave now',
    data: ['recipient', 'state?'],
  },
  'message.held': { tells: 'It waits for a named reason', data: ['hold', 'until?'] },
  'message.released': {
    tells: 'It goes on; a schedule has come, a stop or a quota let it go',
    data: ['hold'],
  },
  'message.deferred': {
    tells: 'An attempt failed for now',
    data: [...attempt, 'class', 'nextAttemptAt'],
  },
  'message.delivered': {
    tells: 'The recipient’s server took it; `sizeBytes`: as it left',
    data: [...attempt, 'sizeBytes?'],
  },
  'message.bounced': {
    tells: 'It was refused for good; class is hard, soft, block, policy, admin or undetermined',
    data: [...attempt, 'class'],
  },
  'message.bounced_later': {
    tells: 'A mail server that had taken it sent it back',
    data: ['recipient', 'class', 'rule', 'reply', 'reportedRecipient?'],
  },
  'message.expired': { tells: 'Retries or a hold ended', data: [...attempt, 'hold?'] },
  'message.cancelled': { tells: 'Its sender took it back before it left', data: ['hold?'] },
  'message.suppressed': {
    tells: 'Its recipient must not be written to; the cause only of an own list',
    data: ['recipient?', 'layer', 'kind?'],
  },
  'message.failed': {
    tells: 'It could not be made of its template and data; `reply` says where: generation failed',
    data: attempt,
  },
  'message.rejected': {
    tells: 'It was taken and not sent; reason is unknown-subaccount',
    data: ['recipient', 'reason', 'named'],
  },
  'message.undetermined': { tells: 'Nobody can know whether it was delivered', data: attempt },
  'message.perhaps_delivered': {
    tells: 'An attempt may have delivered it; it went again, or not, by its terms',
    data: ['recipient', 'attempt', 'cause'],
  },
  'message.dropped': { tells: 'Its subaccount is no more', data: ['hold'] },
  'message.complained': {
    tells: 'Its recipient reported it as spam',
    data: ['recipient', 'type', 'userAgent?'],
  },
  'message.feedback': {
    tells: 'A mailbox provider told of it besides complaints: not spam, failed authentication',
    data: ['recipient', 'type', 'userAgent?'],
  },
  'message.auto_replied': { tells: 'A machine answered: somebody is away', data: ['recipient'] },
  'message.notified': {
    tells: 'A delivery notice without harm: delayed, relayed, delivered, expanded',
    data: ['recipient', 'action', 'reply', 'reportedRecipient?'],
  },
  'message.opened': { tells: 'It was opened, and shown to its end', data: sign },
  'message.initially_opened': { tells: 'Its beginning was shown', data: open },
  'message.clicked': { tells: 'A link was followed', data: [...sign, 'url', 'name?'] },
  'message.unsubscribed': {
    tells: 'Its recipient unsubscribed, by a link or by one click',
    data: ['recipient', 'by'],
  },
  'bulk.completed': {
    tells: 'All copies of a call to many are settled; `states` counts how',
    data: ['copies', 'states'],
  },
  'suppression.added': { tells: 'An address must not be written to any more', data: listed },
  'suppression.changed': { tells: 'An entry of a list was changed', data: listed },
  'suppression.removed': {
    tells: 'It may be again: it was taken off the list, or (`why` is `expired`) its time has ended',
    data: [...listed, 'why?'],
  },
  'suppression.settings_changed': {
    tells: 'For how long entries stand was said for an account or subaccount',
    data: ['hardBounceHours', 'softBounceHours', 'complaintHours', 'unsubscribeHours', 'unsubscribeHoldsFor'],
  },
  'suppression.imported': { tells: 'A batch of an import was stored', data: ['importId', 'layer'] },
  'sender.created': { tells: 'A sender identity was added', data: sent },
  'sender.changed': { tells: 'A sender identity was changed', data: sent },
  'sender.proven': { tells: 'A sender address is proven', data: sent },
  'sender.policy_changed': {
    tells: 'The domain of a sender publishes another DMARC policy, which may hurt mail that it does not sign',
    data: [...sent, 'from', 'to', 'isStricter', 'mayHurt'],
  },
  'sender.deleted': { tells: 'A sender identity was removed', data: sent },
  'template.created': { tells: 'A template or snippet was made', data: written },
  'template.changed': { tells: 'A template or snippet was changed, or published', data: written },
  'template.deleted': { tells: 'A template or snippet was deleted', data: written },
  'list.created': { tells: 'A recipient list was made', data: listNamed },
  'list.changed': { tells: 'A recipient list was changed, or who is in it', data: listNamed },
  'list.deleted': { tells: 'A recipient list was removed', data: listNamed },
  'tracking.created': { tells: 'A tracking domain was added', data: tracked },
  'tracking.changed': { tells: 'A tracking domain was changed', data: tracked },
  'tracking.proven': { tells: 'The record of a tracking domain is right', data: tracked },
  'tracking.lost': { tells: 'The record of a tracking domain is not right any more', data: tracked },
  'tracking.deleted': { tells: 'A tracking domain was removed', data: tracked },
  'tracking.switched': {
    tells: 'What mail gets that says nothing itself was said for a subaccount or a sending domain',
    data: [
      'domainId',
      'opens',
      'initialOpens',
      'clicks',
      'textClicks',
      'smtp',
      'transactionalUnsubscribe',
      'lane',
    ],
  },
  'inbound.received': {
    tells: 'Mail for an inbound domain was taken and is stored',
    data: [...received, 'subject'],
  },
  'inbound.handed_over': { tells: 'The endpoint of its route took it', data: [...received, 'attempt'] },
  'inbound.given_up': {
    tells: 'It is not handed over any more; it stays to be read and asked for again',
    data: [...received, 'error'],
  },
  'brand.changed': { tells: 'The brand of the console was changed', data: [] },
  'brand.deleted': { tells: 'The brand of the console was taken away', data: [] },
  'brand_host.created': { tells: 'A host of a brand was added', data: brandHost },
  'brand_host.proven': { tells: 'The record of a host of a brand is right', data: brandHost },
  'brand_host.lost': { tells: 'The record of a host of a brand is not right any more', data: brandHost },
  'brand_host.deleted': { tells: 'A host of a brand was removed', data: brandHost },
  'inbound_domain.created': { tells: 'An inbound domain was added', data: inboundDomain },
  'inbound_domain.proven': { tells: 'The MX of an inbound domain is right', data: inboundDomain },
  'inbound_domain.lost': { tells: 'The MX of an inbound domain is not right any more', data: inboundDomain },
  'inbound_domain.deleted': { tells: 'An inbound domain was removed', data: inboundDomain },
  'inbound_route.created': { tells: 'A route of incoming mail was made', data: inboundRoute },
  'inbound_route.changed': { tells: 'A route of incoming mail was changed', data: inboundRoute },
  'inbound_route.deleted': { tells: 'A route of incoming mail was removed', data: inboundRoute },
  'inbound_route.failing': {
    tells: 'The endpoint of a route fails; its mail waits and is tried',
    data: [...inboundRoute, 'host', 'error'],
  },
  'inbound_route.recovered': {
    tells: 'The endpoint of a route takes mail again',
    data: [...inboundRoute, 'host'],
  },
  'domain.created': { tells: 'A domain was added', data: named },
  'domain.changed': { tells: 'A domain was changed', data: named },
  'domain.proven': { tells: 'Its records are right', data: named },
  'domain.lost': { tells: 'Its records are not right any more', data: named },
  'domain.deleted': { tells: 'A domain was removed', data: named },
  'domain.forwarded': { tells: 'Its DNS instructions were mailed to somebody', data: named },
  'domain.proof_mailed': { tells: 'Whoever administers a domain was asked by mail', data: named },
  'dmarc.reported': {
    tells: 'A receiver reported on mail in the name of a domain (DMARC)',
    data: ['domainId', 'name', 'reportId', 'reporter', 'messages', 'passed'],
  },
  'address.listed': {
    tells: 'A source address came onto a blocklist',
    data: ['address', 'blocklist', 'codes', 'reason'],
  },
  'address.cleared': { tells: 'A source address is off a blocklist again', data: ['address', 'blocklist'] },
  'account.created': { tells: 'The account was made', data: named },
  'account.changed': { tells: 'The account was changed', data: ['fields?'] },
  'subaccount.created': { tells: 'A subaccount was made', data: named },
  'subaccount.changed': { tells: 'A subaccount was changed', data: ['fields?', 'status'] },
  'subaccount.retired': { tells: 'A subaccount was retired', data: ['status'] },
  'subaccount.deleted': { tells: 'A subaccount was deleted', data: named },
  'subaccount.purged': { tells: 'Nothing is left of a subaccount', data: ['subaccountId'] },
  'subaccount.exported': { tells: 'A subaccount was exported', data: ['secrets', 'actor', 'actorId'] },
  'subaccount.imported': { tells: 'A subaccount came in', data: ['rows'] },
  'erasure.asked': { tells: 'A person is to be erased', data: ['erasureId'] },
  'erasure.finished': { tells: 'A person is erased', data: ['erasureId', 'counts'] },
  'invitation.created': { tells: 'Somebody was invited', data: ['invitationId'] },
  'invitation.changed': { tells: 'An invitation was changed', data: ['invitationId'] },
  'invitation.revoked': { tells: 'An invitation was revoked', data: ['invitationId'] },
  'user.joined': { tells: 'An invitation was accepted', data: ['userId'] },
  'user.changed': { tells: 'What a person may do was changed', data: ['userId'] },
  'user.removed': { tells: 'A person has no part in it any more', data: ['userId'] },
  'site.limited': { tells: 'An own limit of a site was set', data: [] },
  'suspension.added': { tells: 'Mail was suspended by site, domain, pool or tag', data: suspended },
  'suspension.lifted': { tells: 'A suspension was lifted', data: suspended },
  'turns.changed': { tells: 'The weight of a subaccount was changed', data: ['weight'] },
  'queue.changed': { tells: 'A bulk action was done on waiting mail', data: ['action', 'filter', 'changed'] },
  'pool.created': { tells: 'A pool was made', data: named },
  'pool.changed': { tells: 'A pool was changed', data: named },
  'pool.deleted': { tells: 'A pool was deleted', data: named },
  'reputation.step': {
    tells: 'A step was taken against a subaccount: warn, slow, review or pause',
    data: ['step', 'from', 'cause', 'setBy', 'evidence', 'until', 'reason'],
  },
  'reputation.recovered': {
    tells: 'No step holds any more',
    data: ['step', 'from', 'cause', 'setBy', 'reason'],
  },
  'reputation.exempted': {
    tells: 'Its figures lead to nothing until then, or do again',
    data: ['until', 'reason'],
  },
  'quota.reached': {
    tells: 'The limit of an hour, a day or a month is used up',
    data: ['level', 'period', 'max'],
  },
  'figures.limited': {
    tells: 'A dimension got more new values on a day than it takes: the rest is counted as other',
    data: ['dimension', 'day'],
  },
  'report.created': { tells: 'A report was saved', data: reported },
  'report.changed': { tells: 'A report was changed', data: reported },
  'report.deleted': { tells: 'A report was deleted', data: reported },
  'report.linked': { tells: 'A link to a report was made', data: reported },
  'report.sent': { tells: 'A report was mailed to people', data: [...reported, 'people'] },
  'metadata.created': { tells: 'A field of metadata was named', data: metadataField },
  'metadata.changed': { tells: 'How a field of metadata is shown was changed', data: metadataField },
  'metadata.deleted': { tells: 'A field of metadata was removed', data: metadataField },
  'figures.tag_removed': { tells: 'A tag was taken out of figures', data: ['tag'] },
  'export.created': { tells: 'Lists or mail were asked for as a file', data: exported },
  'export.finished': { tells: 'The file can be fetched, or could not be made', data: exported },
  'export.deleted': { tells: 'An export was deleted, and its link with it', data: exported },
  'quota.changed': { tells: 'A quota was changed', data: [] },
  'key.created': { tells: 'A key was made', data: ['keyId', 'publicId', 'name', 'status'] },
  'key.changed': { tells: 'A key was changed', data: ['keyId', 'publicId', 'name', 'status'] },
  'key.deleted': { tells: 'A key was deleted', data: ['keyId', 'publicId', 'name', 'status'] },
  'embed.created': { tells: 'A link for a view inside another product was made', data: embedded },
  'embed.opened': { tells: 'The link was opened: the view has begun', data: embedded },
  'embed.deleted': { tells: 'A view was ended, or a link before it was opened', data: embedded },
  'alert.created': { tells: 'An alert was made', data: ['alertId', 'name'] },
  'alert.changed': { tells: 'An alert was changed', data: ['alertId', 'name'] },
  'alert.deleted': { tells: 'An alert was deleted', data: ['alertId', 'name'] },
  'alert.fired': {
    tells: 'An alert fires, and its target is told',
    data: ['alertId', 'name', 'measure', 'value', 'volume'],
  },
  'alert.cleared': {
    tells: 'An alert is over, and its target is told',
    data: ['alertId', 'name', 'measure', 'value', 'volume'],
  },
  'webhook.created': { tells: 'A webhook was made', data: ['webhookId', 'name'] },
  'webhook.changed': { tells: 'A webhook was changed', data: ['webhookId', 'name'] },
  'webhook.deleted': { tells: 'A webhook was deleted', data: ['webhookId', 'name'] },
  'webhook.failing': { tells: 'An endpoint fails; it is probed', data: troubled },
  'webhook.recovered': { tells: 'An endpoint takes events again', data: ['webhookId'] },
  'webhook.stopped': { tells: 'An endpoint is not tried any more', data: troubled },
  'webhook.passed_over': {
    tells: 'Events were passed over: refused one by one for a day, or at the end of their retention',
    data: ['webhookId', 'first', 'last', 'cause'],
  },
} as const satisfies Record<string, Kind>;

export type EventKind = keyof typeof eventKindTable;

export const eventKinds = Object.keys(eventKindTable) as [EventKind, ...EventKind[]];
