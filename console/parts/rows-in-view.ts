/** Which rows of a long table are in the page: those in view and a few around them, put there a few in a frame. */
import { useEffect, useState } from 'react';
import type { RefObject } from 'react';
import { isSame, stepTo } from './row-steps.ts';
import type { Range } from './row-steps.ts';

/** Rows are in the page before they are seen. */
const overscan = 12;
/** All rows have one height, so that those in view follow from the scroll alone, however many were read. */
export function useRowsInView(place: RefObject<HTMLDivElement | null>, rowPx: number, count: number): Range {
  const [seen, setSeen] = useState<Range>({ first: 0, end: 14 });
  const [drawn, setDrawn] = useState<Range>({ first: 0, end: 14 });
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const look = (): void => {
      const first = Math.floor(element.scrollTop / rowPx);
      const end = Math.ceil((element.scrollTop + element.clientHeight) / rowPx);
      setSeen((before) => (isSame(before, { first, end }) ? before : { first, end }));
    };
    look();
    element.addEventListener('scroll', look, { passive: true });
    const size = new ResizeObserver(look);
    size.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      size.disconnect();
    };
  }, [place, rowPx]);
  useEffect(() => {
    const wanted = {
      first: Math.max(0, Math.min(seen.first, count) - overscan),
      end: Math.min(count, seen.end + overscan),
    };
    if (isSame(drawn, wanted)) return undefined;
    const frame = requestAnimationFrame(() => setDrawn(stepTo(drawn, seen, wanted)));
    return () => cancelAnimationFrame(frame);
  }, [drawn, seen, count]);
  return { first: Math.min(drawn.first, count), end: Math.min(drawn.end, count) };
}
