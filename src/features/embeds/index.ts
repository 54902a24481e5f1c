/**
 * Embeds: pages of a subaccount inside its parent's own product. A link is opened once, within its time, and becomes a view: a
 * key of one subaccount that only the frame knows. Promises: nobody gives a view more than they hold, and it ends when they
 * cannot give it any more, with its time, when it is ended, and with its subaccount; token and secret are stored as hashes.
 * Who may frame it, the door says by its policy; whether its key may be used now, `access` decides.
 */
export { embedRoutes } from './http.ts';
export { neverEmbedded } from './model.ts';
export { endOldEmbeds, look, open } from './operations.ts';
export type { EmbedWorld } from './operations.ts';
