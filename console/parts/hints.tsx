/**
 * One tooltip for the whole application: an element with `data-hint`, or a `<time>`, tells more while it is pointed at,
 * focused by the keyboard or touched. A tooltip of its own would cost a row of a list more than all its cells.
 */
import { Tooltip } from '@mantine/core';
import { useEffect, useId, useState } from 'react';
import type { ReactElement } from 'react';
import { exactTime } from './time.tsx';

type Shown = { readonly at: HTMLElement; readonly text: string };

function hintOf(target: EventTarget | null): Shown | null {
  const at = target instanceof Element ? target.closest<HTMLElement>('[data-hint], time[datetime]') : null;
  if (at === null) return null;
  const { hint } = at.dataset;
  return { at, text: hint ?? exactTime(at.getAttribute('datetime') ?? '') };
}

export function Hints(): ReactElement | null {
  const [shown, setShown] = useState<Shown | null>(null);
  const id = useId();
  useEffect(() => {
    const show = (next: Shown | null): void =>
      setShown((seen) => (seen?.at === next?.at && seen?.text === next?.text ? seen : next));
    const over = ({ target }: Event): void => show(hintOf(target));
    const focus = ({ target }: Event): void => {
      if (target instanceof Element && target.matches(':focus-visible')) show(hintOf(target));
    };
    const hide = (): void => show(null);
    const key = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') hide();
    };
    // A mouse that leaves the window is over nothing else; a finger that is lifted leaves what it touched told.
    const out = ({ relatedTarget, pointerType }: PointerEvent): void => {
      if (relatedTarget === null && pointerType === 'mouse') hide();
    };
    const listeners = [
      ['pointerover', over],
      ['pointerout', out],
      ['focusin', focus],
      ['focusout', hide],
      ['keydown', key],
      // Not told of elements that it takes away, and their places move with it.
      ['scroll', hide],
    ] as const;
    for (const [name, listener] of listeners)
      document.addEventListener(name, listener as EventListener, { capture: true, passive: true });
    return () => {
      for (const [name, listener] of listeners)
        document.removeEventListener(name, listener as EventListener, { capture: true });
    };
  }, []);
  useEffect(() => {
    if (shown === null) return undefined;
    const { at } = shown;
    at.setAttribute('aria-describedby', id);
    const changes = new MutationObserver(() => setShown(hintOf(at)));
    changes.observe(at, { attributeFilter: ['data-hint', 'datetime'] });
    return () => {
      changes.disconnect();
      at.removeAttribute('aria-describedby');
    };
  }, [shown, id]);
  return shown === null ? null : (
    <Tooltip key={shown.text} id={id} target={shown.at} label={shown.text} opened>
      {null}
    </Tooltip>
  );
}
