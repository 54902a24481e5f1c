/** MIME: composing bodies, header blocks, re-encoding for 7-bit hops. */
export { composeParts } from './compose.ts';
export type { MimeAttachment, MimeContent, MimeParts } from './compose.ts';
export { headerBlock } from './header-block.ts';
export { MimeTooDeep, readMail } from './read.ts';
export type { ReadMail, ReadPart } from './read.ts';
export { rewriteHtml } from './rewrite.ts';
export { isSevenBit, toSevenBit } from './seven-bit.ts';
