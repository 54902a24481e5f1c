/**
 * Templates and snippets: what mails are written from, in numbered versions that never change, one of them the draft, one
 * published. Promises: a version that is not valid in its language is never stored;
 * MJML, styles and text parts are made once, with it, in a thread that can be stopped; a mail copies what it is written from;
 * only its holder (and the account) changes one; one shared `read` is seen, one shared `use` is sent with, and of both others
 * know what is published only; a scope that is narrowed to named templates knows no other. Does not send.
 */
export { snippetRoutes, templateRoutes } from './http.ts';
export { contentFields, Labels } from './json.ts';
export { bringIn, standing } from './operations.ts';
export type { Moved } from './operations.ts';
export { noDefaults } from './model.ts';
export type { TemplateWish, TemplateWorld } from './model.ts';
export { slugOf, templateRefusal, withDefaults } from './rules.ts';
export { makeOrRefuse } from './making.ts';
export { Press } from './press.ts';
export { namedBy, snippetsOf, writtenFrom } from './writing.ts';
