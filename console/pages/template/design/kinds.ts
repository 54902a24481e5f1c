/** Parts of a mail that the designer knows: where they may stand and what can be set of them. All others are kept as they are. */
type Input = 'colour' | 'size' | 'align' | 'address' | 'text';

export type Field = { readonly name: string; readonly label: string; readonly input: Input };

export type Kind = {
  readonly label: string;
  /** What it may stand in. */
  readonly within: readonly string[];
  /** It holds other parts; else text, or nothing. */
  readonly isBox: boolean;
  readonly fields: readonly Field[];
};

const padding: Field = { name: 'padding', label: 'Padding', input: 'size' };
const align: Field = { name: 'align', label: 'Alignment', input: 'align' };
const colour: Field = { name: 'color', label: 'Text colour', input: 'colour' };
const background: Field = { name: 'background-color', label: 'Background', input: 'colour' };
const fontSize: Field = { name: 'font-size', label: 'Font size', input: 'size' };
const width: Field = { name: 'width', label: 'Width', input: 'size' };
const link: Field = { name: 'href', label: 'Link', input: 'address' };
const source: Field = { name: 'src', label: 'Address of the image', input: 'address' };
const text: Field = { name: 'alt', label: 'Text instead of the image', input: 'text' };
const radius: Field = { name: 'border-radius', label: 'Rounded corners', input: 'size' };

const inColumn = ['mj-column', 'mj-hero'];
const inBody = ['mj-body', 'mj-wrapper'];

export const kinds = {
  'mj-body': { label: 'Mail', within: [], isBox: true, fields: [background, width] },
  'mj-wrapper': { label: 'Wrapper', within: ['mj-body'], isBox: true, fields: [background, padding] },
  'mj-section': { label: 'Section', within: inBody, isBox: true, fields: [background, padding] },
  'mj-hero': { label: 'Hero', within: inBody, isBox: true, fields: [background, padding] },
  'mj-group': { label: 'Group', within: ['mj-section'], isBox: true, fields: [background, width] },
  'mj-column': {
    label: 'Column',
    within: ['mj-section', 'mj-group'],
    isBox: true,
    fields: [background, padding, width],
  },
  'mj-text': {
    label: 'Text',
    within: inColumn,
    isBox: false,
    fields: [colour, fontSize, align, padding],
  },
  'mj-button': {
    label: 'Button',
    within: inColumn,
    isBox: false,
    fields: [link, background, colour, fontSize, align, radius, padding],
  },
  'mj-image': {
    label: 'Image',
    within: inColumn,
    isBox: false,
    fields: [source, text, link, width, align, padding],
  },
  'mj-divider': {
    label: 'Divider',
    within: inColumn,
    isBox: false,
    fields: [
      { name: 'border-color', label: 'Colour', input: 'colour' },
      { name: 'border-width', label: 'Thickness', input: 'size' },
      padding,
    ],
  },
  'mj-spacer': {
    label: 'Spacer',
    within: inColumn,
    isBox: false,
    fields: [{ name: 'height', label: 'Height', input: 'size' }],
  },
  'mj-social': {
    label: 'Social links',
    within: inColumn,
    isBox: true,
    fields: [align, fontSize, padding],
  },
  'mj-social-element': {
    label: 'Social link',
    within: ['mj-social'],
    isBox: false,
    fields: [{ name: 'name', label: 'Network', input: 'text' }, link, text],
  },
  'mj-raw': {
    label: 'Code',
    within: ['mj-body', 'mj-wrapper', 'mj-section', 'mj-group', 'mj-column', 'mj-hero'],
    isBox: false,
    fields: [],
  },
} as const satisfies Readonly<Record<string, Kind>>;

export type KindName = keyof typeof kinds;

export function isKind(name: string): name is KindName {
  return Object.hasOwn(kinds, name);
}

/** May stand wherever it was, as nobody knows what is in it. */
export function mayStandIn(name: string, parent: string): boolean {
  if (!isKind(parent) || !kinds[parent].isBox) return false;
  if (!isKind(name)) return parent !== 'mj-social';
  const within: readonly string[] = kinds[name].within;
  return within.includes(parent);
}

export type Block = {
  readonly id: string;
  readonly label: string;
  readonly source: string;
  /** Written in this language, and of no use in another. */
  readonly language?: 'liquid';
};

const columns = (count: number): string =>
  `<mj-section>${'<mj-column><mj-text>Text</mj-text></mj-column>'.repeat(count)}</mj-section>`;

/** What can be put in; written without spaces, which the tree adds. */
export const blocks: readonly Block[] = [
  { id: 'one', label: 'One column', source: columns(1) },
  { id: 'two', label: 'Two columns', source: columns(2) },
  { id: 'three', label: 'Three columns', source: columns(3) },
  { id: 'text', label: 'Text', source: '<mj-text>Text</mj-text>' },
  { id: 'button', label: 'Button', source: '<mj-button href="https://">Button</mj-button>' },
  { id: 'image', label: 'Image', source: '<mj-image src="" alt="" />' },
  { id: 'divider', label: 'Divider', source: '<mj-divider border-width="1px" />' },
  { id: 'spacer', label: 'Spacer', source: '<mj-spacer height="24px" />' },
  {
    id: 'code',
    label: 'Liquid block',
    source: '<mj-raw>{% if name %}<!-- HTML -->{% endif %}</mj-raw>',
    language: 'liquid',
  },
];
