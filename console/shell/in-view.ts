/** Which pages there are: all of the list, or those that a view inside another product was given, with what is under them. */
import { pages } from '../pages.ts';
import type { PageAbout } from '../pages.ts';
import { facts } from './facts.ts';

const given: ReadonlySet<string> = new Set(facts.embed?.pages ?? []);

export function isInView({ name, under }: PageAbout): boolean {
  return facts.embed === null || given.has(name) || (under !== undefined && given.has(under));
}

/** Where a view begins. */
export function firstPath(): string {
  return pages.find(({ name }) => name === facts.embed?.pages[0])?.path ?? '/';
}
