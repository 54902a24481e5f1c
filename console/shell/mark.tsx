import type { ReactElement } from 'react';
import { facts } from './facts.ts';
import { isPlain, useLook } from './brand.ts';
import type { Look } from './brand.ts';

/** The picture beside the name, which says the same: a logo, else a letter, else ours. */
export function Mark({ size, of }: { readonly size: number; readonly of?: Look }): ReactElement {
  const shown = useLook();
  const look = of ?? shown;
  if (look.logo !== null) {
    const source = look.logo.startsWith('data:') ? look.logo : `${facts.base}${look.logo}`;
    return <img className="brand-logo" src={source} alt="" aria-hidden height={size} />;
  }
  if (!isPlain(look)) {
    const style = { width: size, height: size, ...(look.color === null ? {} : { background: look.color }) };
    return (
      <span className="brand-letter" style={style} aria-hidden>
        {String.fromCodePoint(look.name.codePointAt(0) ?? 32).toUpperCase()}
      </span>
    );
  }
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="8" fill="#1c1b22" />
      <path d="M7 10h18v12H7z" fill="none" stroke="#fff" strokeWidth="2" strokeLinejoin="round" />
      <path d="m7 11 9 7 9-7" fill="none" stroke="#ff6a3d" strokeWidth="2.4" strokeLinecap="round" />
    </svg>
  );
}
