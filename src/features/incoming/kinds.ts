/** How a mail is worded for its endpoint: pure, shared with the console. A provider's wording is its dialect's, handed in by main. */
export const routeFormats = ['native', 'sparkpost', 'mandrill'] as const;
export type RouteFormat = (typeof routeFormats)[number];
