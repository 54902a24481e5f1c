/** How a batch is worded: pure, shared with the console. A provider's own format is one more name here; its wording is the dialect's, handed in by main. */
export const formats = ['native', 'mandrill', 'sparkpost'] as const;
export type Format = (typeof formats)[number];
