/**
 * Webhooks: subscribers are told of events over HTTP. Promises: every event of the chosen kinds and scope, numbered per
 * webhook from 1 without gaps, in that order, at least once; signed; the same by push, pull and replay; a certificate per
 * day. A failing endpoint is tried for five days and keeps its place; it delays no other. Numbers, cursor and certificate
 * move in one transaction; what was sent and how far the webhook is in another, under a lease with a term, so that nodes
 * share the endpoints and a dead node's move on. A double is possible (a kill between sending and recording), a gap is not.
 * Connects only where `address.ts` lets it. A webhook of the account is not seen by any subaccount, nor told of others'.
 */
export { webhookRoutes } from './http.ts';
export { Poster } from './post.ts';
export { tokenFault } from './tokens.ts';
export { WebhookSender } from './sender.ts';
export type { SenderOptions } from './sender.ts';
export { endOldWebhookRows } from './work.ts';
export type { Wording, Wordings } from './formats.ts';
export type { Network } from './address.ts';
export { checkAuth, checkUrl, sealedAuth } from './operations.ts';
export { authHeaders, standardHeaders } from './compose.ts';
export { AuthInput, Url } from './json.ts';
export { authKinds } from './model.ts';
export type { Auth, Endpoint, Outcome } from './model.ts';
export { limits as endpointLimits, refusesContent, retryDelayMs } from './rules.ts';
export { sealText, sealedText } from './secrets.ts';
export type { WebhookWorld } from './operations.ts';
export { makeSigningSecret, signatureHeader } from './signature.ts';
