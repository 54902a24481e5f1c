/** Steps back and forth through sources. What is typed in one go is one step. */
import { useRef, useState } from 'react';

const stepsMax = 100;
const oneGoMs = 700;

type Steps = { readonly past: readonly string[]; readonly future: readonly string[] };

export type History = {
  readonly steps: Steps;
  /** `before`: the source that was there until now. `isOwnStep`: never one with what was typed before it. */
  readonly push: (before: string, isOwnStep: boolean) => void;
  /** What stands now for what stood then; null: there is nothing. */
  readonly back: (now: string) => string | null;
  readonly forth: (now: string) => string | null;
};

export function useHistory(): History {
  const [steps, setSteps] = useState<Steps>({ past: [], future: [] });
  const lastAt = useRef(0);
  return {
    steps,
    push(before, isOwnStep) {
      const now = performance.now();
      const isSameGo = !isOwnStep && now - lastAt.current < oneGoMs;
      lastAt.current = isOwnStep ? 0 : now;
      setSteps(({ past }) => ({
        past: isSameGo && past.length > 0 ? past : [...past, before].slice(-stepsMax),
        future: [],
      }));
    },
    back(now) {
      const source = steps.past.at(-1);
      if (source === undefined) return null;
      lastAt.current = 0;
      setSteps({ past: steps.past.slice(0, -1), future: [...steps.future, now] });
      return source;
    },
    forth(now) {
      const source = steps.future.at(-1);
      if (source === undefined) return null;
      lastAt.current = 0;
      setSteps({ past: [...steps.past, now], future: steps.future.slice(0, -1) });
      return source;
    },
  };
}
