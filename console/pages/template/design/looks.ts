/** How a part looks in the designer: near to what mail programs show, by the defaults of MJML. The preview shows the mail itself. */
import { attributesOf } from './attributes.ts';
import { scan } from './scan.ts';

type Attributes = Readonly<Record<string, string>>;
type Styles = Readonly<Record<string, string>>;

/** What `mj-attributes` in the head says: by tag, and by `.class`. */
export type Defaults = ReadonlyMap<string, Attributes>;

export function defaultsOf(before: string): Defaults {
  const found = new Map<string, Attributes>();
  let isInside = false;
  // What stands before the body has been read once already; the body's own tag is not in it.
  for (const { kind, name, start, end } of scan(before)) {
    if (name === 'mj-attributes') isInside = kind === 'open';
    if (kind !== 'open' || !isInside || name === 'mj-attributes') continue;
    const attributes = attributesOf(before.slice(start, end));
    const key = name === 'mj-class' ? `.${attributes['name'] ?? ''}` : name;
    found.set(key, { ...found.get(key), ...attributes });
  }
  return found;
}

const font = 'Ubuntu, Helvetica, Arial, sans-serif';

const builtIn: Readonly<Record<string, Attributes>> = {
  'mj-body': { width: '600px' },
  'mj-section': { padding: '20px 0' },
  'mj-hero': { padding: '0px', 'background-color': '#ffffff' },
  'mj-text': {
    padding: '10px 25px',
    color: '#000000',
    'font-size': '13px',
    'line-height': '1',
    align: 'left',
  },
  'mj-button': {
    padding: '10px 25px',
    'inner-padding': '10px 25px',
    'background-color': '#414141',
    color: '#ffffff',
    'font-size': '13px',
    'border-radius': '3px',
    align: 'center',
  },
  'mj-image': { padding: '10px 25px', align: 'center' },
  'mj-divider': {
    padding: '10px 25px',
    'border-width': '4px',
    'border-style': 'solid',
    'border-color': '#000000',
  },
  'mj-spacer': { height: '20px' },
  'mj-social': { padding: '10px 25px', 'font-size': '13px', align: 'center' },
};

export function effective(name: string, open: string, defaults: Defaults): Attributes {
  const own = attributesOf(open);
  const classes = (own['mj-class'] ?? '').split(/\s+/).map((each) => defaults.get(`.${each}`));
  return Object.assign(
    { 'font-family': font, ...builtIn[name] },
    defaults.get('mj-all'),
    defaults.get(name),
    ...classes,
    own,
  ) as Attributes;
}

const wordingNames = ['color', 'font-size', 'font-family', 'font-weight', 'font-style', 'line-height'];

function picked(attributes: Attributes, names: readonly string[]): Styles {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = attributes[name];
      // Nothing that could be an address.
      return value === undefined || /url|[\\]/i.test(value) ? [] : [[name, value]];
    }),
  );
}

/** Of the part itself. */
export function outerStyles(name: string, attributes: Attributes): Styles {
  const { align = 'left' } = attributes;
  const common = picked(attributes, [
    'padding',
    'padding-top',
    'padding-right',
    'padding-bottom',
    'padding-left',
  ]);
  switch (name) {
    case 'mj-body':
      return { ...picked(attributes, ['background-color']), '--mail-width': attributes['width'] ?? '600px' };
    case 'mj-column':
    case 'mj-group':
      return {
        ...common,
        ...picked(attributes, ['background-color', 'border', 'border-radius']),
        ...(attributes['width'] === undefined ? {} : { flex: `0 0 ${attributes['width']}` }),
      };
    case 'mj-text':
      return {
        ...common,
        ...picked(attributes, wordingNames),
        'background-color': attributes['container-background-color'] ?? '',
        'text-align': align,
      };
    case 'mj-spacer':
      return { ...common, height: attributes['height'] ?? '20px' };
    case 'mj-button':
    case 'mj-image':
    case 'mj-divider':
    case 'mj-social':
      return {
        ...common,
        ...picked(attributes, name === 'mj-social' ? wordingNames : []),
        'background-color': attributes['container-background-color'] ?? '',
        'text-align': align,
      };
    default:
      return { ...common, ...picked(attributes, ['background-color', 'border', 'border-radius']) };
  }
}

/** Of what stands in it: the button, the image, the line. */
export function innerStyles(name: string, attributes: Attributes): Styles {
  if (name === 'mj-button')
    return {
      ...picked(attributes, [
        ...wordingNames,
        'background-color',
        'border',
        'border-radius',
        'width',
        'height',
      ]),
      padding: attributes['inner-padding'] ?? '',
    };
  if (name === 'mj-image') return picked(attributes, ['width', 'height', 'border-radius']);
  if (name === 'mj-divider')
    return {
      'border-top': `${attributes['border-width']} ${attributes['border-style']} ${attributes['border-color']}`,
    };
  return {};
}

/** Of the document that the designer draws in. */
export const canvasCss = `
  body { background: #ffffff; color: #000000; font: 13px Ubuntu, Helvetica, Arial, sans-serif; }
  [data-part=mj-body] { padding: 12px 0 60px; min-height: 100vh; }
  [data-part=mj-body] > * { max-width: var(--mail-width, 600px); margin: 0 auto; }
  [data-part=mj-section], [data-part=mj-group] { display: flex; min-height: 24px; }
  [data-part=mj-column] { flex: 1 1 0; min-width: 0; min-height: 24px; }
  [data-part=mj-group] { flex: 1 1 0; }
  [data-part]:empty::before { content: attr(data-empty); display: block; padding: 12px; text-align: center; color: #68656f; border: 1px dashed #a09da8; font: 12px sans-serif; }
  [data-part=mj-spacer]:empty::before { content: none; }
  [data-part=mj-spacer] { background: repeating-linear-gradient(135deg, transparent 0 6px, rgba(120,120,140,.12) 6px 7px); }
  [data-part=mj-text] { overflow-wrap: anywhere; }
  [data-part=mj-text] p:first-child { margin-top: 0; }
  .mj-button { display: inline-block; text-decoration: none; overflow-wrap: anywhere; }
  .mj-image { display: inline-flex; align-items: center; justify-content: center; max-width: 100%; min-width: 60px; min-height: 72px; padding: 8px; background: #eceaf2; color: #4a4752; font: 12px sans-serif; border: 1px solid #cbc8d4; overflow: hidden; overflow-wrap: anywhere; }
  img.mj-image { display: inline-block; padding: 0; border: 0; min-height: 0; }
  .mj-divider { margin: 0; font-size: 1px; }
  .box { border: 1px dashed #8d7bbf; background: #f5f2fc; color: #3c2f66; padding: 8px 10px; font: 12px/1.4 sans-serif; }
  [data-part=mj-section] > .box, [data-part=mj-group] > .box { flex: 1 1 0; min-width: 0; }
  .box pre { margin: 4px 0 0; max-height: 64px; overflow: hidden; white-space: pre-wrap; overflow-wrap: anywhere; font: 11px/1.4 monospace; color: #57487f; }
  .chip { display: inline-block; padding: 0 4px; border-radius: 4px; background: #e9e2fb; color: #43307a; font: 11px/1.5 monospace; text-align: left; white-space: pre-wrap; }
  .link { color: inherit; text-decoration: underline; }
  .social { display: inline-block; margin: 0 4px; padding: 4px 8px; border-radius: 3px; background: #57545f; color: #ffffff; font-size: 12px; }
  [contenteditable=true] { outline: 2px solid #2f6fed !important; outline-offset: 1px; cursor: text; }
`;
