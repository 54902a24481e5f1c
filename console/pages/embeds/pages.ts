import { pages } from '../../pages.ts';

/** What a page is called in the menu. */
export function titleOf(name: string): string {
  return pages.find((page) => page.name === name)?.title ?? name;
}
