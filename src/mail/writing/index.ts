/** What is made of a mail's own words before they are a template: HTML of text, parameters of links. Pure. */
export { autoHtml } from './auto-html.ts';
export { withParametersInHtml, withParametersInText } from './link-parameters.ts';
export type { LinkParameters } from './link-parameters.ts';
